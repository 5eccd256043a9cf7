"""Messages in, pieces of an answer out: Ollama's HTTP API through its own client (github.com/ollama/ollama-python)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smarthome.settings import LlmSettings
from smarthome.tasks.answering import room
from smarthome.tasks.task import TaskError

if TYPE_CHECKING:
    import ollama

CONNECT_S = 5.0


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of an answer. ``cut``: it reached the longest length."""

    tokens: int
    prompt_tokens: int
    cut: bool


class OllamaServer:
    """One model at one server. All methods raise TaskError.

    ``no_model``: no server, or it has no such model and may not fetch it; ``too_large``: the model does not fit;
    ``timeout``: the model was silent for too long; ``failed``: what Ollama says of it, or it broke off.
    """

    def __init__(self, settings: LlmSettings, keep_s: float) -> None:
        self._settings = settings
        self._keep_s = keep_s
        self._client: ollama.Client | None = None

    @property
    def where(self) -> str:
        """Its address."""
        return self._settings.host or os.environ.get("OLLAMA_HOST") or "http://127.0.0.1:11434"

    def prepare(self, told: Callable[[int, int], None]) -> None:
        """Have the model fetched when it is not there; ``told`` hears (MB fetched, MB in all)."""
        model = self._settings.model
        with self._errors():
            client = self._connected()
            here = {str(each.model) for each in client.list().models}
            if here & {model, f"{model}:latest"}:
                return
            if not self._settings.pull:
                raise TaskError("no_model", f"Ollama does not have {model}: ollama pull {model}, or set llm.pull")
            self._pull(client, model, told)

    def answer(self, messages: Sequence[Mapping[str, Any]], seed: int | None) -> Iterator[str | Ended]:
        """Pieces of text, then how it ended."""
        options = {"num_predict": self._settings.tokens} | ({} if seed is None else {"seed": seed})
        with self._errors():
            parts = self._connected().chat(
                self._settings.model, messages, stream=True, options=options, keep_alive=f"{round(self._keep_s)}s"
            )
            for part in parts:
                if part.message.content:
                    yield part.message.content
                if part.done:
                    yield Ended(part.eval_count or 0, part.prompt_eval_count or 0, part.done_reason == "length")
                    return
        raise TaskError("failed", f"Ollama at {self.where} broke off in the middle of the answer; try again")

    def _connected(self) -> ollama.Client:
        if self._client is None:
            try:
                import httpx
                import ollama
            except ImportError:
                raise TaskError("no_model", "needs Ollama's client: pip install 'smarthome[tasks]'") from None
            patience = httpx.Timeout(CONNECT_S, read=self._settings.silent_s)
            self._client = ollama.Client(self._settings.host, timeout=patience)
        return self._client

    def _pull(self, client: ollama.Client, model: str, told: Callable[[int, int], None]) -> None:
        free = room.of_server(self._settings.host)
        known = room.size_mb(model)
        if known is not None:
            free.check(model, known)
        layers: dict[str, tuple[int, int]] = {}
        for step in client.pull(model, stream=True):
            if step.digest and step.total:
                layers[step.digest] = (step.completed or 0, step.total)
                done, total = (sum(each) // 1_000_000 for each in zip(*layers.values(), strict=True))
                if known is None:
                    free.check(model, total)
                told(done, total)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        import httpx
        import ollama

        try:
            yield
        except ollama.ResponseError as error:
            raise TaskError("failed", f"Ollama says about {self._settings.model}: {error.error}") from None
        except httpx.ReadTimeout:
            message = f"Ollama at {self.where} was silent for {self._settings.silent_s:g} s (llm.silent_s)"
            raise TaskError("timeout", message) from None
        except (httpx.ConnectError, httpx.ConnectTimeout, ConnectionError):
            raise TaskError("no_model", f"no Ollama server at {self.where}: start it, `ollama serve`") from None
        except httpx.HTTPError as error:
            message = f"Ollama at {self.where} broke off ({type(error).__name__}: {error}); try again"
            raise TaskError("failed", message) from None
