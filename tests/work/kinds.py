"""A small real kind of task that counts letters, and can be told to be slow, to die, or to swallow memory."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal

from smarthome.settings import Settings
from smarthome.tasks.task import Job, TaskError, TaskRequest, TaskResult


class CountRequest(TaskRequest):
    text: str
    seconds: float = 0.0
    deaf: bool = False
    dies: Literal["", "start", "middle", "end"] = ""
    once: str = ""
    memory: Literal["", "together", "gpu", "always"] = ""
    breaks: bool = False
    returns: int = 0


class CountResult(TaskResult):
    letters: int
    together: int
    device: str


class CountTask:
    kind: ClassVar[str] = "count"
    request_type: ClassVar[type[TaskRequest]] = CountRequest
    batch = 4

    def __init__(self, settings: Settings) -> None:
        self._device = settings.tasks.device

    def load(self) -> None:
        pass

    def unload(self) -> None:
        pass

    def run(self, jobs: Sequence[Job[CountRequest]]) -> Sequence[TaskResult | TaskError]:
        return [self._count(job, len(jobs)) for job in jobs]

    def _count(self, job: Job[CountRequest], together: int) -> TaskResult | TaskError:
        request = job.request
        self._die("start", request)
        wants = request.memory
        if wants == "always" or (wants == "together" and together > 1) or (wants == "gpu" and self._device != "cpu"):
            raise MemoryError
        steps = max(1, round(request.seconds / 0.05))
        for step in range(steps):
            if step == steps // 2:
                self._die("middle", request)
            time.sleep(0.05 if request.seconds else 0)
            if not request.deaf:
                job.report.progress(step + 1, steps, "считаю")
        self._die("end", request)
        if request.breaks:
            raise ValueError("broken")
        if not request.text:
            return TaskError("failed", "no text")
        device = self._device + "…" * request.returns
        return CountResult(letters=len(request.text), together=together, device=device)

    def _die(self, when: str, request: CountRequest) -> None:
        """kill -9; only the first time when ``once`` is a file that is not there yet."""
        if request.dies == when and not (request.once and Path(request.once).exists()):
            if request.once:
                Path(request.once).touch()
            os.kill(os.getpid(), signal.SIGKILL)
