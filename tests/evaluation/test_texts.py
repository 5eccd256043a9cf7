"""``smarthome evaluate sentiment`` and ``shorten`` with models that were trained here, through the real tasks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.trained import CORPUS, HELD_OUT, save_t5

NEWS = CORPUS.with_name("news_ru.jsonl")


def evaluated(kind: str, data: Path, model: Path, out: Path) -> tuple[dict[str, Any], str]:
    """The record, and what is shown."""
    command = [sys.executable, "-m", "smarthome", "evaluate", kind, "--data", str(data), "--model", str(model)]
    command += ["--json", str(out / "report.json"), "--plots", str(out / "plots")]
    environment = os.environ | {"SMARTHOME_TASKS__DEVICE": "cpu", "SMARTHOME_TASKS__FOLDER": str(out / "tasks")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    record: dict[str, Any] = json.loads((out / "report.json").read_text(encoding="utf-8"))
    return record, done.stdout


def test_accuracy_and_f1_of_comments(trained_sentiment: Path, tmp_path: Path) -> None:
    record, shown = evaluated("sentiment", HELD_OUT, trained_sentiment, tmp_path)
    (run,) = record["runs"]
    assert run["answered"] == record["examples"] == 90
    figures = run["figures"]
    assert figures["accuracy"] >= 0.9
    assert figures["f1_macro"] == pytest.approx(figures["accuracy"], abs=0.05)
    assert sum(map(sum, figures["confusion"])) == 90
    assert run["latency_ms"]["median"] > 0
    assert "accuracy" in shown
    assert "sentiment-figures.png" in {file.name for file in (tmp_path / "plots").iterdir()}


@pytest.mark.slow
def test_rouge_bleu_and_the_limit_of_short_forms(tmp_path: Path) -> None:
    record, shown = evaluated("shorten", NEWS, save_t5(tmp_path / "t5", NEWS, vocabulary=256), tmp_path)
    (run,) = record["runs"]
    assert run["answered"] == record["examples"] == 24
    assert run["figures"]["within_limit"] == 1.0
    assert 0 <= run["figures"]["rouge1"] < 0.5  # it knows nothing
    assert "tok:intl" in run["figures"]["bleu_signature"]
    assert "within" in shown
