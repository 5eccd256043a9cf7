"""What a microphone's levels tell about it."""

from __future__ import annotations

from smarthome.ears.health import Health
from smarthome.ears.level import Level
from smarthome.events import Loudness


def frame(dbfs: float) -> Level:
    return Level(dbfs, dbfs, 0)


def utterance(dbfs: float = -25.0, clipped: float = 0.0) -> Loudness:
    return Loudness(dbfs, -60.0, -10.0, clipped, 900)


def hear(health: Health, dbfs: float, seconds: float) -> list[str]:
    """The states that it comes to."""
    return [health.state for _ in range(round(seconds / 0.03)) if health.hear(frame(dbfs))]


def test_a_room_is_not_silent() -> None:
    health = Health()
    assert hear(health, -70.0, 60) == []
    assert (health.state, health.complaint()) == ("ok", None)


def test_ten_seconds_without_a_sound_are() -> None:
    health = Health()
    assert hear(health, -100.0, 9.9) == []
    assert hear(health, -100.0, 100) == ["silent"]
    complaint = health.complaint()
    assert complaint is not None
    assert "muted" in complaint


def test_one_louder_frame_and_it_is_not() -> None:
    health = Health()
    hear(health, -100.0, 9)
    hear(health, -40.0, 0.03)
    assert hear(health, -100.0, 9) == []


def test_it_recovers_and_is_not_complained_of_again() -> None:
    health = Health()
    hear(health, -100.0, 11)
    assert health.complaint() is not None
    assert hear(health, -40.0, 1) == ["ok"]
    assert health.complaint() is None
    assert hear(health, -100.0, 11) == ["silent"]
    assert health.complaint() is None


def test_three_overdriven_utterances_in_a_row_are_too_many() -> None:
    health = Health()
    assert [health.judge(utterance(clipped=0.02)) for _ in range(4)] == [False, False, True, False]
    assert "gain" in (health.complaint() or "")
    assert health.judge(utterance())
    assert health.state == "ok"


def test_a_shout_among_others_is_not() -> None:
    health = Health()
    for clipped in (0.02, 0.02, 0.0, 0.02, 0.02, 0.009):
        assert not health.judge(utterance(clipped=clipped))


def test_quiet_voices_are_told_too() -> None:
    health = Health()
    assert [health.judge(utterance(-51.0)) for _ in range(3)] == [False, False, True]
    assert (health.state, "nearer" in (health.complaint() or "")) == ("quiet", True)
