"""Texts through a real T5 in ruT5's layout (its weights know nothing), and what is offered of its drafts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarthome.settings import Settings, ShortenSettings, TasksSettings
from smarthome.tasks.shorten import SMALLEST, ShortenRequest, ShortenResult, ShortenTask
from smarthome.tasks.shortening.condensing import condensed
from smarthome.tasks.shortening.lengths import length, trimmed, whole_clauses, whole_sentences, whole_words
from smarthome.tasks.shortening.variants import Variants, smallest_limit
from smarthome.tasks.shortening.writer import WINDOW, Draft, Writer
from smarthome.tasks.task import Stopped, TaskError
from tests.tasks.reports import Notes, only
from tests.trained import save_t5

TEXT = (
    "Вчера вечером в посёлке отключили свет. Авария случилась на подстанции, где сгорел старый трансформатор. "
    "Ремонтная бригада приехала через два часа, но нужной детали у неё не было. Свет вернули только к утру. "
    "Жители просят заменить оборудование, пока не наступили холода."
)
FAMILY = "👨‍👩‍👧‍👦"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        tasks=TasksSettings(folder=tmp_path_factory.mktemp("tasks"), device="cpu"),
        shorten=ShortenSettings(model=str(save_t5(tmp_path_factory.mktemp("t5") / "model")), rounds=2, chars=60_000),
    )


@pytest.fixture(scope="module")
def task(settings: Settings) -> Iterator[ShortenTask]:
    made = ShortenTask(settings)
    made.load()
    yield made
    made.unload()


def shortened(task: ShortenTask, folder: Path, report: Notes | None = None, **request: object) -> ShortenResult:
    found = only(task, ShortenRequest.model_validate(request), folder, report)
    assert isinstance(found, ShortenResult)
    return found


def check(found: ShortenResult, limit: int) -> None:
    """What is promised of every answer."""
    assert found.shortened
    texts = [each.text for each in found.variants]
    assert len(set(texts)) == len(texts) == 3
    for each in found.variants:
        assert each.chars == length(each.text) <= limit
        assert each.text == each.text.strip()
    assert [each.trimmed for each in found.variants] == sorted(each.trimmed for each in found.variants)


@pytest.mark.parametrize("limit", [SMALLEST, 40, 90, 200])
def test_three_variants_within_the_limit(task: ShortenTask, tmp_path: Path, limit: int) -> None:
    found = shortened(task, tmp_path, text=TEXT, max_chars=limit)
    check(found, limit)
    assert found.chars == len(TEXT)
    assert found.parts == 1


def test_what_fits_comes_back_unchanged(task: ShortenTask, tmp_path: Path) -> None:
    text = f"  Чай — {FAMILY}\n ё́лка "
    found = shortened(task, tmp_path, text=text, max_chars=length(text))
    assert not found.shortened
    assert [each.text for each in found.variants] == [text]
    assert found.variants[0].chars == length(text) < len(text)


def test_a_seed_repeats_the_variants(task: ShortenTask, tmp_path: Path) -> None:
    first = shortened(task, tmp_path, text=TEXT, max_chars=60, seed=5)
    assert shortened(task, tmp_path, text=TEXT, max_chars=60, seed=5) == first
    chosen = shortened(task, tmp_path, text=TEXT, max_chars=60)
    assert chosen.seed is not None
    assert shortened(task, tmp_path, text=TEXT, max_chars=60, seed=chosen.seed) == chosen


@pytest.mark.slow
def test_a_text_of_many_windows(task: ShortenTask, tmp_path: Path) -> None:
    report = Notes()
    text = "\n\n".join([TEXT] * 40)
    found = shortened(task, tmp_path, report, text=text, max_chars=150)
    check(found, 150)
    assert found.parts > 1
    assert ("сокращаю части длинного текста" in note for _, _, note in report.steps)


def test_a_sentence_beyond_the_window_is_split(settings: Settings) -> None:
    import torch  # noqa: PLC0415 (every test would wait)

    writer = Writer(Path(settings.shorten.model), torch.device("cpu"))
    endless = "слово без точки и " * 700 + "я" * 4000
    found = condensed(endless, writer, lambda _done, _of: None)
    assert writer.tokens(found.text) <= WINDOW
    assert found.parts > 1
    assert found.rounds >= 1


def test_too_small_limits_name_the_smallest(task: ShortenTask, tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=f"the smallest sensible limit is {SMALLEST}") as told:
        shortened(task, tmp_path, text=TEXT, max_chars=5)
    assert told.value.code == "bad_request"
    with pytest.raises(TaskError, match="the smallest sensible limit is 2000"):
        shortened(task, tmp_path, text="я" * 2000, max_chars=5)


def test_too_long_and_no_model(task: ShortenTask, tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=r"shorten\.chars") as told:
        shortened(task, tmp_path, text="да " * 30_000, max_chars=50)
    assert told.value.code == "too_large"
    nothing = ShortenTask(Settings(shorten=ShortenSettings(model=str(tmp_path))))
    with pytest.raises(TaskError, match="no complete model"):
        nothing.load()


def test_a_cancelled_job_stops_between_tokens(task: ShortenTask, tmp_path: Path) -> None:
    report = Notes(stop_after=4)
    with pytest.raises(Stopped):
        shortened(task, tmp_path, report, text=TEXT, max_chars=150)
    assert len(report.steps) == 4


def drafts(*texts: str, finished: bool = True) -> list[Draft]:
    return [Draft(text, -0.1 * place, finished) for place, text in enumerate(texts)]


def chosen(limit: int, *batches: list[Draft]) -> list[tuple[str, bool]]:
    found = Variants(limit)
    for batch in batches:
        found.consider(batch)
    best = found.best(TEXT)
    assert best is not None
    return [(each.text, each.trimmed) for each in best]


def test_likelier_ones_come_first_and_the_same_is_offered_once() -> None:
    written = drafts("Свет погас.", "Погас свет.", "Сгорел трансформатор.", "Жители ждут ремонта.")
    found = Variants(40)
    found.consider(written)
    assert found.enough
    assert chosen(40, written) == [
        ("Свет погас.", False),
        ("Сгорел трансформатор.", False),
        ("Жители ждут ремонта.", False),
    ]


def test_what_overflows_ends_with_a_sentence_and_comes_last() -> None:
    long = "Свет погас вечером. Бригада приехала поздно и ничего не исправила."
    found = chosen(40, drafts(long, "Трансформатор сгорел.", "Жители ждут."))
    assert found == [("Трансформатор сгорел.", False), ("Жители ждут.", False), ("Свет погас вечером.", True)]


def test_what_was_not_ended_loses_its_last_words() -> None:
    unfinished = drafts("Свет погас вечером. Бригада прие", "Жители просят, чтобы обор", finished=False)
    texts = chosen(60, unfinished, drafts("Трансформатор сгорел."))
    assert ("Свет погас вечером.", True) in texts
    assert ("Жители просят…", True) in texts


def test_sentences_of_the_text_stand_in() -> None:
    assert ("Свет вернули только к утру.", False) in chosen(45, drafts("Авария."))


def test_bounds_of_sentences_clauses_and_words() -> None:
    text = "Он пришёл, увидел и победил. Потом ушёл."
    assert whole_sentences(text, 30) == "Он пришёл, увидел и победил."
    assert whole_sentences(text, 20) == ""
    assert whole_clauses(text, 20) == "Он пришёл…"
    assert whole_words(text, 20) == "Он пришёл, увидел и…"
    assert trimmed(text, 4) == "Он…"
    assert trimmed(text, 2) == ""
    assert trimmed(f"{FAMILY} {FAMILY} {FAMILY}", 4) == f"{FAMILY} {FAMILY}…"


words = st.lists(st.text("абвё́ -,.!", min_size=1, max_size=9), min_size=1, max_size=60).map(" ".join)


@given(words, st.integers(1, 120))
def test_nothing_trimmed_exceeds_the_limit(text: str, limit: int) -> None:
    assert length(trimmed(text, limit)) <= limit


@given(words, st.integers(20, 120))
def test_three_or_a_sensible_limit(text: str, limit: int) -> None:
    found = Variants(limit).best(text)
    if found is None:
        assert smallest_limit(text) > limit or length(text) <= limit
    else:
        assert len({each.text for each in found}) == 3
        assert all(length(each.text) <= limit for each in found)


def test_a_very_long_text_is_looked_through_quickly(task: ShortenTask, tmp_path: Path) -> None:
    """Looking for a limit in one endless word must not take the square of its length."""
    with pytest.raises(TaskError, match="smallest sensible limit"):
        shortened(task, tmp_path, text="я" * 50_000, max_chars=19)


def test_unknown_keys_are_refused() -> None:
    wrong: dict[str, Any] = {"text": "да", "max_chars": 5, "limit": 3}
    with pytest.raises(ValueError, match="limit"):
        ShortenRequest.model_validate(wrong)
