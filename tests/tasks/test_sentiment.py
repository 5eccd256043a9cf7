"""Comments through the model that ``finetune`` trained: classes, windows, batches, statistics, files."""

from __future__ import annotations

import csv
import errno
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarthome.datasets.examples import comments as labelled
from smarthome.settings import SentimentSettings, Settings, TasksSettings
from smarthome.tasks import comment_files
from smarthome.tasks.comments import SentimentRequest
from smarthome.tasks.inputs.media import spool
from smarthome.tasks.sentiment import SentimentResult, SentimentTask, percentages
from smarthome.tasks.task import Stopped, TaskError
from tests.tasks.reports import Notes, jobs, only
from tests.trained import HELD_OUT

GOOD, BAD, PLAIN = "Всё отлично, спасибо", "Ужасный брак, верните деньги", "Провод длиной полтора метра"
LONG = " ".join([BAD] * 60)


@pytest.fixture(scope="module")
def settings(trained_sentiment: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = Settings(
        tasks=TasksSettings(folder=tmp_path_factory.mktemp("tasks"), device="cpu"),
        sentiment=SentimentSettings(model=str(trained_sentiment), batch=4, comments=500),
    )
    spool(made).mkdir()
    return made


@pytest.fixture(scope="module")
def task(settings: Settings) -> Iterator[SentimentTask]:
    made = SentimentTask(settings)
    made.load()
    yield made
    made.unload()


def judged(task: SentimentTask, folder: Path, **request: object) -> SentimentResult:
    found = only(task, SentimentRequest.model_validate(request), folder)
    assert isinstance(found, SentimentResult)
    return found


def labels(found: SentimentResult) -> list[str]:
    return [each.label for each in found.comments]


def test_sentences_that_were_not_learned(task: SentimentTask, tmp_path: Path) -> None:
    rows = labelled(HELD_OUT)
    found = judged(task, tmp_path, comments=[row.text for row in rows])
    right = sum(label == row.label for label, row in zip(labels(found), rows, strict=True))
    assert right / len(rows) >= 0.9
    for each in found.comments:
        assert sum(each.probabilities.values()) == pytest.approx(1.0, abs=1e-4)
        assert each.probability == max(each.probabilities.values())


def test_batches_of_mixed_length_judge_as_one_by_one(task: SentimentTask, tmp_path: Path) -> None:
    texts = [GOOD, LONG, "", "да", BAD, PLAIN, GOOD * 9]
    together = judged(task, tmp_path, comments=texts)
    for each in together.comments:
        (alone,) = judged(task, tmp_path, comments=[each.text]).comments
        assert alone.label == each.label
        assert alone.probability == pytest.approx(each.probability, abs=1e-4)


def test_a_comment_over_the_window_is_read_whole(task: SentimentTask, tmp_path: Path) -> None:
    found = judged(task, tmp_path, comments=[LONG, BAD])
    assert [each.windows > 1 for each in found.comments] == [True, False]
    assert labels(found) == ["negative", "negative"]
    mixed = judged(task, tmp_path, comments=[" ".join([GOOD] * 20 + [BAD] * 60)]).comments[0]
    assert mixed.probabilities["positive"] > 0.1  # its beginning counts as well
    assert mixed.label == "negative"


def test_binary_leaves_nothing_neutral(task: SentimentTask, tmp_path: Path) -> None:
    found = judged(task, tmp_path, comments=[GOOD, BAD, PLAIN], binary=True)
    assert labels(found)[:2] == ["positive", "negative"]
    assert "neutral" not in labels(found)
    assert found.statistics.neutral.count == 0
    assert all(each.probability >= 0.5 for each in found.comments)


def test_lines_a_file_and_a_list_are_the_same(task: SentimentTask, settings: Settings, tmp_path: Path) -> None:
    listed = judged(task, tmp_path, comments=[GOOD, BAD])
    text = f"{GOOD}\r\n\n  {BAD}\n"
    (spool(settings) / "comments.txt").write_text("\ufeff" + text, encoding="utf-8")
    (spool(settings) / "comments.json").write_text(json.dumps([GOOD, BAD]), encoding="utf-8")
    assert judged(task, tmp_path, text=text).comments == listed.comments
    assert judged(task, tmp_path, path="comments.txt").comments == listed.comments
    assert judged(task, tmp_path, path="comments.json").comments == listed.comments


def test_many_requests_are_read_together(task: SentimentTask, tmp_path: Path) -> None:
    requests = [
        SentimentRequest(comments=(GOOD, BAD)),
        SentimentRequest(path="missing.txt"),
        SentimentRequest(comments=()),
        SentimentRequest(text=BAD),
    ]
    first, missing, empty, last = task.run(jobs(requests, tmp_path))
    assert isinstance(first, SentimentResult)
    assert labels(first) == ["positive", "negative"]
    assert isinstance(missing, TaskError)
    assert missing.code == "not_found"
    assert isinstance(empty, SentimentResult)
    assert empty.statistics.total == 0
    assert isinstance(last, SentimentResult)
    assert labels(last) == ["negative"]


@pytest.mark.parametrize(
    ("name", "content", "code", "message"),
    [
        ("latin.txt", "плохо".encode("cp1251"), "unreadable", "latin.txt: not UTF-8 text .byte 0."),
        ("bad.json", b"[1, 2", "unreadable", "bad.json: not JSON"),
        ("other.json", b'{"a": 1}', "unreadable", "other.json: expected is a list of strings"),
        ("many.txt", "да\n".encode() * 501, "too_large", "501 comments; at most 500"),
    ],
)
def test_files_that_are_no_comments(
    name: str, content: bytes, code: str, message: str, task: SentimentTask, settings: Settings, tmp_path: Path
) -> None:
    (spool(settings) / name).write_bytes(content)
    with pytest.raises(TaskError, match=message) as failure:
        only(task, SentimentRequest(path=name), tmp_path)
    assert failure.value.code == code


def test_progress_and_stop(task: SentimentTask, tmp_path: Path) -> None:
    notes = Notes()
    request = SentimentRequest(comments=(GOOD,) * 10)
    task.run(jobs([request], tmp_path, notes))
    assert [step[:2] for step in notes.steps] == [(4, 10), (8, 10), (10, 10)]
    with pytest.raises(Stopped):
        task.run(jobs([request], tmp_path, Notes(stop_after=2)))


def test_the_file_for_people(task: SentimentTask, tmp_path: Path) -> None:
    found = judged(task, tmp_path, comments=[GOOD, f"{BAD}\nи\tвсё\u2028таки\\", PLAIN])
    text = (Path(found.folder) / "comments_result.txt").read_text(encoding="utf-8")
    lines = text.splitlines()
    assert [line.partition("(")[0] for line in lines[:5]] == [
        "Всего: 3",
        "Положительных: 1 ",
        "Отрицательных: 1 ",
        "Нейтральных: 1 ",
        "",
    ]
    assert sorted(line.partition("(")[2] for line in lines[1:4]) == ["33.3 %)", "33.3 %)", "33.4 %)"]
    rows = [line.split("\t") for line in lines[5:]]
    assert [row[0] for row in rows] == ["положительный", "отрицательный", "нейтральный"]
    assert [row[2] for row in rows] == [GOOD, f"{BAD}\\nи\\tвсё\\u2028таки\\\\", PLAIN]
    assert 0.3 < float(rows[0][1]) <= 1


def test_the_files_for_programs(task: SentimentTask, tmp_path: Path) -> None:
    found = judged(task, tmp_path, comments=[GOOD, 'сказал: "брак",\nи ушёл'])
    assert found.files == ("comments_result.txt", "comments_result.json", "comments_result.csv")
    folder = Path(found.folder)
    with (folder / "comments_result.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["text"] for row in rows] == [each.text for each in found.comments]
    told = json.loads((folder / "comments_result.json").read_text(encoding="utf-8"))
    assert told["statistics"] == found.statistics.model_dump()
    assert len(told["comments"]) == 2


def test_an_empty_list_gives_zeros(task: SentimentTask, tmp_path: Path) -> None:
    found = judged(task, tmp_path, comments=[])
    text = (Path(found.folder) / "comments_result.txt").read_text(encoding="utf-8")
    assert text.splitlines() == [
        "Всего: 0",
        "Положительных: 0 (0.0 %)",
        "Отрицательных: 0 (0.0 %)",
        "Нейтральных: 0 (0.0 %)",
    ]


def test_a_file_is_replaced_only_when_asked(task: SentimentTask, tmp_path: Path) -> None:
    result = judged(task, tmp_path, comments=[GOOD]).model_dump(mode="json")
    file = tmp_path / "comments_result.txt"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError):
        comment_files.write(file, result, overwrite=False)
    assert file.read_text(encoding="utf-8") == "mine"
    comment_files.write(file, result, overwrite=True)
    assert file.read_text(encoding="utf-8").startswith("Всего: 1\n")
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["comments_result.txt"]


@given(st.lists(st.integers(0, 10_000), min_size=3, max_size=3))
def test_percentages_sum_to_a_hundred(counts: list[int]) -> None:
    found = percentages(dict(zip("abc", counts, strict=True)))
    total = sum(counts)
    assert sum(found.values()) == pytest.approx(100.0 if total else 0.0)
    assert all(abs(found[name] - 100 * count / max(total, 1)) < 0.1 for name, count in zip("abc", counts, strict=True))


@pytest.mark.parametrize(
    "request_", [{}, {"comments": ["a"], "text": "b"}, {"comments": "abc"}, {"comments": ["a"], "more": 1}]
)
def test_requests_are_one_thing_and_nothing_else(request_: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"exactly one|valid tuple|Extra inputs"):
        SentimentRequest.model_validate(request_)


def test_a_model_that_is_not_here_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    tasks = TasksSettings(folder=tmp_path, device="cpu")
    with pytest.raises(TaskError, match=r"fetch it once: smarthome models pull --kind sentiment nobody/nothing"):
        SentimentTask(Settings(tasks=tasks, sentiment=SentimentSettings(model="nobody/nothing"))).load()
    (tmp_path / "empty").mkdir()
    with pytest.raises(TaskError, match=r"empty: no complete model of the kind sentiment"):
        SentimentTask(Settings(tasks=tasks, sentiment=SentimentSettings(model=str(tmp_path / "empty")))).load()


def test_a_file_system_without_hard_links_keeps_results_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("os.link", refuses)
    share = {"count": 0, "percent": 0.0}
    statistics = {"total": 0, "positive": share, "negative": share, "neutral": share}
    nothing = {"statistics": statistics, "comments": []}
    comment_files.write(tmp_path / "a.txt", nothing, overwrite=False)
    assert (tmp_path / "a.txt").read_text(encoding="utf-8").startswith("Всего: 0\n")
    with pytest.raises(FileExistsError):
        comment_files.write(tmp_path / "a.txt", nothing, overwrite=False)
    assert [each.name for each in tmp_path.iterdir()] == ["a.txt"]
