"""A language model's name or size in, whether this machine has room for it out, and which one it has room for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from smarthome.tasks.memory import UNKNOWN_MB, free_disk_mb, free_gpu_mb, free_ram_mb
from smarthome.tasks.task import TaskError

SIZES_MB = {
    "gemma3:270m": 292,
    "gemma3:1b": 815,
    "gemma3": 3_300,
    "gemma3:12b": 8_100,
    "gemma3:27b": 17_000,
    "qwen2.5vl:3b": 3_200,
    "qwen2.5vl:7b": 6_000,
    "qwen2.5vl:32b": 21_000,
}
"""As ollama.com/library lists them; ``gemma3`` is its 4b."""

_SAME = {
    "gemma3:4b": "gemma3",
    "gemma3:latest": "gemma3",
    "qwen2.5vl": "qwen2.5vl:7b",
    "qwen2.5vl:latest": "qwen2.5vl:7b",
}

CONTEXT = 1.2
"""Weights and what is remembered of the conversation, as a share of the weights."""

_HERE = {"", "localhost", "127.0.0.1", "::1", "0.0.0.0"}  # noqa: S104 (compared, not bound)


@dataclass(frozen=True, slots=True)
class Room:
    """What is free where Ollama runs; MB. Layers that do not fit on the GPU are kept in RAM, so both count."""

    ram_mb: int
    gpu_mb: int
    disk_mb: int

    @property
    def largest(self) -> str | None:
        """The largest known model that fits."""
        fitting = [name for name, size in SIZES_MB.items() if self.why_not(size) is None]
        return max(fitting, key=SIZES_MB.__getitem__, default=None)

    def why_not(self, size_mb: int) -> str | None:
        """What is missing for a model of this size; None when nothing is."""
        needed = round(CONTEXT * size_mb)
        if needed > self.ram_mb + self.gpu_mb:
            gpu = f" and {self.gpu_mb} MB on the GPU" if self.gpu_mb else ""
            return f"about {needed} MB of memory, of which {self.ram_mb} MB{gpu} are free"
        if size_mb > self.disk_mb:
            return f"{size_mb} MB on the disk, of which {self.disk_mb} MB are free"
        return None

    def check(self, model: str, size_mb: int) -> None:
        """Raises TaskError (``too_large``) that names the largest model that fits."""
        if (missing := self.why_not(size_mb)) is None:
            return
        instead = f"the largest that fits is {self.largest}" if self.largest else "no known model fits"
        raise TaskError("too_large", f"{model} needs {missing}; {instead} (llm.model)")


def size_mb(model: str) -> int | None:
    """What is downloaded; None for a model that nobody listed here."""
    return SIZES_MB.get(_SAME.get(model, model))


def of_server(host: str | None) -> Room:
    """The room on the machine of Ollama; on another machine than this one it is not known, and taken for enough."""
    address = host or os.environ.get("OLLAMA_HOST") or ""
    name = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    if name not in _HERE:
        return Room(UNKNOWN_MB, 0, UNKNOWN_MB)
    return Room(free_ram_mb(), free_gpu_mb(), free_disk_mb(_models_folder()))


def _models_folder() -> Path:
    """Ollama's own default, or its service's on Linux."""
    service = Path("/usr/share/ollama/.ollama/models")
    given = os.environ.get("OLLAMA_MODELS")
    return Path(given) if given else service if service.is_dir() else Path.home() / ".ollama" / "models"
