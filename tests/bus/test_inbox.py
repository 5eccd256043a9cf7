"""The inbox: nothing is lost, nothing urgent waits behind what is not, nothing waits for ever."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from itertools import count, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarthome.bus.inbox import Inbox, Lane, Latest, Place, event_place
from smarthome.events import Connected, Disconnected, Event, FileEnded, FileStarted, Frame, Message, Stop, Tick

Item = tuple[Place, int]
PLACES: list[Place] = [Lane.STOP, Lane.SOUND, Lane.OTHER, Latest("a"), Latest("b"), Latest("c")]


def place_of(item: Item) -> Place:
    return item[0]


def new_inbox(clock: Callable[[], float] = time.monotonic) -> Inbox[Item]:
    return Inbox(place_of, clock)


def drained(inbox: Inbox[Item]) -> list[Item]:
    items = []
    while (item := inbox.get(0)) is not None:
        items.append(item)
    return items


scripts = st.lists(st.sampled_from(PLACES) | st.none(), max_size=80)
"""What is put, and None where something is taken."""


@given(scripts)
def test_nothing_is_lost_but_older_states_and_every_kind_keeps_its_order(script: list[Place | None]) -> None:
    inbox, numbers = new_inbox(), count()
    put: list[Item] = []
    taken: list[Item] = []
    for place in script:
        if place is not None:
            put.append((place, next(numbers)))
            inbox.put(put[-1])
        elif (item := inbox.get(0)) is not None:
            taken.append(item)
    taken += drained(inbox)

    for place in PLACES:
        sent = [number for each, number in put if each == place]
        got = [number for each, number in taken if each == place]
        assert got == sorted(got)
        if isinstance(place, Lane):
            assert got == sent
        elif sent:
            assert got[-1] == sent[-1]
            assert set(got) <= set(sent)


@given(st.lists(st.sampled_from(PLACES), max_size=60))
def test_the_end_comes_first_then_mostly_the_most_urgent(places: list[Place]) -> None:
    inbox = new_inbox()
    for number, place in enumerate(places):
        inbox.put((place, number))
    urgency = [place if isinstance(place, Lane) else 3 for place, _ in drained(inbox)]
    ends = urgency.count(Lane.STOP)
    assert urgency[:ends] == [Lane.STOP] * ends
    overtaken = sum(later < now for now, later in pairwise(urgency))
    assert overtaken <= len(urgency) // Inbox.OLDEST_EVERY


def test_a_flood_of_states_delays_no_frame() -> None:
    """5,000 states are there, and a frame comes for every ten things handled, as 30 ms frames would."""
    inbox = new_inbox()
    for number in range(5000):
        inbox.put((Latest(f"home/device{number}/state"), number))
    behind: list[int] = []
    handled = 0
    for frame in range(300):
        inbox.put((Lane.SOUND, frame))
        for position in range(10):
            item = inbox.get(0)
            assert item is not None
            handled += 1
            if item[0] is Lane.SOUND:
                behind.append(position)
    assert len(behind) == 300
    assert max(behind) <= 1
    assert behind.count(0) > 250


def test_a_flood_of_frames_does_not_hold_up_the_rest_for_ever() -> None:
    inbox = new_inbox()
    for number in range(1000):
        inbox.put((Lane.SOUND, number))
    inbox.put((Lane.OTHER, 0))
    inbox.put((Latest("a"), 0))
    order = [place for place, _ in drained(inbox)]
    assert len(order) == 1002

    inbox = new_inbox()
    inbox.put((Latest("a"), 0))
    inbox.put((Lane.OTHER, 0))
    for number in range(1000):
        inbox.put((Lane.SOUND, number))
    order = [place for place, _ in drained(inbox)]
    assert order.index(Latest("a")) < 2 * Inbox.OLDEST_EVERY
    assert order.index(Lane.OTHER) <= 2 * Inbox.OLDEST_EVERY


def test_a_chatty_topic_keeps_its_turn() -> None:
    inbox = new_inbox()
    inbox.put((Latest("a"), 1))
    inbox.put((Latest("b"), 1))
    inbox.put((Latest("a"), 2))
    assert drained(inbox) == [(Latest("a"), 2), (Latest("b"), 1)]


def test_waiting_is_measured() -> None:
    now = [100.0]
    inbox = new_inbox(lambda: now[0])
    assert inbox.measure().depth == 0
    inbox.put((Lane.SOUND, 1))
    now[0] += 0.5
    inbox.put((Latest("a"), 1))
    inbox.put((Latest("a"), 2))
    now[0] += 0.25
    waiting = inbox.measure()
    assert (waiting.depth, waiting.oldest_s, waiting.max_s, waiting.p95_s) == (2, 0.75, 0.0, 0.0)
    assert inbox.get(0) == (Lane.SOUND, 1)
    assert inbox.get(0) == (Latest("a"), 2)
    waiting = inbox.measure()
    assert (waiting.depth, waiting.oldest_s, waiting.max_s, waiting.p95_s) == (0, 0.0, 0.75, 0.25)
    assert inbox.measure().max_s == 0.0


def test_get_waits_for_another_thread() -> None:
    inbox = new_inbox()
    threading.Timer(0.05, inbox.put, [(Lane.OTHER, 7)]).start()
    assert inbox.get(10) == (Lane.OTHER, 7)


@pytest.mark.parametrize("timeout_s", [0, 0.01, -5])
def test_get_gives_up(timeout_s: float) -> None:
    assert new_inbox().get(timeout_s) is None


def test_a_signal_in_the_middle_of_get_loses_nothing() -> None:
    inbox = new_inbox()
    numbers = count()
    before = signal.signal(signal.SIGALRM, lambda *_: inbox.put((Lane.OTHER, next(numbers))))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
        got = [item for _ in range(500) if (item := inbox.get(10)) is not None]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    got += drained(inbox)
    # One handler may interrupt another, so they need not be in order.
    assert sorted(number for _, number in got) == list(range(len(got)))
    assert len(got) >= 500


def test_many_threads_put() -> None:
    inbox = new_inbox()

    def put_thousand(name: int) -> None:
        for number in range(1000):
            inbox.put((Lane.OTHER, name * 1000 + number))

    threads = [threading.Thread(target=put_thousand, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    got = [item[1] for _ in range(8000) if (item := inbox.get(10)) is not None]
    for name in range(8):
        assert [number for number in got if number // 1000 == name] == list(range(name * 1000, name * 1000 + 1000))


@pytest.mark.parametrize(
    ("event", "place"),
    [
        (Stop(), Lane.STOP),
        (Frame(b"", voiced=False, captured_at=0.0), Lane.SOUND),
        (FileStarted("x"), Lane.SOUND),
        (FileEnded("x"), Lane.SOUND),
        (Connected(), Lane.OTHER),
        (Disconnected("x"), Lane.OTHER),
        (Tick(), Lane.OTHER),
        (Message("say", b"x"), Lane.OTHER),
        (Message("home/kitchen/lamp/state", b"x", state=True), Latest("home/kitchen/lamp/state")),
    ],
)
def test_where_events_wait(event: Event, place: Place) -> None:
    assert event_place(event) == place
