"""A real Mosquitto on a free loopback port, that tests may kill, freeze and restart, and a client that looks on."""

from __future__ import annotations

import getpass
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from smarthome.events import Event
from smarthome.settings import MqttSettings

PATIENCE_S = 15.0


def eventually(condition: Callable[[], object], timeout_s: float = PATIENCE_S) -> bool:
    """Whether the condition comes true in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def free_port() -> int:
    """A loopback port that nobody listens at."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class Mosquitto:
    """The broker as a child process. ``extra`` are lines of mosquitto.conf beside listener and access."""

    def __init__(self, directory: Path, extra: str = "allow_anonymous true") -> None:
        self.port = free_port()
        self.directory = directory
        self._extra = extra
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.kill()

    @property
    def log(self) -> str:
        """All it has said since it was made."""
        return (self.directory / "mosquitto.log").read_text(encoding="utf-8")

    def settings(self, **changes: object) -> MqttSettings:
        """How to reach it, impatiently."""
        values: dict[str, object] = {
            "host": "127.0.0.1",
            "port": self.port,
            "backoff_min_s": 0.05,
            "backoff_max_s": 0.3,
        }
        return MqttSettings.model_validate(values | changes)

    def start(self) -> None:
        """Start it and wait until it listens."""
        program = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
        assert program, "these tests need Debian's package mosquitto"
        config = self.directory / "mosquitto.conf"
        # As root it would become another user, who may not read the test's files.
        lines = f"user {getpass.getuser()}\nlistener {self.port} 127.0.0.1\nlog_type all\n{self._extra}\n"
        config.write_text(lines, encoding="utf-8")
        with (self.directory / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen([program, "-c", str(config)], stdout=log, stderr=log)
        assert eventually(self._listens), self.log

    def stop(self) -> None:
        """SIGTERM."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL, frozen or not."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """It stays connected and answers nothing."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on where it was."""
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    def reload(self) -> None:
        """It reads its password file again."""
        assert self._process
        self._process.send_signal(signal.SIGHUP)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=PATIENCE_S)
            self._process = None

    def _listens(self) -> bool:
        assert self._process
        assert self._process.poll() is None, self.log
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", self.port)) == 0


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as it reached the observer; ``expiry_s`` is how long it would still be delivered."""

    topic: str
    text: str
    qos: int
    retained: bool
    expiry_s: int | None = None


class Observer:
    """A client of its own, independent of the code under test: what goes over the broker, and a hand to publish."""

    def __init__(self, port: int, *filters: str, qos: int = 1, username: str | None = None, password: str = "") -> None:
        self.seen: list[Seen] = []
        self._filters = filters
        self._qos = qos
        self._port = port
        self._granted = False
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.reconnect_delay_set(1, 1)
        if username is not None:
            self._client.username_pw_set(username, password)

    def __enter__(self) -> Self:
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        assert eventually(lambda: self._granted)
        return self

    def __exit__(self, *exc: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()
        # Without them the client is freed at once and closes its sockets itself.
        self._client.on_connect = self._client.on_subscribe = self._client.on_message = None

    def texts(self, topic: str) -> list[str]:
        """What came on a topic, in order."""
        return [seen.text for seen in list(self.seen) if seen.topic == topic]

    def saw(self, topic: str, text: str) -> bool:
        """Wait for a message."""
        return eventually(lambda: text in self.texts(topic))

    def publish(self, topic: str, payload: str | bytes, *, retain: bool = False, qos: int = 1) -> None:
        """Publish and wait until the broker has it."""
        info = self._client.publish(topic, payload, qos, retain)
        info.wait_for_publish(PATIENCE_S)
        assert info.is_published()

    def publish_many(self, messages: Iterator[tuple[str, str]], *, retain: bool = False) -> None:
        """Publish all and wait until the broker has the last."""
        infos = [self._client.publish(topic, payload, 1, retain) for topic, payload in messages]
        for info in infos:
            info.wait_for_publish(PATIENCE_S)
        assert all(info.is_published() for info in infos)

    def _on_connect(self, client: paho.Client, *_: object) -> None:
        if self._filters:
            client.subscribe([(each, self._qos) for each in self._filters])
        else:
            self._granted = True

    def _on_subscribe(self, *_: object) -> None:
        self._granted = True

    def _on_message(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        text = bytes(message.payload).decode("utf-8", errors="replace")
        expiry_s = getattr(message.properties, "MessageExpiryInterval", None)
        self.seen.append(Seen(message.topic, text, message.qos, message.retain, expiry_s))


class Events(list[Event]):
    """Where a bus under test puts what happens."""

    def put(self, event: Event) -> None:
        """From any thread."""
        self.append(event)

    def of(self, kind: type[Event]) -> list[Event]:
        """Those of one kind, in order."""
        return [event for event in list(self) if isinstance(event, kind)]

    def has(self, event: Event) -> bool:
        """Wait for an event."""
        return eventually(lambda: event in list(self))

    def count(self, kind: object, at_least: int = 1) -> bool:
        """Wait for so many of a kind."""
        assert isinstance(kind, type)
        return eventually(lambda: sum(isinstance(event, kind) for event in list(self)) >= at_least)


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """An open broker, running."""
    with Mosquitto(tmp_path) as broker:
        yield broker
