"""Which part of a command a mention plays, and how commands share parts: «нет, торшер», «а на кухне», «на двадцать»."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from smarthome.russian.amounts import Duration
from smarthome.russian.lexicon import Value
from smarthome.russian.mentions import Mention

_MEASURES = frozenset({"процент", "градусы", "кельвины"})


def role(mention: Mention) -> str:
    """Which place in a command a mention takes; two of one role cannot stand in one command."""
    if mention.verbs:
        return "verb"
    if mention.is_place:
        return "place"
    if mention.is_object:
        return "object"
    if mention.is_when:
        return "day" if mention.day else "when"
    return "value" if mention.is_value else f"word {mention.readings[:1]}"


def locates(mention: Mention) -> bool:
    """Whether it says what or where."""
    return role(mention) in {"object", "place"}


def override(base: Sequence[Mention], new: Sequence[Mention]) -> tuple[Mention, ...]:
    """``base`` with everything of the roles in ``new`` replaced; a bare number takes the unit of the one before it."""
    measured = with_units(new, base)
    roles = {role(mention) for mention in measured}
    kept = (mention for mention in base if role(mention) not in roles)
    if any(is_manner(mention) for mention in measured):
        kept = (mention for mention in kept if not is_manner(mention))
    return (*kept, *measured)


def is_manner(mention: Mention) -> bool:
    """Whether it is a word like «потише»: another one takes its place."""
    return mention.word is not None and role(mention).startswith("word")


def complete(new: Sequence[Mention], base: Sequence[Mention], *, place: bool = True) -> tuple[Mention, ...]:
    """``new`` with what it leaves unsaid from ``base``; a piece with its own verb takes only what is acted on."""
    measured = with_units(new, base)
    roles = {role(mention) for mention in measured}
    left_out = {"value", "when", "day"} if "verb" in roles else set()
    taken = [
        mention for mention in base if role(mention) not in roles | left_out and (place or role(mention) != "place")
    ]
    return (*taken, *measured)


def with_units(new: Sequence[Mention], base: Sequence[Mention]) -> tuple[Mention, ...]:
    """``new``, a bare number among it in the unit of the amount in ``base``: «на десять минут, нет, на пятнадцать»."""
    amounts = {role(mention): mention for mention in reversed(base)}
    old = amounts.get("value") or amounts.get("when")
    return tuple(_measured(mention, old) if old else mention for mention in new)


def _measured(mention: Mention, old: Mention) -> Mention:
    number = next((each.value for each in mention.readings if isinstance(each, Value) and each.kind == "число"), None)
    if not isinstance(number, (int, float)) or mention.verbs or locates(mention):
        return mention
    timed = old.clock or old.wait
    readings = tuple(each for each in mention.values if timed or each.kind != "часы")
    mention = replace(mention, readings=readings, preposition=mention.preposition or old.preposition)
    kind = next((each.kind for each in old.values if each.kind in _MEASURES), None)
    if kind:
        return replace(mention, readings=(Value(kind, number),))
    units = [unit for unit in ("hours", "minutes", "seconds") if old.duration and getattr(old.duration, unit)]
    if not isinstance(number, int) or len(units) != 1 or (old.clock and not old.wait):
        return mention
    return replace(mention, readings=(Value("время", Duration(**{units[0]: number})),))
