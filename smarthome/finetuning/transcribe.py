"""Recordings and their words teach a Whisper; it is measured by the recogniser that the house hears with."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from smarthome.datasets.examples import Speech
from smarthome.events import SAMPLE_RATE
from smarthome.metrics import speech

IGNORED = -100
"""A label that counts for nothing."""
PROMPT = ("<|ru|>", "<|transcribe|>", "<|notimestamps|>")


class TranscribeSubject:
    """A directory of transformers with a Whisper and its ``tokenizer.json``."""

    lora_task: ClassVar[str] = "SEQ_2_SEQ_LM"
    lora_targets: ClassVar[tuple[str, ...]] = ("q_proj", "v_proj")

    def __init__(self, directory: Path) -> None:
        import torch
        from tokenizers import Tokenizer
        from transformers import WhisperFeatureExtractor, WhisperForConditionalGeneration

        self.model: Any = WhisperForConditionalGeneration.from_pretrained(
            directory, local_files_only=True, dtype=torch.float32
        )
        self._directory = directory
        self._tokenizer: Any = Tokenizer.from_file(str(directory / "tokenizer.json"))
        extractor: Any = WhisperFeatureExtractor
        self._spectrogram: Any = extractor(feature_size=self.model.config.num_mel_bins)
        self._longest = self.model.config.max_target_positions

    def features(self, rows: Sequence[Speech]) -> list[Mapping[str, Any]]:
        """As the port says; the spectrogram is made when a row's turn comes."""
        return [{"file": str(row.file), "labels": self._labels(row.text)} for row in rows]

    def collate(self, batch: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        """As the port says."""
        import torch

        from smarthome.ears.audio_files import decode

        sounds = [decode(each["file"]) for each in batch]
        spectrograms = self._spectrogram(sounds, sampling_rate=SAMPLE_RATE, return_tensors="pt").input_features
        widest = max(len(each["labels"]) for each in batch)
        labels = [each["labels"] + [IGNORED] * (widest - len(each["labels"])) for each in batch]
        return {"input_features": spectrograms, "labels": torch.tensor(labels)}

    def measure(self, trainer: Any, rows: Sequence[Speech]) -> dict[str, object]:
        """WER and CER, greedy."""
        from smarthome.ears.audio_files import decode
        from smarthome.ears.whisper import open_recogniser
        from smarthome.finetuning.lora import merged
        from smarthome.settings import WhisperSettings

        with tempfile.TemporaryDirectory() as folder:
            self.save(merged(trainer.model), Path(folder))
            recogniser = open_recogniser(
                WhisperSettings(model=folder, engine="transformers", beam=1, expect="", device=_where(trainer))
            )
            heard = [recogniser.transcribe(decode(row.file)).text for row in rows]
        return dict(speech.error_rates([row.text for row in rows], heard))

    def save(self, model: Any, directory: Path) -> None:
        """As the port says."""
        model.save_pretrained(directory)
        for name in ("tokenizer.json", "preprocessor_config.json"):
            if (self._directory / name).is_file():
                (directory / name).write_bytes((self._directory / name).read_bytes())

    def _labels(self, text: str) -> list[int]:
        """What the decoder shall say behind <|startoftranscript|>, which the model itself puts before it."""
        words = self._tokenizer.encode(f" {text}", add_special_tokens=False).ids
        prompt = [self._tokenizer.token_to_id(token) for token in PROMPT]
        end = self._tokenizer.token_to_id("<|endoftext|>")
        return [*prompt, *words[: self._longest - len(prompt) - 2], end]


def _where(trainer: Any) -> str:
    return "cuda" if trainer.args.device.type == "cuda" else "cpu"
