"""Who is listened to, and for how long: words in, outcomes out."""

from __future__ import annotations

from datetime import datetime

import pytest

from smarthome.activation import Activation
from smarthome.conversation import Conversation, Outcome, Words
from smarthome.house.house import House
from smarthome.russian import Parser
from smarthome.russian.address import Address
from tests.homes import example_home

HERE = "living_room"
NAMES = ("дом", "алиса")


@pytest.fixture(scope="module")
def parser() -> Parser:
    return Parser(example_home())


class Room:
    """A microphone; sentences take a second, and are understood half a second later."""

    def __init__(self, parser: Parser, *, by_phrase: bool = True, follow_up_s: float = 8.0) -> None:
        conversation = Conversation(
            parser,
            House(example_home()),
            wall=lambda: datetime(2026, 11, 23, 19, 5),  # noqa: DTZ001
            stopwatch=lambda: 0.0,
        )
        address = Address(NAMES, parser.morphology) if by_phrase else None
        self.activation = Activation(conversation, address, follow_up_s)

    def says(self, *texts: str, at: float = 0.0, scores: tuple[float, ...] = (), who: str = "microphone") -> Outcome:
        hypotheses = tuple(zip(texts, scores or [-0.1 * place for place in range(len(texts))], strict=True))
        words = Words(hypotheses, who, HERE, at, at + 1.0, at + 1.5)
        return self.activation.hear(words, at + 1.5, online=True)


@pytest.fixture
def room(parser: Parser) -> Room:
    return Room(parser)


def moved(outcome: Outcome) -> list[str]:
    return [command.device for command in outcome.plan.commands]


def judged(outcome: Outcome) -> tuple[str, str | None]:
    return outcome.plan.status, outcome.plan.reason


IGNORED = ("rejected", "not_addressed")


def test_always_every_sentence_counts(parser: Parser) -> None:
    assert moved(Room(parser, by_phrase=False).says("включи чайник")) == ["switch.kettle"]


@pytest.mark.parametrize("text", ["Алиса, включи чайник", "включи чайник, дом", "лиса включи чайник"])
def test_by_phrase_those_count_that_call_the_house(room: Room, text: str) -> None:
    assert moved(room.says(text)) == ["switch.kettle"]


@pytest.mark.parametrize("text", ["включи чайник", "включи свет в доме", "я иду домой", "да"])
def test_and_nothing_else(room: Room, text: str) -> None:
    outcome = room.says(text)
    assert (judged(outcome), outcome.reply, outcome.parse.intents) == (IGNORED, None, ())


def test_a_name_alone_is_answered_and_what_follows_needs_none(room: Room) -> None:
    called = room.says("Алиса!")
    assert (judged(called), called.reply) == (("ask", "called"), "Слушаю.")
    assert moved(room.says("включи чайник", at=9.0)) == ["switch.kettle"]


def test_the_window_closes(room: Room) -> None:
    room.says("Алиса!")
    assert judged(room.says("включи чайник", at=9.6)) == IGNORED


def test_every_command_opens_it_anew(room: Room) -> None:
    room.says("Дом, включи чайник")
    assert moved(room.says("выключи чайник", at=9.0)) == ["switch.kettle"]
    assert moved(room.says("включи чайник", at=18.0)) == ["switch.kettle"]
    assert judged(room.says("выключи чайник", at=28.0)) == IGNORED


def test_talk_does_not_open_it(room: Room) -> None:
    assert room.says("мы вчера купили, дом").plan.status == "rejected"
    assert judged(room.says("включи чайник", at=3.0)) == IGNORED


def test_talk_within_it_does_not_keep_it_open(room: Room) -> None:
    room.says("Алиса!")
    assert room.says("мама мыла раму", at=5.0).plan.reason != "not_addressed"
    assert judged(room.says("включи чайник", at=10.0)) == IGNORED


def test_within_it_the_name_may_be_said_all_the_same(room: Room) -> None:
    room.says("Алиса!")
    assert moved(room.says("Алиса, включи чайник", at=3.0)) == ["switch.kettle"]


def test_a_question_of_the_house_is_answered_without_a_name(room: Room) -> None:
    asked = room.says("Дом, открой входную дверь")
    assert (asked.plan.status, moved(asked)) == ("confirm", [])
    assert moved(room.says("да", at=14.0)) == ["lock.front"]


def test_but_not_for_ever(room: Room) -> None:
    room.says("Дом, открой входную дверь")
    assert judged(room.says("да", at=17.0)) == IGNORED


def test_without_a_window_only_questions_are_answered(parser: Parser) -> None:
    room = Room(parser, follow_up_s=0.0)
    room.says("Дом, включи чайник")
    assert judged(room.says("выключи чайник", at=3.0)) == IGNORED
    room.says("Дом, открой входную дверь", at=6.0)
    assert moved(room.says("да", at=9.0)) == ["lock.front"]


def test_a_name_in_any_likely_hypothesis_counts(room: Room) -> None:
    assert moved(room.says("Там включи чайник", "Дом, включи чайник")) == ["switch.kettle"]
    far = room.says("Там включи чайник", "Дом, включи чайник", at=60.0, scores=(-0.1, -4.0))
    assert judged(far) == IGNORED


def test_a_hypothesis_that_is_only_the_name_does_not_hide_the_others(room: Room) -> None:
    assert moved(room.says("Дом включи чайник", "Дом")) == ["switch.kettle"]


def test_everybody_is_called_by_themselves(room: Room) -> None:
    room.says("Алиса!")
    assert judged(room.says("включи чайник", at=3.0, who="file")) == IGNORED


def test_another_file_is_another_speaker(room: Room) -> None:
    room.says("Алиса!", who="file")
    room.activation.forget("file")
    assert judged(room.says("включи чайник", at=3.0, who="file")) == IGNORED
