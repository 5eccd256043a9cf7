"""Drafts in, three different short forms within the limit out, the best first."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, utils

from smarthome.tasks.shortening.lengths import length, reach, sentences, trimmed, whole_clauses, whole_words
from smarthome.tasks.shortening.writer import Draft

VARIANTS = 3
ALIKE = 90.0
"""Two forms are the same to a reader from this share of common words on (rapidfuzz, 0–100)."""

EXCERPTS = 100
"""So many are looked at to find three that differ."""

_ENDS = (".", "!", "?", "…", "»", '"', ")")


@dataclass(frozen=True, slots=True)
class Variant:
    """``trimmed``: its end was cut off. ``likelihood`` is None for what was taken from the text itself."""

    text: str
    trimmed: bool
    likelihood: float | None

    @property
    def rank(self) -> tuple[bool, bool, float]:
        """Whole ones first, those that the model wrote before excerpts, likelier ones before others."""
        return self.trimmed, self.likelihood is None, -(self.likelihood or 0.0)


class Variants:
    """What has been found so far within ``limit`` characters."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._found: list[Variant] = []

    def consider(self, drafts: Sequence[Draft]) -> None:
        """Take those that are of use; what overflows is kept in its trimmed form for want of better ones."""
        for draft in drafts:
            if draft.finished and length(draft.text) <= self._limit:
                self._add(Variant(draft.text, trimmed=False, likelihood=draft.likelihood))
            elif kept := trimmed(_ended(draft), self._limit):
                self._add(Variant(kept, trimmed=True, likelihood=draft.likelihood))

    @property
    def enough(self) -> bool:
        """Three that nobody had to cut."""
        return len([each for each in self._chosen() if not each.trimmed]) >= VARIANTS

    def best(self, text: str) -> list[Variant] | None:
        """Three, the best first; excerpts of ``text`` stand in for those that the model did not write.

        None: the limit leaves no three.
        """
        chosen = self._chosen()
        if len(chosen) < VARIANTS:
            for excerpt in itertools.islice(_excerpts(text, self._limit), EXCERPTS):
                self._add(excerpt)
                chosen = self._chosen()
                if len(chosen) == VARIANTS:
                    break
        if len(chosen) < VARIANTS:
            chosen = self._distinct()
        return sorted(chosen, key=lambda each: each.rank)[:VARIANTS] if len(chosen) >= VARIANTS else None

    def _add(self, variant: Variant) -> None:
        if any(letter.isalnum() for letter in variant.text):
            self._found.append(variant)

    def _chosen(self) -> list[Variant]:
        """The best ones, each unlike all better ones."""
        chosen: list[Variant] = []
        for each in sorted(self._found, key=lambda one: one.rank):
            if all(_likeness(each.text, other.text) < ALIKE for other in chosen):
                chosen.append(each)
        return chosen[:VARIANTS]

    def _distinct(self) -> list[Variant]:
        """Where so little fits that all is alike: whatever differs at all."""
        return list({each.text: each for each in sorted(self._found, key=lambda one: one.rank, reverse=True)}.values())


def _likeness(one: str, other: str) -> float:
    return fuzz.token_sort_ratio(one, other, processor=utils.default_process)


def _ended(draft: Draft) -> str:
    """What the model did not bring to an end, up to the last end in it: of a sentence, a clause, or a word."""
    if draft.finished or draft.text.endswith(_ENDS):
        return draft.text
    whole = " ".join(sentences(draft.text)[:-1])
    everything = len(draft.text)
    return whole or whole_clauses(draft.text, everything) or whole_words(draft.text, everything)


def _excerpts(text: str, limit: int) -> Iterator[Variant]:
    """Sentences of the text, then their beginnings, then beginnings of any words."""
    found = sentences(text)
    for sentence in found:
        if length(sentence) <= limit:
            yield Variant(sentence, trimmed=False, likelihood=None)
    for cut in _beginnings(text, found, limit):
        if cut:
            yield Variant(cut, trimmed=True, likelihood=None)


def _beginnings(text: str, found: Sequence[str], limit: int) -> Iterator[str]:
    for sentence in found:
        yield trimmed(sentence, limit)
    words = text[: reach(text, 4 * limit)].split()
    for at in range(len(words)):
        yield whole_words(" ".join(words[at:]) + " ", limit)
    for end in range(len(words), 0, -1):
        yield whole_words(" ".join(words[:end]) + " ", limit)


def smallest_limit(text: str) -> int:
    """From how many characters on three excerpts can differ; the length of the text if never."""
    low, high = 1, length(text)
    while low < high:
        middle = (low + high) // 2
        if Variants(middle).best(text) is None:
            low = middle + 1
        else:
            high = middle
    return low
