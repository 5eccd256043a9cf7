"""`parse`: one answer a line, whatever the line is."""

from __future__ import annotations

import io
import json

import pytest

from smarthome.errors import ConfigurationError
from smarthome.parsing import explain_text, parse_lines
from tests.homes import example_home

KETTLE = '{"id": 7, "text": "включи чайник"}'


def answers(*lines: str, area: str | None = None, dialogue: bool = False) -> list[dict[str, object]]:
    out = io.StringIO()
    parse_lines(example_home(), io.StringIO("".join(f"{line}\n" for line in lines)), out, area, dialogue=dialogue)
    text = out.getvalue()
    text.encode("utf-8")
    return [json.loads(line, parse_constant=_no_json) for line in text.splitlines()]


def _no_json(word: str) -> None:
    pytest.fail(f"{word} is no JSON")


def test_a_sentence_is_answered() -> None:
    (answer,) = answers(KETTLE)
    assert (answer["id"], answer["status"], answer["reason"]) == (7, "ok", None)
    assert answer["intents"]


BAD = {
    "empty": ("", None, "empty"),
    "blank": ("  ", None, "empty"),
    "not JSON": ("{", None, "not JSON"),
    "not an object": ("[1]", None, "an object"),
    "no text": ('{"id": 6, "text": null}', 6, '"text"'),
    "id not a number": ('{"id": NaN, "text": "включи чайник"}', None, "finite"),
    "id too large": ('{"id": 1e400, "text": "включи чайник"}', None, "finite"),
    "id a list": ('{"id": [1], "text": "включи чайник"}', None, '"id"'),
    "context not an object": ('{"id": 6, "text": "включи чайник", "context": "кухня"}', 6, '"context"'),
    "area not a string": ('{"id": 6, "text": "включи чайник", "context": {"area": 5}}', 6, '"area"'),
    "area not there": ('{"id": 6, "text": "включи чайник", "context": {"area": "чердак"}}', 6, "'чердак'"),
    "nested too deeply": ("[" * 100_000, None, "not JSON"),
}


@pytest.fixture(scope="module")
def in_between() -> dict[str, tuple[dict[str, object], dict[str, object]]]:
    """By case: the answer to the bad line, and to a good one right after it, all in one stream."""
    stream = answers(*(line for bad, _, _ in BAD.values() for line in (bad, KETTLE)))
    return dict(zip(BAD, zip(stream[::2], stream[1::2], strict=True), strict=True))


@pytest.mark.parametrize("case", BAD)
def test_a_bad_line_is_answered_with_an_error_and_the_next_one_as_ever(
    case: str, in_between: dict[str, tuple[dict[str, object], dict[str, object]]]
) -> None:
    _, key, why = BAD[case]
    bad, good = in_between[case]
    assert (bad["id"], bad["intents"], bad["status"]) == (key, [], "error")
    assert why in str(bad["reason"])
    assert good["status"] == "ok"


def test_half_a_surrogate_pair_is_given_back() -> None:
    bad, good = answers(r'{"id": "\ud800", "text": "\udcff"}', KETTLE)
    assert (bad["id"], bad["status"]) == ("\ud800", "rejected")
    assert good["status"] == "ok"


def test_a_line_without_an_area_is_said_in_the_default_one() -> None:
    contexts = ("null", "{}", '{"area": null}', '{"area": "", "time": 5}')
    lines = (f'{{"text": "включи свет", "context": {context}}}' for context in contexts)
    for answer in answers(*lines, '{"text": "включи свет"}', area="кухня"):
        assert "Кухня" in str(answer["intents"])


def test_an_area_that_is_not_there_is_wrong_configuration() -> None:
    with pytest.raises(ConfigurationError, match=r"area = 'чердак': there is no such area.*Кухня"):
        answers(KETTLE, area="чердак")
    with pytest.raises(ConfigurationError, match="area = 'чердак'"):
        explain_text(example_home(), "включи чайник", "чердак")


def test_each_line_stands_alone_unless_it_is_a_dialogue() -> None:
    lines = ('{"text": "включи свет на кухне"}', "", '{"text": "а в спальне?"}')
    alone = answers(*lines)[2]
    follows = answers(*lines, dialogue=True)[2]
    assert alone["status"] != "ok"
    assert follows["status"] == "ok"
    assert "Спальня" in str(follows["intents"])


def test_a_dialogue_is_forgotten_after_a_minute_of_lines() -> None:
    lines = ('{"text": "включи свет на кухне"}', *[""] * 12, '{"text": "а в спальне?"}')
    assert answers(*lines, dialogue=True)[-1]["status"] != "ok"


def test_explaining_shows_the_status_that_would_be_answered() -> None:
    assert explain_text(example_home(), "открой входную дверь", None).splitlines()[-1] == "answered with: confirm"
    assert explain_text(example_home(), "включи чайник", None).splitlines()[-1] == "answered with: ok"


def test_a_delayed_unlocking_is_not_promised() -> None:
    (answer,) = answers('{"id": 1, "text": "через минуту открой входную дверь"}')
    assert (answer["status"], answer["reason"]) == ("confirm", "confirm")
