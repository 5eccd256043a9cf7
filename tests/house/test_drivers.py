"""What devices say that they should not: a driver reads what can be read and never lets a broken number through."""

from __future__ import annotations

import json

import pytest

from smarthome.house.drivers import CannotDoError, Driver, PayloadError
from smarthome.house.drivers.generic import GenericDriver
from smarthome.house.drivers.zigbee2mqtt import Zigbee2MqttDriver
from smarthome.inventory import Device

LAMP = Device("light.lamp", "Лампа", "light", "kitchen")
BULB = Device("light.bulb", "Кухня/Лампа", "light", "kitchen", driver="zigbee2mqtt")
GENERIC = (GenericDriver(), LAMP)
ZIGBEE = (Zigbee2MqttDriver(), BULB)


def said(speaker: tuple[Driver, Device], payload: bytes) -> dict[str, object]:
    driver, device = speaker
    return dict(driver.decode(device, driver.topics(device)[0], payload).attributes)


@pytest.mark.parametrize("speaker", [GENERIC, ZIGBEE], ids=["generic", "zigbee2mqtt"])
@pytest.mark.parametrize(
    "payload",
    [
        b'{"brightness": NaN}',
        b'{"state": Infinity}',
        b'{"brightness": -Infinity}',
        b'{"brightness": 1e400}',
        b'{"brightness": 1' + b"0" * 400 + b"}",
        b'{"unknown": {"deep": [1e999]}}',
        b'{"state": "\\ud800"}',
        b'{"state": "on"',
        b'{"state": "\xff"}',
        b'["on"]',
        b"[" * 100_000,
    ],
    ids=lambda payload: repr(payload[:24]),
)
def test_what_cannot_be_sent_on_is_refused(speaker: tuple[Driver, Device], payload: bytes) -> None:
    with pytest.raises(PayloadError):
        said(speaker, payload)


@pytest.mark.parametrize("payload", [b'{"color_temp": 1e-320}', b'{"brightness": 1e308}'])
def test_a_zigbee_amount_beyond_all_bounds_is_refused(payload: bytes) -> None:
    with pytest.raises(PayloadError, match="out of all bounds"):
        said(ZIGBEE, payload)


@pytest.mark.parametrize("word", ["nan", "NaN", "inf", "-Infinity", "1e400"])
def test_a_plain_state_is_a_word_when_it_is_no_number(word: str) -> None:
    assert said(GENERIC, word.encode()) == {"state": word.lower()}


def test_a_plain_state_may_be_a_number() -> None:
    assert said(GENERIC, b" 21.5 ") == {"state": 21.5}


@pytest.mark.parametrize("value", ['"bright"', '"unavailable"', "true", "null", "[50]"])
@pytest.mark.parametrize(
    "key", ["brightness", "position", "current_humidity", "battery", "temperature", "color_temperature_k"]
)
def test_a_generic_number_that_is_none_is_left_out_and_the_rest_is_kept(key: str, value: str) -> None:
    assert said(GENERIC, f'{{"state": "on", "{key}": {value}, "volume": 30}}'.encode()) == {"state": "on", "volume": 30}


@pytest.mark.parametrize("value", ['"bright"', '"unavailable"', "true", "null", "[50]"])
@pytest.mark.parametrize("key", ["brightness", "position", "humidity", "battery", "color_temp", "local_temperature"])
def test_a_zigbee_number_that_is_none_is_left_out_and_the_rest_is_kept(key: str, value: str) -> None:
    report = said(ZIGBEE, f'{{"state": "ON", "{key}": {value}, "occupied_heating_setpoint": 21}}'.encode())
    assert report == {"state": "on", "temperature": 21}


def test_a_zigbee_report_in_our_units() -> None:
    payload = {
        "brightness": 127,
        "color_temp": 250,
        "color": {"hex": "#ff0000"},
        "fan_speed": 255,
        "humidity": 40.5,
        "position": 30,
        "preset": "eco",
        "linkquality": 90,
    }
    assert said(ZIGBEE, json.dumps(payload).encode()) == {
        "brightness": 50,
        "color_temperature_k": 4000,
        "color": "red",
        "percentage": 100,
        "current_humidity": 40.5,
        "position": 30,
        "mode": "eco",
    }


def test_topics_of_a_zigbee_name_with_levels() -> None:
    driver = Zigbee2MqttDriver()
    assert driver.set_topic(BULB) == "zigbee2mqtt/Кухня/Лампа/set"
    assert driver.topics(BULB) == ("zigbee2mqtt/Кухня/Лампа", "zigbee2mqtt/Кухня/Лампа/availability")


def test_no_colour_temperature_without_kelvin() -> None:
    with pytest.raises(CannotDoError):
        Zigbee2MqttDriver().encode(BULB, {"color_temperature_k": 0}, {})


@pytest.mark.parametrize("payload", [b"on", b"", b'{"state": NaN}', b'{"state": 1}', b"{}"])
def test_availability_is_online_or_offline(payload: bytes) -> None:
    driver = GenericDriver()
    with pytest.raises(PayloadError):
        driver.decode(LAMP, driver.topics(LAMP)[1], payload)
