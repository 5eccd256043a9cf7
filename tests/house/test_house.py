"""Plans, confirmations and live state."""

from __future__ import annotations

import json

import pytest

from smarthome.house.drivers import PayloadError
from smarthome.house.house import House
from smarthome.house.shadow import Shadow
from smarthome.intents import Action, Intent, Parse, Slot
from smarthome.inventory import Device
from tests.homes import example_home, small_home

LAMP = Device("light.lamp", "Лампа", "light", "kitchen")
GATE = Device("cover.gate", "Ворота", "cover", None, "gate")
GAS = Device("valve.gas", "Газ", "valve", "kitchen", "gas")


def parse(action: Action, **slots: Slot) -> Parse:
    return Parse((Intent(action, slots),))


def lamp_house() -> House:
    return House(small_home(LAMP), confirm_s=2.0)


def switch_on(house: House, now: float = 10.0) -> None:
    house.told(house.plan(parse(Action.ON, name="Лампа"), None), now)


def test_a_plan_names_topic_and_payload_and_changes_nothing() -> None:
    house = lamp_house()
    plan = house.plan(parse(Action.ON, name="Лампа"), None)
    assert [(c.device, c.topic, c.payload) for c in plan.commands] == [
        ("light.lamp", "home/kitchen/lamp/set", '{"state": "on"}')
    ]
    assert house.next_deadline is None
    assert house.shadow(LAMP) == Shadow()


def test_an_echo_confirms() -> None:
    house = lamp_house()
    switch_on(house)
    assert house.next_deadline == 12.0
    assert house.shadow(LAMP).confirmed is None
    assert house.heard("home/kitchen/lamp/state", b'{"state": "on", "brightness": 70}', 10.5) == (LAMP,)
    assert house.shadow(LAMP).confirmed is True
    assert house.state_of(LAMP) == {"state": "on", "brightness": 70}
    assert house.next_deadline is None


def test_silence_is_unconfirmed() -> None:
    house = lamp_house()
    switch_on(house)
    assert house.expire(11.9) == ()
    assert house.expire(12.0) == (LAMP,)
    assert house.shadow(LAMP).confirmed is False


def test_a_state_from_before_the_command_confirms_nothing() -> None:
    house = lamp_house()
    house.heard("home/kitchen/lamp/state", b'{"state": "on"}', 10.5)
    switch_on(house)
    assert house.shadow(LAMP).confirmed is None
    assert house.expire(12.0) == (LAMP,)


def test_another_state_does_not_confirm() -> None:
    house = lamp_house()
    switch_on(house)
    house.heard("home/kitchen/lamp/state", b'{"state": "off"}', 10.5)
    assert house.shadow(LAMP).confirmed is None


def test_a_retained_state_confirms_nothing() -> None:
    house = lamp_house()
    switch_on(house)
    house.heard("home/kitchen/lamp/state", b'{"state": "on"}', 10.5, retained=True)
    assert house.shadow(LAMP).confirmed is None
    assert house.state_of(LAMP) == {"state": "on"}


def test_a_late_echo_is_still_one() -> None:
    house = lamp_house()
    switch_on(house)
    house.expire(12.0)
    house.heard("home/kitchen/lamp/state", b'{"state": "on"}', 14.0)
    assert house.shadow(LAMP).confirmed is True


def test_a_device_that_somebody_switches_by_hand_no_longer_is_as_wished() -> None:
    house = lamp_house()
    switch_on(house)
    house.heard("home/kitchen/lamp/state", b'{"state": "on"}', 10.5)
    house.heard("home/kitchen/lamp/state", b'{"state": "off"}', 99.0)
    assert house.shadow(LAMP).confirmed is False


def test_on_the_way_is_not_there_but_gets_more_time() -> None:
    house = House(small_home(GATE), confirm_s=2.0)
    house.told(house.plan(parse(Action.CLOSE, name="Ворота"), None), 10.0)
    house.heard("home/house/gate/state", b'{"state": "closing"}', 11.0)
    assert (house.shadow(GATE).confirmed, house.next_deadline) == (None, 101.0)
    house.heard("home/house/gate/state", b'{"state": "closed"}', 30.0)
    assert house.shadow(GATE).confirmed is True


def test_a_step_from_a_known_amount_is_a_wish_for_an_amount() -> None:
    house = lamp_house()
    house.heard("home/kitchen/lamp/state", b'{"state": "on", "brightness": 90}', 1.0)
    house.told(house.plan(parse(Action.SET_LIGHT, name="Лампа", brightness_step=20), None), 10.0)
    assert house.shadow(LAMP).desired["brightness"] == 100
    house.heard("home/kitchen/lamp/state", b'{"state": "on", "brightness": 90}', 10.2)
    assert house.shadow(LAMP).confirmed is None
    house.heard("home/kitchen/lamp/state", b'{"state": "on", "brightness": 100}', 10.4)
    assert house.shadow(LAMP).confirmed is True


def test_two_wishes_may_be_echoed_one_by_one() -> None:
    house = lamp_house()
    switch_on(house)
    house.told(house.plan(parse(Action.SET_LIGHT, name="Лампа", brightness=40), None), 10.5)
    house.heard("home/kitchen/lamp/state", b'{"state": "on"}', 10.5)
    assert house.shadow(LAMP).confirmed is None
    house.heard("home/kitchen/lamp/state", b'{"brightness": 40}', 10.5)
    assert house.shadow(LAMP).confirmed is True


@pytest.mark.parametrize(
    "payload", [b"{", b"[1]", b"\xff\xfe", b"", b"[" * 100_000], ids=["brace", "list", "binary", "empty", "deep"]
)
def test_a_payload_that_is_none_is_an_error_and_changes_nothing(payload: bytes) -> None:
    house = lamp_house()
    if payload:
        with pytest.raises(PayloadError):
            house.heard("home/kitchen/lamp/state", payload, 10.5)
    else:
        assert house.heard("home/kitchen/lamp/state", payload, 10.5) == ()
    assert house.shadow(LAMP) == Shadow()


def test_availability() -> None:
    house = lamp_house()
    house.heard("home/kitchen/lamp/availability", b"offline", 10.5)
    assert house.shadow(LAMP).available is False


@pytest.mark.parametrize(
    ("device", "action", "slots"),
    [
        (Device("lock.front", "Дверь", "lock", "kitchen"), Action.UNLOCK, {}),
        (Device("lock.front", "Дверь", "lock", "kitchen"), Action.OPEN, {}),
        (GATE, Action.OPEN, {}),
        (GATE, Action.SET_POSITION, {"position": 10}),
        (GAS, Action.OPEN, {}),
        (Device("cover.unknown", "Калитка", "cover"), Action.OPEN, {}),
        (Device("valve.unknown", "Вентиль", "valve"), Action.OPEN, {}),
        (Device("alarm_control_panel.home", "Охрана", "alarm_control_panel"), Action.DISARM, {}),
    ],
)
def test_what_lets_people_in_waits_for_a_yes(device: Device, action: Action, slots: dict[str, Slot]) -> None:
    plan = House(small_home(device)).plan(parse(action, name=device.name, **slots), None)
    assert (plan.status, plan.reason, plan.commands) == ("confirm", "confirm", ())


def test_one_dangerous_part_holds_back_the_whole_sentence() -> None:
    intents = (Intent(Action.ON, {"name": "Лампа"}), Intent(Action.OPEN, {"name": "Ворота"}))
    assert House(small_home(LAMP, GATE)).plan(Parse(intents), None).commands == ()


@pytest.mark.parametrize("action", [Action.CLOSE, Action.STOP])
def test_the_safe_side_needs_no_yes(action: Action) -> None:
    assert House(small_home(GATE)).plan(parse(action, name="Ворота"), None).status == "ok"


def test_a_rejected_sentence_is_no_plan() -> None:
    plan = lamp_house().plan(Parse(status="rejected", reason="negation"), None)
    assert (plan.status, plan.reason, plan.commands) == ("rejected", "negation", ())


def test_zigbee2mqtt_speaks_its_own_units_both_ways() -> None:
    house = House(example_home())
    desk = house.inventory.device_by_id["light.desk"]
    intent = Intent(Action.SET_LIGHT, {"name": "Настольная лампа", "brightness": 50, "temperature": 2700})
    (command,) = house.plan(Parse((intent,)), None).commands
    assert command.topic == "zigbee2mqtt/desk_lamp/set"
    assert json.loads(command.payload) == {"brightness": 127, "color_temp": 370}
    house.heard(
        "zigbee2mqtt/desk_lamp", b'{"state": "ON", "brightness": 127, "color_temp": 370, "linkquality": 90}', 10.5
    )
    assert house.state_of(desk) == {"state": "on", "brightness": 50, "color_temperature_k": 2703}


def test_a_zigbee_thermostat_is_told_the_new_set_point() -> None:
    house = House(example_home())
    warmer = parse(Action.SET_TEMPERATURE, name="Термостат", temperature_step=2)
    assert house.plan(warmer, None).reason == "no_handler"
    house.heard("zigbee2mqtt/bedroom_valve", b'{"occupied_heating_setpoint": 20.5, "local_temperature": 19}', 10.5)
    (command,) = house.plan(warmer, None).commands
    assert json.loads(command.payload) == {"occupied_heating_setpoint": 22.5}


def test_zigbee2mqtt_availability_as_json() -> None:
    house = House(example_home())
    house.heard("zigbee2mqtt/desk_lamp/availability", b'{"state": "offline"}', 10.5)
    assert house.shadow(house.inventory.device_by_id["light.desk"]).available is False
