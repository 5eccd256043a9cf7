"""Both engines hear on the GPU what they hear on the CPU, from the same real weights."""

from __future__ import annotations

from pathlib import Path

import pytest

from smarthome.ears.whisper import open_recogniser
from tests.recordings import selection, word_error_rate
from tests.whisper import settings


@pytest.mark.parametrize("engine", ["transformers", "ctranslate2"])
def test_an_engine_hears_as_well_as_on_the_cpu(engine: str, model_cache: Path) -> None:
    clips = selection()[:8]
    texts = [clip.text for clip in clips]
    rates = {}
    for device in ("cuda", "cpu"):
        recogniser = open_recogniser(settings(model_cache, engine=engine, device=device, precision="auto"))
        rates[device] = word_error_rate(texts, [recogniser.transcribe(clip.samples()).text for clip in clips])
    assert rates["cuda"] <= rates["cpu"] + 0.1


def test_auto_is_transformers_in_float16(model_cache: Path) -> None:
    recogniser = open_recogniser(settings(model_cache))
    assert recogniser.engine == "transformers"
    assert recogniser.transcribe(selection()[0].samples()).text
