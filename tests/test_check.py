"""`devices check`: what is valid, but will surprise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smarthome.check import warnings as all_warnings
from smarthome.inventory import Area, Device, Floor, Inventory, OwnWords
from smarthome.russian import Parser
from tests.homes import example_home, small_home


def warnings(home: Inventory) -> list[str]:
    return all_warnings(home, Parser(home))


def test_the_example_flat_is_all_well() -> None:
    assert warnings(example_home()) == []


def test_two_devices_on_one_topic() -> None:
    lines = warnings(
        small_home(Device("light.a", "Фонарь", "light", "kitchen"), Device("switch.a", "Чайник", "switch", "kitchen"))
    )
    assert lines == [
        "light.a, switch.a share the topic home/kitchen/a/set: each hears what the others are told; rename an id"
    ]


@pytest.mark.parametrize(
    ("domain", "device_class", "dangerous"),
    [
        ("lock", None, True),
        ("alarm_control_panel", None, True),
        ("valve", "water", True),
        ("cover", None, True),
        ("cover", "door", True),
        ("cover", "garage", True),
        ("cover", "gate", True),
        ("cover", "window", True),
        ("cover", "curtain", False),
        ("fan", None, False),
    ],
)
def test_a_door_on_the_topic_of_a_lamp_is_dangerous(domain: str, device_class: str | None, dangerous: bool) -> None:
    (line,) = warnings(
        small_home(
            Device("light.x", "Фонарь", "light", "kitchen"),
            Device(f"{domain}.x", "Ворота", domain, "kitchen", device_class),
        )
    )
    assert (f"DANGEROUS: {domain}.x may open" in line) == dangerous


def test_one_name_twice_in_one_area() -> None:
    (line,) = warnings(
        small_home(Device("light.a", "Ёлка", "light", "kitchen"), Device("switch.b", "елка", "switch", "kitchen"))
    )
    assert "«елка»" in line


def test_the_same_name_in_two_areas_is_fine() -> None:
    assert not warnings(
        small_home(Device("light.a", "Лампа", "light", "kitchen"), Device("light.b", "Лампа", "light", "bedroom"))
    )


def test_a_device_called_like_an_area() -> None:
    (line,) = warnings(small_home(Device("light.a", "кухня", "light", "bedroom")))
    assert "«Кухня»" in line


def test_two_areas_or_floors_called_the_same() -> None:
    home = Inventory(
        floors=(Floor("a", "Первый"), Floor("b", "Второй", ("первый",))),
        areas=(Area("k", "Кухня", aliases=("Ёлка",)), Area("m", "Мастерская", aliases=("елка",))),
    )
    areas, floors = warnings(home)
    assert areas.startswith("the areas k, m are both called «елка»")
    assert floors.startswith("the floors a, b are both called «первый»")


def test_an_id_of_another_domain() -> None:
    (line,) = warnings(small_home(Device("light.kettle", "Чайник", "switch", "kitchen")))
    assert line.startswith("light.kettle is a switch, not a light")


def test_names_that_are_alike_in_some_form() -> None:
    lamps = small_home(Device("light.a", "Лампа", "light", "kitchen"), Device("light.b", "Лампы", "light", "bedroom"))
    lines = warnings(lamps)
    assert lines
    assert all("light.a, light.b are all called" in line for line in lines)


def test_own_scenes_and_phrases_that_nobody_understands() -> None:
    kettle = Device("switch.kettle", "Чайник", "switch", "kitchen")
    scene = Device("scene.tea", "Чаепитие", "scene", commands=("включи чайник", "включи самовар"))
    own = OwnWords(phrases={"пора": "вскипяти самовар", "чай": "включи чайник"})
    home = replace(small_home(kettle, scene), own_words=own)
    first, second = warnings(home)
    assert first.startswith("phrases: «пора»: «вскипяти самовар» is not understood (")
    assert second.startswith("scene.tea: «включи самовар» is not understood (")


def test_what_a_scene_cannot_do() -> None:
    kettle = Device("switch.kettle", "Чайник", "switch", "kitchen")
    tea = Device("scene.tea", "Чаепитие", "scene", commands=("включи чайник",))
    party = Device("scene.party", "Праздник", "scene", commands=("запусти чаепитие", "через час выключи чайник"))
    lines = warnings(small_home(kettle, tea, party))
    assert [line.partition(" is left out")[0] for line in lines] == [
        "scene.party: «запусти чаепитие»",
        "scene.party: «через час выключи чайник»",
    ]


def test_a_phrase_that_is_an_answer() -> None:
    lamp = Device("light.a", "Лампа", "light", "kitchen")
    (line,) = warnings(replace(small_home(lamp), own_words=OwnWords(phrases={"да": "включи лампу"})))
    assert line.startswith("phrases: «да» is also an answer")
