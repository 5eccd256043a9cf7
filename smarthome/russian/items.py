"""What stands on a list in, its items out: «молоко хлеб» without a comma are two, «пачка молока» is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from smarthome.intents import Action, Intent
from smarthome.russian.morphology import Morphology

_LISTS = frozenset({Action.ADD_TO_SHOPPING_LIST, Action.ADD_TO_LIST})


def apart(intents: Sequence[Intent], morphology: Morphology) -> list[Intent]:
    """The intents, one for every item. Only an enumeration is taken apart: alone, «сыр пармезан» stays one thing."""
    if sum(intent.action in _LISTS for intent in intents) < 2:
        return list(intents)
    return [
        replace(intent, slots={**intent.slots, "item": item}) if intent.action in _LISTS else intent
        for intent in intents
        for item in _items(intent, morphology)
    ]


def _items(intent: Intent, morphology: Morphology) -> list[str]:
    words = str(intent.slots.get("item", "")).split()
    if intent.action not in _LISTS or not all(_is_named(word, morphology) for word in words):
        return [" ".join(words)]
    return words


def _is_named(word: str, morphology: Morphology) -> bool:
    """Whether ``word`` names a thing by itself: a noun as it stands after «добавь», and likeliest so."""
    first = next(iter(morphology.analyses(word.casefold())), None)
    return first is not None and first.tag.POS == "NOUN" and first.tag.case in {"nomn", "accs"}
