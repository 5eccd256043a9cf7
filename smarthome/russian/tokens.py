"""A sentence in, words out: the first step of understanding.

A speech recogniser writes «Включи свет на 50%, пожалуйста.», a person types «включи свет на 50 %». Both become the same
words: lower case, е for ё, digits apart from letters, punctuation kept beside the word before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_WORDS = 40
MAX_CHARACTERS = 300

_TOKEN = re.compile(
    r"""
      (?P<clock> \d{1,2}:\d{2} (?!\d) )
    | (?P<dashed> (?<=\b[вк]\s) \d{1,2}-[0-5]\d (?!\d) )
    | (?P<ordinal> \d+ ) - (?: ый|ой|ий|ый|го|ого|му|ому|ым|ом|ая|ую|ое|ть|ти|ми|х|й|я|е|м|ю|и ) (?![а-яё])
    | (?P<number> (?: (?<![\w-]) - )? \d+ (?: [.,]\d+ )? )
    | (?P<kelvin> (?<=\d) \s? [кk] (?![а-яёa-z]) )
    | (?P<unit> % | ° \s? [cс]? (?![a-zа-яё]) | ℃ )
    | (?P<word> [^\W\d_]+ )
    | (?P<stop> [.,;:!?…—–] )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_UNITS = {"%": "процентов"}


@dataclass(frozen=True, slots=True)
class Token:
    """One word. ``text[start:end]`` of the sentence is how it was written; ``stop`` is punctuation right after it."""

    word: str
    start: int
    end: int
    stop: str = ""


def normalise(text: str) -> str:
    """The spelling that everything is compared in: lower case, е for ё."""
    return text.casefold().replace("ё", "е")


def tokenise(text: str) -> tuple[Token, ...]:
    """The words of ``text`` in order. Numbers keep their digits («22.5»), times theirs («7:30»)."""
    tokens: list[Token] = []
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or "word"
        piece = found.group(kind)
        if kind == "stop":
            if tokens:
                last = tokens[-1]
                tokens[-1] = Token(last.word, last.start, last.end, last.stop + piece)
            continue
        tokens.append(Token(_spell(kind, piece), found.start(), found.end()))
    return tuple(tokens)


def too_long(text: str) -> bool:
    """Whether nobody says this to a lamp; checked before anything costs time."""
    return len(text) > MAX_CHARACTERS or len(text.split()) > MAX_WORDS


def _spell(kind: str, piece: str) -> str:
    if kind == "dashed":
        return piece.replace("-", ":")
    if kind == "unit":
        return _UNITS.get(piece, "градусов")
    if kind == "kelvin":
        return "кельвинов"
    if kind == "number":
        return piece.replace(",", ".")
    return normalise(piece)
