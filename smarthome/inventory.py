"""What stands in the home, as its owner wrote it in devices.yaml: floors, areas, devices. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Floor:
    """A storey. Names stand in the nominative, once; every case form is derived from them."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Area:
    """A room or another place. ``floor`` is a floor's id."""

    id: str
    name: str
    floor: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Device:
    """A thing that obeys or reports. ``area`` is an area's id, ``domain`` and ``device_class`` are Home Assistant's.

    ``id`` is ``domain.object``; ``driver`` names the MQTT convention it speaks, ``driver_name`` its name there.
    ``confirm``: whether a yes must come first; None leaves it to the house. ``commands`` make it a scene of the
    owner's: what is done instead of telling a device.
    """

    id: str
    name: str
    domain: str
    area: str | None = None
    device_class: str | None = None
    aliases: tuple[str, ...] = ()
    driver: str = "generic"
    driver_name: str | None = None
    confirm: bool | None = None
    commands: tuple[str, ...] = ()

    @property
    def object_id(self) -> str:
        """The part of the id after the domain."""
        return self.id.partition(".")[2]


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What the owner adds: ``synonyms`` of words in lexicon.yaml, and whole ``phrases`` that stand for a command."""

    synonyms: Mapping[str, Sequence[str]] = field(default_factory=dict)
    phrases: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Inventory:
    """The whole home. Ids are unique among floors, areas and devices; two devices may share a name."""

    floors: tuple[Floor, ...] = field(default=())
    areas: tuple[Area, ...] = field(default=())
    devices: tuple[Device, ...] = field(default=())
    own_words: OwnWords = field(default_factory=OwnWords)

    @cached_property
    def floor_by_id(self) -> dict[str, Floor]:
        """Floors by id."""
        return {floor.id: floor for floor in self.floors}

    @cached_property
    def area_by_id(self) -> dict[str, Area]:
        """Areas by id."""
        return {area.id: area for area in self.areas}

    @cached_property
    def device_by_id(self) -> dict[str, Device]:
        """Devices by id."""
        return {device.id: device for device in self.devices}

    @cached_property
    def on_the_bus(self) -> tuple[Device, ...]:
        """The devices that have topics: all but the owner's scenes."""
        return tuple(device for device in self.devices if not device.commands)

    def find_area(self, words: str) -> Area | None:
        """The area whose id, name or alias is ``words``, whatever their case; None when there is none."""
        wanted = words.strip().casefold().replace("ё", "е")
        for area in self.areas:
            if wanted in {text.casefold().replace("ё", "е") for text in (area.id, area.name, *area.aliases)}:
                return area
        return None
