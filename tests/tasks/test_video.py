"""Videos through PyAV in its sandbox and a real MC3_18."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision.models.video import MC3_18_Weights, mc3_18

from smarthome.settings import Settings, TasksSettings, VideoSettings
from smarthome.tasks.inputs.media import spool
from smarthome.tasks.registry import make_task
from smarthome.tasks.task import Stopped, TaskError
from smarthome.tasks.video import VideoRequest, VideoResult, VideoTask
from tests.tasks.clips import ffmpeg, moving, whole, x264
from tests.tasks.reports import Notes, jobs, only


@pytest.fixture(scope="module")
def settings(mc3_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = Settings(
        tasks=TasksSettings(folder=tmp_path_factory.mktemp("tasks"), device="cpu"),
        video=VideoSettings(weights=mc3_folder, seconds=20),
    )
    spool(made).mkdir()
    moving(spool(made) / "a.mp4", *x264(25), seconds=6)
    return made


@pytest.fixture(scope="module")
def task(settings: Settings) -> Iterator[VideoTask]:
    made = VideoTask(settings)
    yield made
    made.unload()


def frames_at(path: Path, times: tuple[float, ...]) -> torch.Tensor:
    """uint8 [n, 3, height, width], by decoding everything."""
    frames = whole(path).frames
    return torch.from_numpy(np.stack([frames[time] for time in times])).permute(0, 3, 1, 2)


def reference(path: Path, result: VideoResult, folder: Path, length: int = 16) -> list[tuple[int, float]]:
    """torchvision alone: all frames decoded, its transforms, its model."""
    model = mc3_18().eval()
    model.load_state_dict(torch.load(folder / "mc3_18-a90a0ba3.pth", weights_only=True))
    transforms = MC3_18_Weights.KINETICS400_V1.transforms()
    frames = frames_at(path, result.times_s)
    with torch.inference_mode():
        clips = [model(transforms(clip).unsqueeze(0)).softmax(1)[0] for clip in torch.split(frames, length)]
        best = torch.stack(clips).mean(0).topk(len(result.actions))
    return list(zip(best.indices.tolist(), best.values.tolist(), strict=True))


@pytest.mark.parametrize("sampling", ["uniform", "clips"])
def test_the_answer_is_torchvisions_own(
    sampling: str, task: VideoTask, settings: Settings, mc3_folder: Path, tmp_path: Path
) -> None:
    request = VideoRequest.model_validate({"path": "a.mp4", "sampling": sampling, "top": 5})
    result: VideoResult = only(task, request, tmp_path)
    wanted = reference(spool(settings) / "a.mp4", result, mc3_folder)
    assert [guess.index for guess in result.actions] == [index for index, _ in wanted]
    np.testing.assert_allclose([g.probability for g in result.actions], [p for _, p in wanted], atol=1e-4)
    assert len(result.times_s) == (16 if sampling == "uniform" else 48)
    assert all(guess.ru and guess.en for guess in result.actions)


def test_what_the_model_gets_equals_torchvisions_preprocessing(
    task: VideoTask, settings: Settings, tmp_path: Path
) -> None:
    loaded = task._ready()
    got: list[torch.Tensor] = []
    hook = loaded.model.register_forward_pre_hook(lambda _, inputs: got.append(inputs[0]))
    result: VideoResult = only(task, VideoRequest(path="a.mp4"), tmp_path)
    hook.remove()
    wanted = MC3_18_Weights.KINETICS400_V1.transforms()(frames_at(spool(settings) / "a.mp4", result.times_s))
    np.testing.assert_allclose(got[0][0].numpy(), wanted.numpy(), atol=1e-5)


def test_defaults_inline_and_how_much_was_decoded(task: VideoTask, settings: Settings, tmp_path: Path) -> None:
    data = base64.b64encode((spool(settings) / "a.mp4").read_bytes()).decode()
    report = Notes()
    result: VideoResult = only(task, VideoRequest(data=data), tmp_path, report)
    assert len(result.actions) == 3
    assert (result.sampling, len(result.times_s), result.frames) == ("uniform", 16, 150)
    assert result.decoded < 150
    assert [step[2] for step in report.steps] == ["читаю кадры", "распознаю действия"]
    assert isinstance(make_task("video", settings), VideoTask)


def test_num_frames_and_a_short_clip(task: VideoTask, settings: Settings, tmp_path: Path) -> None:
    moving(spool(settings) / "short.mp4", *x264(25), seconds=0.12)
    result: VideoResult = only(task, VideoRequest(path="short.mp4", num_frames=8), tmp_path)
    assert (len(result.times_s), result.decoded) == (8, 3)


def test_bad_ones_leave_the_others_alone(task: VideoTask, settings: Settings, tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=duration=1", spool(settings) / "sound.m4a")
    moving(spool(settings) / "long.mp4", *x264(25), seconds=21)
    names = ("sound.m4a", "a.mp4", "missing.mp4", "long.mp4", "/etc/passwd")
    results = task.run(jobs([VideoRequest(path=name) for name in names], tmp_path))
    codes = [each.code if isinstance(each, TaskError) else "done" for each in results]
    assert codes == ["unreadable", "done", "not_found", "too_large", "refused"]


def test_stopped_while_it_runs(task: VideoTask, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        only(task, VideoRequest(path="a.mp4"), tmp_path, Notes(stop_after=2))


def test_other_weights_than_its_own(settings: Settings, resnet_folder: Path) -> None:
    file = resnet_folder / "resnet50-11ad3fa6.pth"
    task = VideoTask(settings.model_copy(update={"video": VideoSettings(weights=file)}))
    with pytest.raises(TaskError, match="other weights") as error:
        task.load()
    assert error.value.code == "no_model"
