"""Recognisers with the real Whisper-base weights of the packages, and a tiny Whisper without knowledge."""

from __future__ import annotations

from pathlib import Path

import pytest

from smarthome.ears import packaged
from smarthome.ears.hardware import wait_asleep
from smarthome.settings import WhisperSettings


def pytest_configure() -> None:
    """Before any test module imports torch: it shares two cores with what other tests start."""
    wait_asleep()


@pytest.fixture(scope="session")
def model_cache(pytestconfig: pytest.Config) -> Path:
    """Where Whisper-base is assembled and converted once for all tests, and kept between runs."""
    return pytestconfig.cache.mkdir("models")


@pytest.fixture(scope="session")
def whisper_base(model_cache: Path) -> Path:
    """Whisper-base in CTranslate2's format."""
    return packaged.provide(model_cache)


@pytest.fixture(scope="session")
def tiny_whisper(whisper_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Whisper of 3 MB with random weights and the real tokeniser, as transformers saves it."""
    directory = tmp_path_factory.mktemp("tiny") / "whisper"
    save_tiny(directory, whisper_base)
    return directory


def save_tiny(directory: Path, whisper_base: Path, width: int = 16) -> None:
    """Random weights in the real architecture and file layout."""
    from transformers import WhisperConfig, WhisperForConditionalGeneration  # noqa: PLC0415 (every test would wait)

    config = WhisperConfig(
        d_model=width,
        encoder_layers=1,
        encoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_layers=1,
        decoder_attention_heads=2,
        decoder_ffn_dim=32,
    )
    model = WhisperForConditionalGeneration(config)
    model.generation_config.suppress_tokens = [1, 2, 7]
    model.generation_config.begin_suppress_tokens = [220, 50257]
    model.save_pretrained(directory)
    (directory / "tokenizer.json").write_bytes((whisper_base / "tokenizer.json").read_bytes())


def settings(cache: Path, **values: object) -> WhisperSettings:
    """Settings as an owner's file would give them; the packaged Whisper-base unless it names another model."""
    return WhisperSettings.model_validate({"model": packaged.NAME, "cache": cache, **values})
