"""Zigbee2MQTT's convention: ``zigbee2mqtt/NAME/set``, state on ``zigbee2mqtt/NAME``.

Payloads and units: https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html and
https://www.zigbee2mqtt.io/guide/usage/exposes.html (brightness 0–254, colour temperature in mired = 1e6 / kelvin).
"""

from __future__ import annotations

import json
from types import MappingProxyType

from smarthome.house.attributes import Attributes, Value, is_number
from smarthome.house.drivers import CannotDoError, DeviceReport, PayloadError
from smarthome.house.drivers.generic import availability, json_object, meant
from smarthome.inventory import Device

FULL_BRIGHTNESS = 254

COLORS = MappingProxyType(
    {
        "red": "#FF0000", "green": "#00FF00", "blue": "#0000FF", "yellow": "#FFD000", "orange": "#FF7A00",
        "purple": "#8000FF", "violet": "#8000FF", "pink": "#FF4FA0", "white": "#FFFFFF", "cyan": "#00FFFF",
        "turquoise": "#30D5C8", "teal": "#008080", "magenta": "#FF00FF", "crimson": "#DC143C", "lime": "#BFFF00",
        "gold": "#FFC400", "goldenrod": "#DAA520", "lavender": "#B57EDC", "indigo": "#4B0082", "skyblue": "#87CEEB",
        "salmon": "#FA8072", "coral": "#FF7F50", "brown": "#A0522D", "beige": "#F5DEB3", "olive": "#808000",
    }
)  # fmt: skip

_SENT = {
    "cover": {"open": "OPEN", "closed": "CLOSE", "stop": "STOP"},
    "valve": {"open": "ON", "closed": "OFF"},
    "lock": {"locked": "LOCK", "unlocked": "UNLOCK"},
}
_CLIMATE_MODES = {"on": "heat", "off": "off"}
_SAID = {"on": "on", "off": "off", "open": "open", "close": "closed", "lock": "locked", "unlock": "unlocked"}


class Zigbee2MqttDriver:
    """Change in, Zigbee2MQTT's JSON out; its reports come back in our units."""

    def __init__(self, base_topic: str = "zigbee2mqtt") -> None:
        self._base = base_topic

    def topic(self, device: Device) -> str:
        """``zigbee2mqtt/<friendly name>``."""
        return f"{self._base}/{device.driver_name or device.name}"

    def topics(self, device: Device) -> tuple[str, ...]:
        """State and availability."""
        return self.topic(device), f"{self.topic(device)}/availability"

    def set_topic(self, device: Device) -> str:
        """The base and ``set``."""
        return f"{self.topic(device)}/set"

    def encode(self, device: Device, change: Attributes, known: Attributes) -> tuple[str, str]:
        """Keys, words and units as Zigbee2MQTT's exposes name them. Raises CannotDoError."""
        payload: dict[str, object] = {}
        for key, value in change.items():
            payload |= self._one(device, key, value, known)
        return self.set_topic(device), json.dumps(payload, ensure_ascii=False)

    def _one(self, device: Device, key: str, value: Value, known: Attributes) -> dict[str, object]:  # noqa: C901 (a table)
        amount = float(value) if isinstance(value, (int, float)) else 0.0
        match key:
            case "state" if device.domain == "climate":
                return {"system_mode": _CLIMATE_MODES.get(str(value), str(value))}
            case "state":
                return {"state": _SENT.get(device.domain, {}).get(str(value), str(value).upper())}
            case "brightness" | "brightness_step":
                return {key: round(amount * FULL_BRIGHTNESS / 100)}
            case "color_temperature_k" if amount > 0:
                return {"color_temp": round(1_000_000 / amount)}
            case "color":
                if value not in COLORS:
                    raise CannotDoError(f"Zigbee2MQTT is not told the colour {value!r}")
                return {"color": {"hex": COLORS[str(value)]}}
            case "temperature":
                return {"occupied_heating_setpoint": value}
            case "temperature_step":
                return {"occupied_heating_setpoint": _stepped(device, known, amount)}
            case "position" | "mode":
                return {{"mode": "preset"}.get(key, key): value}
            case "percentage":
                return {"fan_speed": round(amount * 2.55)}
        raise CannotDoError(f"Zigbee2MQTT has no {key!r} for a {device.domain}")

    def decode(self, device: Device, topic: str, payload: bytes) -> DeviceReport:
        """Reports in our keys and units; unknown keys are left out. Raises PayloadError."""
        if topic == f"{self.topic(device)}/availability":
            return DeviceReport(available=availability(payload))
        attributes: dict[str, Value] = {}
        for key, value in json_object(payload).items():
            try:
                attributes |= _amount(key, value) if is_number(value) else _word(device, key, value)
            except OverflowError:
                raise PayloadError(f"{key} = {value!r} is out of all bounds") from None
        return DeviceReport(meant(attributes))


def _stepped(device: Device, known: Attributes, amount: float) -> float:
    """A thermostat takes no steps: the new set point from the reported one."""
    current = known.get("temperature")
    if not isinstance(current, (int, float)):
        raise CannotDoError(f"the set point of {device.name} is not known yet")
    return current + amount


def _amount(key: str, value: float) -> dict[str, Value]:
    match key:
        case "brightness":
            return {key: round(value * 100 / FULL_BRIGHTNESS)}
        case "color_temp" if value > 0:
            return {"color_temperature_k": round(1_000_000 / value)}
        case "occupied_heating_setpoint" | "current_heating_setpoint":
            return {"temperature": value}
        case "local_temperature" | "temperature":
            return {"current_temperature": value}
        case "humidity":
            return {"current_humidity": value}
        case "fan_speed":
            return {"percentage": round(value / 2.55)}
        case "position" | "battery":
            return {key: value}
        case "preset":
            return {"mode": value}
    return {}


def _word(device: Device, key: str, value: object) -> dict[str, Value]:
    match key, value:
        case "state", str():
            return {"state": _valve(device, _SAID.get(value.lower(), value.lower()))}
        case "system_mode", str():
            return {"state": value}
        case "preset", str():
            return {"mode": value}
        case "color", {"hex": str(code)}:
            return {"color": next((name for name, each in COLORS.items() if each == code.upper()), code)}
        case "color", {"x": float(x), "y": float(y)}:
            return {"color": f"xy {x:.3f} {y:.3f}"}
        case "contact", bool():
            return {"state": "off" if value else "on"}
        case "occupancy" | "water_leak" | "smoke" | "gas" | "vibration", bool():
            return {"state": "on" if value else "off"}
    return {}


def _valve(device: Device, word: str) -> str:
    return {"on": "open", "off": "closed"}.get(word, word) if device.domain == "valve" else word
