"""A kind and a seed in, sound that is no speech out: what a voice detector may take for one. Mean power is 1."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from smarthome.events import SAMPLE_RATE

Sound: TypeAlias = NDArray[np.float64]
Make: TypeAlias = Callable[[int, np.random.Generator], Sound]
"""How many samples, and by what chance."""


def white(count: int, chance: np.random.Generator) -> Sound:
    """Hiss."""
    return chance.normal(size=count)


def pink(count: int, chance: np.random.Generator) -> Sound:
    """Equal power in every octave: rain, a fan."""
    spectrum = np.fft.rfft(chance.normal(size=count))
    return even(np.fft.irfft(spectrum / np.sqrt(np.maximum(1, np.arange(len(spectrum)))), count))


def hum(count: int, chance: np.random.Generator) -> Sound:
    """Mains of 50 Hz and its overtones."""
    phase = chance.uniform(0, 2 * np.pi) + 2 * np.pi * 50 * np.arange(count) / SAMPLE_RATE
    return even(sum((np.sin(n * phase) / n for n in (1, 2, 3, 5, 7)), np.zeros(count)))


def vacuum_cleaner(count: int, chance: np.random.Generator) -> Sound:
    """A motor's whine in pink noise that swells."""
    time = np.arange(count) / SAMPLE_RATE
    swell = 1 + 0.5 * np.sin(2 * np.pi * chance.uniform(2, 6) * time)
    return even(pink(count, chance) * swell + 0.5 * np.sin(2 * np.pi * 280 * time))


def tones(count: int, chance: np.random.Generator) -> Sound:
    """Chords that are struck and fade, as music does."""
    sound, start = np.zeros(count), 0
    while start < count:
        time = np.arange(int(chance.uniform(0.15, 0.8) * SAMPLE_RATE)) / SAMPLE_RATE
        envelope = np.minimum(time / 0.01, 1) * np.exp(-time * chance.uniform(1, 5))
        for pitch in chance.choice((131, 165, 196, 220, 262, 330, 392, 440, 523), chance.integers(1, 4)):
            for overtone in range(1, 6):
                wave = envelope * np.sin(2 * np.pi * pitch * overtone * time + chance.uniform(0, 6)) / overtone
                sound[start : start + len(time)] += wave[: count - start]
        start += int(len(time) * chance.uniform(0.5, 1.2))
    return even(sound)


def clicks(count: int, chance: np.random.Generator) -> Sound:
    """Keys, dishes, doors."""
    sound, start = np.zeros(count), 0
    while (start := start + int(chance.uniform(0.05, 0.6) * SAMPLE_RATE)) < count - 400:
        length = int(chance.uniform(20, 400))
        fading = np.exp(-np.arange(length) / (length / 4)) * chance.uniform(0.2, 1)
        sound[start : start + length] += chance.normal(size=length) * fading
    return even(sound)


def in_bursts(make: Make) -> Make:
    """The same, coming and going as long as words do."""

    def bursts(count: int, chance: np.random.Generator) -> Sound:
        envelope, start = np.zeros(count), 0
        while (start := start + int(chance.uniform(0.3, 2) * SAMPLE_RATE)) < count:
            envelope[start : start + int(chance.uniform(0.2, 1.5) * SAMPLE_RATE)] = chance.uniform(0.3, 1)
        edge = np.hanning(800)
        return make(count, chance) * np.convolve(envelope, edge / edge.sum(), "same")

    return bursts


def babble(voices: Sequence[Sound], how_many: int) -> Make:
    """So many of these recordings at once, over and over."""

    def mixture(count: int, chance: np.random.Generator) -> Sound:
        sound = np.zeros(count)
        for _ in range(how_many):
            start = 0
            while start < count:
                voice = even(voices[int(chance.integers(len(voices)))])[: count - start]
                sound[start : start + len(voice)] += voice
                start += len(voice)
        return even(sound)

    return mixture


def even(sound: Sound) -> Sound:
    """The same with a mean power of 1."""
    power = float(np.mean(np.square(sound)))
    return sound / np.sqrt(power) if power else sound


PLAIN: Mapping[str, Make] = MappingProxyType(
    {
        "white": white,
        "white in bursts": in_bursts(white),
        "pink": pink,
        "pink in bursts": in_bursts(pink),
        "hum": hum,
        "vacuum cleaner": vacuum_cleaner,
        "tones": tones,
        "clicks": clicks,
    }
)
"""All that need no recordings."""
