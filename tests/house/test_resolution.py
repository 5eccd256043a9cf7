"""Which devices an intent reaches, and what they are told."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from smarthome.house.resolution import resolve
from smarthome.intents import Action, Intent, Slot
from smarthome.inventory import Device
from tests.homes import example_home, small_home

HOME = example_home()

CASES: list[tuple[str, Action, dict[str, Slot], dict[str, Mapping[str, object]]]] = [
    ("one device by name", Action.ON, {"name": "Люстра"}, {"light.chandelier": {"state": "on"}}),
    ("by alias", Action.ON, {"name": "Увлажнитель"}, {"humidifier.air": {"state": "on"}}),
    ("light of a room", Action.OFF, {"domain": "light", "area": "Кухня"}, {"light.ceiling": {"state": "off"}}),
    (
        "light of a floor",
        Action.OFF,
        {"domain": "light", "floor": "Второй этаж"},
        {name: {"state": "off"} for name in ("light.night_lamp", "light.night_light", "light.desk")},
    ),
    (
        "a curtain",
        Action.CLOSE,
        {"device_class": "curtain", "area": "Гостиная"},
        {"cover.curtains": {"state": "closed"}},
    ),
    ("brightness", Action.SET_LIGHT, {"name": "Люстра", "brightness": 30}, {"light.chandelier": {"brightness": 30}}),
    (
        "a colour switches on",
        Action.SET_LIGHT,
        {"name": "Подсветка", "color": "blue"},
        {"light.strip": {"state": "on", "color": "blue"}},
    ),
    (
        "warm white is kelvin",
        Action.SET_LIGHT,
        {"area": "Спальня", "temperature": 2700},
        {"light.night_lamp": {"state": "on", "color_temperature_k": 2700}},
    ),
    (
        "a little dimmer",
        Action.SET_LIGHT,
        {"name": "Люстра", "brightness_step": "down"},
        {"light.chandelier": {"brightness_step": -20}},
    ),
    (
        "degrees",
        Action.SET_TEMPERATURE,
        {"area": "Спальня", "temperature": 22.5},
        {"climate.thermostat": {"temperature": 22.5}},
    ),
    (
        "two degrees more",
        Action.SET_TEMPERATURE,
        {"area": "Кухня", "temperature_step": 2},
        {"climate.floor": {"temperature_step": 2}},
    ),
    ("humidity", Action.SET_HUMIDITY, {"area": "Детская", "humidity": 50}, {"humidifier.air": {"humidity": 50}}),
    (
        "half open",
        Action.SET_POSITION,
        {"device_class": "blind", "area": "Кабинет", "position": 50},
        {"cover.blinds": {"position": 50}},
    ),
    ("volume", Action.SET_VOLUME, {"name": "Телевизор", "volume_level": 20}, {"media_player.tv": {"volume": 20}}),
    (
        "louder",
        Action.STEP_VOLUME,
        {"name": "Телевизор", "volume_step": "up"},
        {"media_player.tv": {"volume_step": 10}},
    ),
    ("music is the loudspeaker", Action.PAUSE, {"area": "Гостиная"}, {"media_player.speaker": {"state": "paused"}}),
    ("lock", Action.LOCK, {"name": "Входная дверь"}, {"lock.front": {"state": "locked"}}),
    ("closing a lock locks it", Action.CLOSE, {"name": "Входная дверь"}, {"lock.front": {"state": "locked"}}),
    ("clean a room", Action.CLEAN_AREA, {"area": "Кухня"}, {"vacuum.robot": {"state": "cleaning", "area": "kitchen"}}),
    ("scene", Action.ON, {"name": "Режим кино"}, {"scene.cinema": {"state": "run"}}),
    ("close a valve", Action.CLOSE, {"name": "Кран"}, {"valve.water": {"state": "closed"}}),
]


@pytest.mark.parametrize(("case", "action", "slots", "expected"), CASES, ids=[case[0] for case in CASES])
def test_what_is_changed(
    case: str, action: Action, slots: dict[str, Slot], expected: dict[str, Mapping[str, object]]
) -> None:
    found = resolve(HOME, Intent(action, slots), "living_room", lambda _: {})
    assert {change.device.id: change.attributes for change in found.changes} == expected, case
    assert found.reason is None


NOTHING: list[tuple[str, Action, dict[str, Slot], str | None]] = [
    ("no such device here", Action.OPEN, {"device_class": "curtain", "area": "Кухня"}, "unknown_device"),
    ("a lock is not switched", Action.OFF, {"name": "Входная дверь"}, "no_handler"),
    ("a curtain is not switched", Action.ON, {"name": "Шторы"}, "no_handler"),
    ("nobody reads lists yet", Action.ADD_TO_SHOPPING_LIST, {"item": "молоко"}, "no_handler"),
    ("nobody broadcasts yet", Action.BROADCAST, {"message": "ужин"}, "no_handler"),
    ("no weather yet", Action.GET_WEATHER, {}, "no_handler"),
    ("a question moves nothing", Action.GET_STATE, {"name": "Люстра"}, None),
    ("a timer is no device", Action.START_TIMER, {"minutes": 5}, None),
    ("never mind", Action.NEVERMIND, {}, None),
]


@pytest.mark.parametrize(("case", "action", "slots", "reason"), NOTHING, ids=[case[0] for case in NOTHING])
def test_what_changes_nothing(case: str, action: Action, slots: dict[str, Slot], reason: str | None) -> None:
    found = resolve(HOME, Intent(action, slots), "living_room", lambda _: {})
    assert (found.changes, found.reason) == ((), reason), case


def test_off_alone_reaches_only_what_is_switched() -> None:
    found = resolve(HOME, Intent(Action.OFF, {"area": "Прихожая"}), None, lambda _: {})
    assert (found.changes, found.reason) == ((), "unknown_device")


LAMP = Device("light.lamp", "Лампа", "light", "kitchen")
OTHER_LAMP = Device("light.other", "Лампа", "light", "bedroom")
VACUUM = Device("vacuum.robot", "Пылесос", "vacuum", "bedroom")


def test_one_name_in_two_rooms_is_the_one_here() -> None:
    found = resolve(small_home(LAMP, OTHER_LAMP), Intent(Action.ON, {"name": "Лампа"}), "bedroom", lambda _: {})
    assert [change.device for change in found.changes] == [OTHER_LAMP]


def test_one_name_in_two_rooms_elsewhere_is_ambiguous() -> None:
    found = resolve(small_home(LAMP, OTHER_LAMP), Intent(Action.ON, {"name": "Лампа"}), "living_room", lambda _: {})
    assert (found.changes, found.reason, found.devices) == ((), "ambiguous", (LAMP, OTHER_LAMP))


def test_the_microphones_room_gives_way_to_the_only_one_there_is() -> None:
    intent = Intent(Action.START_CLEANING, {"area": "Кухня"}, here=True)
    found = resolve(small_home(VACUUM), intent, "kitchen", lambda _: {})
    assert [change.device for change in found.changes] == [VACUUM]


def test_a_spoken_room_does_not_give_way() -> None:
    intent = Intent(Action.ON, {"area": "Гостиная", "domain": "light"})
    found = resolve(small_home(LAMP), intent, "kitchen", lambda _: {})
    assert (found.changes, found.reason) == ((), "unknown_device")


def test_louder_means_what_plays() -> None:
    playing = {"media_player.tv": {"state": "playing"}, "media_player.speaker": {"state": "paused"}}
    intent = Intent(Action.STEP_VOLUME, {"volume_step": "up", "area": "Гостиная"}, here=True)
    found = resolve(HOME, intent, "living_room", lambda device: playing.get(device.id, {}))
    assert [change.device.id for change in found.changes] == ["media_player.tv"]
