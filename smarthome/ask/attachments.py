"""A file or URL on the command line in, the input of a request out: the client reads it and sends it along.

A URL is fetched here, under the same settings as in a worker, so that the worker needs no way into the network.
"""

from __future__ import annotations

import base64
from pathlib import Path

from smarthome.errors import FailureError
from smarthome.settings import Settings
from smarthome.tasks.sandbox import megabytes
from smarthome.tasks.task import TaskError

SCHEMES = ("http://", "https://")


def attached(settings: Settings, what: str, *, spooled: bool = False) -> dict[str, object]:
    """``{"data": …}`` of a file or URL; ``{"path": …}`` of what lies in the worker's spool folder already.

    Raises FailureError.
    """
    if spooled:
        return {"path": what}
    content = _fetched(settings, what) if what.lower().startswith(SCHEMES) else _read(Path(what))
    if len(content) > megabytes(settings.inputs.inline_mb):
        raise FailureError(
            f"{what}: {len(content) / 1e6:.1f} MB are too many for a message (inputs.inline_mb = "
            f"{settings.inputs.inline_mb:g}); copy the file into the worker's folder "
            f"{settings.tasks.folder / 'spool'} and give its name there, with --spooled"
        )
    return {"data": base64.b64encode(content).decode("ascii")}


def _read(file: Path) -> bytes:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise FailureError(f"{file}: cannot be read: {error.strerror}") from None
    if not content:
        raise FailureError(f"{file}: empty (0 bytes)")
    return content


def _fetched(settings: Settings, url: str) -> bytes:
    from smarthome.tasks.inputs.fetching import Fetcher

    try:
        return Fetcher(settings.inputs).fetch(url, settings.image.url_mb)
    except TaskError as error:
        raise FailureError(str(error)) from None
