"""A text of any length in, one that the model can read at once out: parts are shortened, joined, and again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from smarthome.tasks.shortening.lengths import sentences
from smarthome.tasks.shortening.writer import WINDOW, Writer

AT_ONCE = 4
"""Parts that are shortened together."""

SHRINK = 3
"""A part becomes a third at most, so that every round makes the text shorter."""


class Condensed(NamedTuple):
    """``parts``: how many the text was read in, 1 if it fits; ``rounds``: how often it was condensed."""

    text: str
    parts: int
    rounds: int


def condensed(text: str, writer: Writer, told: Callable[[int, int], None]) -> Condensed:
    """``told`` hears (parts done, parts of this round), and may raise to end it."""
    first, rounds = 1, 0
    while writer.tokens(text) > WINDOW:
        parts = _parts(text, writer)
        first = first if rounds else len(parts)
        short: list[str] = []
        for start in range(0, len(parts), AT_ONCE):
            still = partial(told, start, len(parts))
            still()
            short += writer.short_forms(parts[start : start + AT_ONCE], WINDOW // SHRINK, still)
        text = " ".join(short)
        rounds += 1
    return Condensed(text, first, rounds)


def _parts(text: str, writer: Writer) -> list[str]:
    """As many whole sentences in each as the model reads at once; a longer sentence is split at words."""
    parts: list[str] = []
    size = WINDOW  # nothing is appended before there is a part
    for piece, tokens in _pieces(text, writer):
        if size + tokens > WINDOW - 1:
            parts.append(piece)
            size = tokens
        else:
            parts[-1] += f" {piece}"
            size += tokens
    return parts


def _pieces(text: str, writer: Writer) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for sentence in sentences(text):
        tokens = writer.tokens(sentence)
        if tokens < WINDOW:
            found.append((sentence, tokens))
        else:
            found += _split(sentence, tokens, writer)
    return found


def _split(sentence: str, tokens: int, writer: Writer) -> list[tuple[str, int]]:
    """Halves at a space near the middle, or in the middle of what has none, until each can be read."""
    if tokens < WINDOW:
        return [(sentence, tokens)]
    middle = len(sentence) // 2
    space = sentence.find(" ", middle)
    at = space if 0 < space < len(sentence) * 3 // 4 else middle
    halves = (sentence[:at].strip(), sentence[at:].strip())
    return [piece for half in halves for piece in _split(half, writer.tokens(half), writer)]
