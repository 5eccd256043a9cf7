"""Blocks of a sound card at 44.1 and 48 kHz: the same sound comes out at 16 kHz, in whole frames, on time."""

from __future__ import annotations

import numpy as np
import pytest

from smarthome.ears.audio_files import Samples, to_pcm, to_samples
from smarthome.ears.captured import Captured
from smarthome.ears.resampling import Resampling
from smarthome.events import FRAME_BYTES, FRAME_MS, SAMPLE_RATE


def tone(rate: int, seconds: float) -> Samples:
    return (0.5 * np.sin(2 * np.pi * 400 * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100, 48_000, 96_000])
def test_a_tone_stays_a_tone(rate: int) -> None:
    pcm = to_pcm(tone(rate, 3.0))
    size = 2 * (rate * FRAME_MS // 1000)
    frames: list[Captured] = []
    with Resampling(rate, frames.append) as resampling:
        for start in range(0, len(pcm), size):
            block = pcm[start : start + size]
            resampling.add(Captured(block, (start + len(block)) / 2 / rate))
    sound = to_samples(b"".join(frame.pcm for frame in frames))
    assert {len(frame.pcm) for frame in frames} == {FRAME_BYTES}
    assert 2.8 < len(sound) / SAMPLE_RATE <= 3.0
    inner = slice(SAMPLE_RATE // 10, None)
    assert sound[inner] == pytest.approx(tone(SAMPLE_RATE, 3.0)[: len(sound)][inner], abs=0.01)
    # A frame's time is that of its last sample, whatever waited in the resampler.
    ends = [(number + 1) * FRAME_MS / 1000 for number in range(len(frames))]
    assert [frame.captured_at for frame in frames] == pytest.approx(ends, abs=0.002)
