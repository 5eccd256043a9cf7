"""Entries of the catalogue in, where they are out: one door to the three sources."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from smarthome.models import checkpoints, hub, language
from smarthome.models.catalogue import Model
from smarthome.models.lock import Lock, PullError


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where models are kept. ``cache`` has the lock file; ``checkpoints`` and ``ollama`` are servers' addresses."""

    cache: Path
    checkpoints: str = checkpoints.SOURCE
    ollama: str | None = None

    def pull(self, model: Model) -> str:
        """Fetch a model and check it against the lock; where it is now. Raises PullError, ConfigurationError."""
        match model.source:
            case "hub":
                assert model.layout is not None  # noqa: S101 (the catalogue's own promise)
                return str(hub.pull(model.name, model.layout, self.cache))
            case "torchvision":
                return str(checkpoints.pull(model.name, self.cache, self.checkpoints))
            case "ollama":
                return f"Ollama, {language.pull(model.name, self.cache, self.ollama)[:12]}"

    def find(self, model: Model) -> str | None:
        """Where a model is, complete, without asking the internet. Raises PullError if that cannot be known."""
        match model.source:
            case "hub":
                assert model.layout is not None  # noqa: S101
                found = hub.find(model.name, model.layout, self.cache)
                return str(found) if found else None
            case "torchvision":
                file = checkpoints.find(model.name)
                return str(file) if file else None
            case "ollama":
                digest = language.find(model.name, self.ollama)
                return f"Ollama, {digest[:12]}" if digest else None

    def state(self, model: Model) -> dict[str, object]:
        """What ``models list`` tells: ``here`` is true, false, or null when nobody answers; ``place`` or why not."""
        try:
            place = self.find(model)
        except PullError as error:
            return {"here": None, "place": str(error), "locked": self.locked(model)}
        return {"here": place is not None, "place": place, "locked": self.locked(model)}

    def locked(self, model: Model) -> str | None:
        """The revision it is bound to."""
        return Lock.read(self.cache).commit(model.name)
