"""A small BERT without knowledge, and what the project's own ``finetune`` makes of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from smarthome.finetuning.plan import Kind, Plan
from smarthome.finetuning.training import finetune as train_as_planned

CORPUS = Path(__file__).parent / "finetuning" / "reviews_ru.jsonl"
HELD_OUT = CORPUS.with_name("reviews_ru_held_out.jsonl")
"""Comments written for these tests; no sentence is in both."""
TRAINING = ("--epochs", "20", "--rate", "1e-3", "--batch", "16", "--seed", "1")


def save_bert(directory: Path) -> Path:
    """A BERT of 2 layers with random weights in ruBERT's file layout; the vocabulary is the corpus's (WordPiece)."""
    import torch  # noqa: PLC0415 (every test would wait)
    from tokenizers import BertWordPieceTokenizer  # noqa: PLC0415
    from transformers import BertConfig, BertForSequenceClassification  # noqa: PLC0415

    texts = [json.loads(line)["text"] for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    words = BertWordPieceTokenizer(lowercase=True, strip_accents=False)
    words.train_from_iterator(texts, vocab_size=1500, min_frequency=2, show_progress=False)
    directory.mkdir()
    words.save_model(str(directory))
    (directory / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "BertTokenizer", "do_lower_case": True, "strip_accents": False})
    )
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=words.get_vocab_size(),
        hidden_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=192,
        max_position_embeddings=128,
        id2label={0: "NEUTRAL", 1: "POSITIVE", 2: "NEGATIVE"},
        label2id={"NEUTRAL": 0, "POSITIVE": 1, "NEGATIVE": 2},
    )
    BertForSequenceClassification(config).save_pretrained(directory)
    return directory


def save_t5(directory: Path, corpus: Path = CORPUS, width: int = 64, vocabulary: int = 600) -> Path:
    """A T5 of 1 + 1 layers with random weights in ruT5's file layout; a vocabulary of SentencePiece from the corpus."""
    import sentencepiece  # noqa: PLC0415
    import torch  # noqa: PLC0415
    from transformers import T5Config, T5ForConditionalGeneration  # noqa: PLC0415

    directory.mkdir()
    rows = [json.loads(line) for line in corpus.read_text(encoding="utf-8").splitlines()]
    texts = [text for row in rows for text in (row["text"], row.get("summary")) if text]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts),
        model_prefix=str(directory / "spiece"),
        vocab_size=vocabulary,
        character_coverage=1.0,
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        minloglevel=2,
    )
    (directory / "spiece.vocab").unlink()
    (directory / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "T5Tokenizer", "extra_ids": 100}))
    torch.manual_seed(1)
    config = T5Config(
        vocab_size=vocabulary + 104,
        d_model=width,
        d_kv=16,
        d_ff=2 * width,
        num_layers=1,
        num_heads=4,
    )
    config.decoder_start_token_id = 0
    T5ForConditionalGeneration(config).save_pretrained(directory)
    return directory


def train(kind: Kind, model: Path, data: Path, out: Path, *, resume: bool = False, **options: Any) -> dict[str, Any]:
    """What ``smarthome finetune`` does, in this process; its record."""
    plan = Plan(kind, model, data, out, device="cpu", **options)
    return train_as_planned(plan, Console(quiet=True), resume=resume)


def finetune(*args: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """``smarthome finetune ARGS`` in a process of its own."""
    command = [sys.executable, "-m", "smarthome", "finetune", *map(str, args)]
    environment = os.environ | {"SMARTHOME_TASKS__DEVICE": "cpu", **variables}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="session")
def small_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The BERT that knows nothing."""
    return save_bert(tmp_path_factory.mktemp("bert") / "model")


@pytest.fixture(scope="session")
def trained_sentiment(small_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentiment model that ``smarthome finetune`` trained until it separates sentences it never saw."""
    out = tmp_path_factory.mktemp("sentiment") / "trained"
    where = ("--data", CORPUS, "--test", HELD_OUT, "--out", out, "--model", small_bert)
    done = finetune("sentiment", *where, *TRAINING)
    assert done.returncode == 0, done.stderr
    return out
