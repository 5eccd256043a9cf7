"""Human recordings through PyAV in its sandbox, the segmenter, and the real Whisper-base."""

from __future__ import annotations

import base64
import json
import shutil
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from smarthome.settings import MqttSettings, Settings, TasksSettings, TranscribeSettings
from smarthome.tasks.inputs.media import spool
from smarthome.tasks.registry import make_task
from smarthome.tasks.task import Stopped, TaskError
from smarthome.tasks.transcribe import TranscribeRequest, TranscribeResult, TranscribeTask
from tests.homes import DEVICES_YAML
from tests.mosquitto import Mosquitto, Observer
from tests.recordings import Recording, plain, spoken
from tests.tasks.clips import ffmpeg
from tests.tasks.reports import Notes, jobs, only
from tests.whisper import settings as whisper_settings

DEMO = Path("smarthome/demo/recordings")


@pytest.fixture(scope="module")
def settings(model_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = Settings(
        tasks=TasksSettings(folder=tmp_path_factory.mktemp("tasks")),
        whisper=whisper_settings(model_cache),
        transcribe=TranscribeSettings(seconds=100, execute_seconds=20),
        devices=DEVICES_YAML,
    )
    spool(made).mkdir()
    write(spool(made) / "long.wav", [prompt("vm-rec-name"), prompt("vm-goodbye"), prompt("vm-rec-name")])
    return made


@pytest.fixture(scope="module")
def task(settings: Settings) -> Iterator[TranscribeTask]:
    made = TranscribeTask(settings)
    yield made
    made.unload()


def prompt(name: str) -> Recording:
    return next(recording for recording in spoken() if recording.path.stem == name)


def write(path: Path, recordings: list[Recording], pause_s: float = 1.5) -> Path:
    pause = np.zeros(round(pause_s * 16_000), np.float32)
    samples = np.concatenate([pause, *(part for each in recordings for part in (each.samples(), pause))])
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes((samples * 32_767).astype("<i2").tobytes())
    return path


def test_text_segments_times_and_progress(task: TranscribeTask, tmp_path: Path) -> None:
    report = Notes()
    result: TranscribeResult = only(task, TranscribeRequest(path="long.wav"), tmp_path, report)
    assert plain(result.text).count("решетку") == 2
    assert len(result.segments) >= 3
    assert result.text == " ".join(segment.text for segment in result.segments)
    edges = [edge for segment in result.segments for edge in (segment.start_s, segment.end_s)]
    assert edges == sorted(edges)
    assert edges[0] == pytest.approx(1.5, abs=0.3)
    assert edges[-1] == pytest.approx(result.seconds - 1.5, abs=0.8)
    assert (result.language, result.model, result.executed) == ("ru", "whisper-base", None)
    done = [step[0] for step in report.steps]
    assert done == sorted(done)
    assert done[-1] == report.steps[-1][1]
    assert "".join(report.pieces).split("\n")[:-1] == [segment.text for segment in result.segments]


@pytest.mark.parametrize("form", ["mp3", "ogg", "m4a", "flac"])
def test_other_formats_say_the_same(form: str, task: TranscribeTask, tmp_path: Path) -> None:
    wav, file = tmp_path / "a.wav", tmp_path / f"a.{form}"
    write(wav, [prompt("vm-rec-name")])
    ffmpeg("-i", wav, *(["-b:a", "64k"] if form in {"mp3", "m4a"} else []), file)
    result = only(task, TranscribeRequest(data=base64.b64encode(file.read_bytes()).decode()), tmp_path)
    assert "решетку" in plain(result.text)


def test_nobody_speaks(task: TranscribeTask, tmp_path: Path) -> None:
    silence = write(tmp_path / "a.wav", [], pause_s=3)
    request = TranscribeRequest(data=base64.b64encode(silence.read_bytes()).decode())
    result: TranscribeResult = only(task, request, tmp_path)
    assert (result.text, result.segments, result.seconds) == ("", (), 3.0)


def test_what_cannot_be_heard(task: TranscribeTask, settings: Settings, tmp_path: Path) -> None:
    write(spool(settings) / "day.wav", [], pause_s=101)
    whole = (spool(settings) / "long.wav").read_bytes()
    (spool(settings) / "cut.wav").write_bytes(whole[: len(whole) // 2])
    (spool(settings) / "notes.mp3").write_text("not audio", encoding="utf-8")
    requests = [TranscribeRequest(path=name) for name in ("day.wav", "cut.wav", "notes.mp3", "none.wav", "../a")]
    requests.append(TranscribeRequest(path="long.wav"))
    results = task.run(jobs(requests, tmp_path))
    codes = [each.code if isinstance(each, TaskError) else "done" for each in results]
    assert codes == ["too_large", "unreadable", "unreadable", "not_found", "refused", "done"]
    assert "transcribe.seconds" in str(results[0])
    assert str(results[1]).startswith("cut.wav: incomplete")


def test_stopped_in_the_midst(task: TranscribeTask, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        only(task, TranscribeRequest(path="long.wav"), tmp_path, Notes(stop_after=2))


def test_the_registry_and_a_model_that_is_not_there(settings: Settings) -> None:
    assert isinstance(make_task("transcribe", settings), TranscribeTask)
    none = settings.whisper.model_copy(update={"model": "openai/none"})
    with pytest.raises(TaskError, match="smarthome models pull") as error:
        TranscribeTask(settings.model_copy(update={"whisper": none})).load()
    assert error.value.code == "no_model"


def manifest() -> dict[str, str]:
    lines = (DEMO / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    return {entry["file"]: entry["text"] for entry in map(json.loads, lines)}


def test_commands_are_carried_out_once(settings: Settings, mosquitto: Mosquitto, tmp_path: Path) -> None:
    name = next(iter(manifest()))
    shutil.copy(DEMO / name, spool(settings) / "command.flac")
    task = TranscribeTask(settings.model_copy(update={"mqtt": mosquitto.settings()}))
    request = TranscribeRequest(path="command.flac", execute=True, site="flat", area="Кухня")
    with Observer(mosquitto.port, "smarthome/flat/say") as site:
        site.publish("smarthome/flat/availability", "online", retain=True)
        first: TranscribeResult = only(task, request, tmp_path)
        second: TranscribeResult = only(task, request, tmp_path)
        site.publish("smarthome/flat/say", "end")
        assert site.saw("smarthome/flat/say", "end")
        said = [json.loads(text) for text in site.texts("smarthome/flat/say") if text != "end"]
    task.unload()
    assert first.executed is not None
    assert [(each.text, each.sent) for each in first.executed] == [(piece.text, True) for piece in first.segments]
    assert second.executed == first.executed
    assert said == [{"text": each.text, "area": "Кухня"} for each in first.executed]
    assert plain(first.text) == plain(manifest()[name])


def test_a_long_recording_is_no_command(settings: Settings, tmp_path: Path) -> None:
    write(spool(settings) / "speech.wav", [], pause_s=21)
    task = TranscribeTask(settings.model_copy(update={"mqtt": MqttSettings(port=1)}))
    with pytest.raises(TaskError, match=r"transcribe\.execute_seconds") as error:
        only(task, TranscribeRequest(path="speech.wav", execute=True), tmp_path)
    assert error.value.code == "too_large"
    task.unload()


def test_without_a_house_commands_are_heard_plainly(settings: Settings, tmp_path: Path) -> None:
    task = TranscribeTask(settings.model_copy(update={"devices": tmp_path / "none.yaml"}))
    recogniser, parser = task._for_commands()
    assert (recogniser, parser) == (task._plain_recogniser(), None)
