"""Whether a command would change anything: what tells «включи» from «выключи» when only half of it was heard."""

from __future__ import annotations

import json

import pytest

from smarthome.house.house import House
from smarthome.intents import Action, Intent, Slot
from smarthome.inventory import Area, Device, Inventory
from smarthome.russian import Context, Parser

LAMP = Device("light.lamp", "Лампа", "light", "kitchen")
TORCH = Device("light.torch", "Торшер", "light", "kitchen")
RADIO = Device("media_player.radio", "Радио", "media_player", "kitchen")
HOME = Inventory(areas=(Area("kitchen", "Кухня"),), devices=(LAMP, TORCH, RADIO))


def house(**states: object) -> House:
    """A house whose devices said this of themselves."""
    home = House(HOME)
    for name, said in states.items():
        home.heard(f"home/kitchen/{name}/state", json.dumps(said).encode(), 0.0)
    return home


def changes(home: House, action: Action, **slots: Slot) -> bool | None:
    return home.changes(Intent(action, slots), "kitchen")


@pytest.mark.parametrize(("state", "action", "changed"), [
    ("on", Action.ON, False), ("on", Action.OFF, True), ("off", Action.ON, True), ("off", Action.OFF, False),
])  # fmt: skip
def test_what_is_on_already_is_not_changed_by_turning_it_on(state: str, action: Action, changed: bool) -> None:
    assert changes(house(lamp={"state": state}), action, name="Лампа") is changed


def test_of_a_device_that_said_nothing_it_cannot_be_told() -> None:
    assert changes(house(), Action.ON, name="Лампа") is None


def test_of_a_device_that_is_away_it_cannot_be_told() -> None:
    home = house(lamp={"state": "on"})
    home.heard("home/kitchen/lamp/availability", b"offline", 1.0)
    assert changes(home, Action.ON, name="Лампа") is None


def test_one_device_of_many_that_changes_is_enough() -> None:
    home = house(lamp={"state": "on"}, torch={"state": "off"})
    assert changes(home, Action.ON, domain="light") is True
    assert changes(house(lamp={"state": "on"}), Action.ON, domain="light") is None
    assert changes(house(lamp={"state": "on"}, torch={"state": "on"}), Action.ON, domain="light") is False


def test_amounts_are_compared_with_what_is_set() -> None:
    home = house(lamp={"state": "on", "brightness": 100})
    assert changes(home, Action.SET_LIGHT, name="Лампа", brightness=100) is False
    assert changes(home, Action.SET_LIGHT, name="Лампа", brightness=40) is True
    assert changes(home, Action.SET_LIGHT, name="Лампа", brightness_step="up") is False  # it is as bright as it can be


@pytest.mark.parametrize("action", [Action.GET_TIME, Action.NEXT, Action.START_TIMER])
def test_what_sets_no_state_cannot_be_told(action: Action) -> None:
    assert changes(house(radio={"state": "playing"}), action) is None


def test_a_device_that_is_not_there_cannot_be_told() -> None:
    assert changes(house(), Action.ON, name="Люстра") is None


@pytest.mark.parametrize(("state", "heard"), [("off", Action.ON), ("on", Action.OFF)])
def test_the_parser_settles_what_was_half_heard_by_the_state_of_the_house(state: str, heard: Action) -> None:
    home = house(lamp={"state": state})
    context = Context("kitchen", changes=lambda intent: home.changes(intent, "kitchen"))
    parse = Parser(HOME).parse_nbest([("включи лампу", -0.5), ("выключи лампу", -0.6)], context)
    assert [intent.action for intent in parse.intents] == [heard]
