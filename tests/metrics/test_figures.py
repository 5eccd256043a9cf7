"""Figures on examples small enough to be counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from smarthome.metrics import classes, shortening, speech


def test_accuracy_f1_and_confusion() -> None:
    truth, answers = ["p", "p", "n", "n"], ["p", "n", "n", "n"]
    found = classes.report(truth, answers, ["n", "p", "z"])
    assert found["accuracy"] == 0.75
    assert found["confusion"] == [[2, 0, 0], [1, 1, 0], [0, 0, 0]]
    assert found["classes"] == {
        "n": {"precision": pytest.approx(2 / 3), "recall": 1.0, "f1": pytest.approx(0.8), "support": 2},
        "p": {"precision": 1.0, "recall": 0.5, "f1": pytest.approx(2 / 3), "support": 2},
        "z": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 0},
    }
    assert found["f1_macro"] == pytest.approx((0.8 + 2 / 3) / 3)


def test_top_k_counts_the_likeliest_and_nothing_that_was_not_named() -> None:
    answers = [{"cat": 0.6, "dog": 0.3}, {"cat": 0.6, "dog": 0.3}, {"dog": 0.9, "fox": 0.0}, {"dog": 1.0, "cat": 0.0}]
    assert classes.top_k(["cat", "dog", "fox", "owl"], answers, (1, 2)) == {"top1": 0.25, "top2": 0.75}


def test_russian_words() -> None:
    words = shortening.RussianWords().tokenize("Ёлка-палка — это «Ёж», 2 шт.")
    assert words == ["елка-палка", "это", "еж", "2", "шт"]


def test_rouge_of_russian_is_not_empty() -> None:
    found = shortening.rouge(["кот пьёт молоко"], ["Кот пьет воду."])
    assert found["rouge1"] == pytest.approx(2 / 3)
    assert found["rouge2"] == pytest.approx(1 / 2)
    assert found["rougeL"] == pytest.approx(2 / 3)


def test_bleu_of_the_reference_is_100() -> None:
    text = "кот пьёт молоко на кухне"
    found = shortening.bleu([text], [text])
    assert found["bleu"] == pytest.approx(100)
    assert "tok:intl" in str(found["bleu_signature"])
    assert shortening.bleu([text], ["собака"])["bleu"] == pytest.approx(0)


def test_error_rates_see_words_only() -> None:
    assert speech.error_rates(["Ещё — не всё!"], ["еще не все"]) == {"wer": 0.0, "cer": 0.0}
    found = speech.error_rates(["включи свет", "да"], ["включи цвет", "да"])
    assert found == {"wer": pytest.approx(1 / 3), "cer": pytest.approx(1 / 13)}


def test_the_libraries_are_named_when_they_are_missing(tmp_path: Path) -> None:  # noqa: ARG001
    from smarthome.errors import ConfigurationError  # noqa: PLC0415
    from smarthome.metrics.libraries import needed  # noqa: PLC0415

    with pytest.raises(
        ConfigurationError, match=r"no_such_module is not installed: pip install 'smarthome\[evaluate\]'"
    ):
        needed("no_such_module")
