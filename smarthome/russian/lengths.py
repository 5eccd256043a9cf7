"""Words in, lengths out: «пятиминутный», «полуторачасовой», «10-минутный», «двадцати пяти минутный»."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from smarthome.russian.numerals import Numerals


@dataclass(frozen=True)
class LengthReader:
    """Reads adjectives that say how long something lasts.

    ``adjectives`` maps every form of «часовой» and the like to its unit; ``halving`` are the words for a half.
    """

    numerals: Numerals
    adjectives: Mapping[str, str]
    halving: frozenset[str]

    def read(self, words: Sequence[str], start: int) -> tuple[float, str, int] | None:
        """(count, unit, end) of the adjective that begins at ``words[start]``; None when none does."""
        number = self.numerals.read(words, start)
        count, place = (number.value, number.end) if number and not number.ordinal else (None, start)
        if place >= len(words):
            return None
        word = words[place]
        if count is not None:
            return (count, self.adjectives[word], place + 1) if word in self.adjectives and count > 0 else None
        ending = next((form for form in self.adjectives if word.endswith(form)), None)
        if ending is None:
            return None
        count = self._count(word.removesuffix(ending))
        return None if count is None else (count, self.adjectives[ending], start + 1)

    def _count(self, stem: str) -> float | None:
        """The number that a stem says in the genitive: «пяти», «двадцатипяти», «полу», nothing for one."""
        if not stem:
            return 1
        if stem in self.halving:
            return 0.5
        for cut in range(len(stem)):
            words = [stem[:cut], stem[cut:]] if cut else [stem]
            number = self.numerals.read(words, 0)
            if number and number.end == len(words) and not number.ordinal and not number.share and number.value > 0:
                return number.value
        return None
