"""Texts in, what a T5 writes about them out, with how likely it finds each (ruT5 by sarahai; Raffel et al. 2020).

``Draft`` is one reading. Beams give the likeliest first; sampling gives others, repeatable by its seed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smarthome.tasks import pretrained
from smarthome.tasks.checkpoints import memory_watched

if TYPE_CHECKING:
    import torch

WINDOW = 512
"""Tokens that the summarizer was trained to read."""

BEAMS = 6
SAMPLES = 6
TOP_P = 0.92
REPEATED_NGRAM = 3
"""No three tokens twice: small summarizers loop otherwise."""

SHORTEST, LONGEST = 6, 256
"""Tokens of a short form."""

HURRY = 1.05
"""From half of the allowed tokens on, the end grows likelier by this factor with each."""


@dataclass(frozen=True, slots=True)
class Draft:
    """``finished``: the model ended it itself. ``likelihood``: mean log-probability of its tokens, given the text."""

    text: str
    likelihood: float
    finished: bool


class Writer:
    """A model in memory, on ``device``. Raises TaskError (``no_model``) for a directory that is no such model.

    ``interrupted`` is called before every token and raises to end the writing. All methods raise MemoryError.
    """

    def __init__(self, place: Path, device: torch.device) -> None:
        from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

        self._tokenizer: Any = pretrained.opened("shorten", place, AutoTokenizer)
        self._model: Any = pretrained.opened("shorten", place, AutoModelForSeq2SeqLM).eval().to(device)
        self._model.generation_config.max_length = None  # else it warns: ours is given in new tokens
        self._device = device
        self._end = int(self._model.config.eos_token_id)

    def tokens(self, text: str) -> int:
        """How long a text is to the model."""
        return len(self._tokenizer(text, truncation=False)["input_ids"])

    def likeliest(self, text: str, most_tokens: int, interrupted: Callable[[], None]) -> list[Draft]:
        """What beam search finds, the likeliest first."""
        how = {"num_beams": BEAMS, "num_return_sequences": BEAMS, "do_sample": False}
        return self._write([text], most_tokens, interrupted, **how)

    def sampled(
        self, text: str, most_tokens: int, interrupted: Callable[[], None], *, temperature: float, seed: int
    ) -> list[Draft]:
        """Nucleus sampling (Holtzman et al. 2020); the same for the same seed."""
        import torch

        devices = [self._device] if self._device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices):
            torch.manual_seed(seed)
            return self._write(
                [text],
                most_tokens,
                interrupted,
                do_sample=True,
                top_p=TOP_P,
                top_k=0,
                temperature=temperature,
                num_return_sequences=SAMPLES,
            )

    def short_forms(self, texts: Sequence[str], most_tokens: int, interrupted: Callable[[], None]) -> list[str]:
        """One of each, together; greedily."""
        return [draft.text for draft in self._write(texts, most_tokens, interrupted, num_beams=1, do_sample=False)]

    def _write(
        self, texts: Sequence[str], most_tokens: int, interrupted: Callable[[], None], **how: object
    ) -> list[Draft]:
        import torch

        read = self._tokenizer(list(texts), truncation=True, max_length=WINDOW, padding=True, return_tensors="pt")
        read = {name: read[name].to(self._device) for name in ("input_ids", "attention_mask")}
        most = max(SHORTEST, min(LONGEST, most_tokens))
        with torch.inference_mode(), memory_watched():
            written = self._model.generate(
                **read,
                max_new_tokens=most,
                exponential_decay_length_penalty=(most // 2, HURRY),
                no_repeat_ngram_size=REPEATED_NGRAM,
                stopping_criteria=[_Interruption(interrupted)],
                **how,
            )
            likelihoods = self._likelihoods(read, written)
        drafts = self._tokenizer.batch_decode(written, skip_special_tokens=True)
        return [
            Draft(" ".join(text.split()), likelihood, self._end in tokens.tolist())
            for text, likelihood, tokens in zip(drafts, likelihoods, written, strict=True)
        ]

    def _likelihoods(self, read: dict[str, Any], written: Any) -> list[float]:
        """The model's own opinion, measured alike for beams and samples: one pass over what was written."""
        import torch

        each = written.shape[0] // read["input_ids"].shape[0]
        repeated = {name: value.repeat_interleave(each, dim=0) for name, value in read.items()}
        labels = written[:, 1:]  # generation begins with the decoder's start token
        logits = self._model(**repeated, decoder_input_ids=written[:, :-1]).logits
        chosen = torch.log_softmax(logits.float(), dim=-1).gather(-1, labels[..., None])[..., 0]
        counted = labels != self._model.config.pad_token_id
        means = (chosen * counted).sum(-1) / counted.sum(-1).clamp(min=1)
        return [float(mean) for mean in means.cpu()]


class _Interruption:
    """A stopping criterion of transformers that never stops by itself."""

    def __init__(self, interrupted: Callable[[], None]) -> None:
        self._interrupted = interrupted

    def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:  # noqa: ARG002
        import torch

        self._interrupted()
        return torch.zeros(input_ids.shape[0], dtype=torch.bool, device=input_ids.device)
