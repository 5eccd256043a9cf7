"""``device = auto`` takes the GPU; its answers are the CPU's; memory that runs out is said, and comes back."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Mapping, Sequence
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


def picture(colour: str) -> str:
    file = io.BytesIO()
    Image.new("RGB", (300, 300), colour).save(file, "PNG")
    return b64encode(file.getvalue()).decode()


@pytest.fixture(scope="module")
def resnet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch  # noqa: PLC0415
    from torchvision.models import resnet50  # noqa: PLC0415

    torch.manual_seed(1)
    file = tmp_path_factory.mktemp("weights") / "resnet50-11ad3fa6.pth"
    torch.save(resnet50().state_dict(), file)
    return file


def opened(resnet: Path, device: str) -> Task[Any]:
    settings = Settings.model_validate({"image": {"weights": resnet}, "tasks": {"device": device}})
    task = make_task("image", settings)
    task.load()
    return task


def top5(task: Task[Any]) -> Sequence[Mapping[str, Any]]:
    outcome = answer(task, Example("red", {"data": picture("red")}, ""), {})
    assert outcome.result is not None, outcome.message
    guesses: Sequence[Mapping[str, Any]] = outcome.result["top5"]
    return guesses


def test_auto_is_the_gpu_and_answers_as_the_cpu_does(resnet: Path) -> None:
    import torch  # noqa: PLC0415

    before = torch.cuda.memory_allocated()
    task = opened(resnet, "auto")
    assert torch.cuda.memory_allocated() - before > 90 * 2**20
    found, wanted = top5(task), top5(opened(resnet, "cpu"))
    assert [each["index"] for each in found] == [each["index"] for each in wanted]
    assert [each["probability"] for each in found] == pytest.approx([each["probability"] for each in wanted], abs=1e-3)


def test_memory_that_runs_out_is_said_and_comes_back(resnet: Path) -> None:
    task = opened(resnet, "cuda")
    example = Example("red", {"data": picture("red")}, "")
    with crowded(left_mb=8):
        outcome = answer(task, example, {})
    assert outcome.code in {"", "out_of_memory"}  # a kind may go on in smaller batches or on the CPU
    assert answer(task, example, {}).result is not None
