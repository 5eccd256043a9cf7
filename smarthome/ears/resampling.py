"""A sound card's blocks at its own rate in, 16 kHz frames out: for microphones that refuse 16 kHz."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Self

import numpy as np

from smarthome.ears.captured import Captured, Framing
from smarthome.events import SAMPLE_RATE


class Resampling(AbstractContextManager["Resampling"]):
    """Resamples in a thread of its own: the sound card's callback must not compute, and who listens need not know.

    Costs about 30 ms of latency, which ``captured_at`` accounts for.
    """

    def __init__(self, rate: int, put: Callable[[Captured], None]) -> None:
        self._rate = rate
        self._put = put
        self._blocks: queue.SimpleQueue[Captured | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="resampling", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._blocks.put(None)
        self._thread.join()

    def add(self, block: Captured) -> None:
        """Queue a block of mono 16-bit sound at ``rate``."""
        self._blocks.put(block)

    def _run(self) -> None:
        import soxr

        resampler = soxr.ResampleStream(self._rate, SAMPLE_RATE, 1, dtype="int16")
        framing = Framing()
        while (block := self._blocks.get()) is not None:
            resampled = resampler.resample_chunk(np.frombuffer(block.pcm, np.int16))
            for frame in framing.add(resampled.tobytes()):
                behind = resampler.delay() + len(framing.rest) // 2
                self._put(Captured(frame, block.captured_at - behind / SAMPLE_RATE))
