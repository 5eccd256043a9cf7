"""Samples in, Whisper's log-mel spectrogram out.

Source: Radford et al. 2022 (Whisper), section 2.2, and its reference code: 25 ms Hann windows every 10 ms, power
spectrum, 80 (large-v3: 128) Slaney mel bands, log10, floor 8 below the loudest, scaled to about -1 … 1. Only frames
that touch the sound are transformed; Whisper's padding to 30 s is silence, and silence is a constant.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from smarthome.events import SAMPLE_RATE

Floats: TypeAlias = npt.NDArray[np.float32]
"""float32 array; the shape is in the docstring of whoever takes or returns it."""

WINDOW = 400
HOP = 160
WINDOW_S = 30
WINDOW_SAMPLES = WINDOW_S * SAMPLE_RATE
FRAMES = WINDOW_SAMPLES // HOP

QUIETEST = 1e-10
"""Power below which the logarithm is cut off."""


def log_mel(samples: Floats, bands: int = 80, frames: int = FRAMES) -> Floats:
    """Log-mel spectrogram, float32 [bands, frames]; ``frames`` frames are 10 ms each, 3000 are Whisper's 30 s.

    ``samples`` is float32 [n] at 16 kHz in [-1, 1]. Fewer than ``frames`` need are continued with silence (there may be
    none at all), more are ignored. Raises ValueError for other shapes and types.
    """
    if samples.ndim != 1 or samples.dtype != np.float32:
        raise ValueError(f"sound is float32 [n], not {samples.dtype} {list(samples.shape)}")
    heard = samples[: frames * HOP]
    audible = min(frames, -(-(len(heard) + WINDOW // 2) // HOP))
    power = _power(heard, audible, frames)
    log = np.full((bands, frames), np.log10(QUIETEST), np.float32)
    np.log10(np.maximum(_filters(bands) @ power, QUIETEST), out=log[:, :audible])
    scaled: Floats = (np.maximum(log, log.max() - 8.0) + 4.0) / 4.0
    return scaled


def _power(heard: Floats, audible: int, frames: int) -> Floats:
    """Power spectrum of the first ``audible`` frames, float32 [201, audible]; frames are centred, the ends mirrored."""
    half = WINDOW // 2
    padded = np.zeros(max(frames * HOP, half + 1), np.float32)
    padded[: len(heard)] = heard
    padded = np.pad(padded, half, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP][:audible]
    spectrum = np.fft.rfft(windows * _hann(), axis=1)
    return np.ascontiguousarray((spectrum.real**2 + spectrum.imag**2).T, np.float32)


@lru_cache(maxsize=1)
def _hann() -> Floats:
    """The periodic Hann window."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)


@lru_cache(maxsize=2)
def _filters(bands: int) -> Floats:
    """Triangular filters from power spectrum to mel bands, float32 [bands, 201], each of unit area (Slaney 1998)."""
    edges = _hertz(np.linspace(0.0, _mel(SAMPLE_RATE / 2), bands + 2))
    bins = np.linspace(0.0, SAMPLE_RATE / 2, WINDOW // 2 + 1)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return (triangles * (2.0 / (edges[2:] - edges[:-2]))[:, None]).astype(np.float32)


def _mel(hertz: float) -> float:
    """Slaney's scale above 1 kHz: 15 mel are 1 kHz, and 27 more for every factor of 6.4."""
    return 15.0 + 27.0 * float(np.log(hertz / 1000.0) / np.log(6.4))


def _hertz(mels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Slaney's scale backwards: linear up to 1 kHz, exponential above."""
    return np.where(mels < 15.0, mels * (200.0 / 3.0), 1000.0 * 6.4 ** ((mels - 15.0) / 27.0))
