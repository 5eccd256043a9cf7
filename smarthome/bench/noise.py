"""A sentence in, the same as a speech recogniser might write it out: errors of sound, of word bounds, of endings.

Seeded: the same sentence with the same seed and strength always becomes the same.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

_VOWELS = "аеёиоуыэюя"
_REDUCED = {"о": "а", "а": "о", "е": "и", "и": "е", "я": "е", "ы": "и", "э": "е"}
_VOICING = dict(zip("бвгджзпфктшс", "пфктшсбвгджз", strict=True))
_ENDINGS = ("а", "у", "е", "и", "ы", "ой", "ом", "ам", "ть", "т", "л", "ла", "м", "те", "")
_LONG_ENOUGH = 3

_Change = Callable[[list[str], int, random.Random], None]


def misheard(text: str, strength: float, seed: int) -> str:
    """``text`` with about ``strength`` errors a word (0 leaves it as it is, 0.3 is a poor microphone)."""
    dice = random.Random(f"{seed} {text}")  # noqa: S311 (reproducible, not secret)
    words = text.split()
    for _ in range(len(words)):
        if words and dice.random() < strength:
            dice.choice(_CHANGES)(words, dice.randrange(len(words)), dice)
            words[:] = [word for word in words if word]
    return " ".join(words)


def _join(words: list[str], place: int, _: random.Random) -> None:
    """«В ходную» for «входную», and the other way round."""
    if place + 1 < len(words):
        words[place : place + 2] = [words[place].rstrip(".,;:!?—–-") + words[place + 1]]


def _split(words: list[str], place: int, dice: random.Random) -> None:
    word = words[place]
    if len(word) > _LONG_ENOUGH:
        cut = dice.randrange(1, len(word) - 1)
        words[place : place + 1] = [word[:cut], word[cut:]]


def _move(words: list[str], place: int, dice: random.Random) -> None:
    """A letter goes over to the neighbour («закрыт али»)."""
    if place + 1 < len(words) and len(words[place]) > _LONG_ENOUGH and len(words[place + 1]) > _LONG_ENOUGH:
        one, other = words[place], words[place + 1]
        words[place : place + 2] = [one[:-1], one[-1] + other] if dice.random() < 0.5 else [one + other[0], other[1:]]


def _reduce(words: list[str], place: int, dice: random.Random) -> None:
    _replace(words, place, dice, _REDUCED)


def _voice(words: list[str], place: int, dice: random.Random) -> None:
    _replace(words, place, dice, _VOICING)


def _soften(words: list[str], place: int, _: random.Random) -> None:
    words[place] = words[place].replace("ь", "", 1)


def _drop(words: list[str], place: int, dice: random.Random) -> None:
    word = words[place]
    if len(word) > _LONG_ENOUGH:
        at = dice.randrange(len(word))
        words[place] = word[:at] + word[at + 1 :]


def _end(words: list[str], place: int, dice: random.Random) -> None:
    """Another ending, as if the word were another form or another word of the same root."""
    word = words[place]
    stem = word.rstrip(".,;:!?").rstrip(_VOWELS + "йьмтлх")
    if len(stem) >= _LONG_ENOUGH:
        words[place] = stem + dice.choice(_ENDINGS)


def _replace(words: list[str], place: int, dice: random.Random, table: dict[str, str]) -> None:
    word = words[place]
    places = [at for at, letter in enumerate(word) if letter in table]
    if places:
        at = dice.choice(places)
        words[place] = word[:at] + table[word[at]] + word[at + 1 :]


_CHANGES: Sequence[_Change] = (_join, _split, _move, _reduce, _reduce, _voice, _soften, _drop, _end)
