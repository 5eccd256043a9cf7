"""Encoder and decoder timed apart, whoever calls them: put under ctranslate2 before a model is loaded.

Imports nothing of ours, so that both sides of ``bench asr`` can stand on it.
"""

from __future__ import annotations

import time
from typing import Any

import ctranslate2

SPECIAL = range(50_257, 51_865)
"""Whisper's tokens that are no words: the end of the text, languages, timestamps."""


class Stopwatch:
    """Seconds in the encoder and in the decoder since ``reset``, and how often each was called.

    ``tokens`` makes every decoding exactly so long, the end and other special tokens suppressed: for weights without
    knowledge, which would never end by themselves.
    """

    def __init__(self, tokens: int | None = None) -> None:
        self.tokens = tokens
        self.reset()

    def reset(self) -> None:
        """Start from nothing."""
        self.encoder_s = self.decoder_s = 0.0
        self.encodings = self.decodings = self.generated = 0

    def figures(self) -> dict[str, float]:
        """All of it."""
        return {
            "encoder_s": self.encoder_s,
            "decoder_s": self.decoder_s,
            "encodings": self.encodings,
            "decodings": self.decodings,
            "generated": self.generated,
        }

    def install(self) -> None:
        """Every Whisper that ctranslate2 loads from now on is timed."""
        load = ctranslate2.models.Whisper
        ctranslate2.models.Whisper = lambda *args, **options: _Timed(load(*args, **options), self)


class _Timed:
    """A ctranslate2 Whisper that keeps the time."""

    def __init__(self, model: Any, stopwatch: Stopwatch) -> None:
        self._model = model
        self._stopwatch = stopwatch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def encode(self, features: Any, *args: Any, **options: Any) -> Any:
        began = time.perf_counter()
        encoded = self._model.encode(features, *args, **options)
        self._stopwatch.encoder_s += time.perf_counter() - began
        self._stopwatch.encodings += 1
        return encoded

    def generate(self, features: Any, prompts: list[list[int]], **options: Any) -> Any:
        watch = self._stopwatch
        if features.shape[1] == self._model.n_mels:  # a spectrogram: whoever calls leaves the encoding to us
            features = self.encode(features)
        if watch.tokens is not None:
            # ctranslate2 makes at most half of max_length.
            words_only = [*(options.get("suppress_tokens") or [-1]), *SPECIAL]
            length = max(2 * watch.tokens, watch.tokens + len(prompts[0]))
            options |= {"suppress_tokens": words_only, "max_length": length}
        began = time.perf_counter()
        found = self._model.generate(features, prompts, **options)
        watch.decoder_s += time.perf_counter() - began
        watch.decodings += 1
        watch.generated = len(found[0].sequences_ids[0])
        return found
