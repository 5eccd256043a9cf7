"""A kind and its examples in, everything that is to be known about its answers out.

examples ─► Task (as the workers have it) ─► outcomes ─► figures, latency, cost
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from smarthome.errors import FailureError
from smarthome.evaluation.example import Dataset, Measure
from smarthome.evaluation.meter import Cost, Meter
from smarthome.evaluation.running import Outcome, answer, run
from smarthome.settings import Settings
from smarthome.tasks.registry import make_task
from smarthome.tasks.task import Task, TaskError

SHOWN = 20
"""So many failures are told one by one."""


def evaluate(measure: Measure, settings: Settings, dataset: Dataset, console: Console) -> dict[str, Any]:
    """The report: a run for each way of the measure. Raises FailureError when there is no model.

    The model is loaded, and the first example answered once for warming up, before anything is timed.
    """
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with _spooled(settings, dataset) as ready, Meter() as meter, Progress(*columns, console=console) as progress:
        task = make_task(measure.kind, ready)
        began = time.perf_counter()
        try:
            task.load()
        except TaskError as error:
            raise FailureError(str(error)) from error
        load_s = time.perf_counter() - began
        try:
            runs = [_run(measure, way, task, dataset, meter, progress) for way in measure.ways]
        finally:
            task.unload()
    return {
        "kind": measure.kind,
        "model": model_name(measure, settings),
        "device": _device(measure, settings),
        "examples": len(dataset.examples),
        "load_s": round(load_s, 3),
        "runs": runs,
    }


def model_name(measure: Measure, settings: Settings) -> str:
    """What the settings say, or that they say nothing."""
    section, _, key = measure.setting.partition(".")
    return str(getattr(getattr(settings, section), key) or "torchvision's")


def _run(
    measure: Measure, way: str, task: Task[Any], dataset: Dataset, meter: Meter, progress: Progress
) -> dict[str, Any]:
    bar = progress.add_task(" ".join(filter(None, (measure.kind, way))), total=len(dataset.examples))
    answer(task, dataset.examples[0], measure.ways[way])
    meter.start()
    outcomes = run(task, dataset.examples, measure.ways[way], lambda: progress.advance(bar))
    return _summary(measure, way, outcomes, meter.cost())


def _summary(measure: Measure, way: str, outcomes: Sequence[Outcome], cost: Cost) -> dict[str, Any]:
    answered = [(each.example, each.result) for each in outcomes if each.result is not None]
    failed = [each for each in outcomes if each.result is None]
    latencies = [each.seconds * 1000 for each in outcomes if each.result is not None]
    return {
        "name": way,
        "answered": len(answered),
        "errors": dict(Counter(each.code for each in failed)),
        "failures": [
            {"example": each.example.name, "code": each.code, "message": each.message} for each in failed[:SHOWN]
        ],
        "figures": measure.figures(*zip(*answered, strict=True)) if answered else {},
        "latency_ms": _latency(latencies),
        "latencies_ms": [round(each, 2) for each in latencies],
        "per_second": round(1000 * len(latencies) / sum(latencies), 2) if latencies else None,
        **asdict(cost),
    }


def _latency(latencies: Sequence[float]) -> dict[str, float] | None:
    if not latencies:
        return None
    median, p95 = np.percentile(latencies, [50, 95])
    return {"median": round(float(median), 2), "p95": round(float(p95), 2)}


@contextmanager
def _spooled(settings: Settings, dataset: Dataset) -> Iterator[Settings]:
    """Settings whose spool folder is the data set's folder."""
    with tempfile.TemporaryDirectory(prefix="smarthome-") as folder:
        if dataset.root is not None:
            (Path(folder) / "spool").symlink_to(dataset.root.resolve())
        yield settings.model_copy(update={"tasks": settings.tasks.model_copy(update={"folder": Path(folder)})})


def _device(measure: Measure, settings: Settings) -> str:
    import torch

    wanted = settings.whisper.device if measure.kind == "transcribe" else settings.tasks.device
    return torch.cuda.get_device_name() if wanted != "cpu" and torch.cuda.is_available() else "CPU"
