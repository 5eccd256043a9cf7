"""What is not carried out on the word of a microphone alone: unlocking, opening to the outside, disarming."""

from __future__ import annotations

from smarthome.house.resolution import Change

INSIDE = frozenset({"awning", "blind", "curtain", "damper", "shade", "shutter", "window"})
"""Cover classes that let nobody in. A cover without a class may be a gate."""


def needs_confirmation(change: Change) -> bool:
    """Whether a yes must come first: as the device's owner says, otherwise by its domain and class."""
    device, wanted = change.device, change.attributes
    if device.confirm is not None:
        return device.confirm
    if device.domain == "lock":
        return wanted.get("state") == "unlocked"
    if device.domain == "alarm_control_panel":
        return wanted.get("state") == "disarmed"
    if device.domain == "cover" and device.device_class not in INSIDE:
        return wanted.get("state") == "open" or bool(wanted.get("position")) or "position_step" in wanted
    return device.domain == "valve" and device.device_class != "water" and wanted.get("state") != "closed"
