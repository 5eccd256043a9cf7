"""A filled rule in, intents out: names from devices.yaml, numbers in Home Assistant's units, the room that is meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from smarthome.intents import QUESTIONS, Action, Intent, Slot
from smarthome.inventory import Device, Inventory
from smarthome.russian.amounts import Duration
from smarthome.russian.clock import ClockTime
from smarthome.russian.frames import Frame
from smarthome.russian.lexicon import Kind, Lexicon, Named, Noun, Place, Value
from smarthome.russian.mentions import Mention
from smarthome.russian.spoken import Spoken


class UnclearError(Exception):
    """The words are understood, but not what they mean in this house; ``reason`` as in Parse.

    ``choice``: the devices one of which may be meant.
    """

    def __init__(self, reason: str, choice: Sequence[Device] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.choice = tuple(choice)


@dataclass(frozen=True)
class Meaning:
    """Turns frames into intents for one house. ``area`` is the id of the microphone's area."""

    inventory: Inventory
    lexicon: Lexicon

    def intents(self, frame: Frame, area: str | None, spoken: Spoken) -> list[Intent]:
        """The intents of one frame, several when places or devices are excluded; raises UnclearError."""
        place = frame.place
        if place and place.here:
            place = Place(areas=(area,)) if area else None
        needs = frame.rule.needs
        rooms = place.areas if place and place.areas else (area,)
        if needs and not any(needs.has(device) and device.area in rooms for device in self.inventory.devices):
            raise UnclearError("not_a_command")
        slots = self._thing(frame, place, area)
        slots |= self._place(place)
        slots |= self._values(frame, _free_words(frame, spoken))
        if needs and not self._is_comfortable(slots):
            raise UnclearError("not_a_command")
        acting = frame.rule.action not in QUESTIONS
        located = bool({"name", "area", "floor"} & slots.keys()) or bool(place and place.everywhere)
        both = frame.both and isinstance(frame.thing, Named) and "name" not in slots
        located = located or frame.whole or both or self._spans_rooms(frame.excluded, area)
        here = acting and frame.rule.here and not located and area is not None
        if here and area is not None:
            slots["area"] = self.inventory.area_by_id[area].name
        intent = Intent(frame.rule.action, slots, here or "here" in slots)
        slots.pop("here", None)
        return self._without(frame, intent, place, area) if frame.excluded else [intent]

    # --- devices -------------------------------------------------------------------------------------------------

    def _thing(self, frame: Frame, place: Place | None, area: str | None) -> dict[str, Slot]:
        thing = frame.thing
        if frame.rule.device and not isinstance(thing, Named):
            return self._only(frame.rule.device)
        if isinstance(thing, Noun):
            return self._common(thing)
        if not isinstance(thing, Named) or frame.kind is None:
            return {}
        noun, asks = self._noun_beside(frame), frame.rule.action in QUESTIONS
        if noun and (noun.group or ((frame.whole or frame.excluded) and self._present(noun))):
            return self._common(noun)
        found = self._called(thing, place, area)
        sure = len(found) == 1 and (
            found[0] in thing.exact or (found[0] in thing.short and (place is not None or found[0].area == area))
        )
        if noun and not sure and (not found or self._present(noun) or (asks and len(found) > 1)):
            return self._common(noun)
        if not found:
            raise UnclearError("unknown_device")
        whole = frame.whole or (frame.both and len(found) == 2)
        if len(found) > 1 and whole and frame.rule.action in _SAFE_FOR_ALL:
            return {"domain": found[0].domain}
        return self._one(found, place, area)

    def _called(self, name: Named, place: Place | None, area: str | None) -> list[Device]:
        """The devices that the name means: of that place, else of the microphone's room, else of the whole house."""
        ranks = [[device for device in devices if self._stands_in(device, place)] for devices in name.ranks]
        if place is None and area is not None:
            near = [[device for device in found if device.area == area] for found in ranks[:2]]
            ranks = [*near, *ranks]
        return next((found for found in ranks if found), [])

    def _is_comfortable(self, slots: Mapping[str, Slot]) -> bool:
        """Whether a temperature may be wished for: «сорок градусов в спальне» tells of the heat."""
        wished, levels = slots.get("temperature"), self.lexicon.levels["temperature"]
        return not isinstance(wished, (int, float)) or levels["min"] <= wished <= levels["max"]

    def _only(self, kind: Kind) -> dict[str, Slot]:
        """The house's only device of a kind that needs no name («поставь на охрану»)."""
        found = [device for device in self.inventory.devices if kind.has(device)]
        if len(found) != 1:
            raise UnclearError("ambiguous" if found else "unknown_device", found)
        return {"name": found[0].name}

    def _one(self, found: Sequence[Device], place: Place | None, area: str | None) -> dict[str, Slot]:
        names = {device.name for device in found}
        if len(names) != 1 or (len(found) > 1 and not place):
            raise UnclearError("ambiguous", found)
        slots: dict[str, Slot] = {"name": found[0].name}
        if not place and area and sum(device.name == found[0].name for device in self.inventory.devices) > 1:
            slots |= {"area": self.inventory.area_by_id[found[0].area or area].name, "here": 1}
        return slots

    def _noun_beside(self, frame: Frame) -> Noun | None:
        """The common noun that the same words are, when it fits the rule too."""
        for mention in frame.mentions:
            if any(isinstance(each, Named) for each in mention.readings):
                for each in mention.readings:
                    if isinstance(each, Noun) and each.is_device and frame.kind and frame.kind.kind.fits(each):
                        return each
        return None

    def _stands_in(self, device: Device, place: Place | None) -> bool:
        if place is None or place.everywhere:
            return True
        if device.area is None:
            return True
        floor = self.inventory.area_by_id[device.area].floor
        return device.area in place.areas or floor in place.floors

    def _present(self, noun: Noun) -> bool:
        """Whether the house has such devices."""
        return any(_is_such(device, noun) for device in self.inventory.devices)

    def _common(self, noun: Noun) -> dict[str, Slot]:
        slots: dict[str, Slot] = {}
        if noun.domain and noun.domain != "vacuum":
            slots["domain"] = noun.domain
        if noun.device_class:
            slots["device_class"] = noun.device_class
        return slots

    # --- places --------------------------------------------------------------------------------------------------

    def _place(self, place: Place | None) -> dict[str, Slot]:
        if place is None or place.everywhere:
            return {}
        if place.areas:
            return {"area": self.inventory.area_by_id[place.areas[0]].name}
        return {"floor": self.inventory.floor_by_id[place.floors[0]].name}

    def _without(self, frame: Frame, intent: Intent, place: Place | None, area: str | None) -> list[Intent]:
        """One intent for every area (or device) that is left after «кроме …»."""
        areas, devices = self._excluded(frame.excluded, area)
        if "name" in intent.slots:  # «включи люстру, но не торшер»
            if areas or any(device.name == intent.slots["name"] for device in devices):
                raise UnclearError("not_understood")
            return [intent]
        reached = [each for each in self.inventory.devices if self._reached(each, intent, place)]
        left = [each for each in reached if each not in devices and each.area not in areas]
        spared = {each.area for each in reached if each in devices}
        bare = {key: value for key, value in intent.slots.items() if key not in {"area", "floor"}}
        found: dict[str, Intent] = {}
        for device in left:
            if device.area is None or device.area in spared:
                found[device.id] = replace(intent, slots={"name": device.name} | _values_of(bare), here=False)
            else:
                name = self.inventory.area_by_id[device.area].name
                found[device.area] = replace(intent, slots=bare | {"area": name}, here=False)
        if not found:
            raise UnclearError("unknown_device")
        return list(found.values())

    def _spans_rooms(self, excluded: Sequence[Mention], area: str | None) -> bool:
        """«Кроме детской» speaks of the whole house, «кроме торшера» of the room where that lamp stands."""
        if not excluded:
            return False
        areas, devices = self._excluded(excluded, area)
        return bool(areas) or all(device.area != area for device in devices)

    def _excluded(self, mentions: Iterable[Mention], here: str | None) -> tuple[set[str | None], list[Device]]:
        places: list[Place] = []
        devices: list[Device] = []
        for mention in mentions:
            for reading in mention.readings:
                if isinstance(reading, Place):
                    places.append(Place(areas=(here,)) if reading.here and here else reading)
                elif isinstance(reading, Named):
                    devices += reading.exact or reading.short or reading.part
                elif isinstance(reading, Noun) and reading.is_device:  # «кроме света»
                    devices += (each for each in self.inventory.devices if _is_such(each, reading))
        if mentions and not places and not devices:
            raise UnclearError("unknown_device")
        if devices:
            near = [each for each in devices if all(self._stands_in(each, place) for place in places)]
            return set(), near or devices
        inside = {
            area.id
            for area in self.inventory.areas
            for place in places
            if area.id in place.areas or area.floor in place.floors
        }
        return set(inside), []

    def _reached(self, device: Device, intent: Intent, place: Place | None) -> bool:
        if intent.here and device.area != self._area_id(intent):
            return False
        wanted = intent.slots.get("domain"), intent.slots.get("device_class")
        if wanted == (None, None):
            return device.domain in self.lexicon.kinds["прибор"].domains and self._stands_in(device, place)
        same = wanted[0] in {None, device.domain} and wanted[1] in {None, device.device_class}
        return same and self._stands_in(device, place)

    def _area_id(self, intent: Intent) -> str | None:
        area = self.inventory.find_area(str(intent.slots.get("area", "")))
        return area.id if area else None

    # --- values --------------------------------------------------------------------------------------------------

    def _values(self, frame: Frame, text: str) -> dict[str, Slot]:
        slots: dict[str, Slot] = {}
        for slot, expression in frame.rule.slots.items():
            for option in expression.split(" / "):
                filled = self._evaluate(slot, option.strip(), frame, text)
                if filled is not None:
                    slots |= filled
                    break
        return slots

    def _evaluate(self, slot: str, option: str, frame: Frame, text: str) -> dict[str, Slot] | None:
        before, _, rest = option.partition("<")
        if not rest:
            return {slot: int(option) if option.isdigit() else option}
        name = rest.rstrip(">")
        if name == "текст":
            return {slot: text} if text else None
        value = frame.values.get(name)
        if value is None:
            return None
        if isinstance(value.value, Duration):
            return value.value.slots(before)
        if isinstance(value.value, ClockTime):
            return {slot: str(value.value)} if slot == "time" else value.value.slots()
        return {slot: self._number(frame.rule.action, slot, before, value)}

    def _number(self, action: Action, slot: str, before: str, value: Value) -> Slot:
        if value.kind in {"уровень", "ступень"}:
            known = self.lexicon.levels.get(slot, {}).get(str(value.value))
            if known is None:
                raise UnclearError("not_understood")
            return known
        number = value.value
        if isinstance(number, (Duration, ClockTime, str)):
            return str(number)
        number = -number if before == "-" else 100 - number if before == "100-" else number
        limits = self.lexicon.limits
        low, high = limits.get(f"{action} {slot}") or limits.get(slot, (number, number))
        if not low <= number <= high or (slot.endswith("_step") and number == 0):
            raise UnclearError("not_understood")
        return number


def _is_such(device: Device, noun: Noun) -> bool:
    return noun.domain in {None, device.domain} and noun.device_class in {None, device.device_class}


_SAFE_FOR_ALL = frozenset({Action.LOCK, Action.CLOSE, Action.OFF, Action.ON, Action.GET_STATE})


def _values_of(slots: dict[str, Slot]) -> dict[str, Slot]:
    return {key: value for key, value in slots.items() if key not in {"domain", "device_class"}}


def _free_words(frame: Frame, spoken: Spoken) -> str:
    titled = any(element.text and element.text.about for element in frame.phrase.elements)
    return spoken.between(frame.text, bare=titled)
