"""The nearest generated sentence, the simplest rival of our grammar."""

from __future__ import annotations

import json

import pytest

from smarthome.bench.nearest import answers
from smarthome.inventory import Area, Device, Inventory
from smarthome.russian import Parser

KETTLE = Device("switch.kettle", "Чайник", "switch", "kitchen")
FAN = Device("fan.hall", "Вентилятор", "fan", "hall")
HOME = Inventory(areas=(Area("kitchen", "Кухня"), Area("hall", "Прихожая")), devices=(KETTLE, FAN))
HEARD = {
    "включи чайник": ("HassTurnOn", "Чайник"),
    "Выключи вентелятар.": ("HassTurnOff", "Вентилятор"),
    "в лесу родилась ёлочка, в лесу она росла": None,
}


@pytest.fixture(scope="module")
def parser() -> Parser:
    return Parser(HOME)


def test_what_was_heard_is_understood_as_the_nearest_sentence_of_any_device(parser: Parser) -> None:
    lines = [json.dumps({"type": "utterance", "text": text, "intents": ["not ours"]}) for text in HEARD]
    lines.insert(0, json.dumps({"type": "listening"}))
    found = list(answers(lines, parser, "kitchen"))
    assert [each["text"] for each in found] == list(HEARD)
    for answer, wanted in zip(found, HEARD.values(), strict=True):
        intents = [(intent["intent"], intent["slots"].get("name")) for intent in answer["intents"]]
        assert intents == ([wanted] if wanted else []), answer
