"""The spectrogram against transformers' own, on human speech and on every awkward length."""

from __future__ import annotations

import numpy as np
import pytest
from transformers import WhisperFeatureExtractor
from transformers.audio_utils import mel_filter_bank, spectrogram, window_function

from smarthome.ears.mel import FRAMES, HOP, WINDOW_SAMPLES, Floats, log_mel
from tests.recordings import selection

LENGTHS = [1, 100, 159, 160, 161, 399, 400, 16_000, 479_790, 479_999, 480_000]


def noise(length: int) -> Floats:
    return np.random.default_rng(length).normal(0, 0.1, length).astype(np.float32)


def in_double_precision(samples: Floats, bands: int) -> np.ndarray:
    """transformers' numpy spectrogram, which computes in float64."""
    padded = np.pad(samples, (0, WINDOW_SAMPLES - len(samples)))
    filters = mel_filter_bank(201, bands, 0.0, 8000.0, 16_000, norm="slaney", mel_scale="slaney")
    log: np.ndarray = spectrogram(
        padded, window_function(400, "hann"), 400, HOP, power=2.0, mel_filters=filters, log_mel="log10"
    )[:, :-1]
    scaled: np.ndarray = (np.maximum(log, log.max() - 8.0) + 4.0) / 4.0
    return scaled


@pytest.mark.parametrize("bands", [80, 128])
def test_equals_the_exact_spectrogram_of_human_speech(bands: int) -> None:
    for recording in selection()[::3]:
        samples = recording.samples()
        np.testing.assert_allclose(log_mel(samples, bands), in_double_precision(samples, bands), rtol=0, atol=2e-5)


@pytest.mark.parametrize("length", LENGTHS)
def test_equals_the_exact_spectrogram_at_every_length(length: int) -> None:
    np.testing.assert_allclose(log_mel(noise(length)), in_double_precision(noise(length), 80), rtol=0, atol=2e-5)


def test_equals_what_the_model_was_trained_on() -> None:
    extractor = WhisperFeatureExtractor()  # type: ignore[no-untyped-call]
    for recording in selection()[::3]:
        samples = recording.samples()
        theirs = extractor(samples, sampling_rate=16_000, return_tensors="np").input_features[0]
        # Theirs is in float32 throughout and itself up to 5e-5 off the exact one.
        np.testing.assert_allclose(log_mel(samples), theirs, rtol=0, atol=1e-4)


def test_no_sound_at_all_is_silence() -> None:
    silence = log_mel(np.zeros(0, np.float32))
    assert silence.shape == (80, FRAMES)
    np.testing.assert_allclose(silence, log_mel(np.zeros(WINDOW_SAMPLES, np.float32)), rtol=0, atol=1e-6)


def test_what_comes_after_30_s_is_ignored() -> None:
    long = noise(WINDOW_SAMPLES + 5_000)
    np.testing.assert_array_equal(log_mel(long), log_mel(long[:WINDOW_SAMPLES]))


def test_fewer_frames_are_the_same_frames() -> None:
    samples = noise(16_000)
    np.testing.assert_allclose(log_mel(samples, frames=150), log_mel(samples)[:, :150], rtol=0, atol=1e-6)


@pytest.mark.parametrize("wrong", [np.zeros((1, 400), np.float32), np.zeros(400, np.int16), np.zeros(400)])
def test_other_shapes_and_types_are_refused(wrong: Floats) -> None:
    with pytest.raises(ValueError, match=r"sound is float32 \[n\]"):
        log_mel(wrong)
