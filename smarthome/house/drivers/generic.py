"""The generic convention: JSON with plain keys on ``home/<area>/<object>/set`` and ``…/state`` (docs/topics.md)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from smarthome.house.attributes import Attributes, Value, is_number
from smarthome.house.drivers import DeviceReport, PayloadError
from smarthome.inventory import Device

NUMERIC = frozenset(
    "brightness percentage position volume humidity color_temperature_k temperature "
    "current_temperature current_humidity battery".split()
)
"""Attributes that are numbers or nothing: arithmetic is done with them."""


class GenericDriver:
    """Change in, ``{"state": "on", "brightness": 40}`` out; the same keys come back."""

    def __init__(self, base_topic: str = "home") -> None:
        self._base = base_topic

    def topic(self, device: Device) -> str:
        """Base of the device's topics: ``home/kitchen/kettle``."""
        return f"{self._base}/{device.area or 'house'}/{device.driver_name or device.object_id}"

    def topics(self, device: Device) -> tuple[str, ...]:
        """State and availability."""
        return f"{self.topic(device)}/state", f"{self.topic(device)}/availability"

    def set_topic(self, device: Device) -> str:
        """The base and ``set``."""
        return f"{self.topic(device)}/set"

    def encode(self, device: Device, change: Attributes, known: Attributes) -> tuple[str, str]:  # noqa: ARG002
        """Only what changes, as it is."""
        return self.set_topic(device), json.dumps(dict(change), ensure_ascii=False)

    def decode(self, device: Device, topic: str, payload: bytes) -> DeviceReport:
        """A JSON object, or one plain word or number, which is the state."""
        if topic == f"{self.topic(device)}/availability":
            return DeviceReport(available=availability(payload))
        return DeviceReport(plain_attributes(payload))


def availability(payload: bytes) -> bool:
    """``online``/``offline``, also as ``{"state": "online"}``. Raises PayloadError."""
    text = payload.decode("utf-8", "replace").strip()
    word = text
    if text.startswith("{"):
        word = str(json_object(payload).get("state"))
    if word not in {"online", "offline"}:
        raise PayloadError(f"availability must be online or offline, not {text[:40]!r}")
    return word == "online"


def plain_attributes(payload: bytes) -> dict[str, Value]:
    """Scalar values by key; ``on`` or ``21.5`` alone is the state. Raises PayloadError."""
    text = payload.decode("utf-8", "replace").strip()
    if not text.startswith(("{", "[")):
        if not text or len(text) > 64 or "\ufffd" in text:
            raise PayloadError("neither a JSON object nor a plain state")
        return {"state": _scalar(text)}
    return meant({key: value for key, value in json_object(payload).items() if isinstance(value, (str, int, float))})


def meant(attributes: Mapping[str, Value]) -> dict[str, Value]:
    """Without the words that some devices send in place of a number they do not know."""
    return {key: value for key, value in attributes.items() if key not in NUMERIC or is_number(value)}


def json_object(payload: bytes) -> dict[str, object]:
    """The JSON object in a payload; its numbers are finite and its text can be sent on. Raises PayloadError."""
    try:
        value = json.loads(payload, parse_float=_finite, parse_int=_integer, parse_constant=_finite)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise PayloadError(f"not JSON: {error}") from None
    if not isinstance(value, dict):
        raise PayloadError(f"a JSON object was expected, not {type(value).__name__}")
    return value


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:40]} is not a finite number")
    return number


def _integer(text: str) -> int:
    _finite(text)
    return int(text)


def _scalar(text: str) -> Value:
    try:
        return _finite(text)
    except ValueError:
        return text.lower()
