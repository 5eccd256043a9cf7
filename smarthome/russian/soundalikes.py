"""A stretch of sounds in, the known words that sound like a part of it out.

Short words are found by leaving out a sound of theirs and of what was heard (Mor and Fraenkel 1982); longer ones by an
index of sound pairs and of where in a word they stand: a word is compared only where enough of its pairs line up
(Gravano et al. 2001, "Approximate string joins in a database (almost) for free"). What a search costs depends on what
was heard, and hardly on how many words are known.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rapidfuzz.distance import LCSseq, Levenshtein

SHORT = 3
"""Words of so few sounds must sound exactly like that."""

_ONE_ERROR = 5
"""Words of so few sounds may differ by one."""

_PLACES = 256
_BEFORE = 64
"""A pair of word ``n`` at ``place`` is kept as one integer, n · _PLACES + _BEFORE - place: counting those is fast."""


@dataclass(frozen=True, slots=True)
class Alike:
    """What was heard up to ``end`` sounds like ``word`` but for ``distance`` sounds."""

    end: int
    word: str
    distance: int


def allowed(length: int) -> int:
    """How many sounds of a word may differ."""
    return 0 if length <= SHORT else 1 if length <= _ONE_ERROR else 2 if length <= 8 else 3


class Soundalikes:
    """Finds ``words``, given as they sound."""

    def __init__(self, words: Iterable[str]) -> None:
        self._short: dict[str, list[str]] = defaultdict(list)
        self._long: list[str] = []
        self._needed: list[int] = []
        self._pairs: dict[str, list[int]] = defaultdict(list)
        for word in words:
            if len(word) <= _ONE_ERROR:
                for shortened in _shortened(word):
                    self._short[shortened].append(word)
            else:
                self._enter(word)

    def _enter(self, word: str) -> None:
        first = len(self._long) * _PLACES + _BEFORE
        self._long.append(word)
        pairs = len(word) - 1
        self._needed.append(max(2, len(word) // 3, pairs - 2 * allowed(len(word))))  # one error spoils two pairs
        for place in range(pairs):
            self._pairs[word[place : place + 2]].append(first - place)

    def find(self, heard: str) -> list[list[Alike]]:
        """For every place of ``heard`` the words that may begin there."""
        found = [list(self._short_at(heard, start)) for start in range(len(heard))]
        for word, diagonal in self._candidates(heard):
            for start in _starts(heard, word, diagonal):
                found[start].extend(_windows(heard, start, word))
        for start in reversed(range(len(heard) - 1)):  # the sound that ends one word may begin the next as well
            begun = [each for each in found[start] if each.word[0] == heard[start] and len(each.word) > SHORT]
            found[start + 1] += begun
        return found

    def _short_at(self, heard: str, start: int) -> Iterator[Alike]:
        known: set[tuple[int, str]] = set()
        for end in range(start + 1, min(start + _ONE_ERROR + 1, len(heard)) + 1):
            window = heard[start:end]
            for shortened in _shortened(window):
                for word in self._short.get(shortened, ()):
                    distance = Levenshtein.distance(window, word, score_cutoff=1)
                    if distance <= allowed(len(word)) and (end, word) not in known:
                        known.add((end, word))
                        yield Alike(end, word, distance)

    def _candidates(self, heard: str) -> Iterator[tuple[str, int]]:
        """(word, where it would begin) of the longer words that have enough pairs in common with ``heard``."""
        counts: Counter[int] = Counter()
        for start in range(len(heard) - 1):
            counts.update(map(start.__add__, self._pairs.get(heard[start : start + 2], ())))
        for key in [key for key, count in counts.items() if count > 1]:
            number, place = divmod(key, _PLACES)
            count, before, after = counts[key], counts.get(key - 1, 0), counts.get(key + 1, 0)
            if count + before + after >= self._needed[number] and before <= count > after:
                word = self._long[number]
                if _may_begin(heard, word, place - _BEFORE):
                    yield word, place - _BEFORE


def _shortened(word: str) -> Iterator[str]:
    """``word`` and, when it may differ by a sound, all that it becomes without one."""
    yield word
    if len(word) >= SHORT:
        for place in range(len(word)):
            yield word[:place] + word[place + 1 :]


def _may_begin(heard: str, word: str, diagonal: int) -> bool:
    """Whether enough sounds of ``word`` stand in order around there; much cheaper than to compare every stretch."""
    may = allowed(len(word))
    around = heard[max(diagonal - may, 0) : diagonal + len(word) + 2 * may]
    return LCSseq.similarity(word, around, score_cutoff=len(word) - may) > 0


def _starts(heard: str, word: str, diagonal: int) -> Iterable[int]:
    """Where ``word`` may begin: at ``diagonal``, or near it when sounds were lost or added before its pairs."""
    if 0 <= diagonal < len(heard) and heard[diagonal] == word[0]:
        return (diagonal,)
    may = allowed(len(word))
    near = range(max(diagonal - may, 0), min(diagonal + may + 1, len(heard)))
    return [start for start in near if abs(start - diagonal) < 2 or heard[start] == word[0]]


def _windows(heard: str, start: int, word: str) -> Iterator[Alike]:
    """The stretches from ``start`` on that sound like ``word``; only the whole word when it is there."""
    whole = start + len(word)
    if heard.startswith(word, start):
        yield Alike(whole, word, 0)
        return
    may = allowed(len(word))
    for end in range(max(whole - may, start + 1), min(whole + may, len(heard)) + 1):
        distance = Levenshtein.distance(heard[start:end], word, score_cutoff=may)
        if distance <= may:
            yield Alike(end, word, distance)
