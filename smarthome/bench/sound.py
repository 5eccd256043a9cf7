"""Clean speech in, the same speech as a room and its noises leave it out. Seeded: the same every time."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from smarthome.ears.audio_files import Samples
from smarthome.errors import ConfigurationError
from smarthome.events import SAMPLE_RATE

Noise: TypeAlias = Literal["babble", "pink"]

SPEAKERS = 8
"""So many talk at once in babble: one word of it cannot be told from another."""
RT60_S = 0.4
"""Reverberation time of the simple room: a furnished living room."""
REVERBERANT_DB = -3.0
"""Energy of the reverberation beside the direct sound's: a speaker two or three metres away."""
_BLOCK = SAMPLE_RATE // 100
_AUDIBLE_DB = 35.0
_NAME = re.compile(r"(?P<snr>-?\d+)dB-(?P<noise>babble|pink)|(?P<room>room)|(?P<clean>clean)")


@dataclass(frozen=True, slots=True)
class Condition:
    """How a clip is heard. ``snr_db`` is the speech's level, pauses left out, over the noise's."""

    name: str
    noise: Noise | None = None
    snr_db: float = 0.0
    room: bool = False

    @classmethod
    def parse(cls, name: str) -> Condition:
        """``clean``, ``room``, ``10dB-babble``, ``5dB-pink``; raises ConfigurationError for others."""
        found = _NAME.fullmatch(name.strip())
        if found is None:
            raise ConfigurationError(f"{name}: no such condition; clean, room, 20dB-babble, 10dB-pink are some")
        noise: Noise | None = "babble" if found["noise"] == "babble" else "pink" if found["noise"] else None
        return cls(name.strip(), noise, float(found["snr"] or 0), bool(found["room"]))

    def apply(self, speech: Samples, key: str, others: Sequence[Samples], seed: int = 1) -> Samples:
        """``speech`` of the clip called ``key``; babble is made of ``others``."""
        rng = np.random.default_rng([seed, zlib.crc32(key.encode()), zlib.crc32(self.name.encode())])
        if self.room:
            return _fitted(reverberant(speech, impulse(rng)))
        if self.noise is None:
            return speech
        noise = pink(len(speech), rng) if self.noise == "pink" else babble(len(speech), others, rng)
        return _fitted(speech + at_snr(speech, noise, self.snr_db))


def pink(length: int, rng: np.random.Generator) -> Samples:
    """Noise of equal power in every octave from 50 Hz up, of power 1."""
    white = np.fft.rfft(rng.standard_normal(max(length, 2)))
    frequencies = np.fft.rfftfreq(max(length, 2), 1 / SAMPLE_RATE)
    shaped = np.fft.irfft(white / np.sqrt(np.maximum(frequencies, 50.0)), max(length, 2))[:length]
    return _normal(shaped)


def babble(length: int, voices: Sequence[Samples], rng: np.random.Generator) -> Samples:
    """Several of ``voices`` at once, each equally loud, of power 1; each begins somewhere and goes round."""
    if not voices:
        raise ConfigurationError("babble is made of other clips, and there are none")
    mixed = np.zeros(length)
    for number in rng.choice(len(voices), SPEAKERS, replace=len(voices) < SPEAKERS):
        voice = voices[number]
        mixed += np.take(_normal(voice), np.arange(length) + rng.integers(len(voice)), mode="wrap")
    return _normal(mixed)


def impulse(rng: np.random.Generator, rt60_s: float = RT60_S) -> Samples:
    """What a room answers to a click: the click, then noise that fades by 60 dB within ``rt60_s``."""
    length = round(rt60_s * SAMPLE_RATE)
    tail = rng.standard_normal(length) * 10 ** (-3 * np.arange(length) / length)
    tail *= np.sqrt(10 ** (REVERBERANT_DB / 10) / np.square(tail).sum())
    tail[0] = 1.0
    return _samples(tail)


def reverberant(speech: Samples, response: Samples) -> Samples:
    """``speech`` in the room, fading at its end; as loud as before."""
    length = len(speech) + len(response) - 1
    heard = np.fft.irfft(np.fft.rfft(speech, length) * np.fft.rfft(response, length), length)
    loud = np.sqrt(speech_power(speech) / max(speech_power(heard.astype(np.float32)), 1e-12))
    return _samples(heard * loud)


def at_snr(speech: Samples, noise: Samples, snr_db: float) -> Samples:
    """``noise`` so loud that ``speech`` stands out by ``snr_db``."""
    wanted = speech_power(speech) / 10 ** (snr_db / 10)
    return _samples(_normal(noise) * np.sqrt(wanted))


def speech_power(samples: Samples) -> float:
    """Mean power where it can be heard: the 10 ms blocks within 35 dB of the loudest."""
    power = _powers(samples)
    return float(power[power >= power.max() * 10 ** (-_AUDIBLE_DB / 10)].mean())


def audible_span(samples: Samples) -> tuple[float, float]:
    """Seconds to the first and the last sound within 35 dB of the loudest: where a listener puts them."""
    power = _powers(samples)
    loud = np.flatnonzero(power >= power.max() * 10 ** (-_AUDIBLE_DB / 10))
    return float(loud[0]) / 100, float(loud[-1] + 1) / 100


def _powers(samples: Samples) -> np.ndarray:
    blocks = np.pad(samples, (0, -len(samples) % _BLOCK)).astype(np.float64).reshape(-1, _BLOCK)
    return np.asarray(np.square(blocks).mean(axis=1))


def _normal(samples: np.ndarray) -> Samples:
    power = float(np.square(samples, dtype=np.float64).mean())
    return _samples(samples / np.sqrt(max(power, 1e-12)))


def _fitted(samples: Samples) -> Samples:
    """Quieter as a whole rather than clipped."""
    return _samples(samples / max(1.0, float(np.abs(samples).max())))


def _samples(values: np.ndarray) -> Samples:
    return np.asarray(values, np.float32)
