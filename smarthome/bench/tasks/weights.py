"""Weights without knowledge, of the real size and in the real files: the speed is that of the real ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from smarthome.errors import ConfigurationError


def random_resnet(folder: Path) -> Path:
    """ResNet-50 as torchvision keeps it."""
    from smarthome.tasks.image import WEIGHTS

    torch, models = _vision()
    torch.manual_seed(1)
    torch.save(models.resnet50().state_dict(), folder / WEIGHTS)
    return folder


def random_mc3(folder: Path) -> Path:
    """MC3_18 as torchvision keeps it."""
    from smarthome.tasks.video import WEIGHTS

    torch, models = _vision()
    torch.manual_seed(1)
    torch.save(models.video.mc3_18().state_dict(), folder / WEIGHTS)
    return folder


def _vision() -> tuple[Any, Any]:
    try:
        import torch
        import torchvision.models
        import torchvision.models.video
    except ImportError:
        raise ConfigurationError("this needs torchvision: pip install 'smarthome[vision]'") from None
    return torch, torchvision.models
