"""One file per MQTT convention, behind one port."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from smarthome.house.attributes import Attributes
from smarthome.inventory import Device


@dataclass(frozen=True, slots=True)
class DeviceReport:
    """What a device said of itself. ``available`` is None when the message did not speak of it."""

    attributes: Attributes = field(default_factory=dict)
    available: bool | None = None


class PayloadError(ValueError):
    """A device sent what its driver cannot read."""


class CannotDoError(ValueError):
    """A driver cannot make this device do this; the message says why."""


class Driver(Protocol):
    """How one kind of device is spoken to over MQTT."""

    def topics(self, device: Device) -> tuple[str, ...]:
        """Where the device speaks: the topics to subscribe to."""

    def set_topic(self, device: Device) -> str:
        """Where the device takes its commands."""

    def encode(self, device: Device, change: Attributes, known: Attributes) -> tuple[str, str]:
        """Topic and payload that bring the change about; ``known`` is the device's last reported state.

        Raises CannotDoError.
        """

    def decode(self, device: Device, topic: str, payload: bytes) -> DeviceReport:
        """What a message on one of ``topics`` says. Raises PayloadError."""
