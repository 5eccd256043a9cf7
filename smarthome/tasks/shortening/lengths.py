"""A text and a limit in, the longest whole part of it that fits out. Lengths are user-perceived characters (UAX 29)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import regex  # type: ignore[import-untyped]

_CHARACTER = regex.compile(r"\X")
_CLAUSE = regex.compile(r"[,;:](?=\s)|\s+[—–-](?=\s)")
_SPACE = regex.compile(r"\s+")
_LOOSE = " \t\n,;:—–-("
ELLIPSIS = "…"


def length(text: str) -> int:
    """How many characters a reader sees: a letter with its accents is one, so is an emoji of several parts."""
    return sum(1 for _ in _CHARACTER.finditer(text))


def sentences(text: str) -> list[str]:
    """Of Russian, without the white space around them."""
    from razdel import sentenize

    return [found.text for found in sentenize(text)]


def whole_sentences(text: str, limit: int) -> str:
    """The first sentences that fit together; nothing when the first one does not."""
    kept = ""
    for sentence in sentences(text):
        longer = f"{kept} {sentence}".lstrip()
        if length(longer) > limit:
            break
        kept = longer
    return kept


def whole_clauses(text: str, limit: int) -> str:
    """The same with clauses; what ends before its sentence does ends with an ellipsis."""
    return _cut(text, limit, (found.start() for found in _CLAUSE.finditer(text)))


def whole_words(text: str, limit: int) -> str:
    """The same with words."""
    return _cut(text, limit, (found.start() for found in _SPACE.finditer(text)))


def trimmed(text: str, limit: int) -> str:
    """At the end of a sentence if one fits, else of a clause, else of a word; nothing when not even a word fits."""
    for cut in (whole_sentences, whole_clauses, whole_words):
        if kept := cut(text, limit):
            return kept
    return ""


def reach(text: str, characters: int) -> int:
    """Where the first so many characters end, as an index of ``text``."""
    end = 0
    for found in itertools.islice(_CHARACTER.finditer(text), characters):
        end = found.end()
    return end


def _cut(text: str, limit: int, ends: Iterable[int]) -> str:
    """Up to the last of ``ends`` (rising) that leaves room for an ellipsis."""
    last = reach(text, limit - length(ELLIPSIS))
    end = max(itertools.takewhile(lambda each: each <= last, ends), default=0)
    kept = text[:end].rstrip(_LOOSE)
    return kept if not kept or kept.endswith((".", "!", "?", ELLIPSIS)) else kept + ELLIPSIS
