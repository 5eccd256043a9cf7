"""devices.yaml: what is accepted, and how each mistake is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from smarthome.devices import load_inventory
from smarthome.errors import ConfigurationError
from smarthome.inventory import OwnWords
from tests.homes import example_home

MISTAKES = {
    "unknown domain": (
        "devices:\n  - {id: light.a, name: Лампа, domain: light}\n  - {id: light.b, name: Бра, domain: lihgt}\n",
        ["line 3", "devices.1.domain", "'lihgt'", "did you mean 'light'"],
    ),
    "unknown device class": (
        "devices:\n  - id: cover.a\n    name: Штора\n    domain: cover\n    device_class: curtian\n",
        ["line 2", "devices.0", "'curtian'", "curtain"],
    ),
    "unknown key": (
        "devices:\n  - id: light.a\n    name: Лампа\n    domain: light\n    drivr: generic\n",
        ["line 5", "devices.0.drivr", "unknown key"],
    ),
    "missing key": ("areas:\n  - {id: kitchen}\n", ["line 2", "areas.0.name", "is missing"]),
    "unknown area": (
        "areas: [{id: kitchen, name: Кухня}]\ndevices:\n  - {id: light.a, name: Л, domain: light, area: kichen}\n",
        ["line 3", "devices.0.area", "'kichen'", "did you mean 'kitchen'"],
    ),
    "unknown floor": (
        "areas: [{id: kitchen, name: Кухня, floor: first}]\n",
        ["line 1", "areas.0.floor", "'first'"],
    ),
    "id given twice": (
        "devices:\n  - {id: light.a, name: А, domain: light}\n  - {id: light.a, name: Б, domain: light}\n",
        ["line 3", "devices.1.id", "'light.a'", "twice"],
    ),
    "scene without commands": (
        "scenes:\n  - {id: tea, name: Чай, commands: []}\n",
        ["line 2", "scenes.0.commands", "at least 1 item"],
    ),
    "scene called like a device": (
        "scenes: [{id: tea, name: Чаёк, commands: [чай]}]\ndevices: [{id: scene.tea, name: Чай, domain: scene}]\n",
        ["line 1", "scenes.0.id", "there is a device scene.tea already"],
    ),
    "scene in an unknown area": (
        "scenes:\n  - {id: tea, name: Чай, area: kitchen, commands: [включи чайник]}\n",
        ["line 2", "scenes.0.area", "'kitchen'"],
    ),
    "synonyms that are no list": ("synonyms:\n  включить: вруби\n", ["line 2", "synonyms.включить"]),
    "key given twice": ("areas: []\nareas: []\n", ["line 2", "'areas'", "twice"]),
    "id without domain": ("devices:\n  - {id: lamp, name: Лампа, domain: light}\n", ["line 2", "devices.0.id"]),
    "unknown driver": (
        "devices:\n  - {id: light.a, name: А, domain: light, driver: tasmota}\n",
        ["line 2", "driver", "'tasmota'", "generic"],
    ),
    "a wildcard in a Zigbee name": (
        "devices:\n  - id: light.b\n    name: 'C#'\n    domain: light\n    driver: zigbee2mqtt\n",
        ["line 3", "devices.0.name", "'C#'", "MQTT topic", "driver: {type: …, name: …}"],
    ),
    "a wildcard level in a Zigbee name": (
        "devices:\n  - {id: light.b, name: Лампа/+, domain: light, driver: {type: zigbee2mqtt}}\n",
        ["line 2", "devices.0.name", "'Лампа/+'"],
    ),
    "a wildcard in a driver's name": (
        "devices:\n  - id: light.b\n    name: Лампа\n    domain: light\n    driver: {name: '+'}\n",
        ["line 5", "devices.0.driver.name", "'+'"],
    ),
    "a NUL in a Zigbee name": (
        'devices:\n  - {id: light.b, name: "Лампа\\0", domain: light, driver: zigbee2mqtt}\n',
        ["line 2", "devices.0.name", r"'Лампа\x00'"],
    ),
    "a control character in a driver's name": (
        'devices:\n  - {id: light.b, name: Лампа, domain: light, driver: {name: "a\\nb"}}\n',
        ["line 2", "devices.0.driver.name", r"'a\nb'"],
    ),
    "an empty level": (
        "devices:\n  - {id: light.b, name: Лампа/, domain: light, driver: zigbee2mqtt}\n",
        ["line 2", "devices.0.name", "'Лампа/'"],
    ),
    "a list as a key": ("areas: []\n? [1, 2]\n: 3\n", ["line 2", "a key must be one word"]),
    "a number as a key": ("areas: []\n1: 2\n", ["line 2: 1: "]),
    "not YAML": ("devices: [", ["line ", "column 1: did not find"]),
    "not a mapping": ("- light\n", ["expected the keys"]),
    "empty": ("", ["expected the keys"]),
    "name without a letter": ("areas: [{id: a, name: '?!'}]\n", ["line 1", "areas.0.name"]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_file_line_and_key(mistake: str, tmp_path: Path) -> None:
    text, expected = MISTAKES[mistake]
    path = tmp_path / "devices.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError) as error:
        load_inventory(path)

    message = str(error.value)
    assert message.startswith(f"{path}: ")
    for part in expected:
        assert part in message


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "devices.yaml"
    path.write_text("areas: [{id: A, name: А}, {id: b}]\n", encoding="utf-8")

    with pytest.raises(ConfigurationError) as error:
        load_inventory(path)

    assert len(str(error.value).splitlines()) == 2


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"there is no such file.*--devices"):
        load_inventory(tmp_path / "none.yaml")


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "devices.yaml"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_inventory(path)


def test_json_is_yaml_and_on_stays_a_word(tmp_path: Path) -> None:
    path = tmp_path / "devices.json"
    path.write_text('{"devices": [{"id": "light.on", "name": "on", "domain": "light"}]}', encoding="utf-8")
    device = load_inventory(path).devices[0]
    assert (device.name, device.object_id, device.driver) == ("on", "on", "generic")


def test_the_example_flat_has_every_domain() -> None:
    home = example_home()
    domains = {device.domain for device in home.devices}
    assert len(home.areas) == 8
    assert len(home.devices) >= 25
    assert domains == {
        "alarm_control_panel", "binary_sensor", "climate", "cover", "fan", "humidifier", "light", "lock",
        "media_player", "scene", "script", "sensor", "switch", "todo", "vacuum", "valve", "weather",
    }  # fmt: skip


def test_a_driver_can_carry_its_own_name() -> None:
    device = example_home().device_by_id["light.desk"]
    assert (device.driver, device.driver_name) == ("zigbee2mqtt", "desk_lamp")


def test_names_of_several_levels_are_zigbee2mqtts_own(tmp_path: Path) -> None:
    path = tmp_path / "devices.yaml"
    path.write_text(
        "devices:\n"
        "  - {id: light.a, name: Кухня/Лампа №1, domain: light, driver: zigbee2mqtt}\n"
        "  - {id: light.b, name: 'C#', domain: light}\n"
        "  - {id: light.c, name: 'C+', domain: light, driver: {type: zigbee2mqtt, name: kitchen/c}}\n",
        encoding="utf-8",
    )
    assert [device.name for device in load_inventory(path).devices] == ["Кухня/Лампа №1", "C#", "C+"]


def test_an_area_is_found_by_id_name_or_alias() -> None:
    home = example_home()
    assert {home.find_area(words) for words in ("living_room", "гостиная", "ЗАЛ ")} == {home.area_by_id["living_room"]}
    assert home.find_area("чердак") is None


def test_the_owners_own_words(tmp_path: Path) -> None:
    file = tmp_path / "devices.yaml"
    file.write_text(
        "devices:\n  - {id: switch.gate, name: Ворота, domain: switch, confirm: true}\n"
        "scenes:\n  - {id: tea, name: Чай, aliases: [Чаёк], commands: [включи чайник], confirm: false}\n"
        "synonyms:\n  включить: [зафигачь]\n"
        "phrases:\n  пора спать: выключи весь свет\n",
        encoding="utf-8",
    )
    home = load_inventory(file)
    gate, tea = home.devices
    assert (gate.confirm, gate.commands) == (True, ())
    assert (tea.id, tea.domain, tea.aliases, tea.commands, tea.confirm) == (
        "scene.tea", "scene", ("Чаёк",), ("включи чайник",), False
    )  # fmt: skip
    assert home.on_the_bus == (gate,)
    assert home.own_words == OwnWords({"включить": ("зафигачь",)}, {"пора спать": "выключи весь свет"})
