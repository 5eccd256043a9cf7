"""The time that deadlines are counted in: it goes on while the machine sleeps, and nobody can set it."""

from __future__ import annotations

import time
from pathlib import Path


def now() -> float:
    """Seconds since the machine was started, the same in all of its processes."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def boot() -> str:
    """Which start of the machine they are counted from."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
