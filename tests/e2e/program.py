"""The program in a process of its own, and recordings to speak to it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import wave
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from smarthome.ears.audio_files import decode, to_pcm
from smarthome.events import SAMPLE_RATE
from tests.mosquitto import eventually

SMARTHOME = str(Path(sys.executable).parent / "smarthome")
REPOSITORY = Path(__file__).parent.parent.parent
DEVICES = str(REPOSITORY / "devices.yaml")
RECORDINGS = REPOSITORY / "smarthome" / "demo" / "recordings"
SITE = "test"


class Program:
    """``smarthome ARGS`` as a child; its output goes to files, so that nothing blocks."""

    def __init__(self, folder: Path, *args: str, env: Mapping[str, str] | None = None, **settings: object) -> None:
        self._args = args
        self._folder = folder
        clean = {key: value for key, value in (env or os.environ).items() if not key.startswith("SMARTHOME_")}
        ours = {f"SMARTHOME_{key.upper()}": str(value) for key, value in settings.items()}
        self._env = clean | {"SMARTHOME_SITE": SITE, "SMARTHOME_WHISPER__MODEL": "whisper-base"} | ours
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with (self._folder / "stdout").open("wb") as out, (self._folder / "stderr").open("wb") as err:
            self._process = subprocess.Popen([SMARTHOME, *self._args], stdout=out, stderr=err, env=self._env)
        return self

    def __exit__(self, *exc: object) -> None:
        assert self._process
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(timeout=10)

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self._process
        return self._process.pid

    @property
    def out(self) -> str:
        """Standard output so far."""
        return (self._folder / "stdout").read_text(encoding="utf-8")

    @property
    def err(self) -> str:
        """Standard error, the log, so far."""
        return (self._folder / "stderr").read_text(encoding="utf-8")

    def lines(self) -> list[dict[str, Any]]:
        """The JSON lines so far."""
        return [json.loads(line) for line in self.out.splitlines(keepends=True) if line.endswith("\n")]

    def is_running(self) -> bool:
        """Whether it has not ended."""
        assert self._process
        return self._process.poll() is None

    def logs(self, pattern: str, timeout_s: float = 60.0) -> bool:
        """Wait for a line of the log."""
        return eventually(lambda: re.search(pattern, self.err) or not self.is_running(), timeout_s) and bool(
            re.search(pattern, self.err)
        )

    def end(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Send a signal; exit code and seconds until the end."""
        assert self._process
        began = time.monotonic()
        self._process.send_signal(how)
        code = self._process.wait(timeout=30)
        return code, time.monotonic() - began

    def wait(self, timeout_s: float = 120.0) -> int:
        """Its exit code when it ends by itself."""
        assert self._process
        return self._process.wait(timeout=timeout_s)


def as_wav(path: Path, *parts: NDArray[np.float32]) -> Path:
    """A 16 kHz mono WAV file of these sounds, one after the other."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(to_pcm(np.concatenate(parts)))
    return path


def silence(seconds: float) -> NDArray[np.float32]:
    """Nothing to hear."""
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


def recording(number: int) -> NDArray[np.float32]:
    """One of the demo's recordings."""
    return decode(RECORDINGS / f"{number:02}.flac")


def audible_span(samples: NDArray[np.float32]) -> tuple[float, float]:
    """Seconds to the first and the last sound within 35 dB of the loudest 10 ms: where a listener would put them."""
    block = SAMPLE_RATE // 100
    power = (samples[: len(samples) // block * block].reshape(-1, block) ** 2).mean(axis=1)
    loud = np.flatnonzero(power > power.max() * 10**-3.5)
    return float(loud[0]) / 100, float(loud[-1] + 1) / 100


def commands(events: Sequence[str]) -> list[dict[str, Any]]:
    """The commands in the payloads of a site's event topic."""
    return [command for event in map(json.loads, events) for command in event.get("commands", ())]
