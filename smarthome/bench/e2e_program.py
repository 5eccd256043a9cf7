"""``smarthome listen`` as a program among others: files go in, lines and MQTT messages come out, each with its time."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from smarthome.bus.client import Bus
from smarthome.bus.embedded_broker import EmbeddedBroker
from smarthome.bus.topics import Topics
from smarthome.errors import FailureError
from smarthome.events import Event, Message
from smarthome.settings import MqttSettings

SITE = "bench"
TOPICS = Topics(SITE)
SETTLE_S = 0.5
"""After the program's end: what the broker still delivers."""


@dataclass(frozen=True, slots=True)
class Line:
    """A JSON line of the program, and when it came (monotonic clock of this machine, as all times here)."""

    record: dict[str, Any]
    at: float


@dataclass(frozen=True, slots=True)
class Arrival:
    """An MQTT message as a subscriber got it."""

    topic: str
    payload: str
    at: float


@dataclass(slots=True)
class Session:
    """Everything that the program said until its end."""

    lines: list[Line] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    began_at: float = 0.0
    ended_at: float = 0.0
    peak_mb: float = 0.0

    @property
    def counters(self) -> dict[str, int]:
        """How often what happened, as the site published it last."""
        found = [each.payload for each in self.arrivals if each.topic == TOPICS.counters]
        return dict(json.loads(found[-1])) if found else {}

    @property
    def utterances(self) -> list[Line]:
        """The lines about utterances."""
        return [line for line in self.lines if line.record.get("type") == "utterance"]


@dataclass(frozen=True, slots=True)
class Listening:
    """How the program is started. ``beside`` is a command that keeps the machine busy meanwhile."""

    devices: Path
    area: str | None = None
    fast: bool = False
    model: str = "whisper-base"
    beside: str | None = None
    config: Path | None = None

    def run(self, files: Sequence[Path], seen: Callable[[int, Line], None] = lambda _pid, _line: None) -> Session:
        """Let it hear ``files``; ``seen`` is called with its process id for every line.

        Raises FailureError when it cannot be started or ends with an error.
        """
        session = Session()
        with ExitStack() as stack:
            complaints = stack.enter_context(tempfile.TemporaryFile())
            mqtt = stack.enter_context(_watched_broker(session))
            if self.beside:
                stack.enter_context(_beside(self.beside, self._environment(mqtt)))
            session.began_at = time.monotonic()
            program = subprocess.Popen(
                self._command(files), env=self._environment(mqtt), stdout=subprocess.PIPE, stderr=complaints
            )
            stack.callback(program.kill)
            _read_lines(program, session, seen)
            code = program.wait()
            session.ended_at = time.monotonic()
            time.sleep(SETTLE_S)
            if code:
                complaints.seek(0)
                said = complaints.read().decode("utf-8", "replace").strip().splitlines()
                raise FailureError(f"`smarthome listen` ended with {code}: {said[-1] if said else 'no message'}")
        return session

    def _command(self, files: Sequence[Path]) -> list[str]:
        command = [sys.executable, "-m", "smarthome", "listen", "--json", "--devices", str(self.devices)]
        command += ["--area", self.area] if self.area else []
        command += ["--config", str(self.config)] if self.config else []
        return [*command, *(["--fast"] if self.fast else []), "--audio", *map(str, files)]

    def _environment(self, mqtt: MqttSettings) -> dict[str, str]:
        """The owner's, led to our broker; words that are no commands are wanted too."""
        ours = {
            "SITE": SITE,
            "MQTT__HOST": mqtt.host,
            "MQTT__PORT": str(mqtt.port),
            "PRIVACY__PUBLISH_TEXT": "all",
            "WHISPER__MODEL": self.model,
        }
        return os.environ | {f"SMARTHOME_{key}": value for key, value in ours.items()}


def resident_kb(pid: int) -> int:
    """Memory that a process holds now (proc(5), VmRSS)."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    held = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
    return int(held[1]) if held else 0


def _read_lines(program: subprocess.Popen[bytes], session: Session, seen: Callable[[int, Line], None]) -> None:
    assert program.stdout is not None  # noqa: S101 (a pipe)
    with program.stdout as lines:
        for text in lines:
            line = Line(json.loads(text), time.monotonic())
            session.lines.append(line)
            seen(program.pid, line)


@contextmanager
def _watched_broker(session: Session) -> Iterator[MqttSettings]:
    """A broker, and a subscriber to everything that notes what comes and when."""
    lock = threading.Lock()

    def note(event: Event) -> None:
        if isinstance(event, Message):
            arrival = Arrival(event.topic, event.payload.decode("utf-8", "replace"), time.monotonic())
            with lock:
                session.arrivals.append(arrival)

    with EmbeddedBroker() as broker:
        mqtt = MqttSettings(host=broker.host, port=broker.port)
        with Bus(mqtt, note, client=f"bench-{os.getpid()}", states=("#",)) as bus:
            bus.wait_connected(10.0)
            yield mqtt


@contextmanager
def _beside(command: str, environment: dict[str, str]) -> Iterator[None]:
    """Another program on the same machine; it is ended in order."""
    other = subprocess.Popen(
        shlex.split(command), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        other.terminate()
        try:
            other.wait(timeout=10)
        except subprocess.TimeoutExpired:
            other.kill()
            other.wait()
