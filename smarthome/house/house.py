"""Intents and device messages in; commands, confirmations and live state out. The house as the daemon sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from smarthome.events import Command
from smarthome.house.attributes import Attributes
from smarthome.house.drivers import CannotDoError, Driver, PayloadError
from smarthome.house.drivers.generic import GenericDriver
from smarthome.house.drivers.zigbee2mqtt import Zigbee2MqttDriver
from smarthome.house.policy import needs_confirmation
from smarthome.house.resolution import Change, Resolution, resolve
from smarthome.house.shadow import Shadow
from smarthome.intents import Intent, Parse, Status
from smarthome.inventory import Device, Inventory


@dataclass(frozen=True, slots=True)
class Plan:
    """What carrying out some intents comes to, before anything is sent. ``reason`` is None when all of it can be."""

    status: Status
    reason: str | None
    orders: tuple[tuple[Change, Command], ...] = ()
    choice: tuple[Device, ...] = ()

    @property
    def commands(self) -> tuple[Command, ...]:
        """The MQTT messages, in the order of the intents."""
        return tuple(command for _, command in self.orders)


class House:
    """Devices, what they were told, and what they say. Pure: time is handed in, messages are returned."""

    def __init__(
        self, inventory: Inventory, confirm_s: float = 3.0, base_topic: str = "home", zigbee_topic: str = "zigbee2mqtt"
    ) -> None:
        self.inventory = inventory
        self._confirm_s = confirm_s
        self._drivers: dict[str, Driver] = {
            "generic": GenericDriver(base_topic),
            "zigbee2mqtt": Zigbee2MqttDriver(zigbee_topic),
        }
        self._shadows: dict[str, Shadow] = {device.id: Shadow() for device in inventory.devices}
        self._listeners: dict[str, list[Device]] = {}
        for device in inventory.devices:
            for topic in self._drivers[device.driver].topics(device):
                self._listeners.setdefault(topic, []).append(device)

    @property
    def topics(self) -> tuple[str, ...]:
        """Every topic on which a device speaks."""
        return tuple(self._listeners)

    def set_topic(self, device: Device) -> str:
        """Where a device takes its commands."""
        return self._drivers[device.driver].set_topic(device)

    def shadow(self, device: Device) -> Shadow:
        """What is known of a device."""
        return self._shadows[device.id]

    def state_of(self, device: Device) -> Attributes:
        """What a device last reported."""
        return self._shadows[device.id].reported

    def plan(self, parse: Parse, area: str | None, read: Callable[[str], Parse] | None = None) -> Plan:
        """What a parse comes to in this house; ``area`` is the microphone's area id. Nothing is sent or remembered.

        ``read`` understands the words of a delayed command, which must be one that could be carried out now.
        """
        if parse.status != "ok":
            return Plan(parse.status, parse.reason)
        for command in (intent.slots.get("conversation_command") for intent in parse.intents):
            if command is not None and read is not None:
                later = self.plan(read(str(command)), area)
                if later.status != "ok" or later.reason:
                    return replace(later, orders=())
        found = [resolve(self.inventory, intent, area, self.state_of) for intent in parse.intents]
        unclear = next((each for each in found if each.reason == "ambiguous"), None)
        if unclear:
            return Plan("ask", "ambiguous", choice=unclear.devices)
        if any(needs_confirmation(change) for each in found for change in each.changes):
            return Plan("confirm", "confirm")
        return self._orders(found)

    def _orders(self, found: Sequence[Resolution]) -> Plan:
        reason = next((each.reason for each in found if each.reason), None)
        orders = []
        for change in (change for each in found for change in each.changes):
            try:
                orders.append((change, self._encode(change)))
            except CannotDoError:
                reason = "no_handler"
        return Plan("ok", reason, tuple(orders))

    def _encode(self, change: Change) -> Command:
        driver = self._drivers[change.device.driver]
        topic, payload = driver.encode(change.device, change.attributes, self.state_of(change.device))
        return Command(change.device.id, topic, payload)

    def told(self, plan: Plan, now: float) -> tuple[Device, ...]:
        """Remember that a plan's commands were sent; returns the devices whose shadow changed."""
        for change, _ in plan.orders:
            shadow = self._shadows[change.device.id]
            self._shadows[change.device.id] = shadow.told(change.attributes, now + self._confirm_s)
        return tuple(dict.fromkeys(change.device for change, _ in plan.orders))

    def heard(self, topic: str, payload: bytes, now: float, *, retained: bool = False) -> tuple[Device, ...]:
        """Take in what a device says; returns the devices whose shadow changed. Raises PayloadError."""
        changed = []
        for device in self._listeners.get(topic, ()):
            if not payload:
                continue  # an empty retained message only deletes what was retained
            report = self._drivers[device.driver].decode(device, topic, payload)
            before = self._shadows[device.id]
            after = before.said(report.attributes, now, retained=retained) if report.attributes else before
            if report.available is not None:
                after = replace(after, available=report.available)
            if after != before:
                self._shadows[device.id] = after
                changed.append(device)
        return tuple(changed)

    @property
    def next_deadline(self) -> float | None:
        """When the next awaited echo is overdue."""
        return min((shadow.due_at for shadow in self._shadows.values() if shadow.due_at is not None), default=None)

    def expire(self, now: float) -> tuple[Device, ...]:
        """Give up on echoes that are overdue; returns the devices that stayed silent."""
        late = [d for d in self.inventory.devices if (due := self._shadows[d.id].due_at) is not None and due <= now]
        for device in late:
            self._shadows[device.id] = self._shadows[device.id].expired()
        return tuple(late)


def judged(plan: Plan, parse: Parse) -> tuple[tuple[Intent, ...], Status, str | None]:
    """What is reported of a sentence: its intents unless something has to be asked, the status, the reason."""
    intents = parse.intents if plan.status in {"ok", "confirm"} else ()
    return intents, plan.status, plan.reason


__all__ = ["House", "PayloadError", "Plan", "judged"]
