"""What somebody chose among variants, on its way to ``finetune shorten``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from smarthome.datasets.examples import summaries
from smarthome.tasks.choices import choose
from smarthome.tasks.task import TaskError

REQUEST = {"text": "Длинный текст о том, что свет погас.", "max_chars": 20, "seed": None}
RESULT: dict[str, Any] = {
    "shortened": True,
    "variants": [{"text": "Свет погас."}, {"text": "О свете."}, {"text": "Длинный текст…"}],
}


def test_choices_are_rows_to_learn_from_and_the_last_one_counts(tmp_path: Path) -> None:
    file = tmp_path / "choices.jsonl"
    assert choose(file, "a", REQUEST, RESULT, 3) == {"choice": 3, "text": "Длинный текст…", "kept": True}
    choose(file, "b", REQUEST, RESULT, 2)
    choose(file, "a", REQUEST, RESULT, 1)
    rows = summaries(file)
    assert [(row.id, row.summary) for row in rows] == [("a", "Свет погас."), ("b", "О свете.")]
    assert {(row.text, row.max_chars) for row in rows} == {(REQUEST["text"], 20)}


def test_nothing_is_kept_that_nobody_opted_in_to(tmp_path: Path) -> None:
    assert choose(None, "a", REQUEST, RESULT, 1)["kept"] is False
    unchanged = {"shortened": False, "variants": [{"text": "Свет."}]}
    file = tmp_path / "choices.jsonl"
    assert choose(file, "a", REQUEST, unchanged, 1)["kept"] is False
    assert not file.exists()


def test_choices_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="there are 1 variants, not 2"):
        choose(None, "a", REQUEST, {"shortened": False, "variants": [{"text": "Свет."}]}, 2)
    with pytest.raises(TaskError, match="the choice cannot be kept: Is a directory"):
        choose(tmp_path, "a", REQUEST, RESULT, 1)
