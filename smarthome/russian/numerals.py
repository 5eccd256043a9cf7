"""Number words in, numbers out, and back: «двадцати двух с половиной» ↔ 22.5.

Every case and gender is derived from the nominatives in numerals.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from smarthome.russian.data import Section
from smarthome.russian.morphology import Morphology
from smarthome.russian.tokens import normalise

_SMALLEST_PART = 10  # «одна десятая»

Case = str
Gender = str | None


@dataclass(frozen=True, slots=True)
class Number:
    """A number read from words ``start`` to ``end``; ``ordinal`` for «пятый», ``share`` for «половина»."""

    value: float
    end: int
    ordinal: bool = False
    share: bool = False


class Numerals:
    """Reads and writes numbers from 0 to 999 999."""

    def __init__(self, data: Section, morphology: Morphology) -> None:
        self._cardinals: dict[str, int] = {}
        self._written: dict[tuple[int, Case, Gender], str] = {}
        self._thousands: dict[tuple[Case, str | None], str] = {}
        for value, words in data.integers("cardinals").items():
            for word in words:
                self._learn(value, word, morphology)
        self._ordinals = _forms(data.integers("ordinals"), morphology)
        self._denominators = {
            form: value
            for value, words in data.integers("ordinals").items()
            for word in words
            for form, tag in morphology.numeral_forms(word)
            if value <= _SMALLEST_PART and (tag.gender == "femn" or (tag.number == "plur" and tag.case == "gent"))
        }
        self._shares = _forms(data.numbers("fractions"), morphology)
        self._mixed = _forms(data.numbers("mixed") | data.numbers("few"), morphology)
        self._fixed = {normalise(word): value for value, words in data.numbers("fixed").items() for word in words}
        self._tails = {tuple(normalise(tail).split()): share for tail, share in data.shares("and_fraction").items()}
        self._minus = frozenset(data.words("minus"))

    def _learn(self, value: int, word: str, morphology: Morphology) -> None:
        for form, tag in morphology.numeral_forms(word):
            self._cardinals[form] = value
            if tag.case is None or "anim" in tag.grammemes:
                continue
            if value == 1000:
                self._thousands.setdefault((tag.case, tag.number), form)
            elif value == 1 and tag.number == "plur":
                continue
            else:
                self._written.setdefault((value, tag.case, tag.gender if value in {1, 2} else None), form)

    @property
    def words(self) -> Mapping[str, float]:
        """Every form of every cardinal with its value, for matching by sound."""
        return {**self._cardinals, **self._mixed, **self._fixed, **self._shares}

    @property
    def adverbs(self) -> frozenset[str]:
        """Shares that say by themselves «by» or «to» so much: «наполовину»."""
        return frozenset(self._fixed)

    def read(self, words: Sequence[str], start: int) -> Number | None:
        """The longest number that begins at ``words[start]``; None when none does."""
        if start >= len(words):
            return None
        word = words[start]
        if word in self._minus and start + 1 < len(words):
            rest = self.read(words, start + 1)
            return Number(-rest.value, rest.end) if rest and not rest.share else None
        if word in self._shares or word in self._fixed:
            return Number(self._shares.get(word) or self._fixed[word], start + 1, share=True)
        if word in self._mixed:
            return Number(self._mixed[word], start + 1)
        found = self._digits(word, start) or self._read_words(words, start)
        if found and not found.ordinal and 1 < found.value < 10 and found.end < len(words):
            part = self._shares.get(words[found.end])
            if part and found.value * part < 1:  # «три четверти»
                return Number(found.value * part, found.end + 1, share=True)
        if found and not found.ordinal and 1 <= found.value < 10 and found.end < len(words):
            whole = self._denominators.get(words[found.end], 0)
            if found.value < whole:  # «одна пятая», «две трети»
                return Number(found.value / whole, found.end + 1, share=True)
        return self._with_tail(words, found) if found and not found.ordinal else found

    def _digits(self, word: str, start: int) -> Number | None:
        if not word.lstrip("-")[:1].isdecimal() or ":" in word:
            return None
        value = float(word)
        return Number(int(value) if value.is_integer() else value, start + 1)

    def _read_words(self, words: Sequence[str], start: int) -> Number | None:
        """Parts of falling size: thousands, then what is below a thousand; an ordinal ends the number."""
        total, room, place = 0, 1000, start
        thousands_may_follow = True
        while place < len(words):
            word = words[place]
            value = self._cardinals.get(word)
            if value is None:
                ordinal = self._ordinals.get(word)
                if ordinal is not None and ordinal < room:
                    return Number(total + ordinal, place + 1, ordinal=True)
                break
            if value == 1000 and thousands_may_follow:
                total, room, thousands_may_follow = max(total, 1) * 1000, 1000, False
            elif value < room and (value or place == start):
                total, room = total + value, _room_after(value)
            else:
                break
            place += 1
        return Number(total, place) if place > start else None

    def _with_tail(self, words: Sequence[str], number: Number) -> Number:
        for tail, share in self._tails.items():
            if tuple(words[number.end : number.end + len(tail)]) == tail:
                return Number(number.value + share, number.end + len(tail))
        return self._with_tenths(words, number)

    def _with_tenths(self, words: Sequence[str], number: Number) -> Number:
        """«Двадцать два и пять (градусов)» is 22.5; with another unit, or below ten, these are two numbers."""
        end = number.end + 2
        if end > len(words) or words[number.end] != "и" or not 10 <= number.value < 50:
            return number
        tenths = self._cardinals.get(words[number.end + 1], 0)
        last = end == len(words) or words[end].startswith("градус")
        return Number(number.value + tenths / 10, end) if 0 < tenths < 10 and last else number

    def write(self, value: int, case: Case = "nomn", gender: Gender = "masc") -> str:
        """``value`` (0–999 999) in words: ``write(22, "gent")`` → «двадцати двух»."""
        thousands, rest = divmod(value, 1000)
        words = []
        if thousands:
            words += [] if thousands == 1 else self._below_thousand(thousands, case, "femn")
            words.append(self._thousand_word(thousands, case))
        if rest or not thousands:
            words += self._below_thousand(rest, case, gender)
        return " ".join(words)

    def spell(self, phrase: str) -> str:
        """The phrase with digits as words; years and the like stay."""
        return " ".join(
            self.write(int(word)) if word.isdecimal() and len(word) < 5 else word for word in phrase.split()
        )

    def _below_thousand(self, value: int, case: Case, gender: Gender) -> list[str]:
        if value == 0:
            return [self._written[0, case, None]]
        parts = [value // 100 * 100, value % 100]
        if parts[1] > 20:
            parts[1:] = [parts[1] // 10 * 10, parts[1] % 10]
        return [self._word(part, case, gender) for part in parts if part]

    def _word(self, value: int, case: Case, gender: Gender) -> str:
        for key in ((value, case, gender), (value, case, None)):
            if key in self._written:
                return self._written[key]
        raise KeyError(f"no form of {value} in {case} {gender}")

    def _thousand_word(self, count: int, case: Case) -> str:
        last = count % 100 if count % 100 in range(11, 20) else count % 10
        if last == 1:
            return self._thousands[case, "sing"]
        if case not in {"nomn", "accs"}:
            return self._thousands[case, "plur"]
        return self._thousands["gent", "sing" if last in {2, 3, 4} else "plur"]


def _room_after(value: int) -> int:
    """What may still follow: after «двадцать» less than ten, after «двадцать два» or «двенадцать» nothing."""
    if value >= 100:
        return 100
    return 10 if value >= 20 else 0


def _forms(
    table: Mapping[int, Sequence[str]] | Mapping[float, Sequence[str]], morphology: Morphology
) -> dict[str, float]:
    return {
        form: value for value, words in table.items() for word in words for form, _ in morphology.numeral_forms(word)
    }
