"""Guessing before a sentence is over: events in, effects out. 30 ms a frame; the recogniser answers when told to."""

from __future__ import annotations

from datetime import datetime

import pytest

from smarthome.ears.segmenter import Segmenter
from smarthome.endpoint import Endpoint
from smarthome.events import Connected, Effect, Publish, Report, Transcribe, Transcribed, TranscriptionFailed
from smarthome.house.house import House
from smarthome.listen import Listener
from smarthome.russian import Parser
from smarthome.settings import EndpointSettings, SegmenterSettings
from tests.homes import example_home
from tests.test_listen import TOPICS, feed, heard

SPEECH = "v" * 20
GUESSED = SPEECH + "." * 3
"""So much silence makes it guess: 90 ms."""

ENDED = "." * 24
"""And this ends a sentence, 720 ms; DANGLING what is none, 1650 ms."""
DANGLING = "." * 56


@pytest.fixture(scope="module")
def parser() -> Parser:
    return Parser(example_home())


def build(parser: Parser, **endpoint: object) -> Listener:
    listener = Listener(
        Segmenter(SegmenterSettings()),
        Endpoint(EndpointSettings.model_validate(endpoint), 700),
        parser,
        House(example_home(), confirm_s=2.0),
        TOPICS,
        area="living_room",
        run="run",
        wall=lambda: datetime(2026, 11, 26, 19, 5),  # noqa: DTZ001
        stopwatch=lambda: 0.0,
    )
    listener.handle(Connected(), 0.0)
    return listener


@pytest.fixture
def listener(parser: Parser) -> Listener:
    return build(parser)


def asked(effects: list[Effect]) -> list[Transcribe]:
    return [effect for effect in effects if isinstance(effect, Transcribe)]


def reports(effects: list[Effect]) -> list[tuple[str, str]]:
    return [(effect.id, effect.text) for effect in effects if isinstance(effect, Report)]


def commands(effects: list[Effect]) -> list[str]:
    return [effect.topic for effect in effects if isinstance(effect, Publish) and effect.command]


def answer(listener: Listener, text: str, compute_s: float = 0.2) -> list[Effect]:
    said = heard(text)
    fast = Transcribed(said.utterance_id, type(said.transcript)(text, -0.2, 0.0, 5, compute_s))
    return listener.handle(fast, 1.0)


def test_a_complete_command_is_obeyed_as_soon_as_it_is_recognised(listener: Listener) -> None:
    (guess,) = asked(feed(listener, GUESSED))
    effects = answer(listener, "Включи чайник на кухне.")
    assert commands(effects) == ["home/kitchen/kettle/set"]
    assert reports(effects) == [(guess.utterance.id, "Включи чайник на кухне.")]
    assert asked(feed(listener, ENDED)) == []
    assert listener.counters["endpoint/early"] == listener.counters["speculation/hidden"] == 1


def test_one_that_may_go_on_waits_for_the_usual_silence_and_not_for_the_recogniser(listener: Listener) -> None:
    feed(listener, GUESSED)
    assert commands(answer(listener, "Включи свет.")) == []
    effects = feed(listener, ENDED)
    assert asked(effects) == []
    assert len(commands(effects)) > 0
    assert listener.counters["speculation/hidden"] == 1


@pytest.mark.parametrize(("text", "silence"), [("Выключи.", DANGLING), ("А теперь выключи.", ENDED)])
def test_what_leans_on_what_was_said_before_may_go_on(listener: Listener, text: str, silence: str) -> None:
    feed(listener, GUESSED)
    answer(listener, "Включи чайник на кухне.")
    feed(listener, GUESSED)
    assert commands(answer(listener, text)) == []
    assert commands(feed(listener, silence[3:])) == ["home/kitchen/kettle/set"]


def test_what_goes_on_is_recognised_anew_and_as_one_sentence(listener: Listener) -> None:
    feed(listener, GUESSED)
    answer(listener, "Включи свет.")
    (again,) = asked(feed(listener, "." * 12 + GUESSED))
    assert again.utterance.segment.end_s == pytest.approx(1.65)
    effects = answer(listener, "Включи свет на кухне.")
    assert reports(effects) == [("run-1", "Включи свет на кухне.")]
    assert listener.counters["speculation/resumed"] == 1
    assert listener.idle or listener.next_deadline is not None


def test_what_dangles_may_be_ended_after_a_long_pause(listener: Listener) -> None:
    feed(listener, GUESSED)
    answer(listener, "Включи свет в")
    assert reports(feed(listener, "." * 45)) == []  # 1.5 s
    effects = feed(listener, GUESSED)
    answer(listener, "Включи свет в спальне.")
    assert len(asked(effects)) == 1
    assert listener.counters["ok"] == 1


def test_what_dangles_ends_some_time(listener: Listener) -> None:
    feed(listener, GUESSED)
    answer(listener, "Включи свет в")
    assert len(reports(feed(listener, DANGLING))) == 1


def test_an_answer_to_what_went_on_is_thrown_away(listener: Listener) -> None:
    feed(listener, GUESSED)
    assert asked(feed(listener, GUESSED)) == []  # one at a time
    assert answer(listener, "Включи чайник на кухне.") == []
    (final,) = asked(feed(listener, "."))
    assert final.utterance.segment.end_s == pytest.approx(1.29)
    assert reports(answer(listener, "Выключи чайник на кухне.")) == [("run-1", "Выключи чайник на кухне.")]


def test_an_end_that_comes_before_the_answer_waits_for_it(listener: Listener) -> None:
    (guess,) = asked(feed(listener, GUESSED + ENDED))
    assert reports(answer(listener, "Включи чайник на кухне.")) == [(guess.utterance.id, "Включи чайник на кухне.")]
    assert listener.counters["speculation/late"] == 1


def test_a_guess_that_fails_is_the_utterance_s_failure(listener: Listener) -> None:
    feed(listener, GUESSED)
    assert listener.handle(TranscriptionFailed("run-1", "out of memory"), 1.0) == []
    (report,) = (effect for effect in feed(listener, ENDED) if isinstance(effect, Report))
    assert (report.status, report.reason) == ("error", "out of memory")


def test_a_slow_recogniser_is_not_made_to_guess(listener: Listener) -> None:
    feed(listener, GUESSED)
    answer(listener, "Включи свет.", compute_s=0.71)  # longer than the 700 ms that end a sentence anyway
    feed(listener, ENDED)
    assert asked(feed(listener, GUESSED)) == []
    assert len(asked(feed(listener, ENDED))) == 1


def test_one_slow_answer_among_quick_ones_is_no_slow_recogniser(listener: Listener) -> None:
    for compute_s in (0.2, 0.9, 0.2):
        assert len(asked(feed(listener, GUESSED))) == 1
        answer(listener, "Включи свет.", compute_s=compute_s)
        feed(listener, ENDED)


def test_a_patient_site_ends_nothing_early(parser: Parser) -> None:
    listener = build(parser, patient=True)
    feed(listener, GUESSED)
    assert answer(listener, "Включи чайник на кухне.") == []
    assert len(commands(feed(listener, ENDED))) == 1
    feed(listener, GUESSED)
    answer(listener, "Включи свет.")
    assert reports(feed(listener, ENDED)) == []


def test_it_can_be_switched_off(parser: Parser) -> None:
    listener = build(parser, speculate_ms=0)
    assert asked(feed(listener, GUESSED)) == []
    assert len(asked(feed(listener, ENDED))) == 1


def test_too_little_speech_is_dropped_although_it_was_guessed_at(listener: Listener) -> None:
    feed(listener, "vvvv" + "." * 5)
    assert answer(listener, "Включи чайник на кухне.") == []
    assert listener.counters["too_short"] == 1
