"""``device = auto`` of a kind is the GPU, its answers are the CPU's, and memory that runs out comes back."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from smarthome.evaluation.example import Example
from smarthome.evaluation.running import answer
from smarthome.settings import Settings
from smarthome.tasks.registry import make_task
from smarthome.tasks.task import Task
from tests.gpu.device import crowded
from tests.tasks.clips import moving, x264


@dataclass(frozen=True)
class Trial:
    """A kind with a model, something to ask it, and what of its result must be the same everywhere."""

    kind: str
    sections: Mapping[str, Mapping[str, Any]]
    request: Mapping[str, Any]
    essence: Callable[[Mapping[str, Any]], list[tuple[object, float]]]

    def opened(self, device: str) -> Task[Any]:
        tasks = {"tasks": {"device": device}}
        task = make_task(self.kind, Settings.model_validate({**self.sections, **tasks}))
        task.load()
        return task

    @property
    def example(self) -> Example:
        return Example(self.kind, self.request, "")


def guesses(key: str) -> Callable[[Mapping[str, Any]], list[tuple[object, float]]]:
    return lambda result: [(guess["index"], float(guess["probability"])) for guess in result[key]]


def image(folder: Path) -> Trial:
    import torch  # noqa: PLC0415
    from torchvision.models import resnet50  # noqa: PLC0415

    torch.save(resnet50().state_dict(), folder / "resnet50-11ad3fa6.pth")
    file = io.BytesIO()
    Image.new("RGB", (300, 300), "red").save(file, "PNG")
    return Trial("image", {"image": {"weights": folder}}, inline(file.getvalue()), guesses("top5"))


def video(folder: Path) -> Trial:
    import torch  # noqa: PLC0415
    from torchvision.models.video import mc3_18  # noqa: PLC0415

    torch.save(mc3_18().state_dict(), folder / "mc3_18-a90a0ba3.pth")
    clip = moving(folder / "a.mp4", *x264(25), seconds=2)
    return Trial("video", {"video": {"weights": folder}}, inline(clip.read_bytes()), guesses("actions"))


def inline(content: bytes) -> dict[str, str]:
    return {"data": b64encode(content).decode()}


@pytest.fixture(scope="module", params=[image, video], ids=["image", "video"])
def trial(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    import torch  # noqa: PLC0415

    torch.manual_seed(1)
    made: Trial = request.param(tmp_path_factory.mktemp("weights"))
    return made


def test_auto_is_the_gpu_and_answers_as_the_cpu_does(trial: Trial) -> None:
    import torch  # noqa: PLC0415

    before = torch.cuda.memory_allocated()
    tasks = [trial.opened("auto"), trial.opened("cpu")]
    assert torch.cuda.memory_allocated() - before > 2**20
    results = [answer(task, trial.example, {}).result for task in tasks]
    assert results[0] is not None
    assert results[1] is not None
    found, wanted = trial.essence(results[0]), trial.essence(results[1])
    assert [each for each, _ in found] == [each for each, _ in wanted]
    assert [p for _, p in found] == pytest.approx([p for _, p in wanted], abs=1e-3)
    for task in tasks:
        task.unload()
    torch.cuda.empty_cache()
    assert torch.cuda.memory_allocated() <= before


def test_memory_that_runs_out_is_said_and_comes_back(trial: Trial) -> None:
    task = trial.opened("cuda")
    with crowded(left_mb=8):
        outcome = answer(task, trial.example, {})
    assert outcome.code in {"", "out_of_memory"}  # a kind may go on in smaller batches or on the CPU
    assert answer(task, trial.example, {}).result is not None
    task.unload()
