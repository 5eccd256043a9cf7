"""What the house does about sentences that nobody said to it: ``smarthome bench talk``.

Ordinary texts, sentence by sentence, as they stand and as a recogniser might mishear them. Everything that would be
done is a mistake, unless the text happens to contain a command.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from smarthome.bench.machine import machine
from smarthome.bench.noise import misheard
from smarthome.errors import ConfigurationError
from smarthome.house.house import House
from smarthome.intents import QUESTIONS, Action, Parse
from smarthome.inventory import Inventory
from smarthome.russian import Context, Parser
from smarthome.russian.tokens import too_long

_QUOTES = re.compile(r"^%\s*$|\n\s*\n", re.MULTILINE)
"""Between the texts of a fortune file stands a line with a percent sign, between paragraphs an empty one."""
_ENDS = re.compile(r"(?<=[.!?…])[\"»”)]*\s+")
_RUSSIAN = re.compile("[а-яё]", re.IGNORECASE)
_WAYS_IN = frozenset({"door", "gate", "garage", "garage_door"})
_IDLE = QUESTIONS | {Action.NEVERMIND}
"""What changes nothing in the house."""
_GUARDS = frozenset({"lock", "alarm_control_panel"})


@dataclass(frozen=True, slots=True)
class Act:
    """A sentence that the house would have done something about. ``grave``: on a lock, a door or an alarm."""

    noise: float
    text: str
    heard: str
    does: tuple[str, ...]
    grave: bool


@dataclass(frozen=True, slots=True)
class Round:
    """One pass over all sentences: how many were acted on, only answered (a question, «стоп»), or asked back about."""

    noise: float
    acts: tuple[Act, ...]
    answered: int
    asked: int


@dataclass(frozen=True, slots=True)
class Talk:
    """All passes over ``sentences`` different sentences."""

    sentences: int
    devices: int
    rounds: tuple[Round, ...]

    def figures(self) -> dict[str, object]:
        """Everything for JSON."""
        return {
            "machine": machine(),
            "sentences": self.sentences,
            "devices": self.devices,
            "rounds": [
                {
                    "noise": each.noise,
                    "actions": len(each.acts),
                    "on_locks_doors_alarms": sum(act.grave for act in each.acts),
                    "answered": each.answered,
                    "asked_back": each.asked,
                    "acts": [{"text": act.text, "heard": act.heard, "does": list(act.does)} for act in each.acts],
                }
                for each in self.rounds
            ],
        }


def bench_talk(files: Sequence[Path], home: Inventory, area: str | None, noise: Sequence[float], seed: int) -> Talk:
    """Every different Russian sentence of ``files``, with each strength of noise (errors a word; 0: as it stands).

    ``area`` is the id of the microphone's. Raises ConfigurationError for a file that cannot be read, or when there is
    no sentence in any.
    """
    sentences = list(dict.fromkeys(sentence for path in files for sentence in sentences_of(read_text(path))))
    if not sentences:
        raise ConfigurationError("there is no Russian sentence in these files")
    listener = _Listener(home, area)
    rounds = tuple(listener.round(sentences, strength, seed) for strength in noise)
    return Talk(len(sentences), len(home.devices), rounds)


def read_text(path: Path) -> str:
    """A text in UTF-8 or, when it is not, in KOI8-R."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("koi8-r", "replace")


def sentences_of(text: str) -> Iterator[str]:
    """The Russian sentences of a text; those that are too long to be said to a house are left out."""
    for paragraph in _QUOTES.split(text):
        for sentence in _ENDS.split(" ".join(paragraph.split())):
            if _RUSSIAN.search(sentence) and not too_long(sentence):
                yield sentence


class _Listener:
    """A parser and a house that nothing is sent to."""

    def __init__(self, home: Inventory, area: str | None) -> None:
        self._parser = Parser(home)
        self._house = House(home)
        self._context = Context(area)

    def round(self, sentences: Sequence[str], noise: float, seed: int) -> Round:
        acts: list[Act] = []
        answered = asked = 0
        for text in sentences:
            heard = misheard(text, noise, seed)
            parse = self._parser.parse(heard, self._context)
            asked += parse.status == "ask"
            if parse.status == "ok" and all(intent.action in _IDLE for intent in parse.intents):
                answered += 1
            elif parse.status == "ok":
                does = tuple(f"{intent.action} {_slots(intent.slots)}".strip() for intent in parse.intents)
                acts.append(Act(noise, text, heard, does, self._is_grave(parse)))
        return Round(noise, tuple(acts), answered, asked)

    def _is_grave(self, parse: Parse) -> bool:
        plan = self._house.plan(parse, self._context.area)
        touched = [change.device for change, _ in plan.orders] + [change.device for change in plan.unsure]
        return any(device.domain in _GUARDS or device.device_class in _WAYS_IN for device in touched)


def _slots(slots: Mapping[str, object]) -> str:
    return ", ".join(f"{slot}: {value}" for slot, value in slots.items())
