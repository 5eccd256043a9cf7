"""Signs of life in, an alarm out when they cease: a sound server that hangs ends neither its stream nor our wait."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Self


class Watchdog(AbstractContextManager["Watchdog"]):
    """Looks once a second, while entered; calls ``alarm`` once, after ``patience`` looks in a row without a sign.

    Looks are counted, not seconds: when the whole process stands still, nobody has had a chance to give a sign.
    """

    LOOKS_EVERY_S = 1.0

    def __init__(self, patience: int, alarm: Callable[[], None]) -> None:
        self._patience = patience
        self._alarm = alarm
        self._signs = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        self._thread.join()

    def sign(self) -> None:
        """Alive; from one thread, as often as it likes."""
        self._signs += 1

    def _run(self) -> None:
        seen, missed = self._signs, 0
        while missed < self._patience:
            if self._over.wait(self.LOOKS_EVERY_S):
                return
            missed = missed + 1 if self._signs == seen else 0
            seen = self._signs
        self._alarm()
