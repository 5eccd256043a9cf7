"""Intent in, changes of devices out: which devices it reaches, and what each of them is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from smarthome.house.attributes import Attributes, Value
from smarthome.intents import QUESTIONS, TIMER_ACTIONS, Action, Intent
from smarthome.inventory import Device, Inventory

StateOf = Callable[[Device], Attributes]

SWITCHED = frozenset({"light", "switch", "fan", "media_player", "climate", "humidifier"})
"""What on and off reach when nothing is named: nothing that locks, opens or moves (docs/grammar.md)."""

_OPENED: Mapping[Action, Attributes] = {
    Action.OPEN: {"state": "open"},
    Action.CLOSE: {"state": "closed"},
    Action.STOP: {"state": "stop"},
    Action.ON: {"state": "open"},
    Action.OFF: {"state": "closed"},
}
_TURNED: Mapping[Action, Attributes] = {Action.ON: {"state": "on"}, Action.OFF: {"state": "off"}}

WORDS: Mapping[str, Mapping[Action, Attributes]] = MappingProxyType(
    {
        "light": _TURNED,
        "switch": _TURNED,
        "fan": _TURNED,
        "climate": _TURNED,
        "humidifier": _TURNED,
        "media_player": {
            **_TURNED,
            Action.PAUSE: {"state": "paused"},
            Action.RESUME: {"state": "playing"},
            Action.STOP: {"state": "paused"},
            Action.MUTE: {"muted": True},
            Action.UNMUTE: {"muted": False},
            Action.NEXT: {"track": "next"},
            Action.PREVIOUS: {"track": "previous"},
        },
        "cover": {key: value for key, value in _OPENED.items() if key not in _TURNED},
        "valve": {key: value for key, value in _OPENED.items() if key not in _TURNED},
        "lock": {
            Action.LOCK: {"state": "locked"},
            Action.CLOSE: {"state": "locked"},
            Action.UNLOCK: {"state": "unlocked"},
            Action.OPEN: {"state": "unlocked"},
        },
        "alarm_control_panel": {Action.ARM: {"state": "armed"}, Action.DISARM: {"state": "disarmed"}},
        "scene": {Action.RUN: {"state": "run"}, Action.ON: {"state": "run"}},
        "script": {Action.RUN: {"state": "run"}, Action.ON: {"state": "run"}},
        "vacuum": {
            Action.ON: {"state": "cleaning"},
            Action.START_CLEANING: {"state": "cleaning"},
            Action.OFF: {"state": "returning"},
            Action.RETURN_TO_BASE: {"state": "returning"},
            Action.PAUSE_CLEANING: {"state": "paused"},
            Action.STOP: {"state": "paused"},
        },
    }
)
"""Domain → action → what the device is told. What is not here, the domain cannot do."""

_VALUES: Mapping[Action, tuple[str, Mapping[str, str]]] = MappingProxyType(
    {
        Action.SET_LIGHT: (
            "light",
            {
                "brightness": "brightness",
                "brightness_step": "brightness_step",
                "color": "color",
                "temperature": "color_temperature_k",
            },
        ),
        Action.SET_TEMPERATURE: (
            "climate",
            {"temperature": "temperature", "temperature_step": "temperature_step"},
        ),
        Action.SET_PRESET: ("climate", {"preset": "mode", "mode": "mode"}),
        Action.SET_HUMIDITY: ("humidifier", {"humidity": "humidity"}),
        Action.SET_HUMIDIFIER_MODE: ("humidifier", {"mode": "mode"}),
        Action.SET_SPEED: ("fan", {"percentage": "percentage", "percentage_step": "percentage_step"}),
        Action.SET_POSITION: ("cover", {"position": "position", "position_step": "position_step"}),
        Action.SET_VOLUME: ("media_player", {"volume_level": "volume"}),
        Action.STEP_VOLUME: ("media_player", {"volume_step": "volume_step"}),
        Action.PLAY: ("media_player", {"search_query": "query"}),
        Action.SET_VACUUM_MODE: ("vacuum", {"mode": "mode"}),
        Action.CLEAN_AREA: ("vacuum", {}),
    }
)
"""Action → the domain it is for, and slot → attribute."""

_STEP = MappingProxyType(
    {"brightness_step": 20, "volume_step": 10, "temperature_step": 1, "percentage_step": 20, "position_step": 20}
)
"""What «ярче», «громче», «теплее» mean when no amount is said."""

_MEDIA = frozenset(
    {Action.PAUSE, Action.RESUME, Action.NEXT, Action.PREVIOUS, Action.PLAY, Action.SET_VOLUME, Action.STEP_VOLUME}
    | {Action.MUTE, Action.UNMUTE}
)


_NOT_FOR_DEVICES = (QUESTIONS - {Action.GET_WEATHER}) | TIMER_ACTIONS | {Action.NEVERMIND}
"""Answered or done elsewhere: no device has to change for these."""


@dataclass(frozen=True, slots=True)
class Change:
    """One device, and what it shall become."""

    device: Device
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class Resolution:
    """The changes an intent comes to; or none, and ``reason``: unknown_device, ambiguous or no_handler."""

    changes: tuple[Change, ...] = ()
    reason: str | None = None
    devices: tuple[Device, ...] = ()


def targets(inventory: Inventory, intent: Intent, area: str | None) -> tuple[Device, ...]:
    """The devices an intent speaks of, by its name, place, domain and class; ``area`` is the microphone's, an id."""
    slots = intent.slots
    found = [device for device in inventory.devices if _matches(inventory, device, intent)]
    if intent.here:
        near = [device for device in found if device.area == area]
        return tuple(near or found)
    if "name" in slots and "area" not in slots and "floor" not in slots and len(found) > 1:
        near = [device for device in found if device.area == area]
        return tuple(near or found)
    return tuple(found)


def _matches(inventory: Inventory, device: Device, intent: Intent) -> bool:
    slots = intent.slots
    if "name" in slots and slots["name"] not in (device.name, *device.aliases):
        return False
    if "domain" in slots and device.domain != slots["domain"]:
        return False
    if "device_class" in slots and device.device_class != slots["device_class"]:
        return False
    if intent.here or intent.action is Action.CLEAN_AREA:
        return True
    area = inventory.area_by_id.get(device.area or "")
    if "area" in slots and (area is None or area.name != slots["area"]):
        return False
    floor = inventory.floor_by_id.get((area.floor if area else None) or "")
    return "floor" not in slots or (floor is not None and floor.name == slots["floor"])


def resolve(inventory: Inventory, intent: Intent, area: str | None, state_of: StateOf) -> Resolution:
    """Which devices change, and how. ``no_handler``: nothing in the whole system does such a thing (yet)."""
    if intent.action in _NOT_FOR_DEVICES:
        return Resolution()
    handled = _capable(intent)
    if not handled:
        return Resolution(reason="no_handler")
    meant = targets(inventory, intent, area)
    able = tuple(device for device in meant if device.domain in handled)
    if not able:
        return Resolution(reason="no_handler" if meant and "name" in intent.slots else "unknown_device")
    chosen = _prefer(intent, able, state_of)
    if len(chosen) > 1 and _wants_one(inventory, intent, chosen, area):
        return Resolution(reason="ambiguous", devices=chosen)
    return Resolution(tuple(Change(device, _change(inventory, intent, device)) for device in chosen), devices=chosen)


def _capable(intent: Intent) -> frozenset[str]:
    """The domains that can do it; on and off alone reach only what is switched."""
    if intent.action in _VALUES:
        domain = _VALUES[intent.action][0]
        return frozenset({domain, "valve"}) if intent.action is Action.SET_POSITION else frozenset({domain})
    able = frozenset(domain for domain, words in WORDS.items() if intent.action in words)
    named = {"name", "domain", "device_class"} & set(intent.slots)
    return able if named or intent.action not in _TURNED else able & SWITCHED


def _prefer(intent: Intent, able: tuple[Device, ...], state_of: StateOf) -> tuple[Device, ...]:
    """Music commands mean what plays; failing that, loudspeakers rather than television sets."""
    if intent.action not in _MEDIA or "name" in intent.slots or len(able) == 1:
        return able
    wanted = {"paused"} if intent.action is Action.RESUME else {"playing", "on", "buffering"}
    active = tuple(device for device in able if state_of(device).get("state") in wanted)
    speakers = tuple(device for device in able if device.device_class in {"speaker", "receiver", None})
    return active or speakers or able


def _wants_one(inventory: Inventory, intent: Intent, chosen: tuple[Device, ...], area: str | None) -> bool:
    """Several devices where one was meant: one name in several rooms, or nothing of the kind in this room."""
    if intent.here:
        return all(device.area != area for device in chosen)
    if "name" not in intent.slots or {"area", "floor"} & set(intent.slots):
        return False
    return len({device.area for device in chosen}) > 1 or len(inventory.areas) == 0


def _change(inventory: Inventory, intent: Intent, device: Device) -> Attributes:
    if intent.action not in _VALUES:
        return WORDS[device.domain][intent.action]
    slots: Iterable[tuple[str, Value]] = intent.slots.items()
    keys = _VALUES[intent.action][1]
    change: dict[str, Value] = {keys[slot]: _amount(slot, value) for slot, value in slots if slot in keys}
    if intent.action is Action.CLEAN_AREA:
        area = inventory.find_area(str(intent.slots.get("area", "")))
        return {"state": "cleaning", **({"area": area.id} if area else {})}
    if intent.action is Action.SET_LIGHT and "brightness" not in change and "brightness_step" not in change:
        return {"state": "on", **change}
    return change


def _amount(slot: str, value: Value) -> Value:
    if slot in _STEP and value in {"up", "down"}:
        return _STEP[slot] if value == "up" else -_STEP[slot]
    return value
