"""The lock file: what was fetched first is what every later ``pull`` must find again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from smarthome.errors import ConfigurationError, FailureError

PINNED = {
    "openai/whisper-small": "973afd24965f72e36ca33b3055d56a652f456b4d",
    "openai/whisper-base": "e37978b90ca9030d5170a5c07aadb050351a65bb",
}
"""Model → commit, where it was known before the first pull."""

LOCK = "models.lock.json"


class PullError(FailureError):
    """A model could not be fetched; the message says why and what to do."""


class Locked(BaseModel):
    """One model as it was first fetched: its commit (or what its source calls that), the SHA-256 of each file."""

    model_config = ConfigDict(extra="forbid")

    commit: str
    sha256: dict[str, str]


class Lock(BaseModel):
    """The lock file."""

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

    def keep(
        self, model: str, commit: str, files: Mapping[str, Path], published: Mapping[str, str | None], cache: Path
    ) -> None:
        """Check ``files`` against what was locked and what the source publishes, then lock them.

        Raises PullError for other bytes (they are deleted), ConfigurationError when the lock cannot be written.
        """
        before = self.models.get(model)
        promised = dict(published) | (before.sha256 if before and before.commit == commit else {})
        digests = {name: sha256(path) for name, path in files.items()}
        for name, path in files.items():
            _verify(model, path, digests[name], promised.get(name))
        self.models[model] = Locked(commit=commit, sha256=digests)
        self.write(cache)


def sha256(file: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _verify(model: str, file: Path, digest: str, promised: str | None) -> None:
    if promised not in {None, digest}:
        file.resolve().unlink()
        raise PullError(
            f"{model}: {file.name} came with the SHA-256 {digest} instead of {promised} and was deleted; "
            "pull again; if it stays so, its source no longer serves what it promised"
        )
