"""A file of sentences in, what each of them asks for out. The format is explained in docs/benchmarks.md."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from smarthome.errors import ConfigurationError

SHIPPED = Path(__file__).parent / "sentences.jsonl"
"""Our own sentences; ``HOUSE`` is the house they speak of."""
HOUSE = Path(__file__).parent / "house.yaml"


@dataclass(frozen=True, slots=True)
class Goal:
    """One intent as Home Assistant writes it. ``optional`` slots may be answered or left out."""

    intent: str
    slots: Mapping[str, object]
    optional: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, and where its microphone stands. Any of ``ways`` is right; without any, nothing may be done."""

    key: str
    kind: str
    text: str
    area: str | None
    ways: tuple[tuple[Goal, ...], ...]

    @property
    def request(self) -> dict[str, object]:
        """As ``smarthome parse --jsonl`` is asked."""
        return {"id": self.key, "text": self.text, "context": {"area": self.area}}


class _LineError(ValueError):
    """What is wrong with a line."""


def read_sentences(path: Path) -> list[Sentence]:
    """The sentences of a JSONL file; raises ConfigurationError, which names the file and the line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    found = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.append(_sentence(line, str(number)))
            except ValueError as error:
                raise ConfigurationError(f"{path}: line {number}: {error}") from None
    if not found:
        raise ConfigurationError(f"{path}: there are no sentences in it")
    return found


def _sentence(line: str, number: str) -> Sentence:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise _LineError(f"not JSON: {error}") from None
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise _LineError('an object with a "text" was expected')
    if "intents" not in row:
        raise _LineError('"intents" is missing; null says that nothing may be done')
    context = row.get("context") or {}
    if not isinstance(context, dict):
        raise _LineError('"context" must be an object')
    ways = (row["intents"], *(row.get("alternatives") or ())) if row["intents"] else ()
    return Sentence(
        key=str(row.get("id", number)),
        kind=str(row.get("kind", "any")),
        text=row["text"],
        area=context.get("area"),
        ways=tuple(tuple(_goals(way)) for way in ways),
    )


def _goals(way: object) -> Iterator[Goal]:
    if not isinstance(way, list):
        raise _LineError('"intents", and each of "alternatives", must be a list')
    for each in way:
        if not isinstance(each, dict) or not isinstance(each.get("intent"), str):
            raise _LineError('every intent needs its name under "intent"')
        slots, optional = each.get("slots", {}), each.get("optional", {})
        if not isinstance(slots, dict) or not isinstance(optional, dict):
            raise _LineError('"slots" and "optional" must be objects')
        yield Goal(each["intent"], slots, optional)
