"""Prompts to a server that speaks Ollama's API on loopback: streaming, pulls, faults, slowness, death; no room."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from PIL import Image

from smarthome.settings import InputsSettings, LlmSettings, Settings, TasksSettings
from smarthome.tasks.answering import room
from smarthome.tasks.answering.room import Room
from smarthome.tasks.inputs.media import spool
from smarthome.tasks.llm import LlmRequest, LlmResult, LlmTask
from smarthome.tasks.memory import free_disk_mb, free_gpu_mb, free_ram_mb
from smarthome.tasks.task import Stopped, TaskError
from tests.ollama import Registry, serve
from tests.tasks.reports import Notes, only

DIGEST = "a" * 64


@pytest.fixture
def ollama() -> Iterator[Registry]:
    with serve({"gemma3:latest": DIGEST, "own:latest": DIGEST}, here={"gemma3:latest": DIGEST}) as registry:
        yield registry


@pytest.fixture
def tasks() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def made(registry: Registry, folder: Path, tasks: ExitStack | None = None, **llm: object) -> LlmTask:
    values = {"host": registry.url, "silent_s": 5.0, **llm}
    settings = Settings(
        tasks=TasksSettings(folder=folder, warm_s=90),
        llm=LlmSettings.model_validate(values),
        inputs=InputsSettings(urls="off"),
    )
    spool(settings).mkdir(exist_ok=True)
    task = LlmTask(settings)
    if tasks is not None:
        tasks.callback(task.unload)
    return task


def answered(task: LlmTask, folder: Path, report: Notes | None = None, **request: object) -> LlmResult:
    found = only(task, LlmRequest.model_validate(request), folder, report)
    assert isinstance(found, LlmResult)
    return found


def test_an_answer_comes_in_pieces(ollama: Registry, tmp_path: Path) -> None:
    report = Notes()
    found = answered(made(ollama, tmp_path), tmp_path, report, prompt="Почему небо синее?")
    assert found.answer == "Вы спросили: Почему небо синее?"
    assert "".join(report.pieces) == found.answer
    assert len(report.pieces) == 5
    assert (found.model, found.tokens, found.prompt_tokens, found.cut) == ("gemma3", 5, 7, False)
    (asked,) = ollama.asked
    assert [each["role"] for each in asked["messages"]] == ["system", "user"]
    assert asked["keep_alive"] == "90s"
    assert "tools" not in asked or not asked["tools"]


def test_system_text_seed_and_the_longest_answer(ollama: Registry, tmp_path: Path) -> None:
    task = made(ollama, tmp_path, tokens=3)
    found = answered(task, tmp_path, prompt="раз два три четыре", system="", seed=5)
    assert found.answer == "Вы спросили: раз"
    assert found.cut
    (asked,) = ollama.asked
    assert [each["role"] for each in asked["messages"]] == ["user"]
    assert asked["options"] == {"num_predict": 3, "seed": 5}


def test_a_picture_is_decoded_here(ollama: Registry, tmp_path: Path, tasks: ExitStack) -> None:
    encoded = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(encoded, "GIF")
    data = base64.b64encode(encoded.getvalue()).decode()
    task = made(ollama, tmp_path, tasks)
    found = answered(task, tmp_path, prompt="Что тут?", image={"data": data})
    assert found.answer.endswith("Картинка 40 на 30.")
    sent = base64.b64decode(ollama.asked[0]["messages"][-1]["images"][0])
    assert sent.startswith(b"\x89PNG")
    with pytest.raises(TaskError) as told:
        answered(task, tmp_path, prompt="Что тут?", image={"data": base64.b64encode(b"no picture").decode()})
    assert told.value.code == "unreadable"
    with pytest.raises(TaskError, match="urls"):
        answered(task, tmp_path, prompt="Что тут?", image={"url": "http://example.org/a.png"})
    assert len(ollama.asked) == 1


def test_a_missing_model_is_pulled_and_its_progress_told(ollama: Registry, tmp_path: Path) -> None:
    ollama.here.clear()
    ollama.megabytes["own:latest"] = 90
    report = Notes()
    found = answered(made(ollama, tmp_path, model="own"), tmp_path, report, prompt="Да?")
    assert found.model == "own"
    assert [(done, total) for done, total, _ in report.steps] == [(0, 90), (45, 90), (90, 90)]
    assert "own:latest" in ollama.here


def test_nothing_is_pulled_that_may_not_be_or_is_not_there(ollama: Registry, tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="ollama pull other") as told:
        answered(made(ollama, tmp_path, model="other", pull=False), tmp_path, prompt="Да?")
    assert told.value.code == "no_model"
    with pytest.raises(TaskError, match="file does not exist") as told:
        answered(made(ollama, tmp_path, model="other"), tmp_path, prompt="Да?")
    assert told.value.code == "failed"


def test_a_model_without_room_is_not_pulled(ollama: Registry, tmp_path: Path) -> None:
    ollama.megabytes["own:latest"] = 9_000_000
    with pytest.raises(TaskError, match=r"own needs about 10800000 MB of memory, .* the largest that fits is") as told:
        answered(made(ollama, tmp_path, model="own"), tmp_path, prompt="Да?")
    assert told.value.code == "too_large"
    assert "own:latest" not in ollama.here


def test_what_fits() -> None:
    assert Room(ram_mb=4_500, gpu_mb=0, disk_mb=50_000).largest == "gemma3"
    assert Room(ram_mb=1_000, gpu_mb=8_000, disk_mb=50_000).largest == "qwen2.5vl:7b"
    assert Room(ram_mb=64_000, gpu_mb=0, disk_mb=900).largest == "gemma3:1b"
    assert Room(ram_mb=100, gpu_mb=0, disk_mb=900).largest is None
    with pytest.raises(TaskError, match=r"and 2000 MB on the GPU are free; the largest that fits is gemma3:1b"):
        Room(ram_mb=1_000, gpu_mb=2_000, disk_mb=50_000).check("gemma3", 3_300)
    with pytest.raises(TaskError, match="3300 MB on the disk, of which 2000 MB are free"):
        Room(ram_mb=9_000, gpu_mb=0, disk_mb=2_000).check("gemma3", 3_300)
    with pytest.raises(TaskError, match="no known model fits"):
        Room(ram_mb=100, gpu_mb=0, disk_mb=90_000).check("gemma3", 3_300)
    assert room.size_mb("gemma3:4b") == room.size_mb("gemma3") == 3_300
    assert room.size_mb("own") is None


def test_room_is_measured_where_ollama_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OLLAMA_MODELS", str(tmp_path / "not" / "yet"))
    here = room.of_server("http://127.0.0.1:11434")
    assert 0 < here.ram_mb < 10_000_000
    assert here.disk_mb == pytest.approx(free_disk_mb(tmp_path), abs=1_000)
    assert room.of_server("http://gpu.example:11434").why_not(900_000) is None
    monkeypatch.setenv("OLLAMA_HOST", "gpu.example")
    assert room.of_server(None).why_not(900_000) is None
    assert free_ram_mb() > 0
    assert free_gpu_mb() >= 0


def test_no_server(ollama: Registry, tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=r"no Ollama server at http://127\.0\.0\.1:9: start it, `ollama serve`") as told:
        answered(made(ollama, tmp_path, host="http://127.0.0.1:9"), tmp_path, prompt="Да?")
    assert told.value.code == "no_model"


def test_what_the_server_says_is_told(ollama: Registry, tmp_path: Path) -> None:
    ollama.fault = "llama runner process has terminated"
    with pytest.raises(TaskError, match="llama runner process has terminated") as told:
        answered(made(ollama, tmp_path), tmp_path, prompt="Да?")
    assert told.value.code == "failed"


def test_a_server_that_dies_in_the_middle(ollama: Registry, tmp_path: Path) -> None:
    ollama.dies_after = 2
    with pytest.raises(TaskError, match="broke off") as told:
        answered(made(ollama, tmp_path), tmp_path, prompt="Почему?")
    assert told.value.code == "failed"
    ollama.dies_after = None
    assert answered(made(ollama, tmp_path), tmp_path, prompt="Почему?").answer.endswith("Почему?")


def test_a_silent_model(ollama: Registry, tmp_path: Path) -> None:
    ollama.pause_s = 2.0
    with pytest.raises(TaskError, match=r"silent for 0\.3 s") as told:
        answered(made(ollama, tmp_path, silent_s=0.3), tmp_path, prompt="Почему?")
    assert told.value.code == "timeout"


def test_a_slow_model_is_waited_for_and_can_be_stopped(ollama: Registry, tmp_path: Path) -> None:
    ollama.pause_s = 0.4
    assert answered(made(ollama, tmp_path, silent_s=1.5), tmp_path, prompt="Почему?").tokens == 3

    class Impatient(Notes):
        def piece(self, text: str) -> None:
            super().piece(text)
            raise Stopped

    report = Impatient()
    with pytest.raises(Stopped):
        answered(made(ollama, tmp_path), tmp_path, report, prompt="Почему небо синее?")
    assert report.pieces == ["Вы"]


def test_the_real_ollama_where_there_is_one(tmp_path: Path, tasks: ExitStack) -> None:
    """With a model that it has already: nothing is fetched for a test."""
    ollama = pytest.importorskip("ollama")
    try:
        models = [each.model for each in ollama.Client(timeout=2.0).list().models]
    except Exception:  # noqa: BLE001 (whatever it is, no server answers)
        models = []
    if not models:
        pytest.skip("no Ollama with a model on this machine")
    settings = Settings(tasks=TasksSettings(folder=tmp_path), llm=LlmSettings(model=models[0], pull=False, tokens=20))
    task = LlmTask(settings)
    tasks.callback(task.unload)
    report = Notes()
    found = answered(task, tmp_path, report, prompt="Ответь одним словом: столица Франции?", seed=1)
    assert found.answer.strip()
    assert "".join(report.pieces) == found.answer
