"""What people see of judged comments and of short forms."""

from __future__ import annotations

from smarthome.ask.judged import SHOWN, comments_picture
from smarthome.ask.shortened import variants_picture
from smarthome.tasks.sentiment import JudgedComment, SentimentResult, Share, Statistics
from smarthome.tasks.shorten import ShortenResult, ShortForm
from tests.ask.test_media import result, shown


def judged(many: int) -> SentimentResult:
    likely = {"negative": 0.05, "neutral": 0.05, "positive": 0.9}
    comments = [
        JudgedComment(
            text=f"[b]Хорошо[/b]\nномер {place}", label="positive", probability=0.9, probabilities=likely, windows=1
        )
        for place in range(many)
    ]
    share = Share(count=many, percent=100.0 if many else 0.0)
    nobody = Share(count=0, percent=0.0)
    return SentimentResult(
        statistics=Statistics(total=many, positive=share, negative=nobody, neutral=nobody),
        comments=tuple(comments),
        binary=False,
        folder="/nowhere",
        files=(),
    )


def test_classes_as_bars_and_comments_as_they_are() -> None:
    text = shown(comments_picture("comments_result.txt", result(judged(2))))
    (bar,) = [line for line in text.splitlines() if "█" in line]
    assert bar.split()[0] == "положительных"
    assert "100,0 %" in bar
    assert "[b]Хорошо[/b] номер 1" in text
    assert "comments_result.txt" in text


def test_only_the_first_comments_are_shown() -> None:
    text = shown(comments_picture("a.txt", result(judged(SHOWN + 5))))
    assert f"номер {SHOWN - 1}" in text
    assert f"номер {SHOWN}\n" not in text
    assert "… и ещё 5" in text


def test_no_comments() -> None:
    assert "Комментариев: 0" in shown(comments_picture("a.txt", result(judged(0))))


def test_variants_with_their_numbers() -> None:
    forms = tuple(
        ShortForm(text=text, chars=len(text), trimmed=trimmed, likelihood=-0.5)
        for text, trimmed in (("Свет [погас].", False), ("Нет света.", False), ("Авария…", True))
    )
    found = ShortenResult(shortened=True, chars=300, max_chars=20, variants=forms, parts=2, seed=1)
    text = shown(variants_picture("", result(found)))
    rows = [line.split() for line in text.splitlines() if line.strip()[:1] in {"1", "2", "3"}]
    assert rows == [["1", "Свет", "[погас].", "13"], ["2", "Нет", "света.", "10"], ["3", "Авария…", "✂", "7"]]
    assert "прочитан по частям: 2" in text
    assert "конец отрезан" in text


def test_a_text_that_fits() -> None:
    alone = ShortForm(text="Свет.", chars=5, trimmed=False, likelihood=None)
    found = ShortenResult(shortened=False, chars=5, max_chars=20, variants=(alone,), parts=1, seed=None)
    assert "не изменён" in shown(variants_picture("", result(found)))
