"""One life of one connection to the broker: from connecting to its end, whose reason comes out.

Every life has a paho client of its own. What an earlier life had queued or not finished dies with it, so it can never
arrive late. A command takes QoS 2, whose handshake commits it: the broker hands it on only after our second packet,
and none is sent once ``ACK_TIMEOUT_S`` have passed. So a broker or a network that froze in the middle of it, and wakes
an hour later, finds an "unlock" that nobody confirms any more. With QoS 1 it would carry it out.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec

from paho.mqtt.enums import MQTTErrorCode

from smarthome.bus import reasons
from smarthome.bus.acknowledgements import Acknowledgements
from smarthome.bus.reasons import Ending
from smarthome.bus.terms import CONNECT_TIMEOUT_S, Terms
from smarthome.events import ReplyTo

if TYPE_CHECKING:
    import paho.mqtt.client as paho
    from paho.mqtt.properties import Properties
    from paho.mqtt.reasoncodes import ReasonCode

logger = logging.getLogger(__name__)
P = ParamSpec("P")

ACK_TIMEOUT_S = 5.0
"""A broker that leaves a message unacknowledged for longer is taken for dead."""
FAREWELL_S = 0.8
"""How long an orderly end may take."""
IDLE_S = 1.0
_ABORT = struct.pack("ii", 1, 0)
_FINISH = struct.pack("ii", 0, 0)


def _contained(callback: Callable[P, None]) -> Callable[P, None]:
    """An exception that left a callback would end the connection; logged, it costs one message."""

    @functools.wraps(callback)
    def contained(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            callback(*args, **kwargs)
        except Exception:
            logger.exception("%s failed; the connection goes on", callback.__name__.removeprefix("_"))

    return contained


class _OverError(Exception):
    """The connection is over."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.reason)
        self.ending = ending


class Connection:
    """``run`` lives in one thread; ``publish``, ``flush`` and ``close`` may be called from any.

    ``granted`` is called once the broker has accepted every subscription, ``received`` with (topic, payload, retained,
    where an answer is wanted); the broker is told that a message has come when that returns.
    """

    def __init__(
        self,
        terms: Terms,
        tls: ssl.SSLContext | None,
        granted: Callable[[], None],
        received: Callable[[str, bytes, bool, ReplyTo | None], None],
    ) -> None:
        self._terms = terms
        self._granted = granted
        self._received = received
        self._open = False
        self._closing = threading.Event()
        self._ending: Ending | None = None
        self._answered = False
        self._owed = Acknowledgements()
        self._alarm, self._bell = socket.socketpair()
        self._bell.setblocking(False)  # noqa: FBT003
        self._client = terms.client(tls)
        self._listen_to_client()

    def run(self) -> Ending | None:
        """Connect and serve until the end; returns its reason, None after ``close``."""
        try:
            self._connect()
            deadline = time.monotonic() + CONNECT_TIMEOUT_S
            while not self._closing.is_set():
                self._turn(IDLE_S)
                if not self._open and time.monotonic() > deadline:
                    return reasons.of_silence(self._terms.mqtt)
            self._say_goodbye()
        except _OverError as over:
            return None if self._closing.is_set() else over.ending
        else:
            return None
        finally:
            self._open = False
            self._dispose()

    def publish(
        self, topic: str, payload: str, *, retain: bool, command: bool = False, correlation: bytes = b""
    ) -> bool:
        """Hand a message to the broker; False when there is none or the topic is no topic."""
        if not self._open or self._closing.is_set():
            return False
        try:
            return self._send(topic, payload, retain=retain, command=command, correlation=correlation)
        except ValueError as error:
            logger.warning("nothing can be published to %r: %s", topic, error)
            return False

    @property
    def backlog(self) -> int:
        """How many messages the broker has not acknowledged."""
        return len(self._owed)

    def flush(self, timeout_s: float) -> bool:
        """Wait until the broker has acknowledged everything; False when it has not in time."""
        return self._owed.wait(timeout_s)

    def close(self) -> None:
        """End in order: what is on its way is finished, ``offline`` said, the connection ended."""
        self._closing.set()
        self._ring()

    # --- the life ----------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        mqtt = self._terms.mqtt
        try:
            clean, properties = self._terms.session()
            if mqtt.protocol == "5":
                self._client.connect(mqtt.host, mqtt.port, mqtt.keepalive_s, clean_start=clean, properties=properties)
            else:
                self._client.connect(mqtt.host, mqtt.port, mqtt.keepalive_s)
        except (OSError, ValueError) as error:
            raise _OverError(reasons.of_failed_connect(error, mqtt)) from None
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Should it break, the kernel must not go on sending what is left in its buffer.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)

    @property
    def _socket(self) -> socket.socket:
        """The client's; raises _OverError when it has closed it."""
        sock = self._client.socket()
        if not isinstance(sock, socket.socket):
            raise _OverError(self._ending or self._lost())
        return sock

    def _turn(self, timeout_s: float) -> None:
        """Wait for the network or another thread and serve it; raises _OverError when the connection has ended."""
        sock = self._socket
        buffered = isinstance(sock, ssl.SSLSocket) and sock.pending() > 0
        poll = select.poll()
        poll.register(sock, select.POLLIN | (select.POLLOUT if self._client.want_write() else 0))
        poll.register(self._alarm, select.POLLIN)
        ready = dict(poll.poll(0 if buffered else timeout_s * 1000))
        # Before anything is read: a late answer to a command must not be taken for its acceptance.
        oldest = self._owed.oldest()
        if oldest is not None and time.monotonic() - oldest > ACK_TIMEOUT_S:
            raise _OverError(reasons.of_silence(self._terms.mqtt))
        if self._alarm.fileno() in ready:
            self._alarm.recv(4096)
        if buffered or ready.get(sock.fileno(), 0) & ~select.POLLOUT:
            self._check(self._client.loop_read())
        if self._client.want_write():
            self._check(self._client.loop_write())
        self._check(self._client.loop_misc())

    def _check(self, code: MQTTErrorCode) -> None:
        if self._ending is not None or code != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise _OverError(self._ending or self._lost())

    def _lost(self) -> Ending:
        return reasons.of_loss(self._terms.mqtt, answered=self._answered)

    def _say_goodbye(self) -> None:
        deadline = time.monotonic() + FAREWELL_S
        if self._open and self._terms.availability:
            self._send(self._terms.availability, self._terms.will, retain=True)
        while self._owed.oldest() is not None and (left := deadline - time.monotonic()) > 0:
            self._turn(left)
        if self._owed.oldest() is not None:
            return
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _FINISH)
        self._client.disconnect()
        while (left := deadline - time.monotonic()) > 0:
            self._turn(left)

    def _dispose(self) -> None:
        if (sock := self._client.socket()) is not None:
            sock.close()
        self._alarm.close()
        self._bell.close()

    def _ring(self) -> None:
        """End the waiting of ``_turn``; a bell that rings already, or is gone, will do."""
        with contextlib.suppress(OSError):
            self._bell.send(b"\0")

    def _send(
        self, topic: str, payload: str, *, retain: bool = False, command: bool = False, correlation: bytes = b""
    ) -> bool:
        properties = self._terms.command_properties() if command else self._terms.answer_properties(correlation)
        sent_at = time.monotonic()
        info = self._client.publish(topic, payload.encode(), 2 if command else 1, retain, properties)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            return False
        self._owed.expect(sent_at, topic, info)
        return True

    # --- what paho calls, always in the thread of ``run`` ------------------------------------------------------------

    def _listen_to_client(self) -> None:
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        self._client.on_publish = self._on_publish
        self._client.on_disconnect = self._on_disconnect
        # paho asks for a write when any thread has queued something.
        self._client.on_socket_register_write = lambda *_: self._ring()

    @_contained
    def _on_connect(
        self,
        client: paho.Client,
        _data: object,
        _flags: paho.ConnectFlags,
        code: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if code.is_failure:
            self._ending = reasons.of_refusal(code, self._terms.mqtt)
            return
        self._answered = True
        if wanted := self._terms.subscriptions():
            client.subscribe(wanted)
        else:
            self._begin()

    @_contained
    def _on_subscribe(
        self, _client: paho.Client, _data: object, _mid: int, codes: list[ReasonCode], _properties: Properties | None
    ) -> None:
        refused = [topic for topic, code in zip(self._terms.filters, codes, strict=False) if code.is_failure]
        if refused:
            self._ending = reasons.of_subscriptions(refused, self._terms.mqtt)
        else:
            self._begin()

    def _begin(self) -> None:
        self._open = True
        if self._terms.availability and self._terms.will == "offline":
            self._send(self._terms.availability, "online", retain=True)
        self._granted()

    @_contained
    def _on_message(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        topic = getattr(message.properties, "ResponseTopic", None)
        correlation = getattr(message.properties, "CorrelationData", b"")
        reply_to = ReplyTo(topic, correlation) if topic else None
        self._received(message.topic, bytes(message.payload), message.retain, reply_to)

    @_contained
    def _on_publish(
        self, _client: paho.Client, _data: object, mid: int, code: ReasonCode, _properties: Properties | None
    ) -> None:
        if code.is_failure:
            topic = self._owed.topic(mid)
            logger.warning("the broker did not take a message to %s (%s): allow it in its access list", topic, code)

    @_contained
    def _on_disconnect(
        self,
        _client: paho.Client,
        _data: object,
        flags: paho.DisconnectFlags,
        code: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if flags.is_disconnect_packet_from_server:
            self._ending = reasons.of_disconnect(code, self._terms.mqtt, self._terms.client_id)
        elif code.getName() == "Keep alive timeout":
            self._ending = reasons.of_silence(self._terms.mqtt)
