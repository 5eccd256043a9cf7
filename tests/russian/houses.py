"""Houses for the tests of understanding: the one of the phrases, and small odd ones."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from smarthome.devices import load_inventory
from smarthome.inventory import Area, Device, Inventory
from smarthome.russian import Parser

PHRASES = Path(__file__).parent.parent / "phrases"
HERE = "living"


@cache
def parser() -> Parser:
    """One parser for the house of the phrases, made once: it is never changed."""
    return Parser(home())


@cache
def home() -> Inventory:
    """The house of the phrases."""
    return load_inventory(PHRASES / "house.yaml")


def small(devices: Sequence[Sequence[str]]) -> Inventory:
    """A house of (name, domain, area, device_class?); the first area holds the microphone and is called ``living``."""
    places = list(dict.fromkeys(["Зал", *(device[2] for device in devices)]))
    ids = {name: HERE if name == "Зал" else f"area{place}" for place, name in enumerate(places)}
    return Inventory(
        areas=tuple(Area(ids[name], name) for name in places),
        devices=tuple(
            Device(f"{domain}.d{place}", name, domain, ids[area], rest[0] if rest else None)
            for place, (name, domain, area, *rest) in enumerate(devices)
        ),
    )
