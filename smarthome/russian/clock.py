"""Words in, times of day out: «без пятнадцати девять», «половине восьмого вечера», «7:30», «полдень»."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from smarthome.intents import Slot
from smarthome.russian.numerals import Numerals

Unit = Callable[[Sequence[str], int], tuple[str | None, int]]
"""Reads the unit at a place: (unit or None, where it ends)."""


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time of day. Unless ``exact`` it was read from the dial: «семь» is in the morning or in the evening."""

    hours: int
    minutes: int
    exact: bool = False

    def __str__(self) -> str:
        return f"{self.hours:02}:{self.minutes:02}"

    def slots(self) -> dict[str, Slot]:
        """``time`` as HH:MM, and ``hour_cycle`` «h12» (Unicode's name for it) when both halves of the day are meant."""
        return {"time": str(self)} if self.exact else {"time": str(self), "hour_cycle": "h12"}


@dataclass(frozen=True)
class ClockReader:
    """Reads times of day. ``parts_of_day`` and ``moments`` are words of numerals.yaml with what they mean."""

    numerals: Numerals
    unit: Unit
    parts_of_day: Mapping[str, str]
    moments: Mapping[str, str]
    one_hour: frozenset[str]

    def read(self, words: Sequence[str], start: int) -> Iterator[tuple[ClockTime, int]]:
        """(time, end) of every reading of the words from ``start``."""
        if start >= len(words):
            return
        yield from self._part_first(words, start)
        for said, minutes, after in self._times(words, start):
            part = self.parts_of_day.get(words[after]) if after < len(words) else None
            hours, end = (_in_part(said, part), after + 1) if part else (said, after)
            if 0 <= hours < 24 and 0 <= minutes < 60:
                yield ClockTime(hours, minutes, part is not None or self._is_exact(words[start], said)), end

    def _part_first(self, words: Sequence[str], start: int) -> Iterator[tuple[ClockTime, int]]:
        """«Вечером в восемь», «утром в половине восьмого»."""
        part = self.parts_of_day.get(words[start])
        if part and words[start + 1 : start + 2] in (["в"], ["во"]) and start + 2 < len(words):
            for said, minutes, end in self._times(words, start + 2):
                hours = _in_part(said, part)
                if 0 <= hours < 24 and 0 <= minutes < 60:
                    yield ClockTime(hours, minutes, exact=True), end

    def _is_exact(self, word: str, hours: int) -> bool:
        """Whether the first word tells the half of the day: «07:30», «ноль часов», «полдень», «девятнадцать»."""
        zero = self.numerals.read([word], 0) if hours == 0 else None
        return hours > 12 or word.startswith("0") or word in self.moments or (zero is not None and zero.value == 0)

    def _times(self, words: Sequence[str], start: int) -> Iterator[tuple[int, int, int]]:
        """(hours, minutes, end) of «7:30», «полдень», «половине восьмого», «без пяти семь», «семь тридцать»."""
        word = words[start]
        if ":" in word:
            said = word.split(":")
            yield int(said[0]), int(said[1]), start + 1
        elif word in self.moments:
            yield int(self.moments[word][:2]), 0, start + 1
        elif word == "без":
            # in «без двадцати шесть» the first word counts the minutes, in «без двадцати пяти шесть» the first two
            for minutes_to in (self.numerals.read(words, start + 1), self.numerals.read(words[: start + 2], start + 1)):
                place = self.unit(words, minutes_to.end)[1] if minutes_to else start
                hour = self.numerals.read(words, place) if minutes_to else None
                if minutes_to and hour and not hour.ordinal:
                    minutes = 15 if minutes_to.share else int(minutes_to.value)
                    yield (int(hour.value) - 1) % 24, 60 - minutes, hour.end
                    break
        elif self.unit(words, start)[0] == "hours" and words[start + 1 : start + 2] == ["в"]:
            inverted = self.numerals.read(words, start + 2)
            if inverted and not inverted.ordinal and not inverted.share and inverted.value == int(inverted.value):
                yield int(inverted.value), 0, inverted.end
        else:
            yield from self._spoken_time(words, start)

    def _spoken_time(self, words: Sequence[str], start: int) -> Iterator[tuple[int, int, int]]:
        word = words[start]
        if word in self.one_hour:
            yield 1, 0, start + 1
        if word.startswith("пол") and (half := self.numerals.read([word[3:]], 0)) and half.ordinal:
            yield int(half.value) - 1, 30, start + 1
        number = self.numerals.read(words, start)
        if number is None:
            return
        if number.share:
            hour = self.numerals.read(words, number.end)
            if hour and hour.ordinal:
                yield int(hour.value) - 1, round(number.value * 60), hour.end
            return
        if number.ordinal or number.value != int(number.value):
            yield from _dotted(word, start)
            return
        unit, after = self.unit(words, number.end)
        hour = self.numerals.read(words, after) if unit == "minutes" else None
        if hour and hour.ordinal and 0 < number.value < 60 and 0 < hour.value <= 12:  # «пять минут восьмого»
            yield int(hour.value) - 1, int(number.value), hour.end
        yield from self._after_hour(words, int(number.value), number.end)

    def _after_hour(self, words: Sequence[str], hours: int, place: int) -> Iterator[tuple[int, int, int]]:
        unit, after = self.unit(words, place)
        if unit == "hours":
            place = after
        elif unit is not None:
            return
        minutes, end = self._minutes(words, place)
        if minutes is not None:
            unit, after = self.unit(words, end)
            if unit in {None, "minutes"}:
                yield hours, minutes, after
        yield hours, 0, place

    def _minutes(self, words: Sequence[str], place: int) -> tuple[int | None, int]:
        """(minutes, end) of «тридцать», «ноль пять», «ноль ноль»."""
        first = self.numerals.read(words, place)
        if first is None or first.ordinal or first.share:
            return None, place
        if first.value == 0:
            second = self.numerals.read(words, first.end)
            digit = second is not None and not second.ordinal and not second.share and 0 <= second.value < 10
            return (int(second.value), second.end) if second and digit else (None, place)
        return (int(first.value), first.end) if 10 <= first.value < 60 else (None, place)


def _dotted(word: str, start: int) -> Iterator[tuple[int, int, int]]:
    """«6.45»: a time as some write it."""
    hours, _, minutes = word.partition(".")
    if hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2:
        yield int(hours), int(minutes), start + 1


def _in_part(hours: int, part: str) -> int:
    if part in {"день", "вечер"} and hours < 12:
        return hours + 12
    if part == "ночь" and hours == 12:
        return 0
    return hours + 12 if part == "ночь" and 9 <= hours < 12 else hours
