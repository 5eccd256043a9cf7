"""A sentence and what was answered in, right or wrong out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from smarthome.bench.sentences import Goal, Sentence
from smarthome.intents import HASS_INTENTS, QUESTIONS
from smarthome.inventory import Area, Device, Floor, Inventory
from smarthome.russian.morphology import Morphology

Slots = Mapping[str, object]

IDLE = frozenset({"HassNevermind", "HassRespond"})
"""Answers that neither do nor tell anything."""
TELLING = frozenset(HASS_INTENTS[question] for question in QUESTIONS)
"""Intents that only tell something: one too many is not right, but no wrong action either."""
UNASKED = frozenset({"domain", "device_class", "preferred_area_id", "preferred_floor_id"})
"""Slots that may be answered beyond those expected: they narrow down nothing that the others do not."""
PLACES = ("name", "area", "floor")
_SECONDS = {"hours": 3600, "minutes": 60, "seconds": 1}


@dataclass(frozen=True, slots=True)
class Answer:
    """One intent that was answered."""

    intent: str
    slots: Slots


@dataclass(frozen=True, slots=True)
class Verdict:
    """``intents``: the right ones and no others; ``slots``: and with the right slots.

    ``wrong``: something else would have been done; ``silent``: nothing was answered.
    """

    intents: bool
    slots: bool
    wrong: bool
    silent: bool


def read_answers(intents: Sequence[Mapping[str, object]]) -> tuple[Answer, ...]:
    """``[{"intent", "slots"}]``; a list of places in one slot stands for an intent for each."""
    return tuple(answer for each in intents for answer in _spread(each))


def _spread(each: Mapping[str, object]) -> Iterator[Answer]:
    given = each.get("slots")
    slots = {key: value for key, value in given.items() if value is not None} if isinstance(given, Mapping) else {}
    for slot in PLACES:
        values = slots.get(slot)
        if isinstance(values, list):
            yield from (Answer(str(each.get("intent")), slots | {slot: value}) for value in values)
            return
    yield Answer(str(each.get("intent")), slots)


class Judge:
    """Compares answers with sentences about one house; names may be answered by id, or in any case form."""

    def __init__(self, home: Inventory, morphology: Morphology) -> None:
        self._morphology = morphology
        self._ids: dict[str, dict[str, set[str]]] = {slot: defaultdict(set) for slot in PLACES}
        things: list[tuple[str, Device | Area | Floor]] = [
            *(("name", device) for device in home.devices),
            *(("area", area) for area in home.areas),
            *(("floor", floor) for floor in home.floors),
        ]
        for slot, thing in things:
            for spelling in self._spellings(thing):
                self._ids[slot][spelling].add(thing.id)

    def verdict(self, sentence: Sentence, answers: Sequence[Answer]) -> Verdict:
        """How well ``answers`` meet ``sentence``."""
        acting = [answer for answer in answers if answer.intent not in IDLE]
        meant = [goal for way in sentence.ways for goal in way]
        wrong = any(
            answer.intent not in TELLING and not any(self._meets(answer, goal) for goal in meant) for answer in acting
        )
        if not sentence.ways:
            return Verdict(not acting, not acting, wrong, not answers)
        named = [way for way in sentence.ways if sorted(g.intent for g in way) == sorted(a.intent for a in answers)]
        return Verdict(bool(named), any(self._all_met(way, answers) for way in named), wrong, not answers)

    def _spellings(self, thing: Device | Area | Floor) -> Iterator[str]:
        yield _plain(thing.id)
        for name in (thing.name, *thing.aliases):
            yield _plain(name)
            for forms in self._morphology.phrase_forms(name).values():
                yield from map(" ".join, forms)

    def _all_met(self, way: Sequence[Goal], answers: Sequence[Answer]) -> bool:
        left = list(answers)
        for goal in way:
            met = next((answer for answer in left if self._meets(answer, goal)), None)
            if met is None:
                return False
            left.remove(met)
        return not left

    def _meets(self, answer: Answer, goal: Goal) -> bool:
        if answer.intent != goal.intent:
            return False
        timer = "Timer" in goal.intent
        wanted, given = (_in_seconds(goal.slots), _in_seconds(answer.slots)) if timer else (goal.slots, answer.slots)
        if any(slot not in given for slot in wanted):
            return False
        return all(
            self._same(slot, wanted.get(slot, goal.optional.get(slot)), value, a_name=not timer)
            for slot, value in given.items()
            if slot in wanted or slot in goal.optional or slot not in UNASKED
        )

    def _same(self, slot: str, wanted: object, given: object, *, a_name: bool) -> bool:
        if isinstance(wanted, list):
            return any(self._same(slot, each, given, a_name=a_name) for each in wanted)
        if wanted is None:
            return False
        if slot in PLACES and (slot != "name" or a_name):
            ids = [self._ids[slot].get(_plain(words), set()) for words in (wanted, given)]
            if all(ids):
                return bool(ids[0] & ids[1])
        numbers = _number(wanted), _number(given)
        if None not in numbers:
            return numbers[0] == numbers[1]
        return _plain(wanted) == _plain(given) or self._lemmas(wanted) == self._lemmas(given)

    def _lemmas(self, words: object) -> list[str]:
        return [self._morphology.lemmas(word)[0] for word in _plain(words).split()]


def _plain(words: object) -> str:
    return " ".join(str(words).casefold().replace("ё", "е").split())


def _number(value: object) -> float | None:
    try:
        return round(float(str(value)), 6)
    except ValueError:
        return None


def _in_seconds(slots: Slots) -> Slots:
    """Hours, minutes and seconds as one number: 1 h 30 min are 90 min."""
    others = dict(slots)
    for start in ("", "start_"):
        parts = {unit: _number(others.pop(start + unit)) for unit in _SECONDS if start + unit in others}
        if parts and None not in parts.values():
            others[f"{start}duration"] = sum(_SECONDS[unit] * (value or 0) for unit, value in parts.items())
    return others
