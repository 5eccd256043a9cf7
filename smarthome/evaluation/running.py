"""A task and examples in, an outcome per example out: one request at a time, as a worker would run it."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from smarthome.evaluation.example import Example, Request, Result
from smarthome.tasks.memory import give_back
from smarthome.tasks.task import Job, Task, TaskError, Unheard


@dataclass(frozen=True, slots=True)
class Outcome:
    """``result`` is none when the example failed; then ``code`` and ``message`` say why. ``seconds`` of wall time."""

    example: Example
    seconds: float
    result: Result | None = None
    code: str = ""
    message: str = ""


def run(
    task: Task[Any], examples: Sequence[Example], way: Request, done: Callable[[], None] = lambda: None
) -> list[Outcome]:
    """An outcome per example, in order. One that fails, or for which memory runs out, leaves the others alone."""
    outcomes = []
    for example in examples:
        outcomes.append(answer(task, example, way))
        done()
    return outcomes


def answer(task: Task[Any], example: Example, way: Request) -> Outcome:
    """One example, alone."""
    folder = Path(tempfile.mkdtemp(prefix="smarthome-"))
    began = time.perf_counter()
    try:
        request = task.request_type.model_validate({**example.request, **way})
        began = time.perf_counter()
        found = task.run([Job(example.name, request, Unheard(), folder)])[0]
        seconds = time.perf_counter() - began
    except ValidationError as error:
        return Outcome(example, 0.0, code="bad_request", message=str(error.errors()[0]["msg"]))
    except TaskError as error:
        return Outcome(example, time.perf_counter() - began, code=error.code, message=str(error))
    except MemoryError as error:
        give_back()
        return Outcome(example, time.perf_counter() - began, code="out_of_memory", message=str(error))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if isinstance(found, TaskError):
        return Outcome(example, seconds, code=found.code, message=str(found))
    return Outcome(example, seconds, found.model_dump(mode="json"))
