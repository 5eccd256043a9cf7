"""Houses that several tests live in."""

from __future__ import annotations

from pathlib import Path

from smarthome.devices import load_inventory
from smarthome.inventory import Area, Device, Floor, Inventory

DEVICES_YAML = Path(__file__).parent.parent / "devices.yaml"


def example_home() -> Inventory:
    """The flat of the repository's devices.yaml."""
    return load_inventory(DEVICES_YAML)


def small_home(*devices: Device) -> Inventory:
    """Kitchen and living room downstairs, bedroom upstairs, with just these devices."""
    return Inventory(
        floors=(Floor("first", "Первый этаж"), Floor("second", "Второй этаж")),
        areas=(
            Area("kitchen", "Кухня", "first"),
            Area("living_room", "Гостиная", "first"),
            Area("bedroom", "Спальня", "second"),
        ),
        devices=devices,
    )
