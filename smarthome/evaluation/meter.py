"""What a run costs: memory and processor by psutil, the GPU's by torch and NVML."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any, Self

from smarthome.metrics.libraries import needed

EVERY_S = 0.05


@dataclass(frozen=True, slots=True)
class Cost:
    """``cpu_percent``: 100 is one core; ``gpu_*`` are none without a CUDA device (``gpu_percent``: or without NVML)."""

    peak_ram_mb: float
    cpu_percent: float
    peak_gpu_mb: float | None
    gpu_percent: float | None


class Meter:
    """Samples this process and its children between ``with`` and the end; ``start`` begins the processor's share."""

    def __init__(self) -> None:
        needed("psutil")
        import psutil

        self._process: Any = psutil.Process()
        self._gpu = _Gpu()
        self._peak = 0.0
        self._busy: list[float] = []
        self._children: dict[int, float] = {}
        self._own, self._began = 0.0, 0.0
        self._end = Event()
        self._thread = Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._end.set()
        self._thread.join()

    def start(self) -> None:
        """From here on the processor and the GPU count; memory counts from the beginning."""
        self._own, self._began = time.process_time(), time.monotonic()
        self._before = self._child_seconds()
        self._busy.clear()

    def cost(self) -> Cost:
        """Since ``start``; memory since the beginning."""
        wall = time.monotonic() - self._began
        seconds = time.process_time() - self._own + self._child_seconds() - self._before
        own_peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return Cost(
            peak_ram_mb=round(max(own_peak, self._peak), 1),
            cpu_percent=round(100 * seconds / wall, 1),
            peak_gpu_mb=self._gpu.peak_mb(),
            gpu_percent=round(sum(self._busy) / len(self._busy), 1) if self._busy else None,
        )

    def _sample(self) -> None:
        while not self._end.wait(EVERY_S):
            rss = sum(each.memory_info().rss for each in self._family())
            self._peak = max(self._peak, rss / 2**20)
            busy = self._gpu.busy()
            if busy is not None:
                self._busy.append(busy)

    def _family(self) -> Iterator[Any]:
        import psutil

        with suppress(psutil.NoSuchProcess):
            for each in (self._process, *self._process.children(recursive=True)):
                if each.is_running():
                    yield each

    def _child_seconds(self) -> float:
        """Of children that live and of those that were waited for."""
        import psutil

        seconds = 0.0
        for child in self._process.children(recursive=True):
            with suppress(psutil.Error):
                times = child.cpu_times()
                seconds += times.user + times.system
        waited = resource.getrusage(resource.RUSAGE_CHILDREN)
        return seconds + waited.ru_utime + waited.ru_stime


class _Gpu:
    """The CUDA device that torch uses, if there is one."""

    def __init__(self) -> None:
        import torch

        self._handle: Any = None
        self._there = torch.cuda.is_available()
        if self._there:
            torch.cuda.reset_peak_memory_stats()
            with suppress(Exception):  # NVML is a bonus: any of its many errors means that it is not there
                import pynvml

                pynvml.nvmlInit()
                self._handle = pynvml.nvmlDeviceGetHandleByIndex(torch.cuda.current_device())

    def peak_mb(self) -> float | None:
        """Most memory that torch held at once."""
        import torch

        return round(torch.cuda.max_memory_reserved() / 2**20, 1) if self._there else None

    def busy(self) -> float | None:
        """Percent."""
        if self._handle is None:
            return None
        import pynvml

        return float(pynvml.nvmlDeviceGetUtilizationRates(self._handle).gpu)
