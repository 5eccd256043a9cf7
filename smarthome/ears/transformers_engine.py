"""Spectrogram in, encoding and hypotheses out, by transformers on torch: (b)float16 on a GPU, float32 on a CPU.

``generate()`` is not used: it gives no no-speech probability, no prompt with N-best, and its beam search ends by other
rules than CTranslate2's, so that the engines would hear different words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch.nn.functional import gelu
from transformers import DynamicCache, EncoderDecoderCache, WhisperForConditionalGeneration
from transformers.utils import logging as transformers_logging

from smarthome.ears.decoding import BeamSearch, Candidate, Decoded, Encoding, RecognitionError, Search
from smarthome.ears.hardware import Hardware
from smarthome.ears.mel import Floats
from smarthome.ears.vocabulary import Vocabulary
from smarthome.errors import ConfigurationError

if TYPE_CHECKING:
    from torch import Tensor


class TransformersEngine:
    """A model directory in transformers' format, loaded."""

    name = "transformers"

    def __init__(self, model: Path, hardware: Hardware, vocabulary: Vocabulary) -> None:
        """Sets torch's thread count for the whole process. Raises ConfigurationError for damaged weights."""
        torch.set_num_threads(hardware.threads)
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        self._dtype = getattr(torch, hardware.precision)
        self._device = torch.device(hardware.device)
        self._vocabulary = vocabulary
        try:
            loading: Any = WhisperForConditionalGeneration.from_pretrained(
                model,
                dtype=self._dtype,
                attn_implementation="sdpa",
                local_files_only=True,
                use_safetensors=True,
                output_loading_info=True,
            )
        except (OSError, RuntimeError, ValueError) as error:
            raise ConfigurationError(f"{model}: cannot be loaded by transformers: {error}") from None
        loaded, report = loading
        if report["missing_keys"]:
            raise ConfigurationError(f"{model}: weights are missing in it: {', '.join(sorted(report['missing_keys']))}")
        self._model: WhisperForConditionalGeneration = loaded.to(self._device)
        self.bands = int(self._model.config.num_mel_bins)

    def encode(self, mel: Floats) -> Encoding:
        """As the protocol says."""
        try:
            with torch.inference_mode():
                encoding: Encoding = self._encode(torch.from_numpy(mel)).float().cpu().numpy()
        except (RuntimeError, MemoryError) as error:
            raise RecognitionError(f"torch: {error}") from error
        return encoding

    def decode(self, encoding: Encoding, search: Search) -> Decoded:
        """As the protocol says."""
        try:
            with torch.inference_mode():
                encoded = torch.from_numpy(encoding).to(self._device, self._dtype)
                return self._decode(encoded.unsqueeze(0), search)
        except (RuntimeError, MemoryError) as error:
            raise RecognitionError(f"torch: {error}") from error

    def _encode(self, mel: Tensor) -> Tensor:
        """The layers of the encoder one by one: its own ``forward`` takes nothing but 30 s."""
        encoder = self._model.model.encoder
        sound = gelu(encoder.conv1(mel.to(self._device, self._dtype).unsqueeze(0)))
        hidden = gelu(encoder.conv2(sound)).permute(0, 2, 1)
        hidden = hidden + encoder.embed_positions.weight[: hidden.shape[1]]
        for layer in encoder.layers:
            hidden = layer(hidden, None)
        encoded: Tensor = encoder.layer_norm(hidden)[0]
        return encoded

    def _decode(self, encoded: Tensor, search: Search) -> Decoded:
        past = EncoderDecoderCache(DynamicCache(), DynamicCache())
        beams = BeamSearch(search.beam, self._vocabulary.end, search.longest)
        suppress = self._tensor(search.suppress)
        prompt = self._logits(self._tensor([search.prompt]), encoded, past)[0]
        no_speech = prompt[search.prompt.index(self._vocabulary.start)].softmax(-1)[self._vocabulary.no_speech]
        logits = prompt[-1:].index_fill(-1, self._tensor(search.suppress_first), -math.inf)
        logprobs = logits.new_zeros(1)
        while True:
            scores = logits.index_fill(-1, suppress, -math.inf).log_softmax(-1) + logprobs.unsqueeze(-1)
            going_on = beams.step(_best(scores, beams.width))
            if beams.done:
                return Decoded(beams.best(search.hypotheses), float(no_speech))
            _follow(past, self._tensor([each.origin for each in going_on]), beams_before=len(logits))
            logprobs = logits.new_tensor([each.logprob for each in going_on])
            logits = self._logits(self._tensor([[each.token] for each in going_on]), encoded, past)[:, -1]

    def _logits(self, tokens: Tensor, encoded: Tensor, past: EncoderDecoderCache) -> Tensor:
        """Of the token after each of ``tokens`` [beams, n], float32 [beams, n, vocabulary]; ``past`` grows by n."""
        decoder = self._model.model.decoder
        hidden = decoder(tokens, encoder_hidden_states=encoded, cache=past, use_cache=True).last_hidden_state
        logits: Tensor = self._model.proj_out(hidden).float()
        return logits

    def _tensor(self, ids: Sequence[int] | Sequence[Sequence[int]]) -> Tensor:
        return torch.tensor(ids, dtype=torch.long, device=self._device)


def _best(scores: Tensor, count: int) -> list[Candidate]:
    """The best of ``scores`` [beams, vocabulary]."""
    values, places = scores.flatten().topk(count)
    vocabulary = scores.shape[-1]
    return [
        Candidate(value, place // vocabulary, place % vocabulary)
        for value, place in zip(values.tolist(), places.tolist(), strict=True)
    ]


def _follow(past: EncoderDecoderCache, origins: Tensor, beams_before: int) -> None:
    """Let every beam go on from its origin's past; what was heard is the same for all, so it is copied only once."""
    parted = len(origins) > beams_before
    (past if parted else past.self_attention_cache).reorder_cache(origins)  # type: ignore[arg-type]
