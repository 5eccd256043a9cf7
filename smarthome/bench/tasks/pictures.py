"""Pictures in batches beside pictures one by one, and two worker processes beside one."""

from __future__ import annotations

import base64
import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from smarthome.bench.tasks.jobs import race, run, seconds
from smarthome.bench.tasks.weights import random_resnet
from smarthome.errors import FailureError
from smarthome.settings import ImageSettings, Settings, TasksSettings
from smarthome.tasks.image import ImageTask
from smarthome.tasks.inputs.media import PictureRequest

SIZE = (640, 480)


def bench_image(count: int, rounds: int, seed: int, batch: int = 8) -> dict[str, object]:
    """``count`` JPEG pictures, decoding included."""
    with tempfile.TemporaryDirectory() as folder:
        task = ImageTask(_settings(random_resnet(Path(folder)), batch))
        requests = pictures(count, seed)
        run(task, requests[:batch], batch)  # warm-up
        found = race(
            lambda: seconds(lambda: run(task, requests, 1)), lambda: seconds(lambda: run(task, requests, batch)), rounds
        )
        task.unload()
    return {"pictures": count, "size": list(SIZE), "batch": batch, **found.figures()}


def bench_workers(count: int, rounds: int, seed: int) -> dict[str, object]:
    """The same pictures by one process, and shared between two, each on all cores, as ``smarthome work`` runs them."""
    with tempfile.TemporaryDirectory() as folder:
        weights = random_resnet(Path(folder))
        found = race(
            lambda: _share([_Worker(weights, count, seed)]),
            lambda: _share([_Worker(weights, count // 2, seed), _Worker(weights, count - count // 2, seed + 1)]),
            rounds,
        )
    return {"pictures": count, "size": list(SIZE), **found.figures()}


def pictures(count: int, seed: int) -> list[PictureRequest]:
    """Photographs of nothing, as JPEG inside the request."""
    from PIL import Image

    rng = np.random.default_rng(seed)
    requests = []
    for _ in range(count):
        coarse = Image.fromarray(rng.integers(0, 255, (24, 32, 3), dtype=np.uint8))
        file = io.BytesIO()
        coarse.resize(SIZE).save(file, "JPEG", quality=90)
        requests.append(PictureRequest(data=base64.b64encode(file.getvalue()).decode("ascii")))
    return requests


def main() -> None:
    """One worker: ``python -m smarthome.bench.tasks.pictures WEIGHTS COUNT SEED``; it waits for a line, then works."""
    weights, count, seed = sys.argv[1:]
    task = ImageTask(_settings(Path(weights), 8))
    requests = pictures(int(count), int(seed))
    run(task, requests[:8], 8)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    run(task, requests, 8)
    task.unload()


class _Worker:
    def __init__(self, weights: Path, count: int, seed: int) -> None:
        command = [sys.executable, "-m", __name__, str(weights), str(count), str(seed)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _share(workers: Sequence[_Worker]) -> float:
    """Start them together once all are ready."""
    for worker in workers:
        if worker.process.stdout is None or worker.process.stdout.readline() != "ready\n":
            raise FailureError("a worker of the benchmark did not start")
    began = time.perf_counter()
    for worker in workers:
        worker.process.communicate("go\n")
    return time.perf_counter() - began


def _settings(weights: Path, batch: int) -> Settings:
    return Settings(tasks=TasksSettings(device="cpu"), image=ImageSettings(weights=weights, batch=batch))


if __name__ == "__main__":
    main()
