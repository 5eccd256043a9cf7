"""Timers and delayed commands."""

from __future__ import annotations

from datetime import datetime

import pytest

from smarthome.house.timers import Timers, wait_s
from smarthome.intents import Action, Intent, Slot


def do(timers: Timers, action: Action, now: float, area: str | None = None, **slots: Slot) -> str | list[float]:
    """What the intent did: the remaining seconds of the timers it touched, or the problem."""
    outcome = timers.handle(Intent(action, slots), area, now)
    assert outcome is not None
    return outcome.problem or [timer.remaining_s(now) for timer in outcome.timers]


def test_a_timer_ends_once() -> None:
    timers = Timers()
    assert do(timers, Action.START_TIMER, 100, minutes=1, seconds=30) == [90]
    assert timers.next_deadline == 190
    assert timers.ended(189.9) == ()
    assert [timer.total_s for timer in timers.ended(190)] == [90]
    assert timers.ended(1000) == ()
    assert timers.next_deadline is None


def test_a_delayed_command_is_kept_word_by_word() -> None:
    timers = Timers()
    do(timers, Action.START_TIMER, 0, "kitchen", minutes=10, conversation_command="выключи телевизор")
    (timer,) = timers.ended(600)
    assert (timer.command, timer.area) == ("выключи телевизор", "kitchen")


def test_pause_and_resume_keep_what_is_left() -> None:
    timers = Timers()
    do(timers, Action.START_TIMER, 0, minutes=10)
    assert do(timers, Action.PAUSE_TIMER, 60) == [540]
    assert timers.next_deadline is None
    assert do(timers, Action.RESUME_TIMER, 1000) == [540]
    assert timers.next_deadline == 1540


def test_more_and_less() -> None:
    timers = Timers()
    do(timers, Action.START_TIMER, 0, minutes=10)
    assert do(timers, Action.INCREASE_TIMER, 0, minutes=5) == [900]
    assert do(timers, Action.DECREASE_TIMER, 0, minutes=20) == [0]


def test_a_timer_is_chosen_by_name_by_length_or_as_the_next_to_end() -> None:
    timers = Timers()
    do(timers, Action.START_TIMER, 0, minutes=10, name="чай")
    do(timers, Action.START_TIMER, 0, minutes=5)
    do(timers, Action.START_TIMER, 0, minutes=20)
    assert do(timers, Action.CANCEL_TIMER, 0, name="Чай") == [600]
    assert do(timers, Action.CANCEL_TIMER, 0, start_minutes=20) == [1200]
    assert do(timers, Action.TIMER_STATUS, 60) == [240]


def test_a_timer_of_this_room_comes_first() -> None:
    timers = Timers()
    do(timers, Action.START_TIMER, 0, "kitchen", minutes=1)
    do(timers, Action.START_TIMER, 0, "bedroom", minutes=9)
    assert do(timers, Action.CANCEL_TIMER, 0, "bedroom") == [540]


def test_what_cannot_be_done() -> None:
    timers = Timers()
    assert do(timers, Action.CANCEL_TIMER, 0) == "no_timer"
    assert do(timers, Action.CANCEL_ALL_TIMERS, 0) == "no_timer"
    assert do(timers, Action.TIMER_STATUS, 0) == "no_timer"
    assert do(timers, Action.START_TIMER, 0) == "no_duration"
    assert do(timers, Action.START_TIMER, 0, hours=10_000) == "no_duration"
    assert timers.handle(Intent(Action.ON), None, 0) is None


SATURDAY = datetime(2026, 11, 28, 10, 30)  # noqa: DTZ001 (the wall clock, whatever the time zone)
HOUR = 3600


@pytest.mark.parametrize(
    ("slots", "hours"),
    [
        ({"time": "19:00"}, 8.5),
        ({"time": "10:00"}, 23.5),
        ({"time": "10:30"}, 24),
        ({"time": "07:00", "hour_cycle": "h12"}, 8.5),
        ({"time": "11:00", "hour_cycle": "h12"}, 0.5),
        ({"time": "12:00", "hour_cycle": "h12"}, 1.5),
        ({"time": "08:00", "hour_cycle": "h12", "day": "tomorrow"}, 21.5),
        ({"time": "08:00", "day": "after_tomorrow"}, 45.5),
        ({"time": "08:00", "hour_cycle": "h12", "day": "today"}, 9.5),
        ({"time": "09:00", "day": "saturday"}, 7 * 24 - 1.5),
        ({"time": "11:00", "day": "saturday"}, 0.5),
        ({"time": "11:00", "day": "friday"}, 6 * 24 + 0.5),
        ({"time": "00:00"}, 13.5),
    ],
)
def test_a_time_of_day_is_the_next_one(slots: dict[str, Slot], hours: float) -> None:
    assert wait_s(slots, SATURDAY) == hours * HOUR


def test_a_command_waits_for_its_time_of_day() -> None:
    timers = Timers()
    slots: dict[str, Slot] = {"time": "19:00", "conversation_command": "включи чайник"}
    outcome = timers.handle(Intent(Action.START_TIMER, slots), None, 100, wall=SATURDAY)
    assert outcome is not None
    assert [(timer.ends_at, timer.command) for timer in outcome.timers] == [(100 + 8.5 * HOUR, "включи чайник")]


def test_without_a_wall_clock_no_time_of_day_is_promised() -> None:
    assert do(Timers(), Action.START_TIMER, 0, time="19:00") == "no_duration"


def test_a_delayed_command_is_cancelled_by_its_words() -> None:
    timers = Timers()
    do(timers, Action.START_TIMER, 0, minutes=5)
    do(timers, Action.START_TIMER, 0, minutes=10, conversation_command="выключи свет")
    assert do(timers, Action.CANCEL_TIMER, 0, conversation_command="выключи свет") == [600]
