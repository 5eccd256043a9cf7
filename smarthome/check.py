"""A valid house in, what will surprise its owner out: ``smarthome devices check``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from smarthome.house.house import House
from smarthome.house.policy import HARMLESS_COVERS
from smarthome.intents import TIMER_ACTIONS
from smarthome.inventory import Area, Device, Floor, Inventory
from smarthome.russian import Parser

GUARDED = frozenset({"alarm_control_panel", "lock", "valve"})
"""Domains that must not act on a command that was meant for something else."""


def warnings(home: Inventory, parser: Parser) -> list[str]:
    """Lines on what is allowed but will not work as its owner thinks; ``parser`` is the home's."""
    return [
        *_shared_topics(home),
        *_shared_names(home),
        *_areas_like_devices(home),
        *_places_called_the_same("areas", home.areas),
        *_places_called_the_same("floors", home.floors),
        *_foreign_ids(home),
        *_alike_in_some_form(home, parser),
        *_own_commands_not_understood(home, parser),
    ]


def _shared_topics(home: Inventory) -> Iterator[str]:
    house = House(home)
    by_topic: defaultdict[str, list[Device]] = defaultdict(list)
    for device in home.on_the_bus:
        by_topic[house.set_topic(device)].append(device)
    for topic, devices in by_topic.items():
        if len(devices) > 1:
            ids = ", ".join(device.id for device in devices)
            yield f"{ids} share the topic {topic}: each hears what the others are told; {_advice(devices)}"


def _advice(devices: Sequence[Device]) -> str:
    guarded = ", ".join(device.id for device in devices if _is_guarded(device))
    if guarded:
        return f"DANGEROUS: {guarded} may open, unlock or disarm when another is switched; rename an id before use"
    return "rename an id"


def _is_guarded(device: Device) -> bool:
    return device.domain in GUARDED or (device.domain == "cover" and device.device_class not in HARMLESS_COVERS)


def _shared_names(home: Inventory) -> Iterator[str]:
    by_name = defaultdict(list)
    for device in home.devices:
        for name in _names(device):
            by_name[name, device.area].append(device.id)
    for (name, _), ids in by_name.items():
        if len(ids) > 1:
            yield f"{', '.join(ids)} are called «{name}» in the same area: nobody can name just one of them"


def _areas_like_devices(home: Inventory) -> Iterator[str]:
    names = {name.casefold(): area for area in home.areas for name in (area.name, *area.aliases)}
    for device in home.devices:
        if device.name.casefold() in names:
            yield f"{device.id} is called like the area «{names[device.name.casefold()].name}»"


def _places_called_the_same(kind: str, places: Sequence[Area] | Sequence[Floor]) -> Iterator[str]:
    by_name = defaultdict(list)
    for place in places:
        for name in _names(place):
            by_name[name].append(place.id)
    for name, ids in by_name.items():
        if len(ids) > 1:
            yield f"the {kind} {', '.join(ids)} are both called «{name}»: the first of them is always meant"


def _foreign_ids(home: Inventory) -> Iterator[str]:
    for device in home.devices:
        prefix = device.id.partition(".")[0]
        if prefix != device.domain:
            yield f"{device.id} is a {device.domain}, not a {prefix}: domain decides, the id misleads its reader"


def _alike_in_some_form(home: Inventory, parser: Parser) -> Iterator[str]:
    for phrase, ids in parser.collisions():
        if set.intersection(*(_names(home.device_by_id[device]) for device in ids)):
            continue  # called the same outright
        yield f"{', '.join(ids)} are all called «{phrase}» in some case form: say where, or rename one"


def _own_commands_not_understood(home: Inventory, parser: Parser) -> Iterator[str]:
    """What the owner's scenes and phrases stand for must be sentences that could be said."""
    phrases = home.own_words.phrases.items()
    said = [(f"phrases: «{phrase}»", command) for phrase, command in phrases]
    said += [(device.id, command) for device in home.devices for command in device.commands]
    house = House(home)
    for where, command in said:
        parse = parser.parse(command)
        plan = house.plan(parse, None)
        if plan.status not in {"ok", "confirm"} or plan.reason not in {None, "confirm"}:
            yield f"{where}: «{command}» is not understood ({plan.reason}); it does nothing"
        scenes = [change.device.id for change, _ in plan.orders if change.device.commands]
        if where in home.device_by_id and (scenes or any(each.action in TIMER_ACTIONS for each in parse.intents)):
            yield f"{where}: «{command}» is left out: a scene can neither run another one nor set timers"
    for phrase in home.own_words.phrases:
        if parser.answer(phrase) is not None:
            yield f"phrases: «{phrase}» is also an answer to the house's questions; choose other words"


def _names(thing: Area | Device | Floor) -> set[str]:
    return {name.casefold().replace("ё", "е") for name in (thing.name, *thing.aliases)}
