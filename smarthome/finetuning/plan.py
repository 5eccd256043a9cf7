"""What one training is asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from smarthome.models.lock import sha256

Kind: TypeAlias = Literal["sentiment", "shorten", "transcribe"]

RATES = {"sentiment": 2e-5, "shorten": 3e-4, "transcribe": 1e-5}
"""Usual learning rates: BERT's paper, transformers' examples for T5, Whisper's authors for further training."""
BATCHES = {"sentiment": 16, "shorten": 8, "transcribe": 4}
LORA_FACTOR = 10
"""Adapters learn with larger steps than whole models."""


@dataclass(frozen=True, slots=True)
class Plan:
    """``model`` is a complete directory; without ``test`` a tenth of the data is held out.

    ``batch`` (examples a step), ``rate`` and ``save_every`` (steps) of 0 are the usual.
    """

    kind: Kind
    model: Path
    data: Path
    out: Path
    test: Path | None = None
    epochs: float = 3.0
    batch: int = 0
    rate: float = 0.0
    seed: int = 1
    lora: bool = False
    save_every: int = 0
    device: str = "auto"

    @property
    def examples_a_step(self) -> int:
        """How many are learned from at once."""
        return self.batch or BATCHES[self.kind]

    @property
    def learning_rate(self) -> float:
        """The step's size."""
        return self.rate or RATES[self.kind] * (LORA_FACTOR if self.lora else 1)

    def described(self) -> dict[str, object]:
        """What must be the same when it is resumed; data by its digest."""
        return {
            "kind": self.kind,
            "model": str(self.model.resolve()),
            "data": sha256(self.data),
            "test": sha256(self.test) if self.test else None,
            "epochs": self.epochs,
            "batch": self.examples_a_step,
            "rate": self.learning_rate,
            "seed": self.seed,
            "lora": self.lora,
        }
