"""What is said back."""

from __future__ import annotations

from datetime import datetime

import pytest

from smarthome.house.house import House
from smarthome.intents import Action, Intent, Slot
from smarthome.reply.answers import answer
from smarthome.reply.wording import counted, duration, state
from tests.homes import example_home

NOW = datetime(2026, 11, 23, 19, 5)  # noqa: DTZ001 (local time, as people say it)


@pytest.fixture(scope="module")
def house() -> House:
    house = House(example_home())
    house.heard("home/living_room/chandelier/state", b'{"state": "on", "brightness": 40}', 0.0)
    house.heard("home/hall/front/state", b'{"state": "locked"}', 0.0)
    house.heard("zigbee2mqtt/bedroom_valve", b'{"local_temperature": 21.5, "occupied_heating_setpoint": 20}', 0.0)
    house.heard("home/house/outside/state", b"-3", 0.0)
    house.heard("home/living_room/curtains/state", b'{"state": "open"}', 0.0)
    return house


@pytest.mark.parametrize(
    ("action", "slots", "expected"),
    [
        (Action.GET_TIME, {}, "Сейчас 19:05."),
        (Action.GET_DATE, {}, "Сегодня понедельник, 23 ноября."),
        (Action.GET_TEMPERATURE, {"area": "Спальня"}, "Спальня: 21,5 градуса."),
        (Action.GET_TEMPERATURE, {"area": "Кухня"}, "Нет данных о температуре."),
        (Action.GET_STATE, {"name": "Люстра", "state": "on"}, "Да. Люстра: включена, яркость 40 процентов."),
        (Action.GET_STATE, {"name": "Люстра", "state": "off"}, "Нет. Люстра: включена, яркость 40 процентов."),
        (Action.GET_STATE, {"name": "Входная дверь", "state": "locked"}, "Да. Входная дверь: заперта."),
        (Action.GET_STATE, {"name": "Температура на улице"}, "Температура на улице: -3 градуса."),
        (Action.GET_STATE, {"name": "Вытяжка"}, "Нет данных."),
        (Action.GET_STATE, {"area": "Гостиная", "device_class": "curtain"}, "Шторы: открыты."),
        (Action.GET_STATE, {"area": "Кухня", "device_class": "window"}, "Такого устройства нет."),
        (Action.GET_WEATHER, {}, None),
    ],
)
def test_answers(house: House, action: Action, slots: dict[str, Slot], expected: str | None) -> None:
    assert answer(Intent(action, slots), house, None, NOW) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1, "1 градус"),
        (2, "2 градуса"),
        (5, "5 градусов"),
        (11, "11 градусов"),
        (21, "21 градус"),
        (22.5, "22,5 градуса"),
    ],
)
def test_numbers_agree_with_their_unit(number: float, expected: str) -> None:
    assert counted(number, "degree") == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(60, "1 минуту"), (3665, "1 час 1 минуту 5 секунд"), (0, "0 секунд"), (7200, "2 часа")],
)
def test_durations(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


@pytest.mark.parametrize(
    ("noun", "expected"),
    [("Люстра", "включена"), ("Шторы", "включены"), ("Окно в ванной", "включено"), ("Тёплый пол", "включён")],
)
def test_states_agree_with_the_name(noun: str, expected: str) -> None:
    assert state("on", noun) == expected
