"""Words in, measures out: «двадцать процентов», «полградуса», «градуса на два», «наполовину», plain numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from smarthome.russian.clock import Unit
from smarthome.russian.numerals import Number, Numerals

MEASURES = frozenset({"процент", "градусы", "кельвины"})
_INSIDE = frozenset({"на", "до"})
Measure = tuple[str, float, int, str]
"""(kind of value, value, end, preposition that stands inside)"""


@dataclass(frozen=True)
class MeasureReader:
    """Reads numbers with a unit and numbers alone.

    ``single``: the words for one of a unit («градус»); ``halves``: for half of one («полградуса»); ``halving``: «пол».
    """

    numerals: Numerals
    unit: Unit
    single: Mapping[str, str]
    halves: Mapping[str, str]
    halving: frozenset[str]

    def read(self, words: Sequence[str], start: int) -> Iterator[Measure]:
        """Every reading of the words from ``start``."""
        if start >= len(words):
            return
        number = self.numerals.read(words, start)
        if number is None:
            yield from self._unit_first(words, start)
        elif number.share:
            inside = "на" if words[start] in self.numerals.adverbs else ""
            yield "доля", round(number.value * 100), number.end, inside
        else:
            yield from self._number_first(words, number)

    def _number_first(self, words: Sequence[str], number: Number) -> Iterator[Measure]:
        unit, end = self.unit(words, number.end)
        if number.value < 0:  # «минус два градуса»: below zero, or that much less
            yield "меньше", _tidy(-number.value), end, ""
        if unit in MEASURES:
            yield unit, _tidy(number.value), end, ""
        elif unit is None:
            yield "порядок" if number.ordinal else "число", _tidy(number.value), number.end, ""

    def _unit_first(self, words: Sequence[str], start: int) -> Iterator[Measure]:
        """«Полградуса», «градус»; turned round for about so much: «градуса на два», «процентов двадцать»."""
        word = words[start]
        if word in self.halves:
            yield self.halves[word], 0.5, start + 1, ""
        if word in self.halving:
            unit, end = self.unit(words, start + 1)
            if unit in MEASURES:
                yield unit, 0.5, end, ""
        if word in self.single:
            yield self.single[word], 1, start + 1, ""
        unit, place = self.unit(words, start)
        inside = words[place] if unit in MEASURES and place < len(words) and words[place] in _INSIDE else ""
        number = self.numerals.read(words, place + bool(inside)) if unit in MEASURES else None
        if unit and number and not number.ordinal and not number.share and self.unit(words, number.end)[0] is None:
            yield unit, _tidy(number.value), number.end, inside


def _tidy(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value
