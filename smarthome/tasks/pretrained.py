"""A model's name from the settings in, its directory on this disk out: tasks never ask the internet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from smarthome.errors import ConfigurationError
from smarthome.settings import Settings
from smarthome.tasks.task import TaskError


def directory(settings: Settings, kind: str, name: str) -> Path:
    """A directory as it is given, else what ``models pull`` fetched under the name. Raises TaskError (``no_model``)."""
    from smarthome.ears import cache
    from smarthome.models import hub
    from smarthome.models.catalogue import LAYOUTS

    given = Path(name).expanduser()
    if given.is_dir():
        return given
    try:
        found = hub.find(name, LAYOUTS[kind], cache.location(settings.whisper.cache))
    except ConfigurationError as error:
        raise TaskError("no_model", str(error)) from None
    if found is None:
        pull = f"smarthome models pull --kind {kind} {name}"
        raise TaskError("no_model", f"{kind}.model = {name}: neither a directory nor fetched; fetch it once: {pull}")
    return found


def opened(kind: str, place: Path, auto: Any, **more: Any) -> Any:
    """``auto.from_pretrained`` of the files in ``place`` and nowhere else. Raises TaskError (``no_model``).

    Weights that are a pickle are loaded as tensors only; code in the directory is never run.
    """
    import pickle

    from safetensors import SafetensorError

    try:
        return auto.from_pretrained(place, local_files_only=True, trust_remote_code=False, **more)
    except (OSError, EOFError, ValueError, KeyError, TypeError, pickle.UnpicklingError, SafetensorError) as error:
        reason = " ".join(str(error).split())[:200]
        raise TaskError(
            "no_model", f"{place}: no complete model of the kind {kind} ({reason}); pull it again"
        ) from None
