"""Words in, the same without what was said twice out: «свет, свет, свет в спальне», «го, го, гостиную»."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace
from itertools import groupby

from smarthome.russian.tokens import Token


def unstammered(tokens: Sequence[Token], numbers: Container[str]) -> tuple[Token, ...]:
    """Words that are repeated at once become one, and so do repeated beginnings of a word with that word.

    Numbers stay: «двадцать двадцать» is a time. A word takes the place of all that it stands for, so that free text is
    told as it was said.
    """
    kept: list[Token] = []
    stammered = False
    for word, same in groupby(tokens, key=lambda token: token.word):
        run = list(same)
        if word in numbers or word[0].isdigit():
            kept += run
            stammered = False
            continue
        one = _joined(run[0], run[-1])
        if stammered and word.startswith(kept[-1].word):
            one = _joined(kept.pop(), one)
        kept.append(one)
        stammered = len(run) > 1
    return tuple(kept)


def _joined(first: Token, last: Token) -> Token:
    return replace(last, start=first.start)
