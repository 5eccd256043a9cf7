"""Intents and device messages in; commands, confirmations and live state out. The house as the daemon sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from smarthome.events import Command
from smarthome.house.attributes import Attributes
from smarthome.house.drivers import CannotDoError, Driver, PayloadError
from smarthome.house.drivers.generic import GenericDriver
from smarthome.house.drivers.zigbee2mqtt import Zigbee2MqttDriver
from smarthome.house.policy import lets_in, needs_confirmation
from smarthome.house.resolution import WORDS, Change, Resolution, resolve
from smarthome.house.shadow import Shadow
from smarthome.intents import Action, Intent, Parse, Status
from smarthome.inventory import Device, Inventory


@dataclass(frozen=True, slots=True)
class Plan:
    """What carrying out some intents comes to, before anything is sent. ``reason`` is None when all of it can be.

    ``choice``: the devices one of which was meant, when it has to be asked; ``unsure``: what a yes is wanted for;
    ``delayed``: it is about a command that was put off.
    """

    status: Status
    reason: str | None
    orders: tuple[tuple[Change, Command], ...] = ()
    choice: tuple[Device, ...] = ()
    unsure: tuple[Change, ...] = ()
    delayed: bool = False

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
        for device in inventory.on_the_bus:
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

    def plan(
        self, parse: Parse, area: str | None, read: Callable[[str], Parse] | None = None, *, confirmed: bool = False
    ) -> Plan:
        """What a parse comes to in this house; ``area`` is the microphone's area id. Nothing is sent or remembered.

        ``read`` understands the words of a delayed command, which must be one that could be carried out now, and those
        of the owner's scenes. ``confirmed``: a yes was said to all of it.
        """
        if parse.status != "ok":
            return Plan(parse.status, parse.reason)
        for intent in parse.intents:
            command = intent.slots.get("conversation_command")
            if intent.action is Action.START_TIMER and command is not None and read is not None:
                later = self.plan(read(str(command)), area, read, confirmed=confirmed)
                if later.status != "ok" or later.reason:
                    return replace(later, orders=(), delayed=True)
        found = [each for intent in parse.intents for each in self._resolved(intent, area, read)]
        unclear = next((each for each in found if each.reason == "ambiguous"), None)
        if unclear:
            return Plan("ask", "ambiguous", choice=unclear.devices)
        changes = (change for each in found for change in each.changes)
        unsure = tuple(change for change in changes if parse.unsure or needs_confirmation(change))
        if unsure and not confirmed:
            return Plan("confirm", "confirm", unsure=unsure)
        return self._orders(found)

    def _resolved(self, intent: Intent, area: str | None, read: Callable[[str], Parse] | None) -> Iterator[Resolution]:
        """What an intent changes; an owner's scene is what its commands change."""
        found = resolve(self.inventory, intent, area, self.state_of)
        scenes = [change.device for change in found.changes if change.device.commands]
        if not scenes or read is None:
            yield found
            return
        yield replace(found, changes=tuple(each for each in found.changes if not each.device.commands))
        for scene in scenes:
            yield Resolution(tuple(change for change in found.changes if change.device is scene and scene.confirm))
            for command in scene.commands:
                for part in read(command).intents:
                    yield from self._resolved(part, scene.area or area, None)

    def changes(self, intent: Intent, area: str | None) -> bool | None:
        """Whether an intent would change any device as they last reported; None when that cannot be told.

        ``area`` as in ``plan``. It tells «включи» from «выключи» when only half of it was heard (``Context.changes``).
        """
        found = resolve(self.inventory, intent, area, self.state_of)
        known = [self._shadows[change.device.id].would_change(change.attributes) for change in found.changes]
        if True in known:
            return True
        return None if None in known or not known else False

    def before(self, plan: Plan) -> tuple[Change, ...]:
        """What takes a plan back: its devices as they are now; without those that have never said how they are."""
        found = (_as_it_is(change, self.state_of(change.device)) for change, _ in plan.orders)
        return tuple(change for change in found if change.attributes)

    def restore(self, changes: Sequence[Change]) -> Plan:
        """The plan that takes devices back to how they were; none of it opens a door, unlocks or disarms."""
        safe = (each for each in changes if not lets_in(each) and not needs_confirmation(each))
        return self._orders([Resolution(tuple(safe))])

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


def _as_it_is(change: Change, said: Attributes) -> Change:
    """What a change touches, as the device reports it; without attributes when that cannot be brought back."""
    wanted = {key.removesuffix("_step") for key in change.attributes}
    known = {key: said[key] for key in wanted if key in said}
    if change.device.domain == "light" and said.get("state") == "off":
        known = {"state": "off"}
    states = {words.get("state") for words in WORDS.get(change.device.domain, {}).values()}
    brought_back = len(known) >= len(wanted) or known == {"state": "off"}
    return replace(change, attributes=known if brought_back and known.get("state", "on") in states | {"on"} else {})


def judged(plan: Plan, parse: Parse) -> tuple[tuple[Intent, ...], Status, str | None]:
    """What is reported of a sentence: its intents unless something has to be asked, the status, the reason."""
    intents = parse.intents if plan.status in {"ok", "confirm"} else ()
    return intents, plan.status, plan.reason


__all__ = ["House", "PayloadError", "Plan", "judged"]
