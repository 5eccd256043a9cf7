"""WebRTC's detector on real speech, silence and noise."""

from __future__ import annotations

import numpy as np
import pytest

from smarthome.ears.audio_files import Samples, to_pcm
from smarthome.ears.vad import ScriptedVad, VoiceDetector, WebRtcVad
from smarthome.events import FRAME_BYTES, SAMPLE_RATE
from tests.recordings import selection

SECONDS = 10 * SAMPLE_RATE


def voiced_share(vad: VoiceDetector, sound: Samples) -> float:
    """The share of voiced frames."""
    pcm = to_pcm(sound)
    starts = range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES)
    return sum(vad.voiced(pcm[start : start + FRAME_BYTES]) for start in starts) / len(starts)


def noise(amplitude: float) -> Samples:
    return (amplitude * np.random.default_rng(1).standard_normal(SECONDS)).astype(np.float32)


@pytest.mark.parametrize("aggressiveness", [0, 1, 2, 3])
def test_people_are_heard(aggressiveness: int) -> None:
    shares = [voiced_share(WebRtcVad(aggressiveness), recording.samples()) for recording in selection()]
    assert min(shares) > 0.5
    assert np.median(shares) > 0.9


@pytest.mark.parametrize("aggressiveness", [0, 1, 2, 3])
@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(SECONDS, np.float32),
        np.full(SECONDS, 0.3, np.float32),
        noise(0.001),
        noise(0.01),
        (0.05 * np.sin(2 * np.pi * 50 * np.arange(SECONDS) / SAMPLE_RATE)).astype(np.float32),
    ],
    ids=["silence", "offset", "faint noise", "noise", "mains hum"],
)
def test_a_quiet_room_is_not_heard(aggressiveness: int, sound: Samples) -> None:
    assert voiced_share(WebRtcVad(aggressiveness), sound) < 0.02


def test_reset_forgets_the_room() -> None:
    speech = selection()[0].samples()
    vad = WebRtcVad(2)
    fresh = voiced_share(vad, speech)
    voiced_share(vad, noise(0.3))
    assert voiced_share(vad, speech) != fresh
    vad.reset()
    assert voiced_share(vad, speech) == fresh


def test_a_script_is_answered_then_silence() -> None:
    vad = ScriptedVad([False, True])
    assert [vad.voiced(b"") for _ in range(4)] == [False, True, False, False]
    vad.reset()
    assert [vad.voiced(b"") for _ in range(2)] == [False, True]
