"""Settings in, the engine, device and precision that this machine can do out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal, TypeAlias

from smarthome.errors import ConfigurationError
from smarthome.settings import WhisperSettings

EngineName: TypeAlias = Literal["transformers", "ctranslate2"]
Device: TypeAlias = Literal["cpu", "cuda"]
Precision: TypeAlias = Literal["float32", "float16", "bfloat16", "int8"]


@dataclass(frozen=True, slots=True)
class Hardware:
    """What computes, where and how exactly. ``threads`` is at least 1 and counts on a CPU only."""

    engine: EngineName
    device: Device
    precision: Precision
    threads: int

    @classmethod
    def choose(cls, settings: WhisperSettings) -> Hardware:
        """``auto`` is the GPU if there is one, transformers on it, ctranslate2 elsewhere. Raises ConfigurationError."""
        if settings.engine == "wyoming":
            raise ConfigurationError("whisper.engine = wyoming: a server computes elsewhere")
        device = _device(settings)
        engine: EngineName | Literal["auto"] = settings.engine
        if engine == "auto":
            engine = "transformers" if device == "cuda" and _torch_has_gpu() else "ctranslate2"
        if engine == "transformers" and device == "cuda" and not _torch_has_gpu():
            raise ConfigurationError("whisper.engine = transformers: this torch has no CUDA; install one that has")
        precision = settings.precision
        if precision == "auto":
            precision = "float16" if device == "cuda" else "int8" if engine == "ctranslate2" else "float32"
        if engine == "transformers" and precision == "int8":
            raise ConfigurationError("whisper.precision = int8: transformers has none; ctranslate2 has")
        return cls(engine, device, precision, settings.threads or len(os.sched_getaffinity(0)))


def wait_asleep() -> None:
    """Let OpenMP's threads sleep while they wait; to be called before torch and CTranslate2 are imported.

    By default they spin, and two inferences on the same cores (a second microphone, a worker) slow each other down
    several times. What the environment already says stays.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def _device(settings: WhisperSettings) -> Device:
    if settings.device == "cpu":
        return "cpu"
    # torch knows too, but takes seconds to import.
    import ctranslate2

    found = ctranslate2.get_cuda_device_count() > 0
    if settings.device == "cuda" and not found:
        raise ConfigurationError("whisper.device = cuda: there is no CUDA device here; nvidia-smi should list it")
    return "cuda" if found else "cpu"


def _torch_has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()
