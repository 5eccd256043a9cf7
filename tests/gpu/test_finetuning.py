"""Training on the GPU: mixed precision, the same held-out accuracy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.trained import CORPUS, HELD_OUT, TRAINING, finetune


@pytest.mark.parametrize("more", [(), ("--lora",)])
def test_sentiment_is_trained(more: tuple[str, ...], small_bert: Path, tmp_path: Path) -> None:
    where = ("--data", CORPUS, "--test", HELD_OUT, "--out", tmp_path / "out", "--model", small_bert)
    done = finetune("sentiment", *where, *TRAINING, *more, "--json", SMARTHOME_TASKS__DEVICE="cuda")
    assert done.returncode == 0, done.stderr
    if not more:  # adapters on a body without knowledge learn little
        assert json.loads(done.stdout)["after"]["accuracy"] >= 0.9
