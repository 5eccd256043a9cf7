"""What a voice detector gets to hear."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from smarthome.bench.noises import hum
from smarthome.ears.audio_files import decode, to_pcm
from smarthome.ears.conditioning import Conditioned, Gain, HighPass
from smarthome.ears.vad import ScriptedVad, WebRtcVad
from smarthome.events import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_RATE
from tests.e2e.program import RECORDINGS


def tone(hertz: float) -> NDArray[np.float64]:
    return np.sin(2 * np.pi * hertz * np.arange(SAMPLE_RATE) / SAMPLE_RATE)


def passed_db(hertz: float) -> float:
    settled = HighPass().next(tone(hertz))[SAMPLE_RATE // 2 :]
    return float(10 * np.log10(np.mean(settled**2) * 2))


def test_voices_pass_and_hum_does_not() -> None:
    assert passed_db(50) < -40
    assert passed_db(180) == pytest.approx(-3, abs=0.1)
    assert passed_db(400) == pytest.approx(0, abs=0.3)
    assert passed_db(3_000) == pytest.approx(0, abs=0.05)


def test_in_pieces_it_is_the_same() -> None:
    sound = np.random.default_rng(1).normal(size=4_800)
    whole, pieces = HighPass().next(sound), HighPass()
    again = np.concatenate([pieces.next(each) for each in sound.reshape(-1, FRAME_SAMPLES)])
    assert np.allclose(whole, again)


def after(gain: Gain, dbfs: float, seconds: float) -> float:
    for _ in range(round(seconds / 0.03)):
        gain.next(dbfs)
    return gain.gain_db


def test_what_is_loud_enough_stays_as_it_is() -> None:
    gain = Gain()
    for _ in range(30):
        assert after(gain, -70.0, 2.0) == after(gain, -44.0, 1.0) == 0.0


def test_faint_voices_are_raised_slowly() -> None:
    gain = Gain()
    assert after(gain, -90.0, 5.0) == 0.0
    for _ in range(20):
        after(gain, -90.0, 2.0)
        after(gain, -63.0, 1.0)
    assert gain.gain_db == pytest.approx(28.0, abs=0.5)


def test_noise_is_not_raised_far() -> None:
    assert after(Gain(), -65.0, 120) == pytest.approx(5.0, abs=0.1)
    assert after(Gain(), -55.0, 120) == 0.0


def test_whatever_is_loud_ends_it_at_once() -> None:
    gain = Gain()
    after(gain, -90.0, 120)
    assert gain.gain_db > 20
    assert gain.next(-20.0) == 0.0
    assert after(gain, -90.0, 60) == 0.0


def heard(detector: Conditioned | WebRtcVad, sound: NDArray[np.float64]) -> float:
    """The share of frames that are called voiced."""
    pcm = to_pcm(sound.astype(np.float32))
    frames = [pcm[start : start + FRAME_BYTES] for start in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES)]
    return sum(map(detector.voiced, frames)) / len(frames)


def test_hum_is_no_voice_any_more() -> None:
    sound = hum(10 * SAMPLE_RATE, np.random.default_rng(1)) * 0.03
    assert heard(WebRtcVad(2), sound) > 0.9
    assert heard(Conditioned(WebRtcVad(2)), sound) < 0.1


def test_a_voice_stays_one() -> None:
    voice = decode(RECORDINGS / "01.flac").astype(np.float64)
    plain = heard(WebRtcVad(2), voice)
    assert heard(Conditioned(WebRtcVad(2)), voice) == pytest.approx(plain, abs=0.1)


def test_it_is_reset_with_what_is_behind_it() -> None:
    detector = Conditioned(ScriptedVad([True, False]))
    frame = bytes(FRAME_BYTES)
    assert [detector.voiced(frame) for _ in range(3)] == [True, False, False]
    detector.reset()
    assert detector.voiced(frame)
