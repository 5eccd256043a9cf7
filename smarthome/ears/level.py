"""Frames in, how loud they are out: for the gate before the recogniser, for warnings, for whoever sets up a microphone.

Pure: time is the count of frames. Levels are dB relative to full scale, a square wave of which has 0.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from smarthome.events import FRAME_MS, FRAME_SAMPLES, Loudness, Segment

FLOOR_DBFS = -100.0
"""Digital silence; 16 bits reach down to -90."""

FULL_SCALE = 32_767

LONGEST_MS = 30_000
"""No utterance is longer: Whisper's window."""

NOISE_MS = 5_000
"""How much sound before an utterance the noise is taken from."""

NOISE_LEAST_MS = 240
"""With less than this the noise is unknown."""


class Level(NamedTuple):
    """One frame: mean power and greatest sample in dBFS, how many samples are at full scale."""

    rms_dbfs: float
    peak_dbfs: float
    clipped: int
    voiced: bool = False


def level(pcm: bytes, *, voiced: bool = False) -> Level:
    """How loud a frame is."""
    samples = np.abs(np.frombuffer(pcm, "<i2").astype(np.float32))
    if not len(samples):
        return Level(FLOOR_DBFS, FLOOR_DBFS, 0, voiced)
    power = float(np.dot(samples, samples)) / len(samples)
    clipped = int(np.count_nonzero(samples >= FULL_SCALE))
    return Level(_db(math.sqrt(power)), _db(float(samples.max())), clipped, voiced)


class LevelMeter:
    """Remembers the frames' levels for as long as an utterance and the noise before it may last."""

    def __init__(self) -> None:
        self._levels: deque[Level | None] = deque(maxlen=(LONGEST_MS + NOISE_MS) // FRAME_MS)
        self._count = 0

    def reset(self) -> None:
        """The next frame is the first of a new source."""
        self._levels.clear()
        self._count = 0

    def feed(self, frame: Level | None) -> None:
        """The next frame; None for one that nobody may hear."""
        self._levels.append(frame)
        self._count += 1

    def loudness(self, segment: Segment) -> Loudness:
        """That of an utterance among the frames that were fed."""
        start = self._place(segment.start_s)
        frames = [each for each in list(self._levels)[start : self._place(segment.end_s)] if each is not None]
        voiced = [each for each in frames if each.voiced] or frames
        clipped = sum(each.clipped for each in frames) / max(1, FRAME_SAMPLES * len(frames))
        return Loudness(
            mean_dbfs([each.rms_dbfs for each in voiced]),
            self._noise(start),
            max((each.peak_dbfs for each in frames), default=FLOOR_DBFS),
            clipped,
            FRAME_MS * sum(each.voiced for each in frames),
        )

    def _noise(self, start: int) -> float | None:
        """The median of the frames without a voice before an utterance."""
        before = list(self._levels)[max(0, start - NOISE_MS // FRAME_MS) : start]
        quiet = sorted(each.rms_dbfs for each in before if each is not None and not each.voiced)
        return quiet[len(quiet) // 2] if len(quiet) * FRAME_MS >= NOISE_LEAST_MS else None

    def _place(self, seconds: float) -> int:
        """The index of the frame that begins at this time; what is forgotten counts as the first."""
        return max(0, round(seconds * 1000 / FRAME_MS) - (self._count - len(self._levels)))


def mean_dbfs(levels: Sequence[float]) -> float:
    """The level of the mean power."""
    if not levels:
        return FLOOR_DBFS
    return 10 * math.log10(sum(10 ** (each / 10) for each in levels) / len(levels))


def _db(amplitude: float) -> float:
    return max(FLOOR_DBFS, 20 * math.log10(amplitude / (FULL_SCALE + 1))) if amplitude > 0 else FLOOR_DBFS
