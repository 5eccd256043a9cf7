"""A sound card with one sample rate only, without hardware: JACK with its dummy driver, which hears silence."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from tests.pulse import require, silent_environment, wait_until_usable

NATIVE_RATE = 44_100


@contextmanager
def running_jack() -> Iterator[dict[str, str]]:
    """The environment in which PortAudio finds the device ``system``."""
    require("jackd", "jackd2")
    name = f"smarthome-test-{os.getpid()}"
    with tempfile.TemporaryDirectory(prefix="jack-") as runtime:
        env = silent_environment(runtime) | {"JACK_DEFAULT_SERVER": name, "JACK_NO_AUDIO_RESERVATION": "1"}
        command = ["jackd", "--no-realtime", "--name", name, "-d", "dummy", "--rate", str(NATIVE_RATE)]
        server = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until_usable(["jack_lsp"], env, server)
            yield env
        finally:
            server.terminate()
            server.wait(timeout=10)
