"""Weights of the real architectures in torchvision's own files, random, made once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def resnet_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ResNet-50 as torchvision's hub folder has it."""
    return save_resnet(tmp_path_factory.mktemp("resnet"))


def save_resnet(folder: Path) -> Path:
    """The same into a folder that is there."""
    import torch  # noqa: PLC0415 (every test would wait)
    from torchvision.models import resnet50  # noqa: PLC0415

    torch.manual_seed(1)
    model = resnet50()
    _tell_apart(model, torch.nn.functional.interpolate(torch.randn(12, 3, 8, 8), 224))
    torch.save(model.state_dict(), folder / "resnet50-11ad3fa6.pth")
    return folder


@pytest.fixture(scope="session")
def mc3_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MC3_18 as torchvision's hub folder has it."""
    return save_mc3(tmp_path_factory.mktemp("mc3"))


def save_mc3(folder: Path) -> Path:
    """The same into a folder that is there."""
    import torch  # noqa: PLC0415
    from torchvision.models.video import mc3_18  # noqa: PLC0415

    torch.manual_seed(1)
    model = mc3_18()
    _tell_apart(model, torch.nn.functional.interpolate(torch.randn(4, 3, 4, 8, 8), (8, 64, 64)))
    torch.save(model.state_dict(), folder / "mc3_18-a90a0ba3.pth")
    return folder


def _tell_apart(model: Any, samples: Any) -> None:
    """Random features are much alike; a last layer that looks at their differences answers differently."""
    import torch  # noqa: PLC0415

    seen: list[Any] = []
    hook = model.fc.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    with torch.inference_mode():
        model.eval()(samples)
    hook.remove()
    features = seen[0]
    with torch.no_grad():
        model.fc.weight.normal_(std=0.1 / float(features.std(0).mean()))
        model.fc.bias.copy_(-(model.fc.weight @ features.mean(0)))
