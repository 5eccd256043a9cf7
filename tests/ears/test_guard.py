"""The last guard against ghosts: what is believed of a transcript."""

from __future__ import annotations

import pytest

from smarthome.ears.guard import Vetted, vet, without_credits
from smarthome.events import Transcript


def heard(text: str, *others: str, avg_logprob: float | None = -0.2, no_speech_prob: float | None = 0.01) -> Vetted:
    rest = tuple((other, -9.0) for other in others)
    return vet(Transcript(text, avg_logprob, no_speech_prob, tokens=9, compute_s=0.1, others=rest))


@pytest.mark.parametrize(
    "text",
    [
        "Субтитры сделал DimaTorzok",
        "Субтитры создавал DimaTorzok",
        "Редактор субтитров А.Семкин Корректор А.Егорова",
        "Редактор субтитров И. Бойкова",
        "Продолжение следует...",
        "Спасибо за просмотр!",
        "Спасибо за просмотр! Подписывайтесь на мой канал.",
        "Смотрите продолжение в следующей части...",
        "ПОЗИТИВНАЯ МУЗЫКА",
    ],
)
def test_credits_alone_are_nobodys_words(text: str) -> None:
    assert heard(text) == Vetted((), "credits")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Включи свет на кухне. Продолжение следует...", "Включи свет на кухне."),
        ("Субтитры сделал DimaTorzok Включи свет.", "Включи свет."),
        ("Выключи телевизор! Спасибо за просмотр!", "Выключи телевизор!"),
        ("Закрой шторы. Редактор субтитров А.Семкин", "Закрой шторы."),
    ],
)
def test_credits_are_cut_off_commands(text: str, kept: str) -> None:
    assert without_credits(text) == kept
    assert heard(text).hypotheses[0][0] == kept
    assert heard(text).ghost is None


@pytest.mark.parametrize(
    "text",
    ["Включи субтитры.", "Спасибо.", "Включи спокойную музыку", "сделай музыку потише", "Ой, не то... выключи!"],
)
def test_commands_stay_as_they_are(text: str) -> None:
    assert heard(text) == Vetted(((text, -2.0),))


def test_of_hypotheses_that_only_credits_set_apart_the_likelier_stays() -> None:
    texts = [text for text, _ in heard("Свет.", "Свет. Продолжение следует...", "Привет.", "...").hypotheses]
    assert texts == ["Свет.", "Привет."]


def test_the_same_again_and_again_is_nobodys_words() -> None:
    assert heard("Включи свет. " * 12).ghost == "repetition"
    assert heard("Выключи свет на кухне, выключи свет на кухне, выключи свет.").ghost == "repetition"
    assert heard("Стоп, стоп, стоп, стоп!").ghost is None
    assert heard("Выключи свет, выключи свет на кухне.").ghost is None
    assert heard("Включи свет на кухне. Включи свет на кухне!").ghost is None
    assert heard("Включи свет на кухне, в спальне и в ванной, а телевизор выключи.").ghost is None


@pytest.mark.parametrize(
    ("avg_logprob", "no_speech_prob", "why"),
    [(-1.2, 0.9, "no speech"), (-0.3, 0.9, None), (-1.2, 0.1, "unsure"), (-1.0, 0.1, None), (None, None, None)],
)
def test_thresholds_of_whispers_own_decoding(
    avg_logprob: float | None, no_speech_prob: float | None, why: str | None
) -> None:
    assert heard("Включи свет", avg_logprob=avg_logprob, no_speech_prob=no_speech_prob).ghost == why


@pytest.mark.parametrize("text", ["", "...", " ♪ "])
def test_without_words_nothing_was_said(text: str) -> None:
    assert heard(text) == Vetted((), "no words")
