"""The watchdog with looks a hundredth of a second apart."""

from __future__ import annotations

import threading
import time

from smarthome.ears.watchdog import Watchdog


class Hasty(Watchdog):
    LOOKS_EVERY_S = 0.01


def test_alarm_when_signs_cease() -> None:
    alarm = threading.Event()
    with Hasty(3, alarm.set) as watchdog:
        watchdog.sign()
        assert alarm.wait(10)


def test_no_alarm_while_signs_come_nor_after_the_end() -> None:
    alarm = threading.Event()
    with Hasty(100, alarm.set) as watchdog:
        for _ in range(200):
            watchdog.sign()
            time.sleep(0.01)
    assert not alarm.wait(0.1)


def test_leaving_does_not_wait_for_the_next_look() -> None:
    began = time.monotonic()
    with Watchdog(3, lambda: None):
        pass
    assert time.monotonic() - began < Watchdog.LOOKS_EVERY_S
