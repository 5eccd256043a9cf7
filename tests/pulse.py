"""A microphone without hardware: PulseAudio with a loudspeaker into the void and a microphone that hears it.

As a fixture for tests, and for any program::

    python -m tests.pulse smarthome listen     # then, in another terminal: the paplay line that is printed
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

STARTS_WITHIN_S = 20.0
SERVER = (
    *("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--log-level=error"),
    *("-L", "module-native-protocol-unix"),
    *("-L", "module-null-sink sink_name=vspk"),
    *("-L", "module-remap-source master=vspk.monitor source_name=vmic"),
)


@dataclass(frozen=True, slots=True)
class PulseMicrophone:
    """``env`` is the environment in which a program hears it as the default microphone.

    In a process of its own: PortAudio looks for sound servers once, when it is loaded.
    """

    env: dict[str, str]
    server: subprocess.Popen[bytes]

    def play(self, recording: Path) -> None:
        """Speak a recording (wav, flac, ogg) into the microphone; returns at its end."""
        subprocess.run(["paplay", "--device=vspk", str(recording)], env=self.env, check=True, timeout=120)

    def freeze(self) -> None:
        """Let the sound server hang."""
        self.server.send_signal(signal.SIGSTOP)

    def unplug(self) -> None:
        """End the sound server, and the microphone with it."""
        self.server.terminate()
        self.server.wait(timeout=10)


@contextmanager
def running_pulse_microphone() -> Iterator[PulseMicrophone]:
    """Start the server, wait until it can be used, end it."""
    for program in ("pulseaudio", "pactl", "paplay"):
        require(program, "pulseaudio pulseaudio-utils libasound2-plugins libportaudio2")
    # Not pytest's tmp_path: the path of a socket has at most 107 characters.
    with tempfile.TemporaryDirectory(prefix="pulse-") as runtime:
        env = silent_environment(runtime) | {"PULSE_SERVER": f"unix:{runtime}/pulse/native"}
        server = subprocess.Popen(SERVER, env=env)
        try:
            wait_until_usable(["pactl", "set-default-source", "vmic"], env, server)
            yield PulseMicrophone(env, server)
        finally:
            server.send_signal(signal.SIGCONT)
            server.terminate()
            server.wait(timeout=10)


@pytest.fixture
def pulse_microphone() -> Iterator[PulseMicrophone]:
    with running_pulse_microphone() as microphone:
        yield microphone


def silent_environment(runtime: str) -> dict[str, str]:
    """The environment with no sound server in reach; ``runtime`` is an empty directory of mode 0700."""
    shown = {key: value for key, value in os.environ.items() if not key.startswith(("PULSE_", "PIPEWIRE_", "JACK_"))}
    return shown | {
        "XDG_RUNTIME_DIR": runtime,
        "PULSE_COOKIE": f"{runtime}/cookie",
        "PULSE_STATE_PATH": runtime,
        "JACK_NO_START_SERVER": "1",
    }


def require(program: str, packages: str) -> None:
    if not shutil.which(program):
        pytest.fail(f"{program} is not installed: apt-get install {packages} (all: tests/apt.txt)")


def wait_until_usable(probe: list[str], env: dict[str, str], server: subprocess.Popen[bytes]) -> None:
    """Until ``probe`` succeeds."""
    give_up = time.monotonic() + STARTS_WITHIN_S
    while subprocess.run(probe, env=env, capture_output=True, check=False).returncode:
        if server.poll() is not None or time.monotonic() > give_up:
            pytest.fail(f"the sound server did not start: {server.args!r}")
        time.sleep(0.05)


if __name__ == "__main__":
    with running_pulse_microphone() as here:
        sys.stderr.write(f"PULSE_SERVER={here.env['PULSE_SERVER']} paplay --device=vspk RECORDING.wav\n")
        sys.exit(subprocess.run(sys.argv[1:], env=here.env, check=False).returncode)
