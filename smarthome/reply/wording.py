"""Names, states and numbers in, Russian words that agree out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import pymorphy3

from smarthome.house.attributes import is_number

_AGREEING: Mapping[str, tuple[str, str, str, str]] = MappingProxyType(
    {
        "on": ("включён", "включена", "включено", "включены"),
        "off": ("выключен", "выключена", "выключено", "выключены"),
        "open": ("открыт", "открыта", "открыто", "открыты"),
        "closed": ("закрыт", "закрыта", "закрыто", "закрыты"),
        "locked": ("заперт", "заперта", "заперто", "заперты"),
        "unlocked": ("не заперт", "не заперта", "не заперто", "не заперты"),
        "armed": ("включён", "включена", "включено", "включены"),
        "disarmed": ("выключен", "выключена", "выключено", "выключены"),
    }
)
"""State → masculine, feminine, neuter, plural."""

_PLAIN: Mapping[str, str] = MappingProxyType(
    {
        "playing": "играет",
        "paused": "на паузе",
        "idle": "ждёт",
        "cleaning": "убирает",
        "docked": "на базе",
        "returning": "возвращается на базу",
        "heat": "греет",
        "cool": "охлаждает",
        "auto": "в автоматическом режиме",
        "opening": "открывается",
        "closing": "закрывается",
        "unavailable": "не в сети",
        "detected": "есть движение",
    }
)

_DOING: Mapping[str, str] = MappingProxyType(
    {
        "on": "включить",
        "off": "выключить",
        "open": "открыть",
        "closed": "закрыть",
        "locked": "запереть",
        "unlocked": "отпереть",
        "armed": "поставить на охрану",
        "disarmed": "снять с охраны",
        "run": "запустить",
    }
)

_UNITS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "degree": ("градус", "градуса", "градусов"),
        "percent": ("процент", "процента", "процентов"),
        "hour": ("час", "часа", "часов"),
        "minute": ("минута", "минуты", "минут"),
        "second": ("секунда", "секунды", "секунд"),
        "minute_accusative": ("минуту", "минуты", "минут"),
        "second_accusative": ("секунду", "секунды", "секунд"),
    }
)


def counted(number: float, unit: str) -> str:
    """``22.5, "degree"`` → «22,5 градуса»: a fraction takes the genitive singular."""
    one, few, many = _UNITS[unit]
    text = f"{number:.1f}".removesuffix(".0").replace(".", ",")
    if number != int(number):
        return f"{text} {few}"
    whole = abs(int(number))
    if whole % 10 == 1 and whole % 100 != 11:
        return f"{text} {one}"
    return f"{text} {few if whole % 10 in {2, 3, 4} and whole % 100 not in {12, 13, 14} else many}"


def duration(seconds: float) -> str:
    """«1 час 5 минут», in the accusative: «на 1 минуту»."""
    total = round(seconds)
    parts = ((total // 3600, "hour"), (total // 60 % 60, "minute_accusative"), (total % 60, "second_accusative"))
    return " ".join(counted(number, unit) for number, unit in parts if number) or "0 секунд"


def state(word: str, noun: str) -> str:
    """A state as said of ``noun``: ``"on", "Люстра"`` → «включена»."""
    if word in _AGREEING:
        return _AGREEING[word][_gender(noun)]
    return _PLAIN.get(word, word)


def doing(wanted: Mapping[str, object]) -> str:
    """What a device shall do, as asked about: ``{"state": "unlocked"}`` → «отпереть»."""
    position = wanted.get("position")
    if is_number(position):
        return f"открыть на {counted(position, 'percent')}"
    return _DOING.get(str(wanted.get("state")), "изменить")


@lru_cache(maxsize=1)
def _morphology() -> pymorphy3.MorphAnalyzer:
    return pymorphy3.MorphAnalyzer()


@lru_cache(maxsize=4096)
def _gender(noun: str) -> int:
    """0 masculine, 1 feminine, 2 neuter, 3 plural: of the first noun in the nominative."""
    for word in noun.split():
        for parse in _morphology().parse(word.lower()):
            tag = parse.tag
            if "NOUN" in tag and "nomn" in tag:
                return 3 if "plur" in tag or "Pltm" in tag else {"femn": 1, "neut": 2}.get(str(tag.gender), 0)
    return 0
