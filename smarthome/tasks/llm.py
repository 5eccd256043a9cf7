"""A prompt, perhaps with a picture, in; an answer, streamed while it grows, out: a local model of Ollama.

Text in, text out: the model has no tools, and what it says is never read as a command.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from smarthome.settings import Settings
from smarthome.tasks.answering.server import Ended, OllamaServer
from smarthome.tasks.inputs.media import PictureRequest
from smarthome.tasks.inputs.pictures import Pictures
from smarthome.tasks.task import Job, TaskError, TaskRequest, TaskResult

LONGEST = 100_000
"""Characters of a prompt."""


class LlmRequest(TaskRequest):
    """``image`` names a picture as the kind ``image`` does; ``system`` stands in for the settings' ``llm.system``."""

    longest_s = 2 * 3_600.0  # the model may have to be fetched first

    prompt: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    system: Annotated[str, Field(max_length=LONGEST)] | None = None
    image: PictureRequest | None = None
    seed: Annotated[int, Field(ge=0, lt=2**31)] | None = None


class LlmResult(TaskResult):
    """``cut``: the answer reached ``llm.tokens`` and was not brought to its end."""

    answer: str
    model: str
    tokens: int
    prompt_tokens: int
    cut: bool


class LlmTask:
    """The kind ``llm``. The model is in Ollama's memory, not in this process's."""

    kind: ClassVar[str] = "llm"
    request_type: ClassVar[type[TaskRequest]] = LlmRequest
    batch = 1

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pictures = Pictures(settings)
        self._server = OllamaServer(settings.llm, settings.tasks.warm_s)

    def load(self) -> None:
        """As the protocol says; whether the model is there is asked with each request, which can tell of a download."""

    def unload(self) -> None:
        """As the protocol says."""
        self._pictures.close()

    def run(self, jobs: Sequence[Job[LlmRequest]]) -> Sequence[LlmResult | TaskError]:
        """As the protocol says."""
        return [self._one(job) for job in jobs]

    def _one(self, job: Job[LlmRequest]) -> LlmResult | TaskError:
        try:
            messages = self._messages(job.request)
            name = self._settings.llm.model
            self._server.prepare(lambda done, total: job.report.progress(done, total, f"скачиваю {name}, МБ"))
            return self._answered(job, messages)
        except TaskError as error:
            return error

    def _messages(self, request: LlmRequest) -> list[dict[str, Any]]:
        system = self._settings.llm.system if request.system is None else request.system
        question: dict[str, Any] = {"role": "user", "content": request.prompt}
        if request.image is not None:
            question["images"] = [self._picture(request.image)]
        return [*([{"role": "system", "content": system}] if system else []), question]

    def _picture(self, request: PictureRequest) -> bytes:
        """Decoded here, within limits, and encoded anew: the server never sees a stranger's file."""
        image, _ = self._pictures.read(request)
        encoded = io.BytesIO()
        image.save(encoded, "PNG")
        return encoded.getvalue()

    def _answered(self, job: Job[LlmRequest], messages: Sequence[dict[str, Any]]) -> LlmResult:
        pieces: list[str] = []
        for part in self._server.answer(messages, job.request.seed):
            if isinstance(part, Ended):
                return LlmResult(
                    answer="".join(pieces).strip(),
                    model=self._settings.llm.model,
                    tokens=part.tokens,
                    prompt_tokens=part.prompt_tokens,
                    cut=part.cut,
                )
            pieces.append(part)
            job.report.piece(part)
        raise TaskError("failed", "the answer has no end")  # not reached: the server's iterator ends with Ended
