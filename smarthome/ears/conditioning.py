"""Frames in, the same for a voice detector out: without hum, and louder when all that is heard is faint.

WebRTC's detector takes mains hum for a voice and does not hear a faint one; the recogniser minds neither, and gets the
sound as it is (docs/decisions.md, "Level and hum"). Pure: time is the count of frames.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from smarthome.ears.level import level
from smarthome.ears.vad import VoiceDetector
from smarthome.events import FRAME_MS, SAMPLE_RATE

CUTOFF_HZ = 180
"""Below, a telephone has nothing, and is understood."""

TAPS = 256
"""How long the filter rings."""

QUIET_DBFS, TARGET_DBFS = -45.0, -35.0
"""Louder than that nothing is changed; what is quieter is raised towards this."""

NOISE_DBFS = -60.0
"""Noise is not raised above this."""

MOST_DB = 30.0
RISE_DB = 0.03
"""A frame: 1 dB a second."""

REMEMBERED_MS = 30_000
LOOKS_EVERY = 33
FADES_DB = 0.05
"""How fast the loudest that was heard is forgotten, at every look: 3 dB a minute."""


class Conditioned:
    """A voice detector behind a high-pass and a slow gain."""

    def __init__(self, detector: VoiceDetector) -> None:
        self._detector = detector
        self._high_pass = HighPass()
        self._gain = Gain()

    def voiced(self, frame: bytes) -> bool:
        """As the protocol says."""
        factor = 10 ** (self._gain.next(level(frame).rms_dbfs) / 20)
        samples = self._high_pass.next(np.frombuffer(frame, "<i2").astype(np.float64)) * factor
        return self._detector.voiced(np.clip(np.rint(samples), -32_768, 32_767).astype("<i2").tobytes())

    def reset(self) -> None:
        """As the protocol says."""
        self._detector.reset()
        self._high_pass = HighPass()
        self._gain = Gain()


class Gain:
    """How much to raise the next frame, in dB: at once less when it is loud, slowly more when for long nothing was."""

    def __init__(self) -> None:
        self.gain_db = 0.0
        self._levels: deque[float] = deque(maxlen=REMEMBERED_MS // FRAME_MS)
        self._count = 0
        self._loudest = self._wanted_db = 0.0

    def next(self, dbfs: float) -> float:
        """The gain for a frame of this level."""
        self._levels.append(dbfs)
        self._count += 1
        if self._count % LOOKS_EVERY == 0 and len(self._levels) >= self._levels.maxlen // 3:  # type: ignore[operator]
            self._look()
        if dbfs > QUIET_DBFS:
            self._loudest, self._wanted_db = max(self._loudest, dbfs), 0.0
        self.gain_db = min(self.gain_db + RISE_DB, self._wanted_db, max(0.0, TARGET_DBFS + 10 - dbfs))
        return self.gain_db

    def _look(self) -> None:
        loud, noise = np.percentile(self._levels, (95, 20))
        self._loudest = max(float(loud), self._loudest - FADES_DB) if self._loudest else float(loud)
        raised = min(TARGET_DBFS - self._loudest, NOISE_DBFS - float(noise), MOST_DB)
        self._wanted_db = max(0.0, raised) if self._loudest < QUIET_DBFS else 0.0


class HighPass:
    """A Butterworth filter of fourth order, as the sum of its echoes: numpy is fast enough for that."""

    def __init__(self, cutoff_hz: float = CUTOFF_HZ) -> None:
        self._response = _response(cutoff_hz)
        self._before = np.zeros(TAPS - 1)

    def next(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        """The next stretch of sound, filtered."""
        whole = np.concatenate([self._before, samples])
        self._before = whole[-(TAPS - 1) :]
        return np.convolve(whole, self._response, mode="valid")


def _response(cutoff_hz: float) -> NDArray[np.float64]:
    """What becomes of a click: two sections of second order, bilinear (Oppenheim, Schafer, section 7.2)."""
    response = np.zeros(TAPS)
    response[0] = 1.0
    warped = np.tan(np.pi * cutoff_hz / SAMPLE_RATE)
    for angle in (np.pi / 8, 3 * np.pi / 8):
        damping = 2 * np.cos(angle) * warped
        norm = 1 / (1 + damping + warped**2)
        one, two = 2 * (warped**2 - 1) * norm, (1 - damping + warped**2) * norm
        passed = norm * np.convolve(response, (1.0, -2.0, 1.0))[:TAPS]
        for at in range(TAPS):
            passed[at] -= (one * passed[at - 1] if at else 0.0) + (two * passed[at - 2] if at > 1 else 0.0)
        response = passed
    return response
