"""``smarthome finetune`` with small models in the real file layouts: what is learned, resumed, merged, refused."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from smarthome.datasets.examples import comments
from smarthome.ears import conversion
from smarthome.ears.weights import find
from smarthome.ears.whisper import open_recogniser
from smarthome.errors import ConfigurationError
from tests.recordings import selection
from tests.trained import CORPUS, HELD_OUT, finetune, save_t5, train
from tests.whisper import settings


def record(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "finetune.json").read_text(encoding="utf-8"))
    return found


def weights(out: Path) -> dict[str, Any]:
    from safetensors.numpy import load_file  # noqa: PLC0415

    return dict(load_file(out / "model.safetensors"))


def test_held_out_sentences_are_separated(trained_sentiment: Path) -> None:
    assert not {row.text for row in comments(CORPUS)} & {row.text for row in comments(HELD_OUT)}
    found = record(trained_sentiment)
    assert (found["examples"], found["held_out"]) == (330, 90)
    assert found["before"]["accuracy"] < 0.5
    assert found["after"]["accuracy"] >= 0.9
    assert found["after"]["f1_macro"] >= 0.9
    assert not (trained_sentiment / "checkpoints").exists()


def test_the_result_is_loaded_by_its_path(trained_sentiment: Path) -> None:
    from transformers import pipeline  # noqa: PLC0415

    judge = pipeline("text-classification", model=str(trained_sentiment), device="cpu")
    assert [each["label"] for each in judge(["Всё отлично, спасибо", "Ужасный брак, верните деньги"])] == [
        "POSITIVE",
        "NEGATIVE",
    ]


QUICK: dict[str, Any] = {"test": HELD_OUT, "epochs": 3, "rate": 1e-3, "batch": 16, "save_every": 10}


def test_a_killed_training_goes_on_to_the_same_model(small_bert: Path, tmp_path: Path) -> None:
    out, whole = tmp_path / "out", tmp_path / "whole"
    options: list[str | Path] = ["--data", CORPUS, "--test", HELD_OUT, "--model", small_bert, "--out", out]
    options += ["--epochs", "3", "--rate", "1e-3", "--save-every", "10"]
    command = [sys.executable, "-m", "smarthome", "finetune", "sentiment", *map(str, options)]
    environment = os.environ | {"SMARTHOME_TASKS__DEVICE": "cpu"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        until = time.monotonic() + 120
        while not (out / "checkpoints" / "checkpoint-20" / "trainer_state.json").is_file():
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    half = out / "checkpoints" / "checkpoint-9999"  # killed while it was written
    half.mkdir()
    (half / "model.safetensors").write_bytes(b"half")
    with pytest.raises(ConfigurationError, match="is not empty; name another directory, or go on with --resume"):
        train("sentiment", small_bert, CORPUS, out, **QUICK)
    with pytest.raises(ConfigurationError, match="was begun with another seed"):
        train("sentiment", small_bert, CORPUS, out, resume=True, **QUICK, seed=2)
    done = finetune("sentiment", *options, "--resume")
    assert done.returncode == 0, done.stderr
    assert "going on after step" in done.stdout
    assert train("sentiment", small_bert, CORPUS, out, resume=True, **QUICK) == record(out)  # nothing is left to do
    straight = train("sentiment", small_bert, CORPUS, whole, **QUICK)
    assert record(out)["steps"] == straight["steps"] == 63
    assert record(out)["before"] == straight["before"]
    resumed, unbroken = weights(out), weights(whole)
    assert all(abs(resumed[name] - unbroken[name]).max() < 1e-3 for name in unbroken)


def test_adapters_are_merged_into_plain_weights(trained_sentiment: Path, tmp_path: Path) -> None:
    found = train("sentiment", trained_sentiment, CORPUS, tmp_path / "out", **QUICK | {"epochs": 1}, lora=True)
    assert found["after"]["accuracy"] >= 0.9
    before, after = weights(trained_sentiment), weights(tmp_path / "out")
    assert set(before) == set(after)
    changed = {name for name in before if abs(before[name] - after[name]).max() > 0}
    assert {name.split(".")[-2] for name in changed} == {"query", "value", "classifier"}
    assert {name for name in changed if name.endswith("bias")} == {"classifier.bias"}


def test_short_forms_are_learned_from_choices(tmp_path: Path) -> None:
    rows = [{"text": row.text, "summary": row.text.split()[0], "max_chars": 20} for row in comments(CORPUS)[:40]]
    data = tmp_path / "choices.jsonl"
    data.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    out = tmp_path / "out"
    found = train("shorten", save_t5(tmp_path / "t5"), data, out, epochs=2, rate=1e-2)
    assert (found["examples"], found["held_out"], found["steps"]) == (36, 4, 10)
    assert found["after"]["loss"] < found["before"]["loss"]
    assert {"rouge1", "rouge2", "rougeL", "bleu"} <= set(found["after"])
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer  # noqa: PLC0415

    AutoModelForSeq2SeqLM.from_pretrained(out, local_files_only=True)
    assert AutoTokenizer.from_pretrained(out, local_files_only=True)("хорошо")["input_ids"][-1] == 1
    adapted = tmp_path / "adapted"
    train("shorten", out, data, adapted, epochs=1, rate=1e-2, lora=True)
    before, after = weights(out), weights(adapted)
    assert set(before) == set(after)
    assert {name.split(".")[-2] for name in before if abs(before[name] - after[name]).max() > 0} == {"q", "v"}


def test_real_whisper_learns_from_real_speech_and_is_heard_with_by_its_path(model_cache: Path, tmp_path: Path) -> None:
    clips = sorted(selection(), key=lambda clip: clip.path.stat().st_size)[:2]
    data = tmp_path / "speech.jsonl"
    rows = [{"file": str(each.path), "text": each.text} for each in clips]
    data.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    whisper = conversion.in_format(find(settings(model_cache)), "transformers", model_cache)
    found = train("transcribe", whisper, data, tmp_path / "out", test=data, epochs=2, batch=2, rate=2e-5)
    assert found["steps"] == 2
    assert found["after"]["wer"] <= found["before"]["wer"]
    recogniser = open_recogniser(settings(tmp_path, model=str(tmp_path / "out"), engine="transformers", device="cpu"))
    assert recogniser.transcribe(clips[0].samples()).text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"text": "да", "label": "good"}\n', "data.jsonl, line 1: label: Input should be 'positive', 'negative' or"),
        ('{"text": "да", "label": "positive"}\n', "data.jsonl: one row; at least two are needed"),
    ],
)
def test_bad_data_is_one_line(content: str, message: str, small_bert: Path, tmp_path: Path) -> None:
    data = tmp_path / "data.jsonl"
    data.write_text(content, encoding="utf-8")
    done = finetune("sentiment", "--data", data, "--model", small_bert, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_model_that_is_not_here_is_named(tmp_path: Path) -> None:
    where = ("--data", CORPUS, "--out", tmp_path / "out")
    missing = finetune("sentiment", *where, "--model", "nobody/nothing")
    assert missing.returncode == 2
    assert missing.stderr == (
        "smarthome: nobody/nothing: neither a directory nor fetched; "
        "fetch it: smarthome models pull nobody/nothing --kind sentiment\n"
    )
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigurationError, match="cannot be loaded for sentiment"):
        train("sentiment", tmp_path / "empty", CORPUS, tmp_path / "out")
    with pytest.raises(ConfigurationError, match="cannot be loaded for sentiment"):  # not: the folder is not empty
        train("sentiment", tmp_path / "empty", CORPUS, tmp_path / "out")
