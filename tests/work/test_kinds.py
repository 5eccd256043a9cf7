"""Every kind through the whole way: ``smarthome ask`` → Mosquitto → ``smarthome work`` → the real model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from smarthome.datasets.examples import summaries
from tests.e2e.program import DEVICES, Program, as_wav, silence
from tests.mosquitto import Mosquitto, Observer, eventually
from tests.ollama import serve
from tests.trained import save_t5

ROOT = Path(__file__).parents[2]
RECORDINGS = ROOT / "smarthome" / "demo" / "recordings"


@contextmanager
def working(broker: Mosquitto, tmp_path: Path, **variables: str) -> Iterator[dict[str, str]]:
    """``smarthome work`` as a process; yields the variables that lead ``ask`` to it."""
    environment = os.environ | {
        "SMARTHOME_MQTT__HOST": "127.0.0.1",
        "SMARTHOME_MQTT__PORT": str(broker.port),
        "SMARTHOME_TASKS__FOLDER": str(tmp_path / "tasks"),
        "SMARTHOME_TASKS__DEVICE": "cpu",
        **variables,
    }
    process = subprocess.Popen([sys.executable, "-m", "smarthome", "work"], env=environment, cwd=ROOT)
    try:
        with Observer(broker.port, "smarthome/tasks/intake") as observer:
            assert eventually(lambda: observer.texts("smarthome/tasks/intake")[-1:] == ["online"], 30.0)
        yield environment
    finally:
        process.terminate()
        assert process.wait(30) == 0


def ask(
    environment: dict[str, str], *arguments: str | Path, folder: Path = ROOT, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """``smarthome ask …`` in a folder."""
    command = [sys.executable, "-m", "smarthome", "ask", *map(str, arguments)]
    return subprocess.run(
        command, env=environment, cwd=folder, input=stdin, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.slow
def test_a_picture(mosquitto: Mosquitto, tmp_path: Path, resnet_folder: Path) -> None:
    picture = tmp_path / "picture.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (300, 400, 3), np.uint8)).save(picture)
    with working(mosquitto, tmp_path, SMARTHOME_IMAGE__WEIGHTS=str(resnet_folder)) as environment:
        told = ask(environment, "image", picture, "--json")
        assert told.returncode == 0, told.stderr
        (line,) = told.stdout.splitlines()
        result = json.loads(line)
        assert len(result["result"]["top5"]) == 5
        shown = ask(environment, "image", picture)
        assert result["result"]["top5"][0]["ru"] in shown.stdout
        bad = tmp_path / "bad.png"
        bad.write_bytes(b"no picture")
        failed = ask(environment, "image", bad)
        assert failed.returncode == 1
        assert failed.stderr.startswith("smarthome: ")


@pytest.mark.slow
def test_a_video(mosquitto: Mosquitto, tmp_path: Path, mc3_folder: Path) -> None:
    clip = tmp_path / "clip.mp4"
    make = ["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc=duration=4:size=320x240:rate=25", str(clip)]
    subprocess.run(make, check=True)
    with working(mosquitto, tmp_path, SMARTHOME_VIDEO__WEIGHTS=str(mc3_folder)) as environment:
        told = ask(environment, "video", clip, "--json")
        assert told.returncode == 0, told.stderr
        assert len(json.loads(told.stdout)["result"]["actions"]) == 3


@pytest.mark.slow
def test_a_recording_and_its_command(mosquitto: Mosquitto, tmp_path: Path, model_cache: Path) -> None:
    variables = {
        "SMARTHOME_WHISPER__MODEL": "whisper-base",
        "SMARTHOME_WHISPER__CACHE": str(model_cache),
        "SMARTHOME_DEVICES": str(ROOT / "smarthome" / "demo" / "devices.yaml"),
    }
    with Observer(mosquitto.port, "smarthome/home/say") as observer, working(mosquitto, tmp_path, **variables) as env:
        observer.publish("smarthome/home/availability", "online", retain=True)  # who obeys is there
        told = ask(env, "transcribe", RECORDINGS / "05.flac", "--execute", "--json")
        assert told.returncode == 0, told.stderr
        result = json.loads(told.stdout)["result"]
        assert "музыку" in result["text"].lower()
        assert [each["sent"] for each in result["executed"]] == [True]
        assert len(observer.texts("smarthome/home/say")) == 1


@pytest.mark.slow
def test_comments_and_their_file(mosquitto: Mosquitto, tmp_path: Path, trained_sentiment: Path) -> None:
    text = "Всё отлично, спасибо\n\nУжасный брак, верните деньги\n"
    with working(mosquitto, tmp_path, SMARTHOME_SENTIMENT__MODEL=str(trained_sentiment)) as environment:
        shown = ask(environment, "sentiment", "--file", "-", folder=tmp_path, stdin=text)
        assert shown.returncode == 0, shown.stderr
        assert "Комментариев: 2" in shown.stdout
        heads, _, rows = (tmp_path / "comments_result.txt").read_text(encoding="utf-8").partition("\n\n")
        assert heads.splitlines() == [
            "Всего: 2",
            "Положительных: 1 (50.0 %)",
            "Отрицательных: 1 (50.0 %)",
            "Нейтральных: 0 (0.0 %)",
        ]
        assert [row.split("\t")[0] for row in rows.splitlines()] == ["положительный", "отрицательный"]
        again = ask(environment, "sentiment", "Плохо", folder=tmp_path)
        assert again.returncode == 1
        assert "comments_result.txt is there already" in again.stderr
        assert "Всего: 2" in (tmp_path / "comments_result.txt").read_text(encoding="utf-8")
        out = ("--out", "other.csv", "--out", "other.json", "--json")
        told = ask(environment, "sentiment", *out, "Плохо, верните деньги", folder=tmp_path)
        assert told.returncode == 0, told.stderr
        result = json.loads(told.stdout)["result"]
        assert result["comments"][0]["label"] == "negative"
        assert {file.name for file in Path(result["folder"]).iterdir()} == set(result["files"])
        assert (tmp_path / "other.csv").read_text(encoding="utf-8").splitlines()[1].startswith("negative,")


@pytest.mark.slow
def test_short_forms_and_a_choice(mosquitto: Mosquitto, tmp_path: Path) -> None:
    choices = tmp_path / "choices.jsonl"
    variables = {
        "SMARTHOME_SHORTEN__MODEL": str(save_t5(tmp_path / "t5")),
        "SMARTHOME_SHORTEN__CHOICES": str(choices),
    }
    text = "Вчера в посёлке отключили свет. Авария была на подстанции. Свет вернули только к утру, и все замёрзли."
    with working(mosquitto, tmp_path, **variables) as environment:
        told = ask(environment, "shorten", text, "--max", "40", "--seed", "7", "--json")
        assert told.returncode == 0, told.stderr
        variants = [each["text"] for each in json.loads(told.stdout)["result"]["variants"]]
        assert len(set(variants)) == 3
        assert all(len(each) <= 40 for each in variants)
        taken = ask(environment, "shorten", "--file", "-", "--max", "40", "--seed", "7", "--choose", "2", stdin=text)
        assert taken.returncode == 0, taken.stderr
        assert taken.stdout == f"{variants[1]}\n"
        (row,) = summaries(choices)
        assert (row.text, row.summary, row.max_chars) == (text, variants[1], 40)
        small = ask(environment, "shorten", text, "--max", "3")
        assert small.returncode == 1
        assert "the smallest sensible limit is" in small.stderr
        missing = ask(environment, "shorten", "Да", "--choose", "2")
        assert missing.returncode == 1
        assert "there are 1 variants" in missing.stderr


@pytest.mark.slow
def test_a_question_and_its_answer(mosquitto: Mosquitto, tmp_path: Path) -> None:
    digest = {"gemma3:latest": "a" * 64}
    picture = tmp_path / "picture.png"
    Image.new("RGB", (64, 48), "blue").save(picture)
    with (
        serve(digest, here=dict(digest), pause_s=0.2) as ollama,
        Observer(mosquitto.port, "smarthome/tasks/llm/+/event") as observer,
        working(mosquitto, tmp_path, SMARTHOME_LLM__HOST=ollama.url) as environment,
    ):
        told = ask(environment, "llm", "Почему небо синее?", "--image", picture)
        assert told.returncode == 0, told.stderr
        assert told.stdout == "Вы спросили: Почему небо синее? Картинка 64 на 48.\n"
        events = [json.loads(seen.text) for seen in observer.seen]
        assert [event["event"] for event in events][:2] == ["accepted", "running"]
        pieces = [event["text"] for event in events if event["event"] == "progress" and "text" in event]
        assert "".join(pieces) == told.stdout.strip()
        assert len(pieces) > 1
        ollama.fault = "out of memory"
        failed = ask(environment, "llm", "Почему?")
        assert failed.returncode == 1
        assert "Ollama says about gemma3: out of memory" in failed.stderr


@pytest.mark.slow
def test_a_spoken_question_is_answered_aloud(mosquitto: Mosquitto, tmp_path: Path) -> None:
    digest = {"gemma3:latest": "a" * 64}
    quiet = as_wav(tmp_path / "quiet.wav", silence(60.0))
    listen = Program(
        tmp_path,
        "listen",
        "--devices",
        DEVICES,
        "--audio",
        str(quiet),
        mqtt__host="127.0.0.1",
        mqtt__port=mosquitto.port,
    )
    with (
        serve(digest, here=dict(digest)) as ollama,
        working(mosquitto, tmp_path, SMARTHOME_LLM__HOST=ollama.url),
        Observer(mosquitto.port, "smarthome/test/#", "home/#") as observer,
        listen,
    ):
        assert eventually(lambda: observer.texts("smarthome/test/counters"), 60.0), listen.err  # its loop runs
        observer.publish("smarthome/test/say", "спроси, как выключить свет на кухне")
        reply = "Вы спросили: Как выключить свет на кухне"
        assert eventually(lambda: reply in observer.texts("smarthome/test/reply"), 30.0), listen.err
        assert not [seen for seen in observer.seen if seen.topic.startswith("home/")]
