"""The times at which blocks of sound came in, how much sound never came out.

PortAudio's overflow flag is not enough: behind JACK half of the sound was seen to vanish without it.
"""

from __future__ import annotations

import math

WINDOW_S = 2.0
TOLERANCE_S = 0.06


class LossMeter:
    """Holds the number of blocks against the clock.

    Blocks may come late and in bursts, but never early: the least lateness within a few seconds stays the same, up to
    the few milliseconds that two clocks drift apart, unless sound was lost.
    """

    def __init__(self, block_s: float) -> None:
        self._block_s = block_s
        self._blocks = 0
        self._ends_at = -math.inf
        self._before = math.inf
        self._least = math.inf

    def add(self, at: float) -> float:
        """A block came at this time; returns the seconds of sound that are found missing, mostly 0."""
        missing_s = self._close_window(at) if at >= self._ends_at else 0.0
        self._blocks += 1
        self._least = min(self._least, at - self._blocks * self._block_s)
        return missing_s

    def _close_window(self, at: float) -> float:
        missing_s = self._least - self._before
        self._before, self._least = self._least, math.inf
        self._ends_at = at + WINDOW_S
        return missing_s if TOLERANCE_S < missing_s < math.inf else 0.0
