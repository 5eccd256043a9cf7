"""What counts as right, as a wrong action, as silence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from smarthome.bench.sentences import Sentence, read_sentences
from smarthome.bench.verdict import Judge, Verdict, read_answers
from smarthome.russian.morphology import Morphology
from tests.homes import example_home

RIGHT = Verdict(intents=True, slots=True, wrong=False, silent=False)
JUDGE = Judge(example_home(), Morphology())


def intent(intent: str, /, **slots: object) -> dict[str, Any]:
    return {"intent": intent, "slots": slots}


def sentence(tmp_path: Path, intents: object, *alternatives: object) -> Sentence:
    row = {"text": "…", "intents": intents, "alternatives": alternatives}
    path = tmp_path / "sentences.jsonl"
    path.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
    return read_sentences(path)[0]


KITCHEN = [intent("HassTurnOn", area="Кухня", domain="light")]
TIMER = [intent("HassStartTimer", minutes=90)]
COLOUR = [{"intent": "HassLightSet", "slots": {"color": ["gold", "yellow"]}, "optional": {"area": "Кухня"}}]


@pytest.mark.parametrize(
    ("wanted", "answered"),
    [
        (KITCHEN, [intent("HassTurnOn", area="kitchen", domain="light")]),
        (KITCHEN, [intent("HassTurnOn", area="кухне", domain="light", device_class="x", preferred_area_id="hall")]),
        (TIMER, [intent("HassStartTimer", hours=1, minutes="30")]),
        (COLOUR, [intent("HassLightSet", color="yellow")]),
        (COLOUR, [intent("HassLightSet", color="gold", area="Кухня")]),
        ([intent("HassListAddItem", item="свежий хлеб")], [intent("HassListAddItem", item="свежего хлеба")]),
        (
            [intent("HassTurnOff", name="Ночник"), intent("HassTurnOff", name="Люстра")],
            [intent("HassTurnOff", name=["люстру", "ночник"])],
        ),
    ],
)
def test_right(tmp_path: Path, wanted: object, answered: list[dict[str, Any]]) -> None:
    assert JUDGE.verdict(sentence(tmp_path, wanted), read_answers(answered)) == RIGHT


@pytest.mark.parametrize(
    ("wanted", "answered", "intents"),
    [
        (KITCHEN, [intent("HassTurnOn", area="Спальня", domain="light")], True),
        (KITCHEN, [intent("HassTurnOn", area="Кухня")], True),
        (KITCHEN, [intent("HassTurnOn", area="Кухня", domain="light", name="Люстра")], True),
        (KITCHEN, [intent("HassTurnOff", area="Кухня", domain="light")], False),
        (KITCHEN, [*KITCHEN, intent("HassTurnOn", name="Ночник")], False),
        (TIMER, [intent("HassStartTimer", hours=1)], True),
        (COLOUR, [intent("HassLightSet", color="red")], True),
        (COLOUR, [intent("HassLightSet", color="gold", area="Спальня")], True),
    ],
)
def test_another_action_is_wrong(
    tmp_path: Path, wanted: object, answered: list[dict[str, Any]], *, intents: bool
) -> None:
    assert JUDGE.verdict(sentence(tmp_path, wanted), read_answers(answered)) == Verdict(
        intents=intents, slots=False, wrong=True, silent=False
    )


def test_part_of_what_was_asked_is_neither_right_nor_wrong(tmp_path: Path) -> None:
    both = sentence(tmp_path, [*KITCHEN, intent("HassTurnOff", name="Ночник")])
    assert JUDGE.verdict(both, read_answers(KITCHEN)) == Verdict(intents=False, slots=False, wrong=False, silent=False)


def test_any_of_the_alternatives_is_right(tmp_path: Path) -> None:
    either = sentence(tmp_path, KITCHEN, [intent("HassTurnOn", name="Потолочный светильник")])
    assert JUDGE.verdict(either, read_answers([intent("HassTurnOn", name="light.ceiling")])) == RIGHT


@pytest.mark.parametrize("nothing", [None, []])
def test_where_nothing_may_be_done(tmp_path: Path, nothing: object) -> None:
    idle = sentence(tmp_path, nothing)
    assert JUDGE.verdict(idle, ()) == Verdict(intents=True, slots=True, wrong=False, silent=True)
    assert JUDGE.verdict(idle, read_answers([intent("HassNevermind")])) == RIGHT
    told = JUDGE.verdict(idle, read_answers([intent("HassGetCurrentTime")]))
    assert told == Verdict(intents=False, slots=False, wrong=False, silent=False)
    assert JUDGE.verdict(idle, read_answers(KITCHEN)).wrong
