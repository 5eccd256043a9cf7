"""devices.yaml in, Inventory out; every mistake is named with file, line and key.

Device classes are Home Assistant's (https://developers.home-assistant.io/docs/core/entity/).
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from smarthome import yaml12
from smarthome.errors import ConfigurationError
from smarthome.inventory import Area, Device, Floor, Inventory

Domain: TypeAlias = Literal[
    "alarm_control_panel", "binary_sensor", "climate", "cover", "fan", "humidifier", "light", "lock", "media_player",
    "scene", "script", "sensor", "switch", "todo", "vacuum", "valve", "weather",
]  # fmt: skip

DEVICE_CLASSES: dict[str, frozenset[str]] = {
    "binary_sensor": frozenset(
        "battery battery_charging carbon_monoxide cold connectivity door garage_door gas heat light lock moisture "
        "motion moving occupancy opening plug power presence problem running safety smoke sound tamper update "
        "vibration window".split()
    ),
    "cover": frozenset("awning blind curtain damper door garage gate shade shutter window".split()),
    "humidifier": frozenset({"humidifier", "dehumidifier"}),
    "media_player": frozenset({"tv", "speaker", "receiver", "projector"}),
    "sensor": frozenset(
        "absolute_humidity apparent_power aqi area atmospheric_pressure battery blood_glucose_concentration "
        "carbon_dioxide carbon_monoxide conductivity current data_rate data_size date distance duration energy "
        "energy_distance energy_storage enum frequency gas humidity illuminance irradiance moisture monetary "
        "nitrogen_dioxide nitrogen_monoxide nitrous_oxide ozone ph pm1 pm25 pm4 pm10 power power_factor precipitation "
        "precipitation_intensity pressure reactive_energy reactive_power signal_strength sound_pressure speed "
        "sulphur_dioxide temperature temperature_delta timestamp uptime volatile_organic_compounds "
        "volatile_organic_compounds_parts voltage volume volume_flow_rate volume_storage water weight wind_direction "
        "wind_speed".split()
    ),
    "switch": frozenset({"outlet", "switch"}),
    "valve": frozenset({"water", "gas"}),
}

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9_]+$", max_length=64)]
Spoken = Annotated[str, Field(min_length=1, max_length=80, pattern=r"\w")]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Spoken
    aliases: tuple[Spoken, ...] = ()


class FloorEntry(_Entry):
    """A storey."""

    id: Identifier


class AreaEntry(_Entry):
    """A room or another place."""

    id: Identifier
    floor: Identifier | None = None


class DriverEntry(BaseModel):
    """The MQTT convention a device speaks, and its name there when that is not the default."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["generic", "zigbee2mqtt"] = "generic"
    name: Annotated[str, Field(min_length=1, max_length=128)] | None = None


class DeviceEntry(_Entry):
    """A device."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z0-9_]+$", max_length=128)]
    domain: Domain
    area: Identifier | None = None
    device_class: str | None = None
    driver: DriverEntry = DriverEntry()

    @field_validator("driver", mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        return {"type": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _class_fits_domain(self) -> DeviceEntry:
        allowed = DEVICE_CLASSES.get(self.domain, frozenset())
        if self.device_class is not None and self.device_class not in allowed:
            hint = ", ".join(sorted(allowed)) if allowed else f"a {self.domain} has none"
            raise ValueError(f"device_class {self.device_class!r} is not one of Home Assistant's: {hint}")
        return self


class DevicesFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    floors: tuple[FloorEntry, ...] = ()
    areas: tuple[AreaEntry, ...] = ()
    devices: tuple[DeviceEntry, ...] = ()


def load_inventory(path: Path) -> Inventory:
    """The home described in ``path`` (YAML 1.2 or JSON). Raises ConfigurationError, one line per mistake."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: there is no such file; name the house with --devices FILE") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    try:
        values, root = yaml12.load_marked(text)
    except yaml12.Error as error:
        raise ConfigurationError(_syntax(path, error)) from None
    if not isinstance(values, dict) or root is None:
        raise ConfigurationError(f"{path}: line 1: expected the keys floors, areas and devices")
    try:
        file = DevicesFile.model_validate(values)
    except ValidationError as error:
        lines = (f"{path}: line {_line(root, e['loc'])}: {_explain(e)}" for e in error.errors())
        raise ConfigurationError("\n".join(dict.fromkeys(lines))) from None
    mistakes = [f"{path}: line {_line(root, where)}: {what}" for where, what in _contradictions(file)]
    if mistakes:
        raise ConfigurationError("\n".join(mistakes))
    return _inventory(file)


def area_called(home: Inventory, words: str) -> Area:
    """The area whose id, name or alias is ``words``. Raises ConfigurationError, which names those that there are."""
    area = home.find_area(words)
    if area is None:
        known = ", ".join(area.name for area in home.areas) or "none"
        raise ConfigurationError(f"area = {words!r}: there is no such area in the house; there are: {known}")
    return area


def _inventory(file: DevicesFile) -> Inventory:
    return Inventory(
        floors=tuple(Floor(f.id, f.name, f.aliases) for f in file.floors),
        areas=tuple(Area(a.id, a.name, a.floor, a.aliases) for a in file.areas),
        devices=tuple(
            Device(d.id, d.name, d.domain, d.area, d.device_class, d.aliases, d.driver.type, d.driver.name)
            for d in file.devices
        ),
    )


def _contradictions(file: DevicesFile) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Where the parts do not fit together: ids given twice, areas and floors that are not there."""
    for part in ("floors", "areas", "devices"):
        seen: set[str] = set()
        for index, entry in enumerate(getattr(file, part)):
            if entry.id in seen:
                yield (part, index, "id"), f"{part}.{index}.id: {entry.id!r} is given twice"
            seen.add(entry.id)
    floors, areas = [f.id for f in file.floors], [a.id for a in file.areas]
    for index, area in enumerate(file.areas):
        if area.floor is not None and area.floor not in floors:
            yield ("areas", index, "floor"), f"areas.{index}.floor: {_no_such('floor', area.floor, floors)}"
    for index, device in enumerate(file.devices):
        if device.area is not None and device.area not in areas:
            yield ("devices", index, "area"), f"devices.{index}.area: {_no_such('area', device.area, areas)}"
    for index, device in enumerate(file.devices):
        key, name = _in_topic(device)
        if not _fits_topic(name):
            where = ".".join(("devices", str(index), *key))
            yield ("devices", index, *key), f"{where}: {name!r} is part of the device's MQTT topic: {_TOPIC_RULE}"


_TOPIC_RULE = (
    "no +, #, control characters, or / at either end; "
    "what the device is called on the bus can be given as driver: {type: …, name: …}"
)


def _in_topic(device: DeviceEntry) -> tuple[tuple[str, ...], str]:
    """The key whose value becomes part of the device's topics, and the value."""
    if device.driver.name is not None:
        return ("driver", "name"), device.driver.name
    return (("name",), device.name) if device.driver.type == "zigbee2mqtt" else (("id",), device.id.partition(".")[2])


def _fits_topic(name: str) -> bool:
    """One or more levels without wildcards (MQTT 5.0, 4.7); a broker hangs up on control characters (1.5.4)."""
    refused = any(char in "+#" or unicodedata.category(char) in {"Cc", "Cs"} for char in name)
    return not refused and not name.startswith("/") and not name.endswith("/")


def _no_such(kind: str, value: str, known: list[str]) -> str:
    near = difflib.get_close_matches(value, known, 1)
    advice = f"did you mean {near[0]!r}?" if near else "define it or leave the key out"
    return f"there is no {kind} {value!r}; {advice}"


def _explain(error: Any) -> str:
    """``devices.3.domain: 'lamp' is not known; allowed: …``."""
    location = error["loc"]
    key = ".".join(str(part) for part in location)
    value = error["input"]
    if error["type"] == "extra_forbidden":
        return f"{key}: unknown key"
    if error["type"] == "missing":
        return f"{key}: is missing"
    if error["type"] == "literal_error":
        near = difflib.get_close_matches(str(value), get_args(Domain) if location[-1] == "domain" else (), 1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        return f"{key}: {value!r} is not known; {hint}allowed: {error['ctx']['expected']}"
    shown = "" if isinstance(value, (dict, list)) else f" (got {value!r})"
    return f"{key}: {error['msg'].removeprefix('Value error, ')}{shown}"


def _line(root: yaml.Node, location: tuple[str | int, ...]) -> int:
    """The line on which the innermost existing part of ``location`` stands."""
    node, line = root, root.start_mark.line
    for part in location:
        found: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    found, line = value, key.start_mark.line
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = node.value[part]
            line = found.start_mark.line
        if found is None:
            break
        node = found
    return line + 1


def _syntax(path: Path, error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    return f"{path}: line {mark.line + 1}, column {mark.column + 1}: {problem}" if mark else f"{path}: {problem}"
