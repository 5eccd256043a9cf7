"""«Спроси …»: what is meant for the language model, and what for somebody in the room."""

from __future__ import annotations

import pytest

from smarthome.russian import Parser
from tests.homes import example_home


@pytest.fixture(scope="module")
def parser() -> Parser:
    return Parser(example_home())


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Спроси, почему небо синее?", "Почему небо синее?"),
        ("спроси сколько спутников у юпитера", "Сколько спутников у юпитера"),
        ("А спроси-ка у нейросети, как варить гречку", "Как варить гречку"),
        ("Спроси у искусственного интеллекта: что такое энтропия", "Что такое энтропия"),
        ("Спросите, включают ли свет в космосе.", "Включают ли свет в космосе."),
        ("Спроси у мамы, почему небо синее", None),
        ("Спроси маму, когда ужин", None),
        ("Спроси его сам", None),
        ("Спроси", None),
        ("Спроси.", None),
        ("Не спроси, а скажи", None),
        ("Я спросил, почему небо синее", None),
        ("Включи свет", None),
    ],
)
def test_what_is_asked(parser: Parser, text: str, asked: str | None) -> None:
    assert parser.question(text) == asked
