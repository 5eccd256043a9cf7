"""The broker as the rest of smarthome sees it: payloads in and out, connections and their troubles kept inside.

``Bus`` keeps one ``Connection`` alive after another in a thread of its own and puts ``Connected``, ``Disconnected`` and
``Message`` where it is told to. ``memory.MemoryBus`` does the same without a network.
"""

from __future__ import annotations

import logging
import random
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Protocol, Self

from paho.mqtt.matcher import MQTTMatcher

from smarthome.bus.connection import Connection
from smarthome.bus.reasons import Ending, taken_over_by
from smarthome.bus.terms import Terms
from smarthome.bus.tls import tls_context
from smarthome.errors import FailureError
from smarthome.events import Connected, Disconnected, Event, Message, ReplyTo
from smarthome.settings import MqttSettings

logger = logging.getLogger(__name__)

STOP_S = 1.0
"""How long leaving a ``Bus`` may take, whatever the broker does."""
STABLE_S = 60.0
"""A connection that lasts this long has proved itself; the next wait starts from the shortest again."""


class Broker(Protocol):
    """Where messages go to: a ``Bus``, or a ``MemoryBus`` in tests."""

    def publish(self, topic: str, payload: str, *, retain: bool = False, command: bool = False) -> bool:
        """Send now or never; False: refused, nothing will arrive. ``command`` marks what moves a device."""
        ...

    @property
    def backlog(self) -> int:
        """How many messages are on their way; whoever has thousands waits while there are many."""
        ...


class BrokerUnreachableError(FailureError):
    """There is no connection; the message says why and what to do."""


def backoff_s(failures: int, shortest_s: float, longest_s: float, chance: Callable[[], float] = random.random) -> float:
    """How long to wait after so many failures in a row (1 and up): between the two, longer and longer, by chance.

    The upper bound doubles from twice the shortest wait; the draw spreads the clients of a broker that comes back
    (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
    """
    shortest_s = min(shortest_s, longest_s)
    upper = min(longest_s, shortest_s * 2.0 ** min(failures, 32))
    return shortest_s + (upper - shortest_s) * chance()


class Bus:
    """A client of an MQTT broker, connected for as long as it is entered, whatever the broker does.

    Subscribes to the filters ``commands`` (QoS 1; retained messages there are old and are dropped) and ``states``
    (QoS 0; arrive with ``Message.state`` set). ``availability`` is the topic that says ``online`` or ``offline``,
    retained, also as the last will; with another ``will`` the client itself says how it is. A ``journaled`` client is
    sent what came while it was away, and gets retained commands too, as such. ``put`` is called from the client's
    thread and must not block. Entering raises ConfigurationError when the certificates cannot be used, and nothing
    else: the broker may come later.
    """

    def __init__(  # noqa: PLR0913 (what a client is)
        self,
        mqtt: MqttSettings,
        put: Callable[[Event], None],
        *,
        client: str,
        commands: Sequence[str] = (),
        states: Sequence[str] = (),
        availability: str | None = None,
        will: str = "offline",
        journaled: bool = False,
    ) -> None:
        self._terms = Terms(mqtt, f"smarthome-{client}", tuple(commands), tuple(states), availability, will, journaled)
        self._put = put
        self._commands = MQTTMatcher()  # type: ignore[no-untyped-call]
        for topic in commands:
            self._commands[topic] = topic
        self._changed = threading.Condition()
        self._connected = False
        self._ending: Ending | None = None
        self._reported: Ending | None = None
        self._hang_ups = 0
        self._stopping = threading.Event()
        self._connection: Connection | None = None
        self._tls: ssl.SSLContext | None = None
        self._thread = threading.Thread(target=self._run, name=f"mqtt-{client}", daemon=True)

    def __enter__(self) -> Self:
        self._tls = tls_context(self._terms.mqtt)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        if self._connection is not None:
            self._connection.close()
        self._thread.join(STOP_S)
        if self._thread.is_alive():
            logger.debug("left while still connecting to %s", self._where)

    def publish(self, topic: str, payload: str, *, retain: bool = False, command: bool = False) -> bool:
        """Send now or never (QoS 1, a ``command`` QoS 2); False when there is no connection. Never blocks."""
        connection = self._connection
        return connection is not None and connection.publish(topic, payload, retain=retain, command=command)

    def answer(self, to: ReplyTo, payload: str) -> bool:
        """Publish what somebody waits for, with their correlation data; as ``publish``."""
        connection = self._connection
        return connection is not None and connection.publish(
            to.topic, payload, retain=False, correlation=to.correlation
        )

    @property
    def backlog(self) -> int:
        """How many messages the broker has not acknowledged; 0 without a connection."""
        connection = self._connection
        return 0 if connection is None else connection.backlog

    def flush(self, timeout_s: float) -> bool:
        """Wait until the broker has acknowledged all that was published; False when it has not in time."""
        connection = self._connection
        return connection is not None and connection.flush(timeout_s)

    def wait_connected(self, timeout_s: float) -> None:
        """Wait for the connection; raises BrokerUnreachableError, at once when waiting will not help."""
        with self._changed:
            self._changed.wait_for(lambda: self._connected or (self._ending and self._ending.refused), timeout_s)
            if not self._connected:
                reason = self._ending.reason if self._ending else f"the broker at {self._where} does not answer"
                raise BrokerUnreachableError(reason)

    @property
    def _where(self) -> str:
        return f"{self._terms.mqtt.host}:{self._terms.mqtt.port}"

    def _run(self) -> None:
        failures = 0
        mqtt = self._terms.mqtt
        while not self._stopping.is_set():
            began = time.monotonic()
            ending = self._live()
            if ending is None or self._stopping.is_set():
                return
            lasted_s = time.monotonic() - began
            self._fail(ending, lasted_s)
            failures = 1 if lasted_s > max(STABLE_S, 2 * mqtt.backoff_max_s) else failures + 1
            self._stopping.wait(backoff_s(failures, mqtt.backoff_min_s, mqtt.backoff_max_s))

    def _live(self) -> Ending | None:
        """One connection from its beginning to its end."""
        self._connection = Connection(self._terms, self._tls, self._granted, self._received)
        if self._stopping.is_set():
            self._connection.close()
        try:
            return self._connection.run()
        except Exception as error:
            logger.exception("the MQTT client failed")
            return Ending(f"the MQTT client failed: {type(error).__name__}: {error}")

    def _granted(self) -> None:
        logger.info("connected to the broker at %s (MQTT %s)", self._where, self._terms.mqtt.protocol)
        with self._changed:
            self._connected = True
            self._ending = self._reported = None
            self._changed.notify_all()
        self._put(Connected())

    def _received(self, topic: str, payload: bytes, retained: bool, reply_to: ReplyTo | None) -> None:
        command = any(self._commands.iter_match(topic))  # type: ignore[no-untyped-call]
        if command and retained and not self._terms.journaled:
            logger.warning("a retained message on %s is old and is not obeyed: publish commands without retain", topic)
            return
        self._put(Message(topic, payload, retained, state=not command, reply_to=reply_to))

    def _fail(self, ending: Ending, lasted_s: float) -> None:
        """Tell of an ending: the first of an outage as a warning, and one that asks for somebody's hand."""
        ending = self._judge(ending, lasted_s)
        with self._changed:
            self._connected = False
            self._ending = ending
            self._changed.notify_all()
        if self._reported is not None and (ending == self._reported or not ending.refused):
            logger.debug("still no broker: %s", ending.reason)
            return
        logger.warning("%s; trying again until it works", ending.reason)
        self._reported = ending
        self._put(Disconnected(ending.reason))

    def _judge(self, ending: Ending, lasted_s: float) -> Ending:
        """A broker that hangs up again and again soon after it had accepted us has another client of our name."""
        self._hang_ups = self._hang_ups + 1 if ending.silent and lasted_s < STABLE_S else 0
        if self._hang_ups < 2:
            return ending
        return Ending(
            f"{ending.reason} again; maybe {taken_over_by(self._terms.client_id, self._terms.mqtt)}", taken_over=True
        )
