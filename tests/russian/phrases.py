"""tests/phrases/*.yaml in, expectations out.

A phrase maps to the intents it means, ``- action: {slots}`` (``action@here`` when the area is the microphone's and was
not said), or to why it is refused: a reason, ``ask REASON``, or ``unexplained`` for whatever words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from smarthome import yaml12
from smarthome.intents import Parse
from tests.russian.houses import PHRASES

Meaning: TypeAlias = str | Sequence[Mapping[str, Mapping[str, object]]]

SPECIAL = {"house", "dialogue", "odd_houses"}


@dataclass(frozen=True)
class Phrase:
    """One line of the data."""

    file: str
    text: str
    meaning: Meaning


def phrases() -> Iterator[Phrase]:
    """Every phrase of the ordinary files."""
    for path in sorted(PHRASES.glob("*.yaml")):
        if path.stem not in SPECIAL:
            for text, meaning in load(path).items():
                yield Phrase(path.stem, text, meaning)


def load(path: Path) -> dict[str, Meaning]:
    """One file."""
    found = yaml12.load(path.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def said(parse: Parse) -> Meaning:
    """A parse in the notation of the data."""
    if parse.status == "ok":
        return [
            {intent.action.value + ("@here" if intent.here else ""): dict(intent.slots)} for intent in parse.intents
        ]
    reason = (parse.reason or "").partition(":")[0]
    return f"ask {reason}" if parse.status == "ask" else reason
