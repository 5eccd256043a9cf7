"""The bus without a network, for tests: what is published comes out at whoever subscribed, in the same thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from paho.mqtt.client import topic_matches_sub

from smarthome.events import Connected, Disconnected, Event, Message


@dataclass(frozen=True, slots=True)
class Published:
    """A message as it was handed over."""

    topic: str
    payload: str
    retain: bool = False
    command: bool = False


class MemoryBroker:
    """What several ``MemoryBus`` share. ``retained`` is topic → payload, ``published`` everything in order."""

    def __init__(self) -> None:
        self.published: list[Published] = []
        self.retained: dict[str, str] = {}
        self._buses: list[MemoryBus] = []

    def add(self, bus: MemoryBus) -> None:
        """It is connected now; it gets what is retained."""
        self._buses.append(bus)
        for topic, payload in list(self.retained.items()):
            bus.receive(topic, payload, retained=True)

    def remove(self, bus: MemoryBus) -> None:
        """It is not connected any more."""
        self._buses.remove(bus)

    def publish(self, message: Published) -> None:
        """Keep it if it is retained, hand it on."""
        self.published.append(message)
        if message.retain and message.payload:
            self.retained[message.topic] = message.payload
        elif message.retain:
            self.retained.pop(message.topic, None)
        for bus in list(self._buses):
            bus.receive(message.topic, message.payload, retained=False)


class MemoryBus:
    """Behaves as ``client.Bus`` does, connected as soon as it is entered. ``lose`` and ``regain`` are the network's."""

    def __init__(
        self,
        put: Callable[[Event], None],
        *,
        commands: Sequence[str] = (),
        states: Sequence[str] = (),
        availability: str | None = None,
        broker: MemoryBroker | None = None,
    ) -> None:
        self.broker = broker or MemoryBroker()
        self._put = put
        self._commands = commands
        self._states = states
        self._availability = availability
        self._connected = False

    def __enter__(self) -> Self:
        self.regain()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._connected:
            self._announce("offline")
            self._connected = False
            self.broker.remove(self)

    @property
    def published(self) -> list[Published]:
        """Everything that anybody has published, in order."""
        return self.broker.published

    @property
    def backlog(self) -> int:
        """Nothing is ever on its way."""
        return 0

    def publish(self, topic: str, payload: str, *, retain: bool = False, command: bool = False) -> bool:
        """As ``Bus.publish``."""
        if self._connected:
            self.broker.publish(Published(topic, payload, retain, command))
        return self._connected

    def lose(self, reason: str = "the cable is cut") -> None:
        """The connection breaks."""
        self.broker.remove(self)
        self._announce("offline")
        self._connected = False
        self._put(Disconnected(reason))

    def regain(self) -> None:
        """The connection comes about."""
        self._connected = True
        self._announce("online")
        self._put(Connected())
        self.broker.add(self)

    def receive(self, topic: str, payload: str, *, retained: bool) -> None:
        """From the broker."""
        command = any(topic_matches_sub(each, topic) for each in self._commands)
        if (command and not retained) or (not command and any(topic_matches_sub(each, topic) for each in self._states)):
            self._put(Message(topic, payload.encode(), retained, state=not command))

    def _announce(self, word: str) -> None:
        if self._availability:
            self.broker.publish(Published(self._availability, word, retain=True))
