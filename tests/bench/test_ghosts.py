"""The bench of what is stopped before the recogniser: every noise, a few recordings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from smarthome.bench.ghosts import bench_ghosts
from smarthome.bench.noises import PLAIN, babble, even
from smarthome.events import SAMPLE_RATE
from tests.e2e.program import RECORDINGS


@pytest.mark.parametrize("make", [*PLAIN.values(), babble([np.ones(100), np.zeros(50)], 3)])
def test_every_noise_has_the_same_power_but_for_its_pauses(make: Any) -> None:
    sound = make(2 * SAMPLE_RATE, np.random.default_rng(1))
    assert len(sound) == 2 * SAMPLE_RATE
    assert 0.05 < np.mean(np.square(sound)) < 1.1


def test_silence_cannot_be_made_louder() -> None:
    assert not even(np.zeros(10)).any()


def test_commands_come_through_and_noise_does_not() -> None:
    figures: Any = bench_ghosts([RECORDINGS / "01.flac", RECORDINGS / "06.flac"], minutes=0.1, seed=1)
    speech, noise = figures["speech"]["conditioned"], figures["noise"]["conditioned"]
    for condition in ("as they are", "-20 dB", "hum, 10 dB below"):
        assert speech[condition]["alone"] == speech[condition]["commands"] == 2
    assert figures["speech"]["plain"]["hum, as loud"]["alone"] == 0
    assert not any(noise[kind]["through"] for kind in ("white", "pink", "hum", "clicks"))
