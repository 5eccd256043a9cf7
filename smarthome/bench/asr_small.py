"""Weights of the size of Whisper-small without its knowledge: for times where the real ones cannot be had.

They answer nothing that makes sense, but every multiplication is there: 12 + 12 layers of width 768.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from smarthome.bench.asr_sides import whisper_base
from smarthome.ears import cache, conversion

NAME = "whisper-small-random"
TOKENS = 14
"""Every decoding makes exactly so many: a command has about as many."""
_SEED = 1


def random_small(cache_directory: Path | None = None) -> Path:
    """Its directory in CTranslate2's format, made once. Raises ConfigurationError when the disk does not let it."""
    return cache.made_once(cache.location(cache_directory) / "bench" / NAME, _make)


def _make(target: Path) -> None:
    import torch  # noqa: PLC0415 (seconds)
    from transformers import WhisperConfig, WhisperForConditionalGeneration  # noqa: PLC0415

    torch.manual_seed(_SEED)
    config = WhisperConfig(
        d_model=768,
        encoder_layers=12,
        decoder_layers=12,
        encoder_attention_heads=12,
        decoder_attention_heads=12,
        encoder_ffn_dim=3072,
        decoder_ffn_dim=3072,
    )
    saved = target.with_name(f"{target.name}.transformers")
    try:
        WhisperForConditionalGeneration(config).to(torch.float16).save_pretrained(saved)  # type: ignore[arg-type]
        shutil.copyfile(whisper_base() / "tokenizer.json", saved / "tokenizer.json")
        conversion.to_ctranslate2(saved, target)
    finally:
        shutil.rmtree(saved, ignore_errors=True)
