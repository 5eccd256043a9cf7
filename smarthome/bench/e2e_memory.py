"""What the program holds after thousands of utterances: ``smarthome bench memory``. It must not grow."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import numpy as np

from smarthome.bench.e2e_program import Line, Listening, resident_kb
from smarthome.bench.machine import machine
from smarthome.errors import FailureError

SETTLED = 0.1
"""Caches fill during this share of all utterances; the slope is that of the rest."""
POINTS = 40
"""So many of the measurements are told."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory, 10^6 bytes, after each utterance."""

    held_mb: tuple[float, ...]

    @property
    def slope_kb(self) -> float:
        """Growth in 10^3 bytes for 1,000 utterances: the straight line through the settled part."""
        settled = self.held_mb[round(SETTLED * len(self.held_mb)) :]
        return 1e6 * float(np.polyfit(np.arange(len(settled)), settled, 1)[0]) if len(settled) > 1 else 0.0

    def figures(self) -> dict[str, object]:
        """Everything, ready for JSON."""
        every = max(1, len(self.held_mb) // POINTS)
        return {
            "machine": machine(),
            "load_average": round(os.getloadavg()[0], 1),
            "utterances": len(self.held_mb),
            "first_mb": self.held_mb[0],
            "settled_mb": self.held_mb[round(SETTLED * len(self.held_mb))],
            "last_mb": self.held_mb[-1],
            "slope_kb_per_1000": round(self.slope_kb, 1),
            "held_mb": list(self.held_mb[::every]),
        }


def bench_memory(utterances: int, clips: Sequence[Path], listening: Listening) -> Memory:
    """Let ``smarthome listen --fast`` hear ``clips`` again and again, so many in all.

    Raises FailureError when it hears nothing in them.
    """
    held_mb: list[float] = []

    def note(pid: int, line: Line) -> None:
        if line.record.get("type") == "utterance":
            held_mb.append(round(resident_kb(pid) * 1024 / 1e6, 2))

    listening.run(list(islice(cycle(clips), utterances)), note)
    if not held_mb:
        raise FailureError("no utterance was heard in these clips")
    return Memory(tuple(held_mb))
