"""What stutterers and recognisers say twice is meant once."""

from __future__ import annotations

import pytest

from smarthome.russian import Context, Parser
from smarthome.russian.stammer import unstammered
from smarthome.russian.tokens import tokenise
from tests.homes import example_home

NUMBERS = frozenset({"двадцать", "два"})


@pytest.fixture(scope="module")
def parser() -> Parser:
    return Parser(example_home())


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("свет, свет, свет в спальне", "свет в спальне"),
        ("го, го, гостиную", "гостиную"),
        ("чай-чай-чайник", "чайник"),
        ("на настольную лампу", "на настольную лампу"),
        ("двадцать двадцать два", "двадцать двадцать два"),
        ("20 20", "20 20"),
        ("", ""),
    ],
)
def test_repeated_words_and_beginnings(said: str, meant: str) -> None:
    assert " ".join(token.word for token in unstammered(tokenise(said), NUMBERS)) == meant


def test_a_word_stands_where_all_of_it_was_said() -> None:
    text = "включи го, го, гостиную!"
    last = unstammered(tokenise(text), NUMBERS)[-1]
    assert (text[last.start : last.end], last.stop) == ("го, го, гостиную", "!")


@pytest.mark.parametrize(
    ("stammered", "plain"),
    [
        ("включи включи свет на кухне", "включи свет на кухне"),
        ("сделай свет, свет, свет на кухне поярче", "сделай свет на кухне поярче"),
        ("включи чай, чай, чайник", "включи чайник"),
    ],
)
def test_a_command_that_is_stammered_is_that_command(parser: Parser, stammered: str, plain: str) -> None:
    here = Context(area="living_room")
    assert parser.parse(stammered, here) == parser.parse(plain, here)
    assert parser.parse(plain, here).intents


def test_titles_keep_what_is_repeated_in_them(parser: Parser) -> None:
    (intent,) = parser.parse("включи песню ла ла ла", Context(area="living_room")).intents
    assert intent.slots["search_query"] == "песню ла ла ла"
