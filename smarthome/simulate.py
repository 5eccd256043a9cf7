"""Commands in, states out: a simulated house that speaks MQTT as real devices do.

``SimulatedHome`` is pure; ``Simulation`` gives it a broker, delay and failure.
"""

from __future__ import annotations

import json
import logging
import os
import random
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from smarthome.bus.client import Bus
from smarthome.bus.inbox import Inbox
from smarthome.events import Connected, Event, Message, Stop
from smarthome.house.attributes import Value
from smarthome.house.drivers import PayloadError
from smarthome.house.drivers.generic import GenericDriver, json_object
from smarthome.house.drivers.zigbee2mqtt import FULL_BRIGHTNESS, Zigbee2MqttDriver
from smarthome.inventory import Device, Inventory
from smarthome.settings import MqttSettings

logger = logging.getLogger(__name__)

_AT_FIRST: Mapping[str, Mapping[str, Value]] = MappingProxyType(
    {
        "alarm_control_panel": {"state": "disarmed"},
        "binary_sensor": {"state": "off"},
        "climate": {"state": "heat", "temperature": 21, "current_temperature": 21.5},
        "cover": {"state": "open", "position": 100},
        "fan": {"state": "off", "percentage": 50},
        "humidifier": {"state": "off", "humidity": 40, "current_humidity": 38},
        "light": {"state": "off", "brightness": 60, "color_temperature_k": 4000},
        "lock": {"state": "unlocked"},
        "media_player": {"state": "off", "volume": 30, "muted": False},
        "sensor": {"state": 15},
        "switch": {"state": "off"},
        "vacuum": {"state": "docked", "battery": 90},
        "valve": {"state": "open"},
    }
)
_ZIGBEE_AT_FIRST: Mapping[str, Mapping[str, Value]] = MappingProxyType(
    {
        "light": {"state": "OFF", "brightness": 150, "color_temp": 250},
        "climate": {"system_mode": "heat", "occupied_heating_setpoint": 21, "local_temperature": 21.5},
        "cover": {"state": "OPEN", "position": 100},
        "lock": {"state": "UNLOCK"},
        "sensor": {"temperature": 21.5, "humidity": 40},
        "binary_sensor": {"contact": True},
    }
)
_OF_CLASS: Mapping[str, Mapping[str, Value]] = MappingProxyType(
    {"speaker": {"state": "playing"}, "humidity": {"state": 45}, "window": {"state": "closed", "position": 0}}
)
_FULL: Mapping[str, float] = MappingProxyType({"generic": 100, "zigbee2mqtt": FULL_BRIGHTNESS})


@dataclass(frozen=True, slots=True)
class Echo:
    """What a device publishes, retained."""

    topic: str
    payload: str


class SimulatedHome:
    """Every device of an inventory, obeying the commands of its own convention."""

    def __init__(self, inventory: Inventory, base_topic: str = "home", zigbee_topic: str = "zigbee2mqtt") -> None:
        drivers: dict[str, GenericDriver | Zigbee2MqttDriver] = {
            "generic": GenericDriver(base_topic),
            "zigbee2mqtt": Zigbee2MqttDriver(zigbee_topic),
        }
        self._states: dict[str, dict[str, Value]] = {}
        self._by_topic: dict[str, Device] = {}
        self._speaks_on: dict[str, str] = {}
        for device in inventory.on_the_bus:
            driver = drivers[device.driver]
            self._by_topic[f"{driver.topic(device)}/set"] = device
            self._speaks_on[device.id] = driver.topics(device)[0]
            first = _ZIGBEE_AT_FIRST if device.driver == "zigbee2mqtt" else _AT_FIRST
            self._states[device.id] = {**first.get(device.domain, {}), **_OF_CLASS.get(device.device_class or "", {})}

    @property
    def topics(self) -> tuple[str, ...]:
        """Where commands come in."""
        return tuple(self._by_topic)

    def first_states(self) -> list[Echo]:
        """What every device that has a state says at the beginning."""
        return [self._echo(device) for device in self._by_topic.values() if self._states[device.id]]

    def obey(self, topic: str, payload: bytes) -> Echo | None:
        """Do what a command says; None when it comes to nothing that is told. Raises PayloadError."""
        device = self._by_topic[topic]
        state = self._states[device.id]
        for key, value in json_object(payload).items():
            if isinstance(value, (str, int, float, bool)):
                _apply(state, key, value, _FULL[device.driver])
        if device.domain in {"scene", "script"}:
            return None
        return self._echo(device)

    def _echo(self, device: Device) -> Echo:
        return Echo(self._speaks_on[device.id], json.dumps(self._states[device.id], ensure_ascii=False))


def _apply(state: dict[str, Value], key: str, value: Value, full: float) -> None:
    """One key of a command. Opening and closing move the position along; steps stay within the range."""
    if key.endswith("_step") and isinstance(value, (int, float)):
        base = key.removesuffix("_step")
        before = state.get(base)
        moved = (before if isinstance(before, (int, float)) else 0) + value
        state[base] = moved if base == "temperature" else min(max(moved, 0), full)
    elif key == "state" and str(value).lower() in {"open", "close", "closed"} and "position" in state:
        state |= {"state": value, "position": 100 if str(value).lower() == "open" else 0}
    elif key == "position" and isinstance(value, (int, float)):
        state |= {"position": value, "state": "open" if value > 0 else "closed"}
    elif not (key == "state" and str(value).lower() in {"stop", "run"}):
        state[key] = value


class Simulation:
    """Gives a simulated home a broker, delay and failure; runs until a Stop comes."""

    def __init__(
        self,
        home: SimulatedHome,
        mqtt: MqttSettings,
        inbox: Inbox[Event],
        *,
        delay_s: float = 0.0,
        failure: float = 0.0,
    ) -> None:
        self._home = home
        self._mqtt = mqtt
        self._inbox = inbox
        self._delay_s = delay_s
        self._failure = failure
        self._chance = random.Random()  # noqa: S311 (broken devices, not secrets)
        self._later: deque[tuple[float, Echo]] = deque()

    def run(self) -> int:
        """Be the house; returns the exit code."""
        client = f"simulate-{os.getpid()}"
        with Bus(self._mqtt, self._inbox.put, client=client, commands=self._home.topics) as bus:
            while True:
                event = self._inbox.get(max(0.0, self._later[0][0] - time.monotonic()) if self._later else None)
                self._echo_what_is_due(bus)
                match event:
                    case Stop(error=error):
                        return 1 if error else 0
                    case Connected():
                        for echo in self._home.first_states():
                            bus.publish(echo.topic, echo.payload, retain=True)
                    case Message():
                        self._obey(event)
                        self._echo_what_is_due(bus)

    def _obey(self, message: Message) -> None:
        """A share of the commands falls on deaf ears."""
        if self._chance.random() < self._failure:
            logger.info("%s: not obeyed, as it was wished", message.topic)
            return
        try:
            echo = self._home.obey(message.topic, message.payload)
        except PayloadError as error:
            logger.warning("%s: %s", message.topic, error)
            return
        if echo is not None:
            self._later.append((time.monotonic() + self._delay_s, echo))

    def _echo_what_is_due(self, bus: Bus) -> None:
        while self._later and self._later[0][0] <= time.monotonic():
            echo = self._later.popleft()[1]
            bus.publish(echo.topic, echo.payload, retain=True)
