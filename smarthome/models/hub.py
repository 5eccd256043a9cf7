"""A model's name in, its files in the Hugging Face cache out: ``pull`` fetches them, ``find`` only looks.

Revisions are pinned: a few in ``lock.PINNED``, any other in the lock file that its first ``pull`` writes and every
later one obeys. ``from_pretrained(NAME)`` would look for the branch ``main``; load from the directory found here.
"""

from __future__ import annotations

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

from smarthome.models.layouts import Layout
from smarthome.models.lock import Lock, PullError

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ModelInfo

ANSWER_S = 10.0
"""How long the hub may take to answer."""


def find(model: str, layout: Layout, cache: Path) -> Path | None:
    """The directory of a model that was fetched completely, without asking the network. Raises ConfigurationError.

    ``cache`` is the directory with the lock file.
    """
    revision = Lock.read(cache).commit(model)
    names = {name for group in layout.needed for name in group}
    try:
        places = {name: huggingface_hub.try_to_load_from_cache(model, name, revision=revision) for name in names}
    except HFValidationError:  # a path that does not exist
        return None
    found = {name: Path(place) for name, place in places.items() if isinstance(place, str)}
    return next(iter(found.values())).parent if layout.files(found) else None


def pull(model: str, layout: Layout, cache: Path) -> Path:
    """Fetch ``model`` into the Hugging Face cache, progress on standard error; the directory.

    Raises PullError when it cannot be had, ConfigurationError when the cache directory is unusable.
    """
    lock = Lock.read(cache)
    try:
        info = huggingface_hub.HfApi().model_info(
            model, revision=lock.commit(model), files_metadata=True, timeout=ANSWER_S
        )
        files = _files(model, layout, info)
        paths = {name: Path(huggingface_hub.hf_hub_download(model, name, revision=info.sha)) for name in files}
    except (HTTPError, OSError, HFValidationError) as error:
        raise PullError(_explain(model, error)) from error
    lock.keep(model, info.sha or "", paths, files, cache)
    return next(iter(paths.values())).parent


def _files(model: str, layout: Layout, info: ModelInfo) -> dict[str, str | None]:
    """The files to fetch, each with its SHA-256 as far as the hub tells."""
    there = {each.rfilename: each.lfs.sha256 if each.lfs else None for each in info.siblings or []}
    wanted = layout.files(there)
    if wanted is None:
        raise PullError(f"{model}: the hub has no {' and no '.join(layout.missing(there))} of it")
    return {name: there[name] for name in wanted}


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
