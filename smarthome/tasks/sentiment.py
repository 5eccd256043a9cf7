"""Comments in, what their authors feel out: ruBERT by blanchefort, trained on RuReviews (its model card).

comments of all waiting requests ─ Classifier ─► class and probability of each ─► statistics, files
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from smarthome.settings import Settings
from smarthome.tasks import comment_files, comments, pretrained
from smarthome.tasks.checkpoints import choose_device
from smarthome.tasks.classifier import LABELS, Classifier, Judgement
from smarthome.tasks.comments import SentimentRequest
from smarthome.tasks.task import Job, TaskError, TaskRequest, TaskResult


class JudgedComment(TaskResult):
    """A comment and its likeliest class. One longer than the model's window is the mean of several ``windows``."""

    text: str
    label: str
    probability: float = Field(ge=0, le=1)
    probabilities: Mapping[str, float]
    windows: int = Field(ge=0)


class Share(TaskResult):
    """How many, and of a hundred; those of all classes sum to 100, or to 0 where there are no comments."""

    count: int
    percent: float


class Statistics(TaskResult):
    """Of all comments of a request."""

    total: int
    positive: Share
    negative: Share
    neutral: Share


class SentimentResult(TaskResult):
    """``files`` lie in ``folder`` on the worker's machine."""

    statistics: Statistics
    comments: tuple[JudgedComment, ...]
    binary: bool
    folder: str
    files: tuple[str, ...]


class SentimentTask:
    """The kind ``sentiment``."""

    kind: ClassVar[str] = "sentiment"
    request_type: ClassVar[type[TaskRequest]] = SentimentRequest

    def __init__(self, settings: Settings) -> None:
        self.batch = settings.sentiment.requests
        self._settings = settings
        self._classifier: Classifier | None = None

    def load(self) -> None:
        """As the protocol says."""
        self._ready()

    def unload(self) -> None:
        """As the protocol says."""
        self._classifier = None

    def run(self, jobs: Sequence[Job[SentimentRequest]]) -> Sequence[SentimentResult | TaskError]:
        """As the protocol says; the comments of all jobs are sorted by length together."""
        read = [self._read(job) for job in jobs]
        owners = [place for place, texts in enumerate(read) if not isinstance(texts, TaskError) for _ in texts]
        texts = [text for each in read if not isinstance(each, TaskError) for text in each]
        progress = _Progress(jobs, owners)
        judgements = iter(self._ready().judge(texts, progress.read))
        return [
            each if isinstance(each, TaskError) else _result(job, [(text, next(judgements)) for text in each])
            for job, each in zip(jobs, read, strict=True)
        ]

    def _read(self, job: Job[SentimentRequest]) -> list[str] | TaskError:
        try:
            return comments.read(job.request, self._settings)
        except TaskError as error:
            return error

    def _ready(self) -> Classifier:
        if self._classifier is None:
            chosen = self._settings.sentiment
            place = pretrained.directory(self._settings, "sentiment", chosen.model)
            self._classifier = Classifier(place, choose_device(self._settings.tasks.device), chosen.batch)
        return self._classifier


class _Progress:
    """Tells every job how many of its comments were read."""

    def __init__(self, jobs: Sequence[Job[SentimentRequest]], owners: Sequence[int]) -> None:
        self._jobs = jobs
        self._owners = owners
        self._totals = Counter(owners)
        self._seen: list[set[int]] = [set() for _ in jobs]

    def read(self, places: Sequence[int]) -> None:
        for place in places:
            self._seen[self._owners[place]].add(place)
        for job in {self._owners[place] for place in places}:
            self._jobs[job].report.progress(len(self._seen[job]), self._totals[job], "читаю комментарии")


def _result(job: Job[SentimentRequest], judged: Sequence[tuple[str, Judgement]]) -> SentimentResult:
    found = tuple(_judged(text, judgement, binary=job.request.binary) for text, judgement in judged)
    result = SentimentResult(
        statistics=_statistics([each.label for each in found]),
        comments=found,
        binary=job.request.binary,
        folder=str(job.folder),
        files=tuple(f"{comment_files.NAME}{ending}" for ending in comment_files.FORMATS),
    )
    comment_files.write_all(job.folder, result.model_dump(mode="json"))
    return result


def _judged(text: str, judgement: Judgement, *, binary: bool) -> JudgedComment:
    likely = dict(zip(LABELS, judgement.probabilities, strict=True))
    if binary:
        both = likely["positive"] + likely["negative"]
        likely = {label: (likely[label] / both if label != "neutral" else 0.0) for label in LABELS}
    label = max(likely, key=lambda each: likely[each])
    rounded = {each: round(min(1.0, value), 6) for each, value in likely.items()}
    return JudgedComment(
        text=text, label=label, probability=rounded[label], probabilities=rounded, windows=judgement.windows
    )


def _statistics(found: Sequence[str]) -> Statistics:
    counts = {label: found.count(label) for label in LABELS}
    percent = percentages(counts)
    shares = {label: Share(count=counts[label], percent=percent[label]) for label in LABELS}
    return Statistics(total=len(found), **shares)


def percentages(counts: Mapping[str, int]) -> dict[str, float]:
    """To a tenth, with the sum 100.0: what rounding down leaves goes to the largest remainders (Hamilton's method)."""
    total = sum(counts.values())
    if not total:
        return dict.fromkeys(counts, 0.0)
    tenths = {label: 1000 * count // total for label, count in counts.items()}
    remainders = sorted(counts, key=lambda label: 1000 * counts[label] % total, reverse=True)
    for label in remainders[: 1000 - sum(tenths.values())]:
        tenths[label] += 1
    return {label: value / 10 for label, value in tenths.items()}
