"""Texts in, probabilities of classes out: a BERT for sequence classification, however long the texts are.

texts ─ tokens, in windows ─► sorted by length ─► batches ─ BERT ─► softmax ─► mean over a text's windows
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from smarthome.tasks import pretrained
from smarthome.tasks.checkpoints import memory_watched
from smarthome.tasks.task import TaskError

if TYPE_CHECKING:
    import torch

LABELS = ("negative", "neutral", "positive")
"""In the alphabet's order, which is that of the probabilities here, whatever the model's own is."""

OVERLAP = 32
"""So many tokens at the bound of two windows are read in both."""


class Judgement(NamedTuple):
    """Probabilities in the order of ``LABELS``; a text longer than the model's window was read in ``windows``."""

    probabilities: tuple[float, ...]
    windows: int


class Classifier:
    """A model in memory, on ``device``, that reads ``batch`` windows at once.

    Raises TaskError (``no_model``) for a directory that is no such model, and for one with other classes.
    """

    def __init__(self, place: Path, device: torch.device, batch: int) -> None:
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        self._batch = batch
        self._device = device
        self._tokenizer: Any = pretrained.opened("sentiment", place, AutoTokenizer)
        model = pretrained.opened("sentiment", place, AutoModelForSequenceClassification)
        names = {str(name).lower(): index for index, name in model.config.id2label.items()}
        if set(names) != set(LABELS):
            raise TaskError("no_model", f"{place}: its classes are {', '.join(names)}, not {', '.join(LABELS)}")
        self._order = [names[label] for label in LABELS]
        self._window = int(model.config.max_position_embeddings)
        self._model: Any = model.eval().to(device)

    def judge(self, texts: Sequence[str], told: Callable[[Sequence[int]], None] = lambda _: None) -> list[Judgement]:
        """A judgement per text, in order; ``told`` hears which windows' texts (places) have just been read.

        Raises MemoryError.
        """
        windows, owners = self._windows(texts)
        sums = np.zeros((len(texts), len(LABELS)))
        counts = np.bincount(owners, minlength=len(texts))
        shortest_first = sorted(range(len(windows)), key=lambda place: len(windows[place]))
        for start in range(0, len(shortest_first), self._batch):
            places = shortest_first[start : start + self._batch]
            mine = [owners[place] for place in places]
            np.add.at(sums, mine, self._probabilities([windows[place] for place in places]))
            told(mine)
        means = sums / np.maximum(counts, 1)[:, None]
        return [Judgement(tuple(map(float, row)), int(count)) for row, count in zip(means, counts, strict=True)]

    def _windows(self, texts: Sequence[str]) -> tuple[list[list[int]], list[int]]:
        """Token ids of every window, and the place of the text that it is of."""
        if not texts:
            return [], []
        encoded = self._tokenizer(
            list(texts),
            truncation=True,
            max_length=self._window,
            stride=min(OVERLAP, self._window // 4),
            return_overflowing_tokens=True,
            return_attention_mask=False,
            return_token_type_ids=False,
        )
        return encoded["input_ids"], list(encoded["overflow_to_sample_mapping"])

    def _probabilities(self, windows: Sequence[Sequence[int]]) -> Any:
        """[windows, classes], the rows summing to 1."""
        import torch

        padded = self._tokenizer.pad({"input_ids": list(windows)}, return_tensors="pt").to(self._device)
        with torch.inference_mode(), memory_watched():
            logits = self._model(**padded).logits
            return torch.softmax(logits.float(), dim=-1)[:, self._order].cpu().numpy()
