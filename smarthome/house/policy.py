"""What is not carried out on the word of a microphone alone: unlocking, opening to the outside, disarming."""

from __future__ import annotations

from smarthome.house.attributes import Attributes
from smarthome.house.resolution import Change

HARMLESS_COVERS = frozenset({"awning", "blind", "curtain", "damper", "shade", "shutter"})
"""Cover classes that let nobody in. A cover without a class may be a gate."""

UNASKED_COVERS = HARMLESS_COVERS | {"window"}
"""Cover classes that open without a question."""


def needs_confirmation(change: Change) -> bool:
    """Whether a yes must come first: as the device's owner says, otherwise by its domain and class."""
    device, wanted = change.device, change.attributes
    if device.confirm is not None:
        return device.confirm
    if device.domain == "lock":
        return wanted.get("state") == "unlocked"
    if device.domain == "alarm_control_panel":
        return wanted.get("state") == "disarmed"
    if device.domain == "cover" and device.device_class not in UNASKED_COVERS:
        return _opens(wanted)
    return device.domain == "valve" and device.device_class != "water" and wanted.get("state") != "closed"


def lets_in(change: Change) -> bool:
    """Whether it opens, unlocks, disarms or lets water or gas flow: never done to take something back."""
    device, wanted = change.device, change.attributes
    if device.domain == "cover":
        return device.device_class not in HARMLESS_COVERS and _opens(wanted)
    guarded = {"lock": "locked", "alarm_control_panel": "armed", "valve": "closed"}
    return device.domain in guarded and wanted.get("state") != guarded[device.domain]


def _opens(wanted: Attributes) -> bool:
    return wanted.get("state") == "open" or bool(wanted.get("position")) or "position_step" in wanted
