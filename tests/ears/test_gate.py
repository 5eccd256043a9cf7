"""When the house may listen."""

from __future__ import annotations

import pytest

from smarthome.ears.gate import Gate
from smarthome.settings import OutputSettings


@pytest.fixture
def gate() -> Gate:
    return Gate(OutputSettings(tail_ms=300, longest_s=30))


def test_it_is_open(gate: Gate) -> None:
    assert gate.closed(0.0) is None


def test_muted_it_is_closed_whatever_plays(gate: Gate) -> None:
    gate.muted = True
    gate.output_started("reply", 1.0)
    assert gate.closed(2.0) == "muted"
    gate.muted = False
    assert gate.closed(2.0) == "output"


def test_it_is_closed_while_something_plays_and_a_moment_longer(gate: Gate) -> None:
    gate.output_started("reply", 1.0)
    gate.output_ended("reply", 3.0)
    assert [gate.closed(at) for at in (3.0, 3.3, 3.31)] == ["output", "output", None]


def test_what_was_captured_before_is_heard(gate: Gate) -> None:
    gate.output_started("reply", 1.0)
    assert gate.closed(0.99) is None


def test_the_last_of_several_ends_it(gate: Gate) -> None:
    gate.output_started("reply", 1.0)
    gate.output_started("media_player.tv", 1.0)
    gate.output_ended("reply", 2.0)
    assert gate.closed(5.0) == "output"
    gate.output_ended("media_player.tv", 5.0)
    assert gate.closed(5.4) is None


def test_an_end_without_a_beginning_is_nothing(gate: Gate) -> None:
    gate.output_ended("reply", 1.0)
    assert gate.closed(1.1) is None


def test_what_never_ends_is_not_waited_for(gate: Gate) -> None:
    gate.output_started("reply", 1.0)
    assert (gate.overdue(31.0), gate.closed(31.0)) == ((), "output")
    assert (gate.overdue(31.1), gate.closed(31.1)) == (("reply",), None)
    assert gate.overdue(31.2) == ()


def test_told_again_it_may_last_longer(gate: Gate) -> None:
    gate.output_started("reply", 1.0)
    gate.output_started("reply", 20.0)
    assert (gate.overdue(40.0), gate.closed(10.0)) == ((), "output")
    assert gate.overdue(50.1) == ("reply",)
