"""What the daemon adds to the flow: the order of things, states made one, nothing lost."""

from __future__ import annotations

import pytest

from smarthome.daemon import merged, new_inbox
from smarthome.ears.captured import Captured
from smarthome.events import Message, Said, Stop


def state(payload: bytes, *, retained: bool = False) -> Message:
    return Message("home/kitchen/lamp/state", payload, retained=retained, state=True)


def test_what_is_urgent_comes_first() -> None:
    inbox = new_inbox()
    frame, said, stop = Captured(b"", 0.0), Said("включи свет"), Stop()
    for item in (state(b"{}"), said, frame, stop):
        inbox.put(item)
    assert [inbox.get(0) for _ in range(4)] == [stop, frame, state(b"{}"), said]


def test_states_that_say_only_what_changed_are_not_lost() -> None:
    inbox = new_inbox()
    inbox.put(state(b'{"state": "on"}'))
    inbox.put(state(b'{"brightness": 40}'))
    assert inbox.get(0) == state(b'{"state": "on", "brightness": 40}')
    assert inbox.get(0) is None


@pytest.mark.parametrize(("old", "new"), [(b"on", b"off"), (b"{", b'{"state": "on"}'), (b"[1]", b"[2]")])
def test_of_what_is_no_object_the_newer_stays(old: bytes, new: bytes) -> None:
    assert merged(state(old), state(new)) == state(new)


def test_a_retained_state_does_not_make_a_live_one_old() -> None:
    assert merged(state(b"{}", retained=True), state(b"{}")) == state(b"{}")
    assert merged(state(b"{}"), state(b"{}", retained=True)) == state(b"{}")
