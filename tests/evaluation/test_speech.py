"""``smarthome evaluate transcribe`` with real Whisper-base and human recordings."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console

from smarthome.evaluation.evaluating import evaluate
from smarthome.evaluation.measures import MEASURES
from smarthome.settings import Settings
from tests.recordings import selection


def test_errors_of_words_and_characters(model_cache: Path, tmp_path: Path) -> None:
    clips = sorted(selection(), key=lambda clip: clip.path.stat().st_size)[-4:]
    (tmp_path / "broken.wav").write_bytes(b"no sound")
    rows = [{"file": str(clip.path), "text": clip.text} for clip in clips] + [{"file": "broken.wav", "text": "тишина"}]
    data = tmp_path / "clips.jsonl"
    data.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    whisper = {"model": "whisper-base", "cache": model_cache, "device": "cpu"}
    settings = Settings.model_validate({"whisper": whisper, "tasks": {"device": "cpu"}})
    measure = MEASURES["transcribe"]
    report = evaluate(measure, settings, measure.read(data), Console(quiet=True))
    (run,) = report["runs"]
    assert (run["answered"], run["errors"]) == (4, {"unreadable": 1})
    assert 0 < run["figures"]["cer"] < run["figures"]["wer"] < 0.6
    assert report["model"] == "whisper-base"
