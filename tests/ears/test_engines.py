"""Both engines on the same real weights and real human speech: the same words, the same probabilities."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from smarthome.ears.whisper import WhisperRecogniser, open_recogniser, warm_up
from smarthome.events import Transcript
from tests.recordings import Recording, selection, wider_selection, word_error_rate
from tests.whisper import settings

Say: TypeAlias = Callable[[str], None]

pytestmark = pytest.mark.slow


class Listener:
    """Recognises recordings, each only once, and prints what it took."""

    def __init__(self, cache: Path, engine: str, precision: str, beam: int = 1) -> None:
        self._name = f"{engine} {precision}, beam {beam}"
        self._recogniser: WhisperRecogniser = open_recogniser(
            settings(cache, device="cpu", engine=engine, precision=precision, beam=beam)
        )
        self._heard: dict[Path, Transcript] = {}
        warm_up(self._recogniser)

    def hear(self, recordings: list[Recording]) -> list[Transcript]:
        for recording in recordings:
            if recording.path not in self._heard:
                self._heard[recording.path] = self._recogniser.transcribe(recording.samples())
        return [self._heard[recording.path] for recording in recordings]

    def report(self, recordings: list[Recording]) -> str:
        seconds = statistics.median(each.compute_s for each in self.hear(recordings))
        return f"{self._name}: WER {self.wer(recordings):.3f}, median {seconds:.2f} s (n = {len(recordings)})"

    def wer(self, recordings: list[Recording]) -> float:
        return word_error_rate([each.text for each in recordings], [each.text for each in self.hear(recordings)])


@pytest.fixture(scope="module")
def ctranslate2_float32(model_cache: Path) -> Listener:
    return Listener(model_cache, "ctranslate2", "float32")


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Print past pytest's capture: the figures are part of the result."""

    def line(text: str) -> None:
        with capsys.disabled():
            print(f"\n{text}", end="")  # noqa: T201

    return line


def assert_same(ours: list[Transcript], theirs: list[Transcript]) -> None:
    assert [each.text for each in ours] == [each.text for each in theirs]
    for one, other in zip(ours, theirs, strict=True):
        assert one.tokens == other.tokens
        assert one.avg_logprob == pytest.approx(other.avg_logprob, abs=1e-3)
        assert one.no_speech_prob == pytest.approx(other.no_speech_prob, abs=1e-3)


def test_both_engines_hear_the_same(model_cache: Path, ctranslate2_float32: Listener, say: Say) -> None:
    recordings = selection()
    transformers = Listener(model_cache, "transformers", "float32")
    assert_same(transformers.hear(recordings), ctranslate2_float32.hear(recordings))
    for listener in (transformers, ctranslate2_float32):
        say(listener.report(recordings))
    assert transformers.wer(recordings) < 0.5


def test_both_engines_search_the_same_beams(model_cache: Path) -> None:
    recordings = selection()[::6]
    transformers = Listener(model_cache, "transformers", "float32", beam=5)
    ctranslate2 = Listener(model_cache, "ctranslate2", "float32", beam=5)
    assert_same(transformers.hear(recordings), ctranslate2.hear(recordings))


def test_int8_hears_nearly_as_well(model_cache: Path, ctranslate2_float32: Listener, say: Say) -> None:
    recordings = wider_selection()
    int8 = Listener(model_cache, "ctranslate2", "int8")
    for listener in (int8, ctranslate2_float32):
        say(listener.report(recordings))
    assert int8.wer(recordings) - ctranslate2_float32.wer(recordings) <= 0.02
