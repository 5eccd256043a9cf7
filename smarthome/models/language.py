"""Ollama's models by name in, at the server that runs them out: ``pull`` has them fetched, ``find`` only asks.

The server keeps the weights and checks their layers by itself; the lock file keeps the digest of what a name stood for.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from smarthome.models.lock import Lock, Locked, PullError

if TYPE_CHECKING:
    import ollama

ANSWER_S = 10.0
"""How long the server may take to accept a connection."""
SILENT_S = 300.0
"""... and to say the next thing: it is silent while it checks gigabytes."""
DIGEST = "manifest"
"""Under this name the lock file keeps the digest."""


def find(model: str, host: str | None = None) -> str | None:
    """The digest of ``model`` when the server has it. Raises PullError when there is no server."""
    with _server(model, host) as client:
        return _digest(client, model)


def pull(model: str, cache: Path, host: str | None = None) -> str:
    """Have the server fetch ``model``, progress on standard error; its digest. Raises PullError, ConfigurationError."""
    lock = Lock.read(cache)
    with _server(model, host) as client:
        if _digest(client, model) is None:
            _fetch(client, model)
        digest = _digest(client, model)
    if digest is None:
        raise PullError(f"{model}: the server says it was fetched, but does not list it")
    locked = lock.models.get(model)
    if locked and locked.sha256[DIGEST] != digest:
        raise PullError(
            f"{model}: the server has {digest} under this name, and not the locked {locked.sha256[DIGEST]}; "
            f"fetch it anew (ollama rm {model}), or delete its entry in {cache / 'models.lock.json'} to accept it"
        )
    lock.models[model] = Locked(commit=model if ":" in model else f"{model}:latest", sha256={DIGEST: digest})
    lock.write(cache)
    return digest


@contextmanager
def _server(model: str, host: str | None) -> Iterator[ollama.Client]:
    """The server, its errors told as ours."""
    try:
        import httpx
        import ollama
    except ImportError:
        raise PullError(f"{model}: needs Ollama's client: pip install 'smarthome[tasks]'") from None
    try:
        yield ollama.Client(host, timeout=httpx.Timeout(ANSWER_S, read=SILENT_S))
    except ollama.ResponseError as error:
        raise PullError(f"{model}: Ollama says: {error.error}") from error
    except (ConnectionError, httpx.HTTPError) as error:
        where = host or os.environ.get("OLLAMA_HOST") or "http://127.0.0.1:11434"
        raise PullError(f"{model}: no Ollama server at {where}: start it, `ollama serve` ({error})") from error


def _digest(client: ollama.Client, model: str) -> str | None:
    names = {model, f"{model}:latest"}
    return next((str(each.digest) for each in client.list().models if each.model in names and each.digest), None)


def _fetch(client: ollama.Client, model: str) -> None:
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn()
    with Progress(*columns, console=Console(stderr=True), disable=not os.isatty(2)) as progress:
        bar = progress.add_task(model, total=None)
        for step in client.pull(model, stream=True):
            progress.update(bar, description=f"{model}: {step.status}", total=step.total, completed=step.completed or 0)
