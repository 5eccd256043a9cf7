"""What a device can be told and can say: one vocabulary for every driver (docs/topics.md).

Keys and units: ``state`` (a word), ``brightness, percentage, position, volume, humidity`` (0–100), ``color`` (an
English name), ``color_temperature_k`` (kelvin), ``temperature`` (°C, the target), ``muted`` (bool), ``mode``, ``track``
(next, previous), ``query`` (what to play), ``area`` (an area's id, for a vacuum), ``*_step`` (a signed amount of the
same unit); reported only: ``current_temperature`` (°C), ``current_humidity`` (%), ``battery`` (%).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import TypeAlias, TypeGuard

Value: TypeAlias = str | int | float | bool
Attributes: TypeAlias = Mapping[str, Value]

_TOLERANCE = {"brightness": 1.0, "color_temperature_k": 60.0, "temperature": 0.3, "volume": 1.0, "position": 2.0}
_SAME_STATE = {
    "returning": {"docked", "idle"},
    "armed": {"armed_home", "armed_away", "armed_night"},
    "playing": {"on", "buffering"},
    "cleaning": {"on"},
}
_UNDER_WAY = {
    "open": "opening",
    "closed": "closing",
    "locked": "locking",
    "unlocked": "unlocking",
    "armed": "arming",
    "disarmed": "disarming",
}
_PASSING = {"stop", "run"}
"""States that a device passes through at once and never echoes."""


def awaited(change: Attributes, known: Attributes) -> dict[str, Value]:
    """The part of a change that the device should echo; a step from a known amount is awaited as the amount."""
    wanted: dict[str, Value] = {}
    for key, value in change.items():
        base = key.removesuffix("_step")
        before = known.get(base)
        if base != key and is_number(value) and is_number(before):
            wanted[base] = _bounded(base, float(before) + float(value))
        elif key not in {"track", "query", "area"} and not (key == "state" and value in _PASSING):
            wanted[key] = value
    return wanted


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is an amount: no word, no truth value, nothing infinite."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)


def _bounded(key: str, value: float) -> float:
    return value if key in {"temperature", "color_temperature_k"} else min(100.0, max(0.0, value))


def under_way(wanted: Attributes, reported: Attributes) -> bool:
    """Whether the device says that it is on its way to the state that is wanted: opening, locking, arming."""
    return "state" in wanted and reported.get("state") == _UNDER_WAY.get(str(wanted["state"]))


def echoes(wanted: Attributes, reported: Attributes) -> bool:
    """Whether a report shows that everything wanted is done."""
    return all(_echoed(key, value, reported) for key, value in wanted.items())


def _echoed(key: str, value: Value, reported: Attributes) -> bool:
    if key.endswith("_step"):
        return key.removesuffix("_step") in reported
    if key not in reported:
        return False
    said = reported[key]
    if key == "state":
        return said == value or said in _SAME_STATE.get(str(value), ()) or (value == "on" and _is_on(said))
    if is_number(value) and is_number(said):
        return abs(value - said) <= _TOLERANCE.get(key, 0.01)
    return said == value or (key == "color" and str(said).startswith(("#", "xy ")))  # not comparable with a name


def _is_on(said: Value) -> bool:
    """Climate and media players name their kind of being on: heat, cool, playing, idle and so on."""
    return said not in {"off", "closed", "locked", "unavailable", "unknown", "standby", False}
