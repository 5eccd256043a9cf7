"""Sound in, an encoding that ends in silence out, at the price of the sound alone.

::

    sound + PAD_S of silence ─ mel ─ encoder ─► positions 0 … k │ tail: positions k … TOTAL_S, computed once

Whisper pads what it hears to 30 s, so that a command of two seconds costs fifteen times what it should. Of silence the
encoder makes nearly the same whatever was said before, but only *after* something was said: the tail is taken from the
encoding of a sound like speech that silence follows. With the encoding of nothing but zeros, or with no tail at all,
the decoder repeats itself. A tail up to 10 s is enough, and spares the decoder two thirds of what it would have to look
through for every token (docs/decisions.md).
"""

from __future__ import annotations

import numpy as np

from smarthome.ears.decoding import Encoding, Engine
from smarthome.ears.mel import FRAMES, HOP, Floats, log_mel
from smarthome.events import SAMPLE_RATE

PAD_S = 1.5
"""Silence that is encoded with the sound: what the encoder makes of it depends on the sound before."""

TOTAL_S = 10.0
"""What sound and tail make up together."""

LONGEST_S = 10.0
"""Longer sounds are encoded with the whole window: there is little to be saved."""

POSITIONS = round(TOTAL_S * SAMPLE_RATE) // (2 * HOP)
"""The same in the encoder's positions."""

MODEL_S = 0.4
"""Length of the sound that the tail is taken from."""

PITCH_HZ = 150.0
SYLLABLES_HZ = 4.0
HARMONICS = 24


class Splice:
    """Encodes sound for one engine; making one costs one encoding of 30 s."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._tail = whole(engine, speechlike())

    @staticmethod
    def saves(pcm: Floats) -> bool:
        """Whether it is worth while."""
        return len(pcm) <= LONGEST_S * SAMPLE_RATE

    def encode(self, pcm: Floats) -> Encoding:
        """Of sound, float32 [n], and silence up to TOTAL_S, or what its pad exceeds that by: [positions, width]."""
        frames = min(FRAMES, 2 * -(-(len(pcm) + round(PAD_S * SAMPLE_RATE)) // (2 * HOP)))
        head = self._engine.encode(log_mel(pcm, self._engine.bands, frames))
        return np.concatenate([head, self._tail[len(head) : POSITIONS]])


def whole(engine: Engine, pcm: Floats) -> Encoding:
    """The same as Whisper does it, at full price; nothing after the first 30 s is heard."""
    return engine.encode(log_mel(pcm, engine.bands))


def speechlike() -> Floats:
    """A hum with the pitch, the spectrum's slope and the syllables of a voice, float32 [n]."""
    seconds = np.arange(round(MODEL_S * SAMPLE_RATE)) / SAMPLE_RATE
    phase = 2 * np.pi * PITCH_HZ * (seconds + 0.005 * np.sin(2 * np.pi * 3.0 * seconds))
    hum = sum(np.sin(harmonic * phase) / harmonic for harmonic in range(1, HARMONICS + 1))
    syllables = np.clip(np.sin(2 * np.pi * SYLLABLES_HZ * seconds), 0.0, None)
    sound = hum * syllables + 0.02 * np.random.default_rng(0).normal(size=len(seconds))
    return np.asarray(0.2 * sound / np.abs(sound).max(), np.float32)
