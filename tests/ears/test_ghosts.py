"""What is no speech is found out before the recogniser is asked."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from smarthome.ears import silero
from smarthome.ears.audio_files import decode, to_pcm
from smarthome.ears.energy import no_energy
from smarthome.ears.ghosts import Ghost, Ghosts
from smarthome.ears.silero import Silero, no_voice, second_opinion
from smarthome.errors import ConfigurationError
from smarthome.events import Loudness, Segment, Utterance
from tests.e2e.program import RECORDINGS

SECOND = Segment(b"", 1.0, 2.0)


def loudness(speech: float = -25.0, noise: float | None = -60.0, voiced_ms: int = 900, peak: float = -10.0) -> Loudness:
    return Loudness(speech, noise, peak, 0.0, voiced_ms)


ENERGY = {
    "a voice": (loudness(), None),
    "a voice without anything before it": (loudness(noise=None), None),
    "a faint voice": (loudness(speech=-65, noise=-80), None),
    "a voice as loud as the noise": (loudness(speech=-37, noise=-40), None),
    "a voice with long pauses": (loudness(voiced_ms=400), None),
    "nothing": (loudness(speech=-71, noise=-100), "hardly any sound"),
    "the noise itself": (loudness(speech=-39, noise=-40), "no louder than the noise"),
    "clicks": (loudness(voiced_ms=180), "hardly voiced"),
    "noise at the threshold of the detector": (loudness(speech=-36, noise=-40, voiced_ms=400), "hardly voiced"),
}


@pytest.mark.parametrize(("heard", "why"), ENERGY.values(), ids=ENERGY.keys())
def test_energy(heard: Loudness, why: str | None) -> None:
    assert no_energy(heard, SECOND) == why


def test_an_utterance_of_no_length_is_hardly_voiced() -> None:
    assert no_energy(loudness(voiced_ms=0), Segment(b"", 1.0, 1.0)) == "hardly voiced"


def test_a_voice_is_five_voiced_chunks_and_no_more_are_looked_at() -> None:
    chunks = iter([0.1, 0.9, 0.5, 0.2, 0.7, 0.6, 0.8, 0.9])
    assert no_voice(chunks) is None
    assert list(chunks) == [0.9]
    assert no_voice([0.9] * 4 + [0.49] * 100) == "no voice"
    assert no_voice([]) == "no voice"


class Deaf:
    """Hears nothing; remembers that it was asked."""

    asked = 0

    def probabilities(self, pcm: bytes) -> Iterator[float]:  # noqa: ARG002
        self.asked += 1
        return iter(())


def test_the_second_is_asked_when_the_first_has_nothing_against_it() -> None:
    deaf = Deaf()
    ghosts = Ghosts(deaf)
    assert ghosts.judge(Utterance("1", SECOND, loudness=loudness(voiced_ms=0))) == Ghost("energy", "hardly voiced")
    assert deaf.asked == 0
    assert ghosts.judge(Utterance("2", SECOND, loudness=loudness())) == Ghost("silero", "no voice")
    assert ghosts.judge(Utterance("3", SECOND)) == Ghost("silero", "no voice")
    assert Ghosts().judge(Utterance("4", SECOND, loudness=loudness())) is None


def test_silero_hears_a_voice_in_every_recording_and_none_in_noise() -> None:
    detector = Silero()
    for recording in sorted(RECORDINGS.glob("*.flac")):
        assert no_voice(detector.probabilities(to_pcm(decode(recording)))) is None, recording
    noise = np.random.default_rng(1).normal(0, 0.1, 48_000).astype(np.float32)
    assert no_voice(detector.probabilities(to_pcm(noise))) == "no voice"
    assert no_voice(detector.probabilities(b"\1\0")) == "no voice"


def test_the_settings_choose(monkeypatch: pytest.MonkeyPatch) -> None:
    assert second_opinion("none") is None
    assert isinstance(second_opinion("auto"), Silero)
    assert isinstance(second_opinion("silero"), Silero)
    monkeypatch.setattr(silero, "find_spec", lambda _: None)
    assert second_opinion("auto") is None
    with pytest.raises(ConfigurationError, match=r"smarthome\[vad\]"):
        second_opinion("silero")
