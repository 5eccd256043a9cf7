"""A request's comments, however they come, in; a list of texts out."""

from __future__ import annotations

import json
import os
from typing import Annotated, Self

from pydantic import Field, model_validator

from smarthome.settings import Settings
from smarthome.tasks.inputs.media import spool
from smarthome.tasks.inputs.spool import open_spooled
from smarthome.tasks.task import TaskError, TaskRequest


class SentimentRequest(TaskRequest):
    """Comments, given in exactly one way: a list, lines of text, or a file in the spool folder.

    A file is lines of UTF-8, or JSON: a list of strings. Empty lines are no comments; in a list nothing is left out.
    ``binary``: only positive or negative, whichever is likelier.
    """

    comments: tuple[str, ...] | None = None
    text: str | None = None
    path: Annotated[str, Field(max_length=4096)] | None = None
    binary: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(each is not None for each in (self.comments, self.text, self.path)) != 1:
            raise ValueError("give the comments in exactly one of: comments (a list), text (lines), path")
        return self


def read(request: SentimentRequest, settings: Settings) -> list[str]:
    """The comments in their order. Raises TaskError."""
    most = settings.sentiment.comments
    if request.comments is not None:
        found = list(request.comments)
    elif request.text is not None:
        found = lines(request.text)
    else:
        found = _from_spool(str(request.path), settings)
    if len(found) > most:
        raise TaskError("too_large", f"{len(found)} comments; at most {most} are read at once (sentiment.comments)")
    return found


def lines(text: str) -> list[str]:
    """A comment per line that holds anything; only line feeds end lines, since comments hold odder characters."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def _from_spool(path: str, settings: Settings) -> list[str]:
    with (
        open_spooled(spool(settings), path, settings.inputs.file_mb) as file,
        os.fdopen(os.dup(file), "rb") as opened,
    ):
        content = opened.read()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TaskError("unreadable", f"{path}: not UTF-8 text (byte {error.start}); convert it with iconv") from None
    return comments_in(path, text)


def comments_in(path: str, text: str) -> list[str]:
    """Of the text of a file: a JSON list if it is called so, else a line each. Raises TaskError."""
    if not path.lower().endswith(".json"):
        return lines(text)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TaskError("unreadable", f"{path}: not JSON: {error}") from None
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise TaskError("unreadable", f"{path}: expected is a list of strings")
    return found
