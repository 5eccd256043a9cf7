"""A request that names its input in one of three ways, an open file out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, model_validator

from smarthome.settings import Settings
from smarthome.tasks.inputs.inline import open_bytes, open_inline
from smarthome.tasks.inputs.spool import open_spooled
from smarthome.tasks.task import TaskError, TaskRequest

LONGEST_PATH = 4_096


class MediaRequest(TaskRequest):
    """Exactly one of ``path`` (inside the spool folder) and ``data`` (base64)."""

    ways: ClassVar[tuple[str, ...]] = ("path", "data")

    path: str | None = Field(default=None, min_length=1, max_length=LONGEST_PATH)
    data: str | None = Field(default=None, min_length=1, repr=False)

    @property
    def named(self) -> list[str]:
        """The ways in which the input is given."""
        return [way for way in self.ways if getattr(self, way) is not None]

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if len(self.named) != 1:
            raise ValueError(f"give exactly one of {', '.join(self.ways)}")
        return self


class PictureRequest(MediaRequest):
    """... or ``url``."""

    ways = ("path", "data", "url")

    url: str | None = Field(default=None, min_length=1, max_length=LONGEST_PATH)


def spool(settings: Settings) -> Path:
    """Where files lie that requests name."""
    return settings.tasks.folder.expanduser() / "spool"


@contextmanager
def opened(
    request: MediaRequest, settings: Settings, fetch: Callable[[str], bytes] | None = None
) -> Iterator[tuple[int, str]]:
    """A descriptor of the input, and what to call it. Raises TaskError as spool.py, inline.py and fetching.py do."""
    url = getattr(request, "url", None)
    if request.path is not None:
        with open_spooled(spool(settings), request.path, settings.inputs.file_mb) as file:
            yield file, request.path
    elif request.data is not None:
        with open_inline(request.data, settings.inputs.inline_mb) as file:
            yield file, "data"
    elif isinstance(url, str) and fetch is not None:
        with open_bytes(fetch(url)) as file:
            yield file, url
    else:
        raise TaskError("bad_request", "the request names no input")
