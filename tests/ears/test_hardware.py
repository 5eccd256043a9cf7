"""What the settings choose on a machine with and without a GPU."""

from __future__ import annotations

import os

import ctranslate2
import pytest

from smarthome.ears.hardware import Hardware
from smarthome.errors import ConfigurationError
from smarthome.settings import WhisperSettings

CORES = len(os.sched_getaffinity(0))
HAS_GPU = ctranslate2.get_cuda_device_count() > 0


@pytest.mark.parametrize(
    ("values", "chosen"),
    [
        ({}, Hardware("ctranslate2", "cpu", "int8", CORES)),
        ({"threads": 3}, Hardware("ctranslate2", "cpu", "int8", 3)),
        ({"precision": "float32"}, Hardware("ctranslate2", "cpu", "float32", CORES)),
        ({"engine": "transformers"}, Hardware("transformers", "cpu", "float32", CORES)),
        ({"engine": "transformers", "precision": "bfloat16"}, Hardware("transformers", "cpu", "bfloat16", CORES)),
    ],
)
def test_on_a_cpu(values: dict[str, object], chosen: Hardware) -> None:
    assert Hardware.choose(WhisperSettings.model_validate({"device": "cpu", **values})) == chosen


def test_transformers_has_no_int8() -> None:
    with pytest.raises(ConfigurationError, match=r"whisper\.precision = int8: transformers has none"):
        Hardware.choose(WhisperSettings(device="cpu", engine="transformers", precision="int8"))


@pytest.mark.skipif(HAS_GPU, reason="there is a GPU")
def test_without_a_gpu() -> None:
    assert Hardware.choose(WhisperSettings()).device == "cpu"
    with pytest.raises(ConfigurationError, match=r"whisper\.device = cuda: there is no CUDA device here"):
        Hardware.choose(WhisperSettings(device="cuda"))


@pytest.mark.gpu
@pytest.mark.skipif(not HAS_GPU, reason="there is no GPU")
def test_with_a_gpu() -> None:
    assert Hardware.choose(WhisperSettings()) == Hardware("transformers", "cuda", "float16", CORES)
    assert Hardware.choose(WhisperSettings(engine="ctranslate2")).precision == "float16"
