"""A wanted port in, a running MQTT broker out, for the demo and for homes that have none (docs/decisions.md).

It is for this machine only: no passwords, nothing kept on disk. A home with devices wants Mosquitto.
"""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import threading
import time
from typing import Self

from smarthome.errors import FailureError
from smarthome.settings import MqttSettings

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"
START_S = 15.0
ANSWER_S = 3.0
_CONNECT = {
    4: b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00",
    5: b"\x10\x0d\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x00",
}
_CONNACK = 0x20


class EmbeddedBroker:
    """An MQTT 3.1.1 and 5 broker on loopback, in a process of its own, for as long as it is entered.

    Takes a free port when the wanted one is taken. It dies with this process, also with ``kill -9``; a Ctrl-C in the
    terminal does not reach it, so that everybody can say goodbye. Should it stop answering, it is started anew, without
    its retained messages. Entering raises FailureError when it does not come up.
    """

    def __init__(self, port: int = 1883, check_every_s: float = 10.0) -> None:
        self._wanted_port = port
        self._check_every_s = check_every_s
        self._listening: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = False
        self._alarm = threading.Event()
        self._watch = threading.Thread(target=self._watch_over, name="embedded-broker", daemon=True)

    @property
    def host(self) -> str:
        """Where it listens."""
        return HOST

    @property
    def port(self) -> int:
        """Where it listens."""
        if self._listening is None:
            raise RuntimeError("the broker has a port only while it is entered")
        return int(self._listening.getsockname()[1])

    def settings(self, mqtt: MqttSettings) -> MqttSettings:
        """The same settings, with this broker."""
        here = {"host": self.host, "port": self.port, "tls": False, "username": None, "password": None}
        return mqtt.model_copy(update=here)

    def __enter__(self) -> Self:
        self._listening = _listen(self._wanted_port)
        try:
            self._start()
        except BaseException:
            self._stopping = True
            self._end()
            raise
        self._watch.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stopping = True
        self._alarm.set()
        self._watch.join(2 * ANSWER_S)
        self._end()

    def _start(self) -> None:
        assert self._listening is not None  # noqa: S101 (entered)
        fd = self._listening.fileno()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "smarthome.bus.broker_process", str(fd)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=(fd,),
            start_new_session=True,
        )
        threading.Thread(target=self._relay, args=(self._process,), name="embedded-broker-log", daemon=True).start()
        deadline = time.monotonic() + START_S
        while not self._answers():
            if not self._runs() or time.monotonic() > deadline:
                raise FailureError(
                    "the embedded MQTT broker does not start (SMARTHOME_LOG_LEVEL=DEBUG shows what it says): "
                    "install Mosquitto and set mqtt.host"
                )
            time.sleep(0.05)

    def _end(self) -> None:
        if self._process is not None:
            assert self._process.stdin is not None  # noqa: S101 (a pipe)
            self._process.stdin.close()
            self._process.kill()
            self._process.wait()
            self._process = None
        if self._stopping and self._listening is not None:
            self._listening.close()
            self._listening = None

    def _runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _answers(self) -> bool:
        return all(_answers(self.port, connect) for connect in _CONNECT.values())

    def _watch_over(self) -> None:
        while not self._stopping:
            self._alarm.wait(self._check_every_s)
            self._alarm.clear()
            if self._stopping or (self._runs() and self._answers()):
                continue
            logger.warning("the embedded broker has stopped answering; it is started anew, retained messages are lost")
            self._end()
            try:
                self._start()
            except FailureError:
                logger.exception("the embedded broker is gone")

    def _relay(self, process: subprocess.Popen[bytes]) -> None:
        """What the process says, until it ends."""
        assert process.stderr is not None  # noqa: S101 (a pipe)
        with process.stderr as lines:
            for line in lines:
                logger.debug("%s", line.decode(errors="replace").rstrip())
        process.wait()
        self._alarm.set()


def _listen(wanted_port: int) -> socket.socket:
    """Listening stays with this process, so that the port survives the broker's restart."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((HOST, wanted_port))
    except OSError:
        sock.bind((HOST, 0))
        logger.info("port %d is taken, the embedded broker listens at %d", wanted_port, sock.getsockname()[1])
    sock.listen(128)
    return sock


def _answers(port: int, connect: bytes) -> bool:
    """Whether a broker accepts a client."""
    try:
        with socket.create_connection((HOST, port), timeout=ANSWER_S) as sock:
            sock.sendall(connect)
            return sock.recv(1) == bytes([_CONNACK])
    except OSError:
        return False
