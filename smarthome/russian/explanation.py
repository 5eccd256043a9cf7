"""How a sentence was read, for people: every word, what it may mean, and which rule took it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from smarthome.intents import Parse
from smarthome.russian.amounts import Duration
from smarthome.russian.frames import Frame
from smarthome.russian.lexicon import Adjective, Named, Noun, Place, Reading, Sign, Tail, Value, Verb, Word
from smarthome.russian.mentions import Mention
from smarthome.russian.morphology import Morphology
from smarthome.russian.tokens import Token


@dataclass(frozen=True, slots=True)
class Words:
    """Some words of the sentence. ``meanings`` is empty when nothing is known; ``rules`` are those that took them."""

    words: str
    lemmas: tuple[str, ...]
    meanings: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything about one parse; ``str()`` is a table. ``heard`` is set when the sentence was matched by sound."""

    text: str
    parts: tuple[Words, ...]
    rules: tuple[str, ...]
    parse: Parse
    heard: str | None = None

    @property
    def unexplained(self) -> tuple[str, ...]:
        """The words that no dictionary entry or name covers."""
        return tuple(part.words for part in self.parts if not part.meanings)

    def __str__(self) -> str:
        rows = [
            (part.words, ", ".join(part.lemmas), "; ".join(part.meanings) or "—", ", ".join(part.rules))
            for part in self.parts
        ]
        lines = [self.text, *_table([("words", "lemmas", "may mean", "taken by"), *rows])]
        lines += [f"heard as: {self.heard}"] if self.heard else []
        lines += [f"rule: {rule}" for rule in self.rules]
        lines += [f"unexplained: {', '.join(self.unexplained)}"] if self.unexplained else []
        lines.append(f"{self.parse.status}" + (f": {self.parse.reason}" if self.parse.reason else ""))
        for intent in self.parse.intents:
            slots = ", ".join(f"{slot}: {value}" for slot, value in intent.slots.items())
            here = "  (area of the microphone)" if intent.here else ""
            lines.append(f"  {intent.hass()['intent']} [{intent.action}] {{{slots}}}{here}")
        return "\n".join(lines)


def explain(
    text: str,
    tokens: Sequence[Token],
    mentions: Sequence[Mention],
    frames: Sequence[Frame],
    morphology: Morphology,
) -> tuple[tuple[Words, ...], tuple[str, ...]]:
    """(the parts, the rules) of an Explanation."""
    parts = []
    for mention in mentions:
        words = tokens[mention.start : mention.end]
        lemmas = tuple(morphology.lemmas(token.word)[0] for token in words)
        takers = tuple(dict.fromkeys(frame.rule.name for frame in frames if mention in frame.mentions))
        spelled = text[words[0].start : words[-1].end]
        parts.append(Words(spelled, lemmas, tuple(dict.fromkeys(map(describe, mention.readings))), takers))
    return tuple(parts), tuple(f"{frame.rule.name}: {frame.phrase.source}" for frame in frames)


def describe(reading: Reading) -> str:
    """One reading in a few words."""
    if isinstance(reading, Verb):
        return f"verb {reading.key} ({reading.form})"
    if isinstance(reading, (Noun, Word)):
        return f"{'noun' if isinstance(reading, Noun) else 'word'} {reading.key}"
    if isinstance(reading, Named):
        return "device " + _names(device.id for rank in reading.ranks for device in rank)
    if isinstance(reading, Place):
        return "place " + ("everywhere" if reading.everywhere else _names((*reading.areas, *reading.floors)) or "here")
    if isinstance(reading, (Tail, Adjective)):
        return ("where " if isinstance(reading, Tail) else "describes ") + _names(
            device.id for device in reading.devices
        )
    if isinstance(reading, Value):
        return f"{reading.kind} {_amount(reading)}"
    return _sign(reading)


def _amount(value: Value) -> str:
    return (
        " ".join(f"{n} {unit}" for unit, n in value.value.slots().items())
        if isinstance(value.value, Duration)
        else str(value.value)
    )


def _sign(sign: Sign) -> str:
    return f"{sign.role} {sign.key}".strip()


def _names(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
