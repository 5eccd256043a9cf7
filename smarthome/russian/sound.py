"""A misheard sentence in, the nearest sentences that the home understands out.

A recogniser errs in sounds («Погоси свет»), in where words end («Заприв ходную дверь») and in endings. Here the
sentence is written as it sounds, without spaces, and covered from left to right with phrases of the vocabulary that
sound alike; what the cheapest covers say is then read by the rules like any other sentence. No sentence is stored.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from smarthome.russian.lexicon import Reading, Sign, Value, Verb
from smarthome.russian.tokens import Token

MIN_SOUNDS = 8
MAX_SOUNDS = 70
_BEAM = 12
_RESULTS = 20
_WINDOW = 12
_SHORT = 3
_UNIT_COST = 0.25
_SHORT_COST = 0.6
_SKIP_COST = 1.5
_KEPT_SIGNS = frozenset({"all", "both", "except"})
_KEPT_WORDS = frozenset("и потом затем в во на до с к из у через пожалуйста".split()) | {"а потом", "а также"}

_SOUNDS = str.maketrans("оэыеёюйщ", "аииииуиш")
_VOICELESS = dict(zip("бвгджз", "пфктшс", strict=True))
_CLUSTERS = (
    (re.compile("[тд]ь?с"), "ц"),
    (re.compile("[сзж]ч"), "ш"),
    (re.compile("стн"), "сн"),
    (re.compile("здн"), "зн"),
    (re.compile("вств"), "ств"),
    (re.compile("[ьъ]"), ""),
)


def sounds(word: str) -> str:
    """How a word sounds, roughly: vowels reduced, consonants voiceless before voiceless ones and at the end.

    «Погоси» and «погаси», «в ходную» and «входную» become the same.
    """
    for pattern, sound in _CLUSTERS:
        word = pattern.sub(sound, word)
    word = word.translate(_SOUNDS)
    letters = [
        _VOICELESS.get(letter, letter) if place + 1 == len(word) or word[place + 1] in "пфктшсхцч" else letter
        for place, letter in enumerate(word)
    ]
    return re.sub(r"(.)\1+", r"\1", "".join(letters))


@dataclass(frozen=True, slots=True)
class Guess:
    """A sentence that sounds like what was heard; ``similarity`` is 1 for the same sounds."""

    text: str
    similarity: float


@dataclass(frozen=True, slots=True)
class _Path:
    cost: float
    words: tuple[str, ...] = ()
    meaning: tuple[int, ...] = ()

    def then(self, cost: float, phrase: _Phrase) -> _Path:
        return _Path(self.cost + cost, (*self.words, phrase.text), (*self.meaning, phrase.meaning))


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A phrase of the vocabulary; those of one ``meaning`` («кухня», «кухне») need not all be tried.

    Numbers and units are ``exact``: they must sound right.
    """

    text: str
    meaning: int
    exact: bool = False


class Sounds:
    """The vocabulary by sound. ``words`` are those of amounts, ``spell`` turns digits into words."""

    def __init__(
        self, phrases: Iterable[tuple[str, Sequence[Reading]]], words: Iterable[str], spell: Callable[[str], str]
    ) -> None:
        self._spell = spell
        self._phrases: dict[str, list[_Phrase]] = defaultdict(list)
        meanings: dict[frozenset[object], int] = {}
        for phrase, readings in phrases:
            if phrase in _KEPT_WORDS or any(map(_speakable, readings)):
                meaning = meanings.setdefault(_meaning(phrase, readings), len(meanings))
                self._enter("".join(map(sounds, spell(phrase).split())), _Phrase(phrase, meaning))
        for place, word in enumerate(words):
            self._enter(sounds(word), _Phrase(word, len(meanings) + place, exact=True))
        self._keys = [key for key in self._phrases if key]

    def _enter(self, key: str, phrase: _Phrase) -> None:
        if all(known.meaning != phrase.meaning for known in self._phrases[key]):
            self._phrases[key].append(phrase)

    def guesses(self, tokens: Sequence[Token]) -> list[Guess]:
        """The nearest sentences, the likeliest first; [] for what is too long to be a misheard command."""
        parts = [sounds(part) for token in tokens for part in self._spell(token.word).split()]
        heard = "".join(parts)
        if not MIN_SOUNDS <= len(heard) <= MAX_SOUNDS:
            return []
        paths = self._cover(heard, self._near(heard), frozenset({0, *accumulate(map(len, parts))}))
        return [Guess(" ".join(path.words), 1 - path.cost / len(heard)) for path in paths]

    def _near(self, heard: str) -> Mapping[int, list[str]]:
        """Keys that occur in ``heard``, nearly, by their length."""
        found = process.extract(heard, self._keys, scorer=fuzz.partial_ratio, score_cutoff=66, limit=None)
        by_length: dict[int, list[str]] = defaultdict(list)
        for key, _, _ in found:
            if len(key) <= len(heard) + 1:
                by_length[len(key)].append(key)
        return by_length

    def _cover(self, heard: str, near: Mapping[int, list[str]], bounds: frozenset[int]) -> list[_Path]:
        """The cheapest ways to cover all of ``heard``: dynamic programming over its places with a small beam.

        ``bounds`` are where words begin and end; numbers may not be made of parts of words.
        """
        best: list[list[_Path]] = [[] for _ in range(len(heard) + 1)]
        best[0] = [_Path(0.0)]
        longest = max(near, default=0) + 1
        for start in range(len(heard)):
            here = _cheapest(best[start])
            best[start + 1].extend(_Path(path.cost + _SKIP_COST, path.words, path.meaning) for path in here)
            if not here:
                continue
            for end in range(start + 1, min(len(heard), start + longest) + 1):
                whole = start in bounds and end in bounds
                for phrase, cost in self._alike(heard[start:end], near, whole=whole):
                    best[end].extend(path.then(cost, phrase) for path in here)
        return _cheapest(best[-1], _RESULTS)

    def _alike(self, window: str, near: Mapping[int, list[str]], *, whole: bool) -> Iterator[tuple[_Phrase, float]]:
        """Phrases that sound like ``window`` with what it costs to take them for it."""
        allowed = _allowed(len(window))
        pool = [
            key for length in range(len(window) - allowed, len(window) + allowed + 1) for key in near.get(length, ())
        ]
        found = process.extract(window, pool, scorer=Levenshtein.distance, score_cutoff=allowed, limit=_WINDOW)
        seen: set[int] = set()
        for key, distance, _ in found:
            for phrase in self._phrases[key]:
                if phrase.meaning not in seen and not (phrase.exact and (distance or not whole)):
                    seen.add(phrase.meaning)
                    yield phrase, distance + (_SHORT_COST if len(key) <= _SHORT else _UNIT_COST)


def _cheapest(paths: Iterable[_Path], limit: int = _BEAM) -> list[_Path]:
    """The cheapest path of every meaning, the cheapest few of those."""
    kept: dict[tuple[int, ...], _Path] = {}
    for path in sorted(paths, key=lambda path: path.cost):
        kept.setdefault(path.meaning, path)
        if len(kept) == limit:
            break
    return list(kept.values())


def _meaning(phrase: str, readings: Sequence[Reading]) -> frozenset[object]:
    """Forms that mean the same to the rules; a verb's form does not matter."""
    if phrase in _KEPT_WORDS:
        return frozenset({phrase})
    return frozenset(("verb", each.key) if isinstance(each, Verb) else each for each in readings)


def _allowed(length: int) -> int:
    """How many sounds may differ."""
    return 0 if length <= _SHORT else 1 if length <= 5 else 2 if length <= 8 else 3


def _speakable(reading: Reading) -> bool:
    """Whether a misheard stretch may be taken for this: no negation, no repair, no past tense."""
    if isinstance(reading, Verb):
        return reading.form in {"command", "infinitive"}
    if isinstance(reading, Sign):
        return reading.role in _KEPT_SIGNS
    return not (isinstance(reading, Value) and reading.kind == "день")
