"""A text and a limit in, the text or three short forms of it out: ruT5 by sarahai (its model card).

text ─ condensed, if it is beyond the model's window ─ beams, then samples ─► drafts ─► three variants within the limit
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from smarthome.settings import Settings
from smarthome.tasks import pretrained
from smarthome.tasks.checkpoints import choose_device
from smarthome.tasks.shortening.condensing import condensed
from smarthome.tasks.shortening.lengths import length
from smarthome.tasks.shortening.variants import Variants, smallest_limit
from smarthome.tasks.shortening.writer import Writer
from smarthome.tasks.task import Job, TaskError, TaskRequest, TaskResult

SMALLEST = 20
"""Characters, two or three Russian words: nothing shorter says what a text is about."""

MARGIN = 1.2
"""So many more tokens than the limit should take are allowed: words differ in length."""


class ShortenRequest(TaskRequest):
    """``max_chars`` are user-perceived characters; with the same ``seed`` the variants are the same."""

    text: str
    max_chars: int = Field(ge=1, le=1_000_000)
    seed: Annotated[int, Field(ge=0, lt=2**32)] | None = None


class ShortForm(TaskResult):
    """One to choose. ``trimmed``: its end was cut off, at a sentence's, clause's or word's end.

    ``likelihood`` is the model's mean log-probability per token; none for an excerpt of the text itself.
    """

    text: str
    chars: int
    trimmed: bool
    likelihood: float | None


class ShortenResult(TaskResult):
    """``shortened`` is false for a text within the limit: its only variant is the text itself.

    ``parts``: how many the text was read in, 1 when the model could read it at once.
    """

    shortened: bool
    chars: int
    max_chars: int
    variants: tuple[ShortForm, ...]
    parts: int
    seed: int | None


class ShortenTask:
    """The kind ``shorten``."""

    kind: ClassVar[str] = "shorten"
    request_type: ClassVar[type[TaskRequest]] = ShortenRequest
    batch = 1

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._writer: Writer | None = None

    def load(self) -> None:
        """As the protocol says."""
        self._ready()

    def unload(self) -> None:
        """As the protocol says."""
        self._writer = None

    def run(self, jobs: Sequence[Job[ShortenRequest]]) -> Sequence[ShortenResult | TaskError]:
        """As the protocol says."""
        return [self._one(job) for job in jobs]

    def _one(self, job: Job[ShortenRequest]) -> ShortenResult | TaskError:
        text, limit = job.request.text, job.request.max_chars
        chars = length(text)
        if chars <= limit:
            alone = ShortForm(text=text, chars=chars, trimmed=False, likelihood=None)
            return ShortenResult(
                shortened=False, chars=chars, max_chars=limit, variants=(alone,), parts=1, seed=job.request.seed
            )
        if chars > (most := self._settings.shorten.chars):
            return TaskError("too_large", f"{chars} characters; at most {most} are read (shorten.chars)")
        if limit < SMALLEST:
            return _too_small(limit, max(SMALLEST, smallest_limit(text)))
        return self._shortened(job, " ".join(text.split()), chars)

    def _shortened(self, job: Job[ShortenRequest], text: str, chars: int) -> ShortenResult | TaskError:
        writer, limit = self._ready(), job.request.max_chars
        seed = secrets.randbits(32) if job.request.seed is None else job.request.seed
        source = condensed(
            text, writer, lambda done, total: job.report.progress(done, total, "сокращаю части длинного текста")
        )
        variants = Variants(limit)
        self._write(job, source.text, variants, seed)
        found = variants.best(text)
        if found is None:
            return _too_small(limit, smallest_limit(text))
        forms = [
            ShortForm(
                text=each.text,
                chars=length(each.text),
                trimmed=each.trimmed,
                likelihood=None if each.likelihood is None else round(each.likelihood, 4),
            )
            for each in found
        ]
        return ShortenResult(
            shortened=True, chars=chars, max_chars=limit, variants=tuple(forms), parts=source.parts, seed=seed
        )

    def _write(self, job: Job[ShortenRequest], text: str, variants: Variants, seed: int) -> None:
        """Rounds: first the likeliest; then others, bolder and with a firmer hand on the length each time."""
        writer, rounds = self._ready(), self._settings.shorten.rounds
        tokens = MARGIN * job.request.max_chars * writer.tokens(text) / max(1, length(text))
        for done in range(rounds + 1):

            def interrupted(done: int = done) -> None:
                job.report.progress(done, rounds + 1, "пишу варианты")

            most = round(tokens * 0.85**done) + 1
            if done == 0:
                variants.consider(writer.likeliest(text, most, interrupted))
            else:
                temperature = 0.7 + 0.2 * done
                variants.consider(
                    writer.sampled(text, most, interrupted, temperature=temperature, seed=(seed + done) % 2**32)
                )
            if variants.enough:
                return

    def _ready(self) -> Writer:
        if self._writer is None:
            place = pretrained.directory(self._settings, "shorten", self._settings.shorten.model)
            self._writer = Writer(place, choose_device(self._settings.tasks.device))
        return self._writer


def _too_small(limit: int, smallest: int) -> TaskError:
    return TaskError(
        "bad_request", f"max_chars = {limit} is too small for this text; the smallest sensible limit is {smallest}"
    )
