"""The simulated house: how its devices obey, without a broker."""

from __future__ import annotations

import json

import pytest

from smarthome.house.drivers import PayloadError
from smarthome.inventory import Device
from smarthome.simulate import SimulatedHome
from tests.homes import example_home, small_home

LAMP = Device("light.lamp", "Лампа", "light", "kitchen")
BULB = Device("light.bulb", "Бра", "light", "kitchen", driver="zigbee2mqtt")
BLIND = Device("cover.blind", "Штора", "cover", "bedroom", "curtain")
THERMOSTAT = Device("climate.heater", "Батарея", "climate", "bedroom")
SCENE = Device("scene.film", "Кино", "scene")


def obeyed(device: Device, **command: object) -> dict[str, object]:
    """The state that the device tells after the command."""
    home = SimulatedHome(small_home(device))
    (topic,) = home.topics
    echo = home.obey(topic, json.dumps(command).encode())
    assert echo is not None
    state: dict[str, object] = json.loads(echo.payload)
    return state


def test_every_device_of_a_house_takes_commands_on_its_own_topic() -> None:
    inventory = example_home()
    home = SimulatedHome(inventory)
    assert len(home.topics) == len(inventory.devices)
    assert all(topic.endswith("/set") for topic in home.topics)


def test_first_states_are_told_where_each_convention_expects_them() -> None:
    first = {
        echo.topic: json.loads(echo.payload) for echo in SimulatedHome(small_home(LAMP, BULB, SCENE)).first_states()
    }
    assert set(first) == {"home/kitchen/lamp/state", "zigbee2mqtt/Бра"}
    assert first["home/kitchen/lamp/state"]["state"] == "off"
    assert first["zigbee2mqtt/Бра"]["state"] == "OFF"


@pytest.mark.parametrize(
    ("device", "command", "expected"),
    [
        (LAMP, {"state": "on", "brightness": 40}, {"state": "on", "brightness": 40}),
        (LAMP, {"brightness_step": 20}, {"brightness": 80}),
        (LAMP, {"brightness_step": 70}, {"brightness": 100}),
        (LAMP, {"brightness_step": -70}, {"brightness": 0}),
        (BULB, {"brightness_step": 250}, {"brightness": 254}),
        (THERMOSTAT, {"temperature_step": -2}, {"temperature": 19}),
        (BLIND, {"state": "closed"}, {"state": "closed", "position": 0}),
        (BLIND, {"state": "open"}, {"state": "open", "position": 100}),
        (BLIND, {"position": 30}, {"state": "open", "position": 30}),
        (BLIND, {"position": 0}, {"state": "closed", "position": 0}),
        (BLIND, {"state": "stop"}, {"state": "open", "position": 100}),
    ],
    ids=str,
)
def test_a_device_obeys(device: Device, command: dict[str, object], expected: dict[str, object]) -> None:
    state = obeyed(device, **command)
    assert {key: state[key] for key in expected} == expected


def test_a_scene_has_nothing_to_tell() -> None:
    home = SimulatedHome(small_home(SCENE))
    assert home.obey("home/house/film/set", b'{"state": "run"}') is None
    assert home.first_states() == []


@pytest.mark.parametrize("payload", [b"on", b"{", b'{"brightness": NaN}', b'{"brightness": 1e400}', b"[]"])
def test_a_command_that_cannot_be_read_changes_nothing(payload: bytes) -> None:
    home = SimulatedHome(small_home(LAMP))
    before = home.first_states()
    with pytest.raises(PayloadError):
        home.obey("home/kitchen/lamp/set", payload)
    assert home.first_states() == before
