"""File, detector and segmenter together: thirty sentences in one mp3 file, each is found once and in its place."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from smarthome.ears.audio_files import Samples, frames, to_pcm
from smarthome.ears.segmenter import Segmenter
from smarthome.ears.vad import WebRtcVad
from smarthome.events import SAMPLE_RATE, Segment
from smarthome.settings import SegmenterSettings
from tests.recordings import selection

PAUSE_S = 1.5


def voice_bounds(sound: Samples) -> tuple[float, float]:
    """Seconds to where a recording's 10 ms loudness first and last exceeds a hundredth of its peak."""
    power = np.convolve(sound**2, np.full(SAMPLE_RATE // 100, 100 / SAMPLE_RATE), "same")
    (loud,) = np.nonzero(power > (np.abs(sound).max() / 100) ** 2)
    return float(loud[0]) / SAMPLE_RATE, float(loud[-1]) / SAMPLE_RATE


def long_recording(noise: float) -> tuple[Samples, list[tuple[float, float]]]:
    """Thirty recordings with pauses and a room's noise; start and end of what is said in each."""
    pause = np.zeros(round(PAUSE_S * SAMPLE_RATE), np.float32)
    parts, bounds, at = [pause], [], PAUSE_S
    for recording in selection():
        sound = recording.samples()
        start, end = voice_bounds(sound)
        bounds.append((at + start, at + end))
        parts += [sound, pause]
        at += len(sound) / SAMPLE_RATE + PAUSE_S
    whole = np.concatenate(parts)
    return whole + (noise * np.random.default_rng(1).standard_normal(len(whole))).astype(np.float32), bounds


@pytest.mark.parametrize("noise", [0.0, 0.001, 0.005])
def test_every_utterance_once_in_its_place(tmp_path: Path, noise: float) -> None:
    sound, bounds = long_recording(noise)
    path = tmp_path / "long.mp3"
    raw = ["-f", "s16le", "-ar", str(SAMPLE_RATE), "-ac", "1", "-i", "-"]
    subprocess.run(["ffmpeg", "-v", "error", *raw, "-ar", "44100", path], input=to_pcm(sound), check=True)
    vad, segmenter = WebRtcVad(2), Segmenter(SegmenterSettings())
    heard = [each for frame in frames(path) for each in segmenter.feed(frame, vad.voiced(frame))]
    found = [each for each in [*heard, *segmenter.flush()] if isinstance(each, Segment)]
    assert len(found) == len(bounds)
    for segment, (start, end) in zip(found, bounds, strict=True):
        assert (segment.start_s, segment.end_s) == pytest.approx((start, end), abs=0.3)
        assert not segment.cut
