"""Free words in, whether they name something to play: «песню группы …», «детские песни», «радио джаз», «второй канал».

The word for what is played begins them; only what it is like may stand before it.
"""

from __future__ import annotations

from collections.abc import Sequence

from smarthome.russian.lexicon import Named, Noun, Value
from smarthome.russian.mentions import Mention

_TITLES = frozenset({"песня", "музыка", "видео", "канал", "жанр"})
_NO_TITLE = frozenset({"или", "громче", "громко", "тише", "тихо"})
_WHERE_TO = frozenset({"на", "в", "во", "под", "за", "к"})
_SCENES = frozenset({"scene", "script"})
_LIKE = ("ую", "юю", "ый", "ий", "ое", "ее", "ые", "ие")
"""How an adjective ends beside what it is said of: «весёлую музыку»."""


def is_title(run: Sequence[Mention], about: str) -> bool:
    """Whether the words name some music, a film or a channel (``about`` канал): its noun and more, or a genre."""
    marker = next((place for place, mention in enumerate(run) if _keys(mention) & _TITLES), None)
    if marker is None or not all(map(_is_epithet, run[:marker])) or any(map(_is_other, run)):
        return False
    keys = {key for mention in run for key in _keys(mention)}
    if about == "канал":
        return "канал" in _keys(run[marker]) and len(run) > 1
    if any(mention.is_place or _is_device(mention) for mention in run) or _is_put_somewhere(run[marker:]):
        return False
    return "жанр" in keys or any(mention.unknown or _is_value(mention) for mention in run)


def _keys(mention: Mention) -> set[str]:
    return {each.key for each in mention.readings if isinstance(each, Noun)}


def _is_other(mention: Mention) -> bool:
    """Whether it says something else than a title: «… или …», «… погромче»."""
    said_else = mention.word is not None and mention.word.key in _NO_TITLE
    return said_else or mention.sign("not", "cancel", "repair", "forbid") is not None


def _is_device(mention: Mention) -> bool:
    """A common noun or name of a device; «кино» is in the name of a scene, too."""
    for each in mention.readings:
        if isinstance(each, Noun) and each.is_device:
            return True
        if isinstance(each, Named) and (
            each.exact or each.short or any(device.domain not in _SCENES for device in each.part)
        ):
            return True
    return False


def _is_put_somewhere(words: Sequence[Mention]) -> bool:
    """«Песню на стол» is a thing to be laid down."""
    return len(words) == 2 and words[1].unknown and words[1].preposition in _WHERE_TO


def _is_epithet(mention: Mention) -> bool:
    """What it is like, or which one: «весёлые», «детские», «второй»."""
    like = mention.unknown and not mention.preposition and mention.key.endswith(_LIKE)
    return like or mention.is_value


def _is_value(mention: Mention) -> bool:
    """An adjective that elsewhere would be a value: «детские» песни."""
    return not mention.preposition and any(
        isinstance(each, Value) and isinstance(each.value, str) for each in mention.readings
    )
