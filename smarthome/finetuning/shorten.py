"""Texts and their short forms, the choices that people made among variants included, teach a T5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from smarthome.datasets.examples import Summary
from smarthome.metrics import shortening

LONGEST = 512
"""Tokens of a text that are read: T5's window."""
LONGEST_ANSWER = 128


class ShortenSubject:
    """A directory of transformers with a T5."""

    lora_task: ClassVar[str] = "SEQ_2_SEQ_LM"
    lora_targets: ClassVar[tuple[str, ...]] = ("q", "v")

    def __init__(self, directory: Path) -> None:
        from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, DataCollatorForSeq2Seq

        self.model: Any = AutoModelForSeq2SeqLM.from_pretrained(directory, local_files_only=True)
        self._tokenizer: Any = AutoTokenizer.from_pretrained(directory, local_files_only=True)
        self._pad: Any = DataCollatorForSeq2Seq(self._tokenizer, self.model)

    def features(self, rows: Sequence[Summary]) -> list[Mapping[str, Any]]:
        """As the port says."""
        encoded = self._tokenizer([row.text for row in rows], truncation=True, max_length=LONGEST)
        answers = self._tokenizer(
            text_target=[row.summary for row in rows], truncation=True, max_length=LONGEST_ANSWER
        )["input_ids"]
        return [
            {"input_ids": ids, "attention_mask": mask, "labels": labels}
            for ids, mask, labels in zip(encoded["input_ids"], encoded["attention_mask"], answers, strict=True)
        ]

    def collate(self, batch: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        """As the port says."""
        padded: Mapping[str, Any] = self._pad(list(batch))
        return padded

    def measure(self, trainer: Any, rows: Sequence[Summary]) -> dict[str, object]:
        """ROUGE and BLEU of what it generates greedily, and the loss."""
        found = trainer.predict(self.features(rows), max_length=LONGEST_ANSWER, num_beams=1)
        tokens = found.predictions.copy()
        tokens[tokens < 0] = self._tokenizer.pad_token_id
        answers = self._tokenizer.batch_decode(tokens, skip_special_tokens=True)
        references = [row.summary for row in rows]
        loss = {"loss": float(found.metrics["test_loss"])}
        return loss | shortening.rouge(references, answers) | shortening.bleu(references, answers)

    def save(self, model: Any, directory: Path) -> None:
        """As the port says."""
        model.save_pretrained(directory)
        self._tokenizer.save_pretrained(directory)
