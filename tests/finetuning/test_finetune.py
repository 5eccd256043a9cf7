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
from tests.recordings import selection
from tests.trained import CORPUS, HELD_OUT, finetune, save_t5


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


def arguments(model: Path, out: Path, *more: str) -> list[str]:
    where = ["--data", str(CORPUS), "--test", str(HELD_OUT), "--model", str(model), "--out", str(out)]
    return ["sentiment", *where, "--epochs", "3", "--rate", "1e-3", "--save-every", "10", *more]


def test_a_killed_training_goes_on_to_the_same_model(small_bert: Path, tmp_path: Path) -> None:
    out, whole = tmp_path / "out", tmp_path / "whole"
    command = [sys.executable, "-m", "smarthome", "finetune", *arguments(small_bert, out)]
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
    refused = finetune(*arguments(small_bert, out))
    assert refused.returncode == 2
    assert f"{out}: is not empty; name another directory, or go on with --resume" in refused.stderr
    changed = finetune(*arguments(small_bert, out, "--resume", "--seed", "2"))
    assert changed.returncode == 2
    assert f"{out}: was begun with another seed" in changed.stderr
    done = finetune(*arguments(small_bert, out, "--resume"))
    assert done.returncode == 0, done.stderr
    assert "going on after step" in done.stdout
    assert finetune(*arguments(small_bert, whole)).returncode == 0
    assert record(out)["steps"] == record(whole)["steps"] == 63
    assert record(out)["before"] == record(whole)["before"]
    resumed, straight = weights(out), weights(whole)
    assert all(abs(resumed[name] - straight[name]).max() < 1e-3 for name in straight)


def test_adapters_are_merged_into_plain_weights(trained_sentiment: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = finetune(*arguments(trained_sentiment, out, "--lora", "--json"))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["after"]["accuracy"] >= 0.9
    before, after = weights(trained_sentiment), weights(out)
    assert set(before) == set(after)
    changed = {name for name in before if abs(before[name] - after[name]).max() > 0}
    assert {name.split(".")[-2] for name in changed} == {"query", "value", "classifier"}
    assert {name for name in changed if name.endswith("bias")} == {"classifier.bias"}


def test_short_forms_are_learned_from_choices(tmp_path: Path) -> None:
    rows = [{"text": row.text, "summary": row.text.split()[0], "max_chars": 20} for row in comments(CORPUS)[:40]]
    data = tmp_path / "choices.jsonl"
    data.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    model, out = save_t5(tmp_path / "t5"), tmp_path / "out"
    done = finetune("shorten", "--data", data, "--model", model, "--out", out, "--epochs", "2", "--rate", "1e-2")
    assert done.returncode == 0, done.stderr
    found = record(out)
    assert (found["examples"], found["held_out"], found["steps"]) == (36, 4, 10)
    assert found["after"]["loss"] < found["before"]["loss"]
    assert {"rouge1", "rouge2", "rougeL", "bleu"} <= set(found["after"])
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer  # noqa: PLC0415

    AutoModelForSeq2SeqLM.from_pretrained(out, local_files_only=True)
    assert AutoTokenizer.from_pretrained(out, local_files_only=True)("хорошо")["input_ids"][-1] == 1


def speech_data(folder: Path, count: int) -> Path:
    rows = [{"file": str(each.path), "text": each.text} for each in selection()[:count]]
    data = folder / "speech.jsonl"
    data.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return data


def test_real_whisper_learns_from_real_speech_and_is_heard_with_by_its_path(model_cache: Path, tmp_path: Path) -> None:
    data, out = speech_data(tmp_path, 2), tmp_path / "out"
    done = finetune(
        *("transcribe", "--data", data, "--test", data, "--model", "whisper-base", "--out", out),
        *("--epochs", "2", "--batch", "2", "--rate", "2e-5"),
        SMARTHOME_WHISPER__CACHE=str(model_cache),
    )
    assert done.returncode == 0, done.stderr
    found = record(out)
    assert found["steps"] == 2
    assert found["after"]["wer"] <= found["before"]["wer"]
    command = [sys.executable, "-m", "smarthome", "transcribe", "--json", "--model", str(out)]
    command += ["--engine", "transformers", str(selection()[0].path)]
    environment = os.environ | {"SMARTHOME_WHISPER__CACHE": str(tmp_path)}
    heard = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
    assert json.loads(heard.stdout)["text"]


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
    empty = finetune("sentiment", *where, "--model", tmp_path / "empty")
    assert empty.returncode == 2
    assert f"{tmp_path / 'empty'}: cannot be loaded for sentiment" in empty.stderr
