"""What a failing example does to the others, and what is counted."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from smarthome.evaluation.evaluating import _summary
from smarthome.evaluation.example import Dataset, Example, Measure
from smarthome.evaluation.meter import Cost, Meter
from smarthome.evaluation.running import run
from smarthome.tasks.task import Job, TaskError, TaskRequest, TaskResult


class Asked(TaskRequest):
    number: int


class Answered(TaskResult):
    number: int
    folder: str


class Moody:
    """A task that fails in every way there is."""

    kind: ClassVar[str] = "moody"
    request_type: ClassVar[type[TaskRequest]] = Asked
    batch = 1

    def load(self) -> None:
        """Nothing."""

    def unload(self) -> None:
        """Nothing."""

    def run(self, jobs: Sequence[Job[Asked]]) -> Sequence[TaskResult | TaskError]:
        number = jobs[0].request.number
        if number == 1:
            raise MemoryError("CUDA out of memory")
        if number == 2:
            return [TaskError("unreadable", "broken")]
        if number == 3:
            raise TaskError("no_model", "gone")
        assert jobs[0].folder.is_dir()
        return [Answered(number=number, folder=str(jobs[0].folder))]


def test_failures_are_counted_and_stop_nothing() -> None:
    examples = [Example(str(n), {"number": n}, "") for n in range(5)] + [Example("bad", {"number": "x"}, "")]
    outcomes = run(Moody(), examples, {})
    assert [outcome.code for outcome in outcomes] == ["", "out_of_memory", "unreadable", "no_model", "", "bad_request"]
    assert outcomes[0].result is not None
    assert not Path(outcomes[0].result["folder"]).exists()
    measure = Measure("moody", lambda _: Dataset([]), lambda given, results: {"n": len(given) + len(results)}, "a.b")
    found = _summary(measure, "", outcomes, Cost(1.0, 2.0, None, None))
    assert found["errors"] == {"out_of_memory": 1, "unreadable": 1, "no_model": 1, "bad_request": 1}
    assert (found["answered"], found["figures"]) == (2, {"n": 4})


def test_a_way_adds_to_the_request() -> None:
    (outcome,) = run(Moody(), [Example("1", {}, "")], {"number": 7})
    assert outcome.result is not None
    assert outcome.result["number"] == 7


def test_the_meter_sees_work_and_memory() -> None:
    with Meter() as meter:
        held = bytearray(200 * 2**20)
        meter.start()
        until = time.monotonic() + 0.5
        while time.monotonic() < until:
            pass
        cost = meter.cost()
    assert cost.peak_ram_mb > len(held) / 2**20
    assert cost.cpu_percent > 20


def test_a_limit_draws_the_same_examples_again() -> None:
    dataset = Dataset([Example(str(n), {}, "") for n in range(100)])
    few = dataset.limited(5, seed=3)
    assert len(few.examples) == 5
    assert few == dataset.limited(5, seed=3)
    assert few != dataset.limited(5, seed=4)
    assert dataset.limited(100, seed=3) is dataset
