"""From start to listening, and what listening to silence costs: ``smarthome bench idle``."""

from __future__ import annotations

import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from smarthome.bench.machine import machine
from smarthome.errors import FailureError
from smarthome.events import SAMPLE_RATE

READY_WITHIN_S = 120.0


def bench_idle(devices: Path, *, seconds: float, rounds: int) -> dict[str, object]:
    """Start ``smarthome listen`` on paced silence; how long until it listens, and what listening to nothing costs.

    Returns seconds from the start of the process to READY, and the share of one core while idle, each round's and the
    median. Raises FailureError when it does not come to listening.
    """
    starts, shares = [], []
    with tempfile.TemporaryDirectory() as folder:
        silence = _silence(Path(folder) / "silence.wav", seconds + 30)
        for _ in range(rounds):
            began = time.monotonic()
            with _listening(Path(folder) / "notify", devices, silence) as process:
                starts.append(time.monotonic() - began)
                time.sleep(1)  # the first frames
                before, at = _cpu_s(process.pid), time.monotonic()
                time.sleep(seconds)
                shares.append((_cpu_s(process.pid) - before) / (time.monotonic() - at))
    return {
        "machine": machine(),
        "start_s": [round(value, 2) for value in starts],
        "start_median_s": round(statistics.median(starts), 2),
        "idle_percent_of_a_core": [round(100 * value, 2) for value in shares],
        "idle_median_percent": round(100 * statistics.median(shares), 2),
        "seconds": seconds,
    }


@contextmanager
def _listening(notify: Path, devices: Path, silence: Path) -> Iterator[subprocess.Popen[bytes]]:
    """``smarthome listen`` as a service would run it, from the moment it says that it is ready."""
    command = [
        sys.executable,
        "-m",
        "smarthome",
        "listen",
        "--dry-run",
        "--devices",
        str(devices),
        "--audio",
        str(silence),
    ]
    env = os.environ | {"NOTIFY_SOCKET": str(notify), "SMARTHOME_WHISPER__MODEL": "whisper-base"}
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager,
        tempfile.TemporaryFile() as complaints,
    ):
        notify.unlink(missing_ok=True)
        manager.bind(str(notify))
        manager.settimeout(0.1)
        process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=complaints)
        try:
            _wait_ready(manager, process, complaints)
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=10)


def _wait_ready(manager: socket.socket, process: subprocess.Popen[bytes], complaints: IO[bytes]) -> None:
    give_up_at = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < give_up_at:
        try:
            if manager.recv(64) == b"READY=1":
                return
        except TimeoutError:
            if process.poll() is not None:
                complaints.seek(0)
                said = complaints.read().decode("utf-8", "replace").strip()
                raise FailureError(f"`smarthome listen` ended with {process.returncode}: {said}") from None
    raise FailureError(f"`smarthome listen` was not ready after {READY_WITHIN_S:.0f} s")


def _cpu_s(pid: int) -> float:
    """User and system seconds so far (proc(5), fields 14 and 15 of stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _silence(path: Path, seconds: float) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(bytes(2 * round(seconds * SAMPLE_RATE)))
    return path
