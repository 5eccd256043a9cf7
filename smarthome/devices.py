"""devices.yaml in, Inventory out; every mistake is named with file, line and key."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import ValidationError

from smarthome import yaml12
from smarthome.devices_schema import DeviceEntry, DevicesFile, Domain
from smarthome.errors import ConfigurationError
from smarthome.inventory import Area, Device, Floor, Inventory, OwnWords


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
    devices = (
        Device(d.id, d.name, d.domain, d.area, d.device_class, d.aliases, d.driver.type, d.driver.name, d.confirm)
        for d in file.devices
    )
    scenes = (
        Device(f"scene.{s.id}", s.name, "scene", s.area, aliases=s.aliases, confirm=s.confirm, commands=s.commands)
        for s in file.scenes
    )
    return Inventory(
        floors=tuple(Floor(f.id, f.name, f.aliases) for f in file.floors),
        areas=tuple(Area(a.id, a.name, a.floor, a.aliases) for a in file.areas),
        devices=(*devices, *scenes),
        own_words=OwnWords(file.synonyms, file.phrases),
    )


def _contradictions(file: DevicesFile) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Where the parts do not fit together: ids given twice, areas and floors that are not there."""
    for part in ("floors", "areas", "devices", "scenes"):
        yield from _given_twice(file, part)
    known = {device.id for device in file.devices}
    for index, scene in enumerate(file.scenes):
        if f"scene.{scene.id}" in known:
            yield ("scenes", index, "id"), f"scenes.{index}.id: there is a device scene.{scene.id} already"
    yield from _missing_places(file)
    for index, device in enumerate(file.devices):
        key, name = _in_topic(device)
        if not _fits_topic(name):
            where = ".".join(("devices", str(index), *key))
            yield ("devices", index, *key), f"{where}: {name!r} is part of the device's MQTT topic: {_TOPIC_RULE}"


def _given_twice(file: DevicesFile, part: str) -> Iterator[tuple[tuple[str | int, ...], str]]:
    seen: set[str] = set()
    for index, entry in enumerate(getattr(file, part)):
        if entry.id in seen:
            yield (part, index, "id"), f"{part}.{index}.id: {entry.id!r} is given twice"
        seen.add(entry.id)


def _missing_places(file: DevicesFile) -> Iterator[tuple[tuple[str | int, ...], str]]:
    floors, areas = [f.id for f in file.floors], [a.id for a in file.areas]
    for index, area in enumerate(file.areas):
        if area.floor is not None and area.floor not in floors:
            yield ("areas", index, "floor"), f"areas.{index}.floor: {_no_such('floor', area.floor, floors)}"
    for part in ("devices", "scenes"):
        for index, entry in enumerate(getattr(file, part)):
            if entry.area is not None and entry.area not in areas:
                yield (part, index, "area"), f"{part}.{index}.area: {_no_such('area', entry.area, areas)}"


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
