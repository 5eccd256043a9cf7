"""A vision model without weights in, the same with torchvision's from this disk out: no network, no pickled code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from smarthome.tasks.task import TaskError

if TYPE_CHECKING:
    import torch

PULL = "fetch it once: smarthome models pull"


def find(configured: Path | None, name: str, setting: str) -> Path:
    """The file of weights: as configured (itself or its folder), else in torch's hub folder.

    Raises TaskError (``no_model``).
    """
    import torch

    place = configured.expanduser() if configured else Path(torch.hub.get_dir()) / "checkpoints"
    file = place / name if place.is_dir() else place
    if not file.is_file():
        where = f"{setting} = {configured}: no such file" if configured else f"{name} is not in {place}"
        raise TaskError("no_model", f"{where}; {PULL}")
    return file


def load(model: torch.nn.Module, file: Path, device: torch.device) -> torch.nn.Module:
    """The model with the weights of ``file``, ready to infer. Raises TaskError (``no_model``)."""
    import pickle

    import torch

    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
        model.load_state_dict(state)
    except (OSError, EOFError, ValueError, TypeError, RuntimeError, pickle.UnpicklingError) as error:
        reason = " ".join(str(error).split())[:200]
        raise TaskError("no_model", f"{file}: damaged, or other weights ({reason}); {PULL}") from None
    return model.eval().to(device)


def choose_device(wanted: Literal["auto", "cpu", "cuda"]) -> torch.device:
    """Where to infer. Raises TaskError (``no_model``) when there is no such device."""
    import torch

    there = torch.cuda.is_available()
    if wanted == "cuda" and not there:
        raise TaskError("no_model", "tasks.device = cuda: there is no CUDA device; set it to auto")
    return torch.device("cuda" if there and wanted != "cpu" else "cpu")


@contextmanager
def memory_watched() -> Iterator[None]:
    """Torch says in several ways that memory has run out; here it is always MemoryError."""
    import torch

    try:
        yield
    except torch.OutOfMemoryError as error:
        torch.cuda.empty_cache()
        raise MemoryError(str(error)) from None
    except RuntimeError as error:
        if "not enough memory" in str(error) or "can't allocate memory" in str(error):
            raise MemoryError(str(error)) from None
        raise
