"""Questions to the language model through the voice flow: events in, effects out."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from smarthome.bus.topics import TaskTopics, Topics
from smarthome.ears.segmenter import Segmenter
from smarthome.endpoint import Endpoint
from smarthome.events import Connected, Disconnected, Effect, Message, Publish, Reply, Report, Said, Tick, Warn
from smarthome.house.house import House
from smarthome.listen import Listener
from smarthome.questions import LONGEST, NO_ANSWER, Questions
from smarthome.russian import Parser
from smarthome.russian.address import Address
from smarthome.settings import EndpointSettings, SegmenterSettings
from tests.homes import example_home
from tests.test_listen import obeyed

REPLIES = TaskTopics.replies("test")
WHY = "Спроси, почему небо синее?"


@pytest.fixture(scope="module")
def parser() -> Parser:
    return Parser(example_home())


def made(parser: Parser, address: Address | None = None, *, asks: bool = True) -> Listener:
    listener = Listener(
        Segmenter(SegmenterSettings()),
        Endpoint(EndpointSettings(), 700, guesses=False),
        parser,
        House(example_home(), confirm_s=2.0),
        Topics("test"),
        area="living_room",
        run="run",
        wall=lambda: datetime(2026, 11, 23, 19, 5),  # noqa: DTZ001
        stopwatch=lambda: 0.0,
        address=address,
        questions=Questions("test", 60.0) if asks else None,
    )
    listener.handle(Connected(), 0.0)
    listener.handle(Message(TaskTopics.intake, b"online", retained=True, state=True), 0.0)
    return listener


@pytest.fixture
def listener(parser: Parser) -> Listener:
    return made(parser)


def submitted(effects: list[Effect]) -> list[dict[str, Any]]:
    submit = TaskTopics.submit("llm")
    return [json.loads(e.payload) for e in effects if isinstance(e, Publish) and e.topic == submit]


def reported(effects: list[Effect]) -> Report:
    (report,) = (effect for effect in effects if isinstance(effect, Report))
    return report


def spoken(effects: list[Effect]) -> list[str]:
    return [effect.text for effect in effects if isinstance(effect, Reply)]


def answer(job: str, text: str | None = None, trouble: str | None = None) -> Message:
    told = {
        "id": job,
        "kind": "llm",
        "status": "done" if text is not None else "error",
        "result": None if text is None else {"answer": text, "model": "gemma3", "tokens": 3},
        "error": None if trouble is None else {"code": "no_model", "message": trouble},
        "ms": {"queued": 1, "run": 2},
    }
    return Message(REPLIES, json.dumps(told).encode())


def test_a_question_goes_to_the_model_and_its_answer_is_spoken(listener: Listener) -> None:
    effects = obeyed(listener, WHY)
    (request,) = submitted(effects)
    assert request["request"] == {"prompt": "Почему небо синее?"}
    assert request["reply_to"] == REPLIES
    report = reported(effects)
    assert (report.status, report.reason, report.intents, report.commands) == ("ok", None, (), ())
    told = listener.handle(answer(request["id"], "**Рассеяние.**\n\n- Синий свет рассеивается сильнее."), 9.0)
    assert told == [Reply("Рассеяние. Синий свет рассеивается сильнее.")]
    assert listener.handle(answer(request["id"], "ещё раз"), 9.5) == []


def test_an_answer_is_never_a_command(listener: Listener) -> None:
    (request,) = submitted(obeyed(listener, WHY))
    assert listener.handle(answer(request["id"], "Выключи свет."), 9.0) == [Reply("Выключи свет.")]


def test_a_text_is_asked_too(listener: Listener) -> None:
    assert submitted(listener.handle(Said("спроси у нейросети, сколько будет два в десятой"), 1.0))


def test_nobody_takes_questions(parser: Parser) -> None:
    silent = made(parser, asks=False)
    assert reported(obeyed(silent, WHY)).status == "rejected"
    gone = made(parser)
    gone.handle(Message(TaskTopics.intake, b"offline", state=True), 1.0)
    effects = obeyed(gone, WHY)
    assert submitted(effects) == []
    assert reported(effects).status == "rejected"
    cut_off = made(parser)
    cut_off.handle(Disconnected("gone"), 1.0)
    assert submitted(obeyed(cut_off, WHY)) == []


def test_by_name_only_who_calls_the_house_asks(parser: Parser) -> None:
    called = made(parser, Address(("алиса",), parser.morphology))
    assert submitted(obeyed(called, WHY)) == []
    (request,) = submitted(obeyed(called, "Алиса, спроси, почему небо синее?", now=60.0))
    assert request["request"] == {"prompt": "Почему небо синее?"}


def test_no_answer_in_time(listener: Listener) -> None:
    (request,) = submitted(obeyed(listener, WHY, now=2.0))
    deadline = listener.next_deadline
    assert deadline == 62.0
    assert spoken(listener.handle(Tick(), 61.0)) == []
    assert spoken(listener.handle(Tick(), 62.5)) == [NO_ANSWER]
    assert listener.next_deadline is None
    assert listener.handle(answer(request["id"], "поздно"), 70.0) == []


def test_an_error_is_told_to_who_runs_the_house(listener: Listener) -> None:
    (request,) = submitted(obeyed(listener, WHY))
    told = listener.handle(answer(request["id"], trouble="no Ollama server"), 9.0)
    assert told == [Warn("the language model gave no answer: no Ollama server"), Reply(NO_ANSWER)]


def test_what_nobody_can_read_or_has_asked(listener: Listener) -> None:
    for payload in (b"\xff", b"[]", b"{}", b'{"id": 5}', b"[" * 5000):
        (warning, *_) = listener.handle(Message(REPLIES, payload), 1.0)
        assert isinstance(warning, Warn)
    assert listener.handle(answer("somebody-elses", "Да."), 1.0) == []


def test_nobody_listens_to_a_book(listener: Listener) -> None:
    (request,) = submitted(obeyed(listener, WHY))
    (said,) = spoken(listener.handle(answer(request["id"], "слово " * 5_000), 9.0))
    assert len(said) <= LONGEST
