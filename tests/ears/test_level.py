"""How loud sound is, told from its samples."""

from __future__ import annotations

import numpy as np
import pytest

from smarthome.ears.level import FLOOR_DBFS, LevelMeter, level, mean_dbfs
from smarthome.events import FRAME_SAMPLES, Segment


def frame(amplitude: float) -> bytes:
    """A square wave."""
    return (np.where(np.arange(FRAME_SAMPLES) % 40 < 20, 1, -1) * amplitude).astype("<i2").tobytes()


def test_a_square_wave_of_full_scale_has_0_db() -> None:
    loud = level(frame(32_767))
    assert (loud.rms_dbfs, loud.peak_dbfs) == pytest.approx((0, 0), abs=0.001)
    assert loud.clipped == FRAME_SAMPLES


def test_a_tenth_of_it_has_minus_20_and_is_not_clipped() -> None:
    quiet = level(frame(3_276.8))
    assert (quiet.rms_dbfs, quiet.peak_dbfs, quiet.clipped) == pytest.approx((-20, -20, 0), abs=0.01)


@pytest.mark.parametrize("pcm", [bytes(2 * FRAME_SAMPLES), b""])
def test_silence_has_the_least(pcm: bytes) -> None:
    assert level(pcm)[:3] == (FLOOR_DBFS, FLOOR_DBFS, 0)


def test_the_lowest_sample_is_full_scale_too() -> None:
    assert level(np.full(FRAME_SAMPLES, -32_768, "<i2").tobytes()).clipped == FRAME_SAMPLES


def test_powers_are_averaged() -> None:
    assert mean_dbfs([-20.0, -20.0]) == pytest.approx(-20)
    assert mean_dbfs([0.0, -100.0]) == pytest.approx(-3.01, abs=0.01)
    assert mean_dbfs([]) == FLOOR_DBFS


def test_an_utterance_is_measured_by_its_voiced_frames_and_the_noise_before_it() -> None:
    meter = LevelMeter()
    for amplitude, voiced, times in ((32.768, False, 10), (3276.8, True, 10), (327.68, False, 2), (3276.8, True, 3)):
        for _ in range(times):
            meter.feed(level(frame(amplitude), voiced=voiced))
    loudness = meter.loudness(Segment(b"", 0.3, 0.75))
    assert loudness.speech_dbfs == pytest.approx(-20, abs=0.1)
    assert loudness.noise_dbfs == pytest.approx(-60, abs=0.5)
    assert (loudness.peak_dbfs, loudness.clipped) == pytest.approx((-20, 0), abs=0.1)
    assert loudness.voiced_ms == 13 * 30


def test_the_noise_is_unknown_when_there_was_too_little_of_it() -> None:
    meter = LevelMeter()
    for voiced in [False] * 7 + [True] * 5:
        meter.feed(level(frame(100), voiced=voiced))
    assert meter.loudness(Segment(b"", 0.21, 0.36)).noise_dbfs is None


def test_what_may_not_be_heard_counts_as_time_only() -> None:
    meter = LevelMeter()
    for _ in range(20):
        meter.feed(None)
    for _ in range(5):
        meter.feed(level(frame(3276.8), voiced=True))
    loudness = meter.loudness(Segment(b"", 0.6, 0.75))
    assert (loudness.voiced_ms, loudness.noise_dbfs) == (150, None)


def test_the_last_half_minute_is_remembered_however_long_it_runs() -> None:
    meter = LevelMeter()
    for _ in range(5_000):
        meter.feed(level(frame(32.768), voiced=False))
    for _ in range(10):
        meter.feed(level(frame(3276.8), voiced=True))
    assert meter.loudness(Segment(b"", 150.0, 150.3)).speech_dbfs == pytest.approx(-20, abs=0.1)
    meter.reset()
    assert meter.loudness(Segment(b"", 0.0, 0.3)).speech_dbfs == FLOOR_DBFS


def test_clipping_is_a_share_of_all_samples() -> None:
    meter = LevelMeter()
    for amplitude in (32_767, 1_000):
        meter.feed(level(frame(amplitude), voiced=True))
    assert meter.loudness(Segment(b"", 0.0, 0.06)).clipped == pytest.approx(0.5)
