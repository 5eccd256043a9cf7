"""Timers and delayed commands."""

from __future__ import annotations

from smarthome.house.timers import Timers
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
