"""Comments and their classes teach a BERT classifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from smarthome.datasets.examples import LABELS, Comment
from smarthome.metrics import classes

ORDER = ("NEUTRAL", "POSITIVE", "NEGATIVE")
"""Of ruBERT's outputs; a model that never learned classes gets them so."""
LONGEST = 512


class SentimentSubject:
    """A directory of transformers with a BERT; its head is made anew when it knows other classes."""

    lora_task: ClassVar[str] = "SEQ_CLS"
    lora_targets: ClassVar[tuple[str, ...]] = ("query", "value")

    def __init__(self, directory: Path) -> None:
        from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding

        config = AutoConfig.from_pretrained(directory, local_files_only=True)
        if {name.lower() for name in config.id2label.values()} != set(LABELS):
            config.id2label = dict(enumerate(ORDER))
            config.label2id = {name: place for place, name in enumerate(ORDER)}
        self.model: Any = AutoModelForSequenceClassification.from_pretrained(
            directory, config=config, local_files_only=True, ignore_mismatched_sizes=True
        )
        self._tokenizer: Any = AutoTokenizer.from_pretrained(directory, local_files_only=True)
        self._pad: Any = DataCollatorWithPadding(self._tokenizer)
        self._names = {place: name.lower() for place, name in config.id2label.items()}
        self._numbers = {name: place for place, name in self._names.items()}
        self._longest = min(LONGEST, config.max_position_embeddings)

    def features(self, rows: Sequence[Comment]) -> list[Mapping[str, Any]]:
        """As the port says."""
        encoded = self._tokenizer([row.text for row in rows], truncation=True, max_length=self._longest)
        return [
            {"input_ids": ids, "attention_mask": mask, "labels": self._numbers[row.label]}
            for row, ids, mask in zip(rows, encoded["input_ids"], encoded["attention_mask"], strict=True)
        ]

    def collate(self, batch: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        """As the port says."""
        padded: Mapping[str, Any] = self._pad(list(batch))
        return padded

    def measure(self, trainer: Any, rows: Sequence[Comment]) -> dict[str, object]:
        """Accuracy, F1, confusion matrix."""
        found = trainer.predict(self.features(rows))
        answers = [self._names[int(place)] for place in found.predictions.argmax(-1)]
        return classes.report([row.label for row in rows], answers, LABELS)

    def save(self, model: Any, directory: Path) -> None:
        """As the port says."""
        model.save_pretrained(directory)
        self._tokenizer.save_pretrained(directory)
