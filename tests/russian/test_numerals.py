"""Numbers and durations survive being said in words, in every case."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smarthome.intents import Action
from smarthome.russian import Context, data
from smarthome.russian.amounts import Amounts, Duration
from smarthome.russian.morphology import CASES, Morphology
from smarthome.russian.numerals import Numerals
from tests.russian.houses import HERE, parser

MORPHOLOGY = Morphology()
DATA = data.load("numerals.yaml")
NUMERALS = Numerals(DATA, MORPHOLOGY)
AMOUNTS = Amounts(DATA, NUMERALS, MORPHOLOGY)


@pytest.mark.parametrize("case", CASES)
def test_every_integer_to_9999_round_trips(case: str) -> None:
    for value in range(10_000):
        for gender in ("masc", "femn"):
            words = NUMERALS.write(value, case, gender).split()
            number = NUMERALS.read(words, 0)
            assert number is not None
            assert (number.value, number.end) == (value, len(words)), words


def said(count: int, forms: tuple[str, str, str], gender: str) -> str:
    last = 0 if count % 100 in range(11, 20) else count % 10
    form = forms[0] if last == 1 else forms[1] if last in {2, 3, 4} else forms[2]
    return f"{NUMERALS.write(count, 'accs', gender)} {form}"


UNITS = (("hours", ("час", "часа", "часов"), "masc"), ("minutes", ("минуту", "минуты", "минут"), "femn"))


@pytest.mark.parametrize("hours", range(25))
def test_every_duration_to_a_day_round_trips(hours: int) -> None:
    for minutes in range(60):
        counts = (hours, minutes)
        parts = [said(count, forms, gender) for count, (_, forms, gender) in zip(counts, UNITS, strict=True) if count]
        for joint in (" ", " и "):
            words = joint.join(parts).split()
            found = [amount.value for amount in AMOUNTS.read(words, 0) if amount.end == len(words)]
            assert not parts or Duration(hours, minutes) in found, words


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("полчаса", "время", Duration(minutes=30)),
        ("полтора часа", "время", Duration(1, 30)),
        ("два с половиной часа", "время", Duration(2, 30)),
        ("час пятнадцать", "время", Duration(1, 15)),
        ("пару минут", "время", Duration(minutes=2)),
        ("минут на пять", "время", Duration(minutes=5)),
        ("сутки", "время", Duration(24)),
        ("семь утра", "часы", "07:00"),
        ("половине восьмого", "часы", "07:30"),
        ("полвосьмого", "часы", "07:30"),
        ("без пятнадцати девять", "часы", "08:45"),
        ("восемь вечера", "часы", "20:00"),
        ("двенадцать ночи", "часы", "00:00"),
        ("полдень", "часы", "12:00"),
        ("7:05", "часы", "07:05"),
        ("семь ноль пять", "часы", "07:05"),
        ("тринадцать ноль ноль", "часы", "13:00"),
        ("часов в восемь", "часы", "08:00"),
        ("двадцать две с половиной", "число", 22.5),
        ("22.5", "число", 22.5),
        ("минус пять градусов", "градусы", -5),
        ("треть", "доля", 33),
        ("половину", "доля", 50),
    ],
)
def test_amount(text: str, kind: str, value: object) -> None:
    words = text.split()
    assert (kind, value) in [
        (amount.kind, str(amount.value) if amount.kind == "часы" else amount.value)
        for amount in AMOUNTS.read(words, 0)
        if amount.end == len(words)
    ]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 100))
def test_a_percentage_reaches_its_slot_in_words_and_digits(value: int) -> None:
    for said_value in (str(value), NUMERALS.write(value)):
        (intent,) = parser().parse(f"установи громкость {said_value}", Context(HERE)).intents
        assert (intent.action, intent.slots["volume_level"]) == (Action.SET_VOLUME, value)
