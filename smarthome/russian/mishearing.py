"""How far a sentence may be bent to what it sounds like: thresholds, and what is never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from smarthome.intents import QUESTIONS, Action, Intent, Parse
from smarthome.inventory import Device, Inventory
from smarthome.russian.lexicon import Named, Place, Reading
from smarthome.russian.mentions import Mention
from smarthome.russian.morphology import Morphology

NEAR = 0.8
"""Least similarity of sounds; below, the sentence is not taken for a misheard command."""

MARGIN = 0.025
"""A second sentence as near as this that wants something else makes it a question."""

STRANGER = 0.07
"""What every strange word costs in similarity."""

MAX_STRANGERS = 1
"""With more strange words than this the sentence is talk."""

MAX_KNOWN = 8
"""A longer sentence without any unknown word was heard well: it is no misheard command."""

MAX_GUESSES = 20
"""How many of the nearest sentences are looked at; what this costs in time stays bounded."""

MAX_READ = 24
"""How many mentions of those that lose nothing are read by the rules: the longer the sentence, the fewer guesses.

Twice as many when there are several hypotheses.
"""

MAX_IDLE = 3
"""How many of those that neither tell nor ask; few of them mean anything."""

SURE = 0.9
"""Above this similarity two conflicting readings are worth asking about; below, the sentence is left alone."""

_WORD_LENGTH = 4
_SHORT = 5
"""An unknown word that may hide a verb («откроешьторы») is longer than this."""

_STATES = frozenset({"состояние", "несостояние", "сомнение"})
_KEPT = _STATES | {"число", "процент", "градусы", "кельвины", "время", "длина", "доля", "порядок", "часы"}
_NEVER = frozenset(
    {
        Action.UNLOCK,
        Action.DISARM,
        Action.BROADCAST,
        Action.ADD_TO_LIST,
        Action.ADD_TO_SHOPPING_LIST,
        Action.COMPLETE_SHOPPING_ITEM,
        Action.NEVERMIND,
    }
)
_FREE = _NEVER - {Action.UNLOCK, Action.DISARM}
_MORE = frozenset("включить осветить открыть расшторить приоткрыть поднять отпереть увеличить".split())
_LESS = frozenset("выключить зашторить закрыть опустить запереть уменьшить приглушить заглушить остановить".split())
_SAID_AS_WORDS = frozenset({"доля", "уровень"})
_WHERE = frozenset({"в", "во", "на"})
_WAYS_IN = frozenset({"door", "gate", "garage", "window"})


def harmless(intents: Iterable[Intent], inventory: Inventory) -> bool:
    """Whether these intents may be guessed: free words may not, nor anything that lets somebody in."""
    return all(intent.action not in _NEVER and not _opens_a_way_in(intent, inventory) for intent in intents)


def says(intents: Iterable[Intent], heard: frozenset[str]) -> bool:
    """Whether the free words to be searched for were heard as they are: what is played is never made up."""
    return all(heard.issuperset(str(intent.slots.get("search_query", "")).casefold().split()) for intent in intents)


def may_be_asked(intents: Iterable[Intent]) -> bool:
    """Whether a doubtful reading is worth a yes or no: it is no free words, however little it may be done unasked."""
    return all(intent.action not in _FREE for intent in intents)


def keeps_shut(intents: Iterable[Intent], inventory: Inventory) -> bool:
    """Whether these intents let nobody in: nothing is unlocked, disarmed, or opened but curtains."""
    return not any(
        intent.action in {Action.UNLOCK, Action.DISARM} or _opens_a_way_in(intent, inventory) for intent in intents
    )


def heard_well(mentions: Sequence[Mention], words: int) -> bool:
    """Whether nothing in a long sentence suggests that it was misheard."""
    return words > MAX_KNOWN and not any(mention.unknown for mention in mentions)


def strangers(mentions: Sequence[Mention], morphology: Morphology) -> int:
    """How many words are good Russian or Latin, but nothing that is said to a home.

    Too much are a verb that tells («пришла»), an order of another sort («заводи машину»), somebody who acts or is
    called («мы», «мама»), a place that is none here («на балконе») and a glued «не» («невключай»).
    """
    strange = [mention for mention in mentions if mention.unknown]
    unknown = [mention.key for mention in strange]
    placed = (each.key for each in strange if each.preposition in _WHERE and len(each.key) >= _WORD_LENGTH)
    telling = (morphology.tells, morphology.is_somebody, morphology.forbids)
    if any(tells(word) for tells in telling for word in unknown) or any(map(morphology.is_where, placed)):
        return MAX_STRANGERS + 1
    if _orders(mentions, morphology):
        return MAX_STRANGERS + 1
    return sum(word.isascii() or (len(word) >= _WORD_LENGTH and morphology.is_word(word)) for word in unknown)


def _orders(mentions: Sequence[Mention], morphology: Morphology) -> bool:
    """Whether the sentence begins with an imperative that no home knows, and has no other verb."""
    first = mentions[0] if mentions else None
    word = first.key if first and first.unknown and not first.preposition else ""
    if any(mention.verbs for mention in mentions) or not morphology.is_word(word):
        return False
    return any(each.tag.mood == "impr" for each in morphology.analyses(word))


def loses_nothing(mentions: Sequence[Mention], heard: Sequence[Mention]) -> bool:
    """Whether the guess ``mentions`` still has every amount, every state and every plain verb of what was heard."""
    return (
        _keeps_places(mentions, heard)
        and _keeps_names(mentions, heard)
        and not _invents(mentions, heard)
        and _counts(mentions) >= _counts(heard)
        and _numbers(mentions) >= _numbers(heard)
        and _keeps_verbs(mentions, heard)
    )


def plausible(said: Parse, mentions: Sequence[Mention], heard: Sequence[Mention]) -> bool:
    """Whether a guess may be what was said: it tells or asks something, and no command came from nowhere.

    What begins with «скажи» can only ask.
    """
    verbs = sum(bool(mention.verbs) for mention in mentions)
    asks = all(intent.action in QUESTIONS for intent in said.intents)
    joined = any(mention.sign("joint", "except") or set(mention.stop) & set(",.;") for mention in heard[:-1])
    asked = any((sign := mention.sign("filler")) and sign.key == "ask" for mention in heard)
    return (asks or (verbs > 0 and not asked)) and (len(said.intents) <= max(verbs, 1) or joined)


def _keeps_places(mentions: Sequence[Mention], heard: Sequence[Mention]) -> bool:
    """Whether every area and floor that was heard plainly is still said, and nothing became the whole house."""
    widened = any(map(_is_everywhere, mentions)) and not any(map(_is_everywhere, heard))
    plain = (each for mention in heard if not mention.is_object for each in mention.readings if isinstance(each, Place))
    said = {place for each in plain for place in _where(each)}
    return not widened and said <= {
        place for mention in mentions for each in mention.readings for place in _where(each)
    }


def _keeps_names(mentions: Sequence[Mention], heard: Sequence[Mention]) -> bool:
    """Whether every device that was called by its name still is."""
    named = {device.id for each in mentions for device in _called(each)}
    return all(named & {device.id for device in _called(each)} for each in heard if _called(each))


def _called(mention: Mention) -> tuple[Device, ...]:
    return next((each.exact for each in mention.readings if isinstance(each, Named) and each.exact), ())


def _invents(mentions: Sequence[Mention], heard: Sequence[Mention]) -> bool:
    """Whether an exception, a share, or a verb beside the one that was heard comes from nowhere."""
    if any(each.sign("except") for each in mentions) and not any(each.sign("except") for each in heard):
        return True
    if _shares(mentions) > _shares(heard):
        return True
    plain = sum(bool(each.verbs) for each in heard)
    strange = sum(each.unknown and not each.preposition and len(each.key) > _SHORT for each in heard)
    return plain > 0 and sum(bool(each.verbs) for each in mentions) > plain + strange


def _shares(mentions: Iterable[Mention]) -> int:
    """How many amounts are said without a number: «половину», «на полную»."""
    return sum(any(each.kind in _SAID_AS_WORDS for each in mention.values) for mention in mentions)


def _where(reading: Reading) -> tuple[str, ...]:
    """The ids of the areas and floors that a reading says; a device's name says where it stands."""
    if isinstance(reading, Place):
        return (*reading.areas, *reading.floors)
    return tuple(device.area for device in reading.exact if device.area) if isinstance(reading, Named) else ()


def _is_everywhere(mention: Mention) -> bool:
    return any(isinstance(each, Place) and each.everywhere for each in mention.readings)


def _keeps_verbs(mentions: Sequence[Mention], heard: Sequence[Mention]) -> bool:
    """Whether what was plainly heard to be done is still done.

    A verb that goes one way stays or gives way to one that goes the same way («при глуши»); of the others one stays.
    """
    guessed = [_keys(mention) for mention in mentions if mention.verbs]
    plain = [_keys(each) for each in heard if each.verbs and not each.is_value and not each.is_object]
    kept = [any(keys & other or _direction(keys) & _direction(other) for other in guessed) for keys in plain]
    directed = all(stays for keys, stays in zip(plain, kept, strict=True) if _direction(keys))
    return directed and (any(kept) or not plain)


def _keys(mention: Mention) -> frozenset[str]:
    return frozenset(verb.key for verb in mention.verbs)


def _direction(verbs: frozenset[str]) -> frozenset[str]:
    """Which way these verbs go; nothing when they may go both."""
    ways = {"more" for verb in verbs & _MORE} | {"less" for verb in verbs & _LESS}
    return frozenset(ways) if len(ways) == 1 else frozenset()


def _counts(mentions: Sequence[Mention]) -> int:
    """How many amounts and states are said: none may get lost («шторы закрыты» is no «закрой шторы»)."""
    return sum(any(each.kind in _KEPT for each in mention.values) for mention in mentions)


def _numbers(mentions: Sequence[Mention]) -> set[float]:
    """The plain numbers that are said: one that was heard may not become another."""
    values = [value for mention in mentions for value in mention.values if value.kind in _KEPT]
    return {value.value for value in values if isinstance(value.value, (int, float))}


def conflict(one: Sequence[Intent], other: Sequence[Intent]) -> bool:
    """Whether two readings of the same sounds want different things; to say more or less is no conflict."""
    if len(one) != len(other):
        return False
    if [each.action for each in one] != [each.action for each in other]:
        return True
    return any(
        mine.slots[slot] != yours.slots[slot]
        for mine, yours in zip(one, other, strict=True)
        for slot in mine.slots.keys() & yours.slots.keys()
        if not (slot == "area" and mine.here != yours.here)
    )


def _opens_a_way_in(intent: Intent, inventory: Inventory) -> bool:
    if "conversation_command" in intent.slots:
        return True
    if intent.action not in {Action.OPEN, Action.SET_POSITION, Action.ON, Action.RUN}:
        return False
    name = intent.slots.get("name")
    named = [device for device in inventory.devices if device.name == name]
    if intent.slots.get("device_class") in _WAYS_IN or any(each.device_class in _WAYS_IN for each in named):
        return True
    return any(each.domain in {"lock", "alarm_control_panel"} for each in named)
