"""When a decoding is not believed."""

from __future__ import annotations

import pytest

from smarthome.ears.runaway import echoes, most_tokens, runaway


@pytest.mark.parametrize(
    ("text", "tokens", "why"),
    [
        ("Включи свет на кухне.", 9, None),
        ("", 0, None),
        ("да да", 2, None),
        ("Включи свет. Включи свет", 9, "repeat"),
        ("Включи свет на кухне и в зале, а потом закрой шторы в спальне.", 20, None),
        ("и вот так " * 20, 30, "compression"),
        ("и вот", 40, "run-on"),
    ],
)
def test_repeats_and_endless_texts_are_told(text: str, tokens: int, why: str | None) -> None:
    assert runaway(text, tokens, limit=40) == why


def test_more_can_be_said_in_more_time() -> None:
    assert most_tokens(0) == 10
    assert most_tokens(32_000) == 32


@pytest.mark.parametrize(
    ("text", "avg_logprob", "echo"),
    [
        ("Команды умного дома, закрой шторы в спальне.", -0.8, True),
        ("Команды умного дома в гостиной", -0.8, True),
        ("Команды умного дома, закрой шторы в спальне.", -0.1, True),
        ("Включи свет на кухне.", -0.8, True),
        ("Включи свет на кухне.", -0.1, False),
        ("Включи свет", -0.8, False),
        ("Закрой шторы в детской.", -0.8, False),
        ("", -0.8, False),
    ],
)
def test_what_the_prompt_says_may_not_have_been_said(text: str, avg_logprob: float, echo: bool) -> None:
    before = "Команды умного дома: включи свет на кухне, закрой шторы в спальне."
    assert echoes(text, before, avg_logprob) is echo
