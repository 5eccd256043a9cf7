"""Blocks on a made-up clock: late ones are not lost ones."""

from __future__ import annotations

import numpy as np
import pytest

from smarthome.ears.losses import LossMeter

BLOCK_S = 0.03


def measured(times: list[float]) -> float:
    meter = LossMeter(BLOCK_S)
    return sum(meter.add(at) for at in times)


def on_time(count: int, start: float = 1000.0, block_s: float = BLOCK_S) -> list[float]:
    return [start + (number + 1) * block_s for number in range(count)]


def test_nothing_is_lost_on_time() -> None:
    assert measured(on_time(1_000)) == 0


def test_nothing_is_lost_with_jitter() -> None:
    late = np.random.default_rng(1).exponential(0.02, 2_000)
    assert measured([at + float(each) for at, each in zip(on_time(2_000), late, strict=True)]) == 0


def test_nothing_is_lost_when_a_server_fills_its_buffer_first() -> None:
    assert measured([at + 1.7 for at in on_time(3)] + on_time(1_000)[3:]) == 0


@pytest.mark.parametrize("begins", [0, 1, 66, 67, 68, 133, 200])
@pytest.mark.parametrize("lasts_s", [0.5, 2.0, 10.0])
def test_a_stall_that_is_caught_up_lost_nothing(begins: int, lasts_s: float) -> None:
    """The thread got no CPU, then everything that was buffered came at once."""
    times = on_time(1_000)
    free_again = times[begins] + lasts_s
    assert measured([at if at < times[begins] else max(at, free_again) for at in times]) == 0


@pytest.mark.parametrize("begins", [1, 66, 67, 68, 133, 200])
@pytest.mark.parametrize("count", [5, 33, 333])
def test_a_gap_is_measured(begins: int, count: int) -> None:
    times = on_time(1_000)
    del times[begins : begins + count]
    assert measured(times) == pytest.approx(count * BLOCK_S)


def test_clocks_that_drift_apart_lose_nothing() -> None:
    assert measured(on_time(100_000, block_s=BLOCK_S * 1.0005)) == 0
