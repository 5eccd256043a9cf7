"""``smarthome evaluate image`` and ``video``: the real architectures, weights made here, plain folders of files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from rich.console import Console

from smarthome.errors import ConfigurationError, FailureError
from smarthome.evaluation.evaluating import evaluate as evaluate_measure
from smarthome.evaluation.measures import MEASURES
from smarthome.settings import Settings

COLOURS = {"goldfish": "orange", "golf ball": "white", "soccer ball": "black"}


def evaluate(kind: str, data: Path, *args: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command."""
    command = [sys.executable, "-m", "smarthome", "evaluate", kind, "--data", str(data), *map(str, args)]
    environment = os.environ | {"SMARTHOME_TASKS__DEVICE": "cpu", **variables}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)


def report(kind: str, data: Path, weights: Path) -> dict[str, Any]:
    """What the command does, in this process."""
    settings = Settings.model_validate({kind: {"weights": weights}, "tasks": {"device": "cpu"}})
    measure = MEASURES[kind]
    return evaluate_measure(measure, settings, measure.read(data), Console(quiet=True))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three classes of two drawn pictures each, a broken file among them."""
    folder = tmp_path_factory.mktemp("pictures")
    for name, colour in COLOURS.items():
        (folder / name.replace(" ", "_")).mkdir()
        for number in (1, 2):
            picture = Image.new("RGB", (80, 60 + number), "green")
            ImageDraw.Draw(picture).ellipse((10, 10, 50, 50), fill=colour)
            picture.save(folder / name.replace(" ", "_") / f"{number}.png")
    (folder / "goldfish" / "broken.jpg").write_bytes(b"no picture")
    return folder


@pytest.fixture(scope="module")
def resnet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ResNet-50 as torchvision saves it; its head is tilted so that it always says goldfish, then golf ball."""
    import torch  # noqa: PLC0415
    from torchvision.models import resnet50  # noqa: PLC0415

    torch.manual_seed(1)
    model = resnet50()
    model.fc.weight.data.zero_()
    model.fc.bias.data.copy_(torch.arange(1000).flip(0) / 1000)
    model.fc.bias.data[1], model.fc.bias.data[574] = 9, 8  # goldfish, golf ball
    file = tmp_path_factory.mktemp("weights") / "resnet50-11ad3fa6.pth"
    torch.save(model.state_dict(), file)
    return file


def test_top_1_and_top_5_of_a_folder_with_everything_beside_them(pictures: Path, resnet: Path, tmp_path: Path) -> None:
    done = evaluate("image", pictures, "--model", resnet, "--json", tmp_path / "r.json", "--plots", tmp_path / "plots")
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    (run,) = found["runs"]
    assert run["figures"] == {"top1": pytest.approx(2 / 6), "top5": pytest.approx(4 / 6)}
    assert (found["examples"], run["answered"], run["errors"]) == (7, 6, {"unreadable": 1})
    assert run["failures"][0]["example"] == "goldfish/broken.jpg"
    assert 0 < run["latency_ms"]["median"] <= run["latency_ms"]["p95"]
    assert run["peak_ram_mb"] > 200
    assert run["cpu_percent"] > 20
    assert run["peak_gpu_mb"] is None
    assert run["gpu_percent"] is None
    for words in ("top-1", "0.333", "6 of 7", "1 unreadable", "latency, 95 %", "peak memory, with loading"):
        assert words in done.stdout
    assert {file.name for file in (tmp_path / "plots").iterdir()} == {"image-figures.png", "image-latency.png"}


def test_a_table_of_files_with_russian_names(pictures: Path, resnet: Path, tmp_path: Path) -> None:
    table = tmp_path / "data.csv"
    table.write_text(f"file,label\n{pictures}/goldfish/1.png,Золотая рыбка\n{pictures}/golf_ball/1.png,574\n")
    assert report("image", table, resnet)["runs"][0]["figures"] == {"top1": 0.5, "top5": 1.0}


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("unicorn", "unicorn is no class of imagenet, English or Russian"),
        ("cardigan", "cardigan is the name of the classes 264 and 474; name it by its number"),
    ],
)
def test_classes_that_are_not_known_are_named(label: str, message: str, tmp_path: Path) -> None:
    (tmp_path / label).mkdir()
    (tmp_path / label / "1.png").write_bytes(b"")
    with pytest.raises(ConfigurationError, match=message):
        MEASURES["image"].read(tmp_path)


def test_missing_weights_are_named(pictures: Path, tmp_path: Path) -> None:
    with pytest.raises(FailureError, match=r"no such file; fetch it once: smarthome models pull"):
        report("image", pictures, tmp_path / "resnet50-11ad3fa6.pth")


def test_when_nothing_is_answered_it_fails(resnet: Path, tmp_path: Path) -> None:
    (tmp_path / "goldfish").mkdir()
    (tmp_path / "goldfish" / "1.png").write_bytes(b"no picture")
    done = evaluate("image", tmp_path, "--model", resnet)
    assert done.returncode == 1
    assert done.stderr.endswith("none of the 1 examples was answered\n")


def test_videos_are_measured_in_both_samplings(tmp_path: Path) -> None:
    import torch  # noqa: PLC0415
    from torchvision.models.video import mc3_18  # noqa: PLC0415

    model = mc3_18()
    model.fc.weight.data.zero_()
    model.fc.bias.data.zero_()
    model.fc.bias.data[0], model.fc.bias.data[1] = 2, 1  # abseiling, air drumming
    weights = tmp_path / "mc3_18-a90a0ba3.pth"
    torch.save(model.state_dict(), weights)
    data = tmp_path / "videos"
    for name in ("abseiling", "air_drumming"):
        (data / name).mkdir(parents=True)
        source = f"testsrc2=size=160x120:rate=25:duration=2,hue=h={len(name)}"
        command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", data / name / "1.mp4"]
        subprocess.run([str(part) for part in command], check=True)
    found = report("video", data, weights)
    assert [run["name"] for run in found["runs"]] == ["uniform", "clips"]
    for run in found["runs"]:
        assert run["answered"] == 2, run["failures"]
        assert run["figures"] == {"top1": 0.5, "top3": 1.0}
