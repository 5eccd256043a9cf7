"""Every phrase of tests/phrases means what its file says, and every word and rule is used by one of them."""

from __future__ import annotations

from typing import Any

import pytest

from smarthome.intents import Action
from smarthome.russian import Context, Dialogue, Parser
from tests.russian.houses import HERE, PHRASES, home, parser, small
from tests.russian.phrases import Phrase, load, phrases, said

ALL = tuple(phrases())


@pytest.mark.parametrize("phrase", ALL, ids=lambda phrase: f"{phrase.file}: {phrase.text}")
def test_phrase(phrase: Phrase) -> None:
    assert said(parser().parse(phrase.text, Context(HERE))) == phrase.meaning


def test_there_are_hundreds_and_every_fifth_is_refused() -> None:
    refused = [phrase for phrase in ALL if isinstance(phrase.meaning, str)]
    assert len(ALL) > 400
    assert len(refused) > len(ALL) / 5


CONVERSATIONS: dict[str, Any] = load(PHRASES / "dialogue.yaml")


@pytest.mark.parametrize("turns", CONVERSATIONS.values(), ids=CONVERSATIONS)
def test_conversation(turns: list[dict[str, Any]]) -> None:
    dialogue = Dialogue()
    for place, turn in enumerate(turns):
        for text, meaning in turn.items():
            parse, dialogue = dialogue.turn(parser(), text, Context(HERE), now_s=5.0 * place)
            assert said(parse) == meaning, text


ODD: dict[str, Any] = load(PHRASES / "odd_houses.yaml")


@pytest.mark.parametrize("house", ODD.values(), ids=ODD)
def test_odd_house(house: dict[str, Any]) -> None:
    odd = Parser(small(house["devices"]))
    assert {text: said(odd.parse(text, Context(HERE))) for text in house["phrases"]} == house["phrases"]


def test_every_rule_is_met_by_some_phrase() -> None:
    met = set()
    for phrase in ALL:
        met |= {rule.partition(":")[0] for rule in parser().explain(phrase.text, Context(HERE)).rules}
    assert {rule.name for rule in parser().rules} - met == set()


def test_every_action_is_meant_by_some_phrase() -> None:
    meant = {
        key.partition("@")[0]
        for phrase in ALL
        if not isinstance(phrase.meaning, str)
        for intent in phrase.meaning
        for key in intent
    }
    assert {action.value for action in Action} - meant == set()


def heard(*turns: tuple[str, float]) -> list[Any]:
    """What sentences at these times mean, each after the ones before it."""
    dialogue, meant = Dialogue(), []
    for text, at in turns:
        parse, dialogue = dialogue.turn(parser(), text, Context(HERE), now_s=at)
        meant.append(said(parse))
    return meant


def test_a_command_may_be_referred_to_for_a_minute() -> None:
    assert heard(("включи торшер", 0), ("выключи его", 59))[1] == [{"off": {"name": "Торшер"}}]
    assert heard(("включи торшер", 0), ("выключи его", 61))[1] == "ask ambiguous"


def test_a_question_may_be_answered_for_a_quarter_of_a_minute() -> None:
    assert heard(("запри дверь", 0), ("входную", 14))[1] == [{"lock": {"name": "Входная дверь"}}]
    assert heard(("запри дверь", 0), ("входную", 16))[1] == "not_a_command"


def test_what_the_house_asked_about_is_answered_by_its_place_in_the_choice() -> None:
    parse, dialogue = Dialogue().turn(parser(), "выключи торшер", Context(HERE), now_s=0)
    assert parse.status == "ok"
    choice = [device for device in home().devices if device.name in {"Люстра", "Торшер"}]
    parse, _ = dialogue.asking(choice).turn(parser(), "первый", Context(HERE), now_s=5)
    assert said(parse) == [{"off": {"name": "Люстра", "area": "Гостиная"}}]
