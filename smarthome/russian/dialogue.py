"""Turns of a conversation in, each understood with the ones before it: «а на кухне?», «нет, двадцать», «отмени», «да».

A ``Dialogue`` is a value: a turn gives the parse and the next dialogue. It knows no clock; times are handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from smarthome.intents import QUESTIONS, Action, Intent, Parse, Slot
from smarthome.inventory import Device
from smarthome.russian.context import Context, Memory
from smarthome.russian.parser import Parser

FORGET_AFTER_S = 60.0
"""How long a command may be referred to."""

ANSWER_WITHIN_S = 15.0
"""How long the system's own question may be answered with a bare word."""

_INVERSE = {
    Action.ON: Action.OFF,
    Action.OFF: Action.ON,
    Action.OPEN: Action.CLOSE,
    Action.UNLOCK: Action.LOCK,
    Action.DISARM: Action.ARM,
    Action.MUTE: Action.UNMUTE,
    Action.UNMUTE: Action.MUTE,
    Action.PAUSE: Action.RESUME,
    Action.RESUME: Action.PAUSE,
    Action.NEXT: Action.PREVIOUS,
    Action.PREVIOUS: Action.NEXT,
    Action.START_CLEANING: Action.RETURN_TO_BASE,
    Action.CLEAN_AREA: Action.RETURN_TO_BASE,
    Action.PAUSE_TIMER: Action.RESUME_TIMER,
    Action.RESUME_TIMER: Action.PAUSE_TIMER,
    Action.START_TIMER: Action.CANCEL_TIMER,
    Action.SET_ALARM: Action.CANCEL_ALARM,
    Action.INCREASE_TIMER: Action.DECREASE_TIMER,
    Action.DECREASE_TIMER: Action.INCREASE_TIMER,
}
"""What takes an action back. Nothing here unlocks, disarms or opens: undoing must not let anybody in."""

_OPPOSITE_STEP = {"up": "down", "down": "up"}


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The last turns at one microphone. ``said_s`` is when, on the caller's clock, in seconds."""

    memory: Memory | None = None
    said_s: float = 0.0

    def turn(
        self, parser: Parser, hypotheses: str | Sequence[tuple[str, float]], context: Context, now_s: float
    ) -> tuple[Parse, Dialogue]:
        """What was said, and the dialogue after it; the memory of ``context`` is this dialogue's.

        A sentence that is not understood changes nothing.
        After a command was taken back there is no memory; after a question was refused there is an empty one.
        """
        memory = self._remembered(now_s)
        heard = [(hypotheses, 0.0)] if isinstance(hypotheses, str) else hypotheses
        said = parser.hear(heard, replace(context, memory=memory))
        parse = said.parse
        nothing = parse.status == "ok" and [intent.action for intent in parse.intents] == [Action.NEVERMIND]
        if memory and memory.asked and (nothing or (not parse.intents and self._refuses(parser, hypotheses))):
            return Parse((Intent(Action.NEVERMIND),)), Dialogue(Memory(), now_s)
        if nothing and not any(frame.says("верни") for frame in said.frames):
            return parse, self  # «хватит», «забудь» take nothing back
        if nothing:
            return self._taken_back(parse, memory), Dialogue()
        if parse.status not in {"ok", "ask"}:
            return parse, self
        asked = parse.status == "ask"
        gone: tuple[Intent, ...] = ()
        if memory and not memory.asked:
            gone, intents = _revised(parse.intents, memory.intents, parser.revises(_likeliest(hypotheses)))
            parse = replace(parse, intents=intents)
        after = Dialogue(Memory(said.commands, parse.intents, asked, said.choice if asked else ()), now_s)
        return replace(parse, intents=(*gone, *parse.intents)), after

    @staticmethod
    def _refuses(parser: Parser, hypotheses: str | Sequence[tuple[str, float]]) -> bool:
        """Whether the answer to «какую?» is «никакую»."""
        return parser.answer(_likeliest(hypotheses)) is False

    def asking(self, choice: Sequence[Device] = ()) -> Dialogue:
        """The dialogue after the house had to ask which of several things was meant; ``choice`` as it named them."""
        if self.memory is None:
            return self
        return replace(self, memory=replace(self.memory, asked=True, choice=tuple(choice) or self.memory.choice))

    @property
    def was_asked(self) -> bool:
        """Whether the house had to ask what was meant: «где?»."""
        return self.memory is not None and self.memory.asked

    def remembers(self, now_s: float) -> bool:
        """Whether anything may still be referred to."""
        return self._remembered(now_s) is not None

    def _remembered(self, now_s: float) -> Memory | None:
        if self.memory is None or now_s - self.said_s > FORGET_AFTER_S:
            return None
        return replace(self.memory, asked=self.memory.asked and now_s - self.said_s <= ANSWER_WITHIN_S)

    def _taken_back(self, parse: Parse, memory: Memory | None) -> Parse:
        taken_back = undo(memory.intents) if memory else ()
        return Parse(taken_back) if taken_back else parse


def _likeliest(hypotheses: str | Sequence[tuple[str, float]]) -> str:
    return hypotheses if isinstance(hypotheses, str) else next((text for text, _ in hypotheses), "")


def _revised(
    intents: tuple[Intent, ...], before: Sequence[Intent], how: str
) -> tuple[tuple[Intent, ...], tuple[Intent, ...]]:
    """(what takes the timers ``before`` back, what is wanted now) of «нет, на десять» and «ещё на две минуты»."""
    old = [intent for intent in before if intent.action in {Action.START_TIMER, Action.INCREASE_TIMER}]
    if not how or not old or any(intent.action is not Action.START_TIMER for intent in intents):
        return (), intents
    plain = not any("conversation_command" in intent.slots for intent in intents)
    if plain and (how == "more" or old[-1].action is Action.INCREASE_TIMER):
        intents = tuple(replace(intent, action=Action.INCREASE_TIMER) for intent in intents)
    return (undo(old) if how == "repair" and intents else ()), intents


def undo(intents: Iterable[Intent]) -> tuple[Intent, ...]:
    """The intents that take these back, the last one first; those that cannot be taken back are left out."""
    found = []
    for intent in reversed(list(intents)):
        steps = {slot: _opposite(value) for slot, value in intent.slots.items() if slot.endswith("_step")}
        if steps:
            found.append(replace(intent, slots={**intent.slots, **steps}))
        elif intent.action is Action.OFF and "name" not in intent.slots:
            continue  # not all that is off now was on before
        elif intent.action in _INVERSE and intent.action not in QUESTIONS:
            found.append(replace(intent, action=_INVERSE[intent.action], slots=_kept(intent)))
    return tuple(found)


def _opposite(step: Slot) -> Slot:
    return _OPPOSITE_STEP.get(step, step) if isinstance(step, str) else -step


def _kept(intent: Intent) -> dict[str, Slot]:
    if intent.action is Action.START_TIMER:
        lengths = {f"start_{k}": v for k, v in intent.slots.items() if k in {"hours", "minutes", "seconds"}}
        return lengths | {k: v for k, v in intent.slots.items() if k in {"name", "conversation_command"}}
    return dict(intent.slots)
