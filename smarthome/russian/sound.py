"""A misheard sentence in, the nearest sentences that the home understands out.

A recogniser errs in sounds («Погоси свет»), in where words end («Заприв ходную дверь») and in endings. Here the
sentence is written as it sounds, without spaces, and covered from left to right with phrases of the vocabulary that
sound alike; what the cheapest covers say is then read by the rules like any other sentence. No sentence is stored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import accumulate, count

from smarthome.russian.lexicon import Reading, Sign, Value, Verb
from smarthome.russian.soundalikes import SHORT, Alike, Soundalikes, allowed
from smarthome.russian.tokens import Token

MIN_SOUNDS = 8
MAX_SOUNDS = 70
_MAX_SEEN = 2000
_UNIT_COST = 0.25
_SHORT_COST = 0.6
_SKIP_COST = 1.5
_RESPELLED_COST = 0.05
_PROOF = 60
"""Of n sounds at most n² / _PROOF may differ: a short sentence proves little."""
_KEPT_SIGNS = frozenset({"all", "both", "except"})
_KEPT_WORDS = frozenset("и потом затем в во на до с к из у через пожалуйста".split()) | {"а потом", "а также"}

_SOUNDS = str.maketrans("оэыеёюйщ", "аииииуиш")
_VOICELESS = dict(zip("бвгджз", "пфктшс", strict=True))
_VOICED = {"в": "в", "к": "г", "с": "з"}
_CLUSTERS = (
    (re.compile("^что"), "што"),
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
class _Phrase:
    """A phrase of the vocabulary; those of one ``meaning`` («кухня», «кухне») need not all be tried.

    Numbers and units are ``exact``: they must sound right.
    """

    text: str
    meaning: int
    exact: bool = False


@dataclass(slots=True)
class _Node:
    """A place in the tree of phrases: what may follow, by sound, and the phrases that end here."""

    children: dict[str, _Node] = field(default_factory=dict)
    phrases: list[_Phrase] = field(default_factory=list)

    def words(self) -> Iterator[str]:
        """Every word in the tree below, as it sounds."""
        for word, child in self.children.items():
            yield word
            yield from child.words()


@dataclass(frozen=True, slots=True)
class _Step:
    """A phrase taken for what was heard up to ``end``; a sound is skipped when there is none."""

    end: int
    cost: float
    phrase: _Phrase | None = None


@dataclass(frozen=True, slots=True)
class _Path:
    """Phrases taken for what was heard up to ``end``."""

    end: int = 0
    cost: float = 0.0
    words: tuple[str, ...] = ()
    meaning: tuple[int, ...] = ()

    def then(self, step: _Step) -> _Path:
        if step.phrase is None:
            return _Path(step.end, self.cost + step.cost, self.words, self.meaning)
        phrase = step.phrase
        return _Path(step.end, self.cost + step.cost, (*self.words, phrase.text), (*self.meaning, phrase.meaning))


class Sounds:
    """The vocabulary by sound. ``words`` are those of amounts, ``spell`` turns digits into words."""

    def __init__(
        self, phrases: Iterable[tuple[str, Sequence[Reading]]], words: Iterable[str], spell: Callable[[str], str]
    ) -> None:
        self._spell = spell
        self._root = _Node()
        self._sounds: dict[str, str] = {}
        meanings: dict[frozenset[object], int] = {}
        for phrase, readings in phrases:
            if phrase in _KEPT_WORDS or any(map(_speakable, readings)):
                meaning = meanings.setdefault(_meaning(phrase, readings), len(meanings))
                self._enter(_Phrase(phrase, meaning))
        for place, word in enumerate(words):
            self._enter(_Phrase(word, len(meanings) + place, exact=True))
        self._soundalikes = Soundalikes(dict.fromkeys(self._root.words()))
        self._sounds.clear()

    def _enter(self, phrase: _Phrase) -> None:
        nodes = [self._root]
        for word in self._spell(phrase.text).split():
            if word not in self._sounds:
                self._sounds[word] = sounds(word)
            # «в зале» sounds like «взале», «к дому» like «гдому»
            ways = (self._sounds[word], _VOICED[word]) if word in _VOICED else (self._sounds[word],)
            nodes = [node.children.setdefault(way, _Node()) for node in nodes for way in ways]
        for node in nodes:
            if phrase not in node.phrases:
                node.phrases.append(phrase)

    def guesses(self, tokens: Sequence[Token], least: float, cost: float = 0.0) -> Iterator[Guess]:
        """The sentences that are at least ``least`` alike after ``cost`` is taken off, the likeliest first.

        None for what is too long to be a misheard command; the shorter it is, the more must be alike.
        """
        parts = [sounds(part) for token in tokens for part in self._spell(token.word).split()]
        heard = "".join(parts)
        if MIN_SOUNDS <= len(heard) <= MAX_SOUNDS:
            bounds, said = frozenset({0, *accumulate(map(len, parts))}), {token.word for token in tokens}
            steps = self._steps(heard, bounds, said)
            least = max(least, 1 - len(heard) / _PROOF)
            for path in _paths(steps, (1 - least - cost) * len(heard)):
                yield Guess(" ".join(path.words), 1 - cost - path.cost / len(heard))

    def _steps(self, heard: str, bounds: frozenset[int], said: set[str]) -> list[list[_Step]]:
        """For every place of ``heard`` the phrases that may begin there.

        ``bounds`` are where words begin and end; numbers may not be made of parts of words.
        """
        alike = self._soundalikes.find(heard)
        steps = []
        for start in range(len(heard)):
            found: dict[tuple[int, int], _Step] = {}
            for end, distance, node in _walk(self._root, start, alike):
                for phrase in node.phrases:
                    if phrase.exact and (distance or start not in bounds or end not in bounds):
                        continue
                    cost = distance + (_SHORT_COST if end - start <= SHORT else _UNIT_COST)
                    cost += 0.0 if said.issuperset(phrase.text.split()) else _RESPELLED_COST
                    known = found.get((end, phrase.meaning))
                    if known is None or cost < known.cost:
                        found[end, phrase.meaning] = _Step(end, cost, phrase)
            steps.append([*found.values(), _Step(start + 1, _SKIP_COST)])
        return steps


def _walk(root: _Node, start: int, alike: Sequence[Sequence[Alike]]) -> Iterator[tuple[int, int, _Node]]:
    """(end, how many sounds differ, node) of what in the tree sounds like the stretch from ``start`` to ``end``."""
    stack = [(start, 0, root)]
    while stack:
        place, differ, node = stack.pop()
        for each in alike[place] if place < len(alike) else ():
            child = node.children.get(each.word)
            distance = differ + each.distance
            if child is not None and distance <= allowed(each.end - start):
                stack.append((each.end, distance, child))
                if child.phrases:
                    yield each.end, distance, child


def _paths(steps: Sequence[Sequence[_Step]], limit: float) -> Iterator[_Path]:
    """The ways through all of ``steps`` that cost at most ``limit``, the cheapest of every meaning, cheapest first.

    A* search (Hart, Nilsson, Raphael 1968): what is left to the end is known exactly.
    """
    left = [0.0] * (len(steps) + 1)
    for start in reversed(range(len(steps))):
        left[start] = min(step.cost + left[step.end] for step in steps[start])
    order = count()
    waiting = [(left[0], next(order), _Path())] if left[0] <= limit else []
    seen: set[tuple[int, tuple[int, ...]]] = set()
    while waiting and len(seen) < _MAX_SEEN:
        _, _, path = heappop(waiting)
        if (path.end, path.meaning) in seen:
            continue
        seen.add((path.end, path.meaning))
        if path.end == len(steps):
            yield path
            continue
        for step in steps[path.end]:
            total = path.cost + step.cost + left[step.end]
            if total <= limit:
                heappush(waiting, (total, next(order), path.then(step)))


def _meaning(phrase: str, readings: Sequence[Reading]) -> frozenset[object]:
    """Forms that mean the same to the rules; a verb's form does not matter."""
    if phrase in _KEPT_WORDS:
        return frozenset({phrase})
    return frozenset(("verb", each.key) if isinstance(each, Verb) else each for each in readings)


def _speakable(reading: Reading) -> bool:
    """Whether a misheard stretch may be taken for this: no negation, no repair, no past tense."""
    if isinstance(reading, Verb):
        return reading.form in {"command", "infinitive"}
    if isinstance(reading, Sign):
        return reading.role in _KEPT_SIGNS
    return not (isinstance(reading, Value) and reading.kind == "день")
