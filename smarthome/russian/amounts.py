"""Words in, amounts out: percentages, degrees, durations, clock times, plain numbers.

An amount often has several readings: «семь» after «в» is a number and seven o'clock, «час» is an hour long and one
o'clock. All are kept; the rule that takes the word decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from smarthome.intents import Slot
from smarthome.russian.clock import ClockReader, ClockTime
from smarthome.russian.data import Section
from smarthome.russian.lengths import LengthReader
from smarthome.russian.measures import MEASURES, MeasureReader
from smarthome.russian.morphology import Morphology
from smarthome.russian.numerals import Numerals
from smarthome.russian.tokens import normalise

SECONDS = {"hours": 3600, "minutes": 60, "seconds": 1}


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time as it was said: «полтора часа» is one hour and thirty minutes, «сто секунд» stays seconds."""

    hours: int = 0
    minutes: int = 0
    seconds: int = 0

    @property
    def total_s(self) -> int:
        """The whole length in seconds."""
        return self.hours * 3600 + self.minutes * 60 + self.seconds

    def slots(self, prefix: str = "") -> dict[str, Slot]:
        """Home Assistant's slots: hours, minutes, seconds, those that are not zero."""
        parts = {"hours": self.hours, "minutes": self.minutes, "seconds": self.seconds}
        return {prefix + unit: count for unit, count in parts.items() if count}


@dataclass(frozen=True, slots=True)
class Amount:
    """One reading of the words up to ``end``; ``kind`` is a kind of value in rules.yaml (процент, градусы, время).

    ``preposition`` stands inside it: «градуса на два».
    """

    kind: str
    value: Slot | Duration | ClockTime
    end: int
    preposition: str = ""


class Amounts:
    """Reads amounts. Knows units and the ways of the clock from numerals.yaml."""

    def __init__(self, data: Section, numerals: Numerals, morphology: Morphology) -> None:
        self._numerals = numerals
        self._units: dict[str, str] = {}
        self._single: set[str] = set()
        for unit, names in data.table("units").items():
            for name in names:
                self._learn_unit(unit, name, morphology)
        halves = _forms_of(data.table("half_units"), morphology)
        self._halves = {word: unit for word, unit in halves.items() if unit in SECONDS}
        self._halving = frozenset(data.words("halving"))
        self._lengths = LengthReader(numerals, _adjectives(data.table("lengths"), morphology), self._halving)
        self._tails = {tuple(tail.split()): share for tail, share in data.shares("and_fraction").items()}
        single = {word: self._units[word] for word in self._single if self._units[word] in MEASURES}
        measured = {word: unit for word, unit in halves.items() if unit in MEASURES}
        self._measures = MeasureReader(numerals, self._unit, single, measured, self._halving)
        self._clock = ClockReader(
            numerals,
            self._unit,
            {word: part for part, words in data.table("day_parts").items() for word in words},
            _forms_of(data.table("moments"), morphology),
            frozenset(word for word in self._single if self._units[word] == "hours"),
        )

    def _learn_unit(self, unit: str, name: str, morphology: Morphology) -> None:
        for forms in morphology.phrase_forms(name, ("sing", "plur")).values():
            for words in forms:
                self._units[" ".join(words)] = unit
        for case, forms in morphology.phrase_forms(name).items():
            if case in {"nomn", "accs"}:
                self._single.update(" ".join(words) for words in forms)

    @property
    def words(self) -> set[str]:
        """Every word of an amount, for matching by sound."""
        return {*self._numerals.words, *self._units, *self._halves}

    def read(self, words: Sequence[str], start: int) -> list[Amount]:
        """Every reading of the words from ``start``, the longest first."""
        clocks = (Amount("часы", time, end) for time, end in self._clock.read(words, start))
        measures = (Amount(*measure) for measure in self._measures.read(words, start))
        found = [*self._durations(words, start), *clocks, *self._length(words, start), *measures]
        return sorted(found, key=lambda amount: -amount.end)

    def _unit(self, words: Sequence[str], place: int) -> tuple[str | None, int]:
        for length in (2, 1):
            name = " ".join(words[place : place + length])
            if name in self._units and place + length <= len(words):
                return self._units[name], place + length
        return None, place

    # --- durations -----------------------------------------------------------------------------------------------

    def _durations(self, words: Sequence[str], start: int) -> Iterator[Amount]:
        seconds, place, smallest, parts = 0.0, start, 100_000, dict.fromkeys(SECONDS, 0.0)
        end = start
        while (part := self._part(words, place)) is not None:
            count, unit, place = part
            size = SECONDS[unit]
            if size >= smallest:
                break
            smallest = size
            parts[unit] += count
            seconds += count * size
            end = place
            if place < len(words) and words[place] == "и":
                place += 1
        if end > start and seconds > 0:
            bare = self._numerals.read(words, end) if parts["hours"] and smallest == SECONDS["hours"] else None
            if (
                bare
                and 0 < bare.value < 60
                and not bare.ordinal
                and not bare.share
                and not self._unit(words, bare.end)[0]
            ):
                longer = {**parts, "minutes": bare.value}
                yield Amount("время", _duration(longer), bare.end)
            yield Amount("время", _duration(parts), end)

    def _length(self, words: Sequence[str], start: int) -> Iterator[Amount]:
        if length := self._lengths.read(words, start):
            count, unit, end = _unit_scale(*length)
            yield Amount("длина", _duration({**dict.fromkeys(SECONDS, 0.0), unit: count}), end)

    def _part(self, words: Sequence[str], place: int) -> tuple[float, str, int] | None:
        """(count, unit, end) of «пять минут», «полчаса», «час», «пол часа», «четверть часа», «минут пять»."""
        if place >= len(words):
            return None
        word = words[place]
        if word in self._halves:
            return 0.5, self._halves[word], place + 1
        if word in self._halving and self._time_unit(words, place + 1):
            return 0.5, self._units[words[place + 1]], place + 2
        number = self._numerals.read(words, place)
        if number and not number.ordinal and self._time_unit(words, number.end):
            return self._with_share(words, number.value, self._units[words[number.end]], number.end + 1)
        if word in self._single and self._time_unit(words, place):
            return self._with_share(words, 1, self._units[word], place + 1)
        if self._time_unit(words, place) and words[place + 1 : place + 2] in (["на"], ["через"]):
            inverted = self._numerals.read(words, place + 2)
            return _unit_scale(inverted.value, self._units[word], inverted.end) if inverted else None
        if self._time_unit(words, place) and (number := self._numerals.read(words, place + 1)) and not number.share:
            return _unit_scale(number.value, self._units[word], number.end)
        return None

    def _with_share(self, words: Sequence[str], count: float, unit: str, place: int) -> tuple[float, str, int]:
        """«Час с половиной», «час с четвертью»."""
        for tail, share in self._tails.items():
            if tuple(words[place : place + len(tail)]) == tail:
                return _unit_scale(count + share, unit, place + len(tail))
        return _unit_scale(count, unit, place)

    def _time_unit(self, words: Sequence[str], place: int) -> bool:
        return place < len(words) and self._units.get(words[place]) in {*SECONDS, "days"}


def _unit_scale(count: float, unit: str, end: int) -> tuple[float, str, int]:
    return (count * 24, "hours", end) if unit == "days" else (count, unit, end)


def _duration(parts: dict[str, float]) -> Duration:
    """Fractions go down to the next smaller unit: 1.5 hours are 1 hour 30 minutes."""
    hours, minutes, seconds = parts["hours"], parts["minutes"], parts["seconds"]
    minutes += hours % 1 * 60
    seconds += minutes % 1 * 60
    if round(seconds) == 60 and parts["seconds"] < 60:  # «треть часа»
        minutes, seconds = minutes + 1, 0
    return Duration(int(hours), int(minutes), round(seconds))


def _adjectives(table: dict[str, list[str]], morphology: Morphology) -> dict[str, str]:
    return {
        form: unit
        for unit, adjectives in table.items()
        for adjective in adjectives
        for (part, *_), form in morphology.adjective_table(adjective).items()
        if part == "ADJF"
    }


def _forms_of(table: dict[str, list[str]], morphology: Morphology) -> dict[str, str]:
    return {
        " ".join(words): name
        for name, phrases in table.items()
        for phrase in phrases
        for forms in morphology.phrase_forms(normalise(phrase)).values()
        for words in forms
    }
