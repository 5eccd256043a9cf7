"""The parser's interface: hypotheses, contexts, answers, explanations; and the rules its code keeps to."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

import smarthome.russian
from smarthome.inventory import Device, Inventory, OwnWords
from smarthome.russian import Context, Parser
from smarthome.russian.data import DataError, Section
from tests.russian.houses import HERE, home, parser, small


def test_of_several_hypotheses_the_first_understood_one_wins() -> None:
    parse = parser().parse_nbest([("включи свит", -0.2), ("включи свет", -0.3), ("выключи свет", -0.4)], Context(HERE))
    assert [intent.action.value for intent in parse.intents] == ["on"]


def test_a_refusal_in_the_likeliest_hypothesis_is_not_overruled() -> None:
    parse = parser().parse_nbest([("не включай свет", -0.2), ("включай свет", -0.3)], Context(HERE))
    assert (parse.intents, parse.reason) == ((), "negation")


def test_without_hypotheses_nothing_is_understood() -> None:
    assert parser().parse_nbest([]).reason == "not_understood"


def test_without_a_microphone_area_the_place_stays_open() -> None:
    (intent,) = parser().parse("включи свет").intents
    assert (dict(intent.slots), intent.here) == ({"domain": "light"}, False)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("да", True),
        ("да конечно", True),
        ("да давай", True),
        ("нет", False),
        ("нет не надо", False),
        ("включи свет", None),
        ("", None),
    ],
)
def test_answers_to_the_systems_question(text: str, answer: bool | None) -> None:
    assert parser().answer(text) is answer


def test_explanation_shows_words_rules_and_what_is_left() -> None:
    shown = str(parser().explain("включи ночную лампу и камин", Context(HERE)))
    assert "light.night" in shown
    assert "unexplained: камин" in shown
    heard = parser().explain("погоси люстру", Context(HERE))
    assert heard.heard == "погаси люстру"


def test_an_empty_house_is_understood_without_names() -> None:
    bare = Parser(Inventory())
    assert bare.parse("включи свет").status == "ok"
    assert bare.parse("включи торшер").status == "rejected"


def test_two_names_alike_in_some_form_are_reported() -> None:
    houses = Parser(small([("Лампа", "light", "Зал"), ("Лампы", "light", "Зал")]))
    assert [phrase for phrase, _ in houses.collisions()]


def test_a_name_without_any_letter_does_no_harm() -> None:
    odd = Parser(Inventory(devices=(Device("light.x", "!!!", "light"), Device("light.y", "42", "light"))))
    assert odd.parse("включи 42").status == "ok"


def test_an_owner_adds_synonyms_and_phrases() -> None:
    own = OwnWords({"включить": ["фигануть"], "пылесос": ["жужа"]}, {"свет мой": "включи свет в спальне"})
    mine = Parser(replace(home(), own_words=own))
    assert mine.parse("фигани торшер").intents == parser().parse("включи торшер").intents
    assert mine.parse("запусти жужу").status == "ok"
    assert mine.parse("Свет мой!").intents == parser().parse("включи свет в спальне").intents
    with pytest.raises(DataError, match="synonyms: 'влючить' is no word of the lexicon"):
        Parser(replace(home(), own_words=OwnWords({"влючить": ["жми"]})))


def test_bad_data_is_refused_with_its_place() -> None:
    with pytest.raises(DataError, match=r"rules\.yaml: phrases is missing"):
        Section({"name": "x"}, "rules.yaml").lines("phrases")


SOURCES = sorted(Path(smarthome.russian.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_no_function_is_longer_than_forty_lines(source: Path) -> None:
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 40, node.name
