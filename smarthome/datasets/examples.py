"""What an example of each kind looks like, and where it is read from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from smarthome.datasets.rows import Row, read_rows
from smarthome.errors import ConfigurationError

Text = Annotated[str, Field(min_length=1)]
Label: TypeAlias = Annotated[
    Literal["positive", "negative", "neutral"],
    BeforeValidator(lambda value: value.strip().lower() if isinstance(value, str) else value),
]
LABELS = ("negative", "neutral", "positive")


class Comment(Row):
    """A comment and how it is meant."""

    text: Text
    label: Label


class Summary(Row):
    """A text and a good short form of it; a limit and an id in lines of the choices file."""

    text: Text
    summary: Text
    id: str | None = None
    max_chars: Annotated[int | None, BeforeValidator(lambda value: None if value == "" else value)] = None


class Speech(Row):
    """A recording and what is said in it; ``file`` is absolute, or beside the file that names it."""

    file: Path
    text: Text


def comments(file: Path) -> list[Comment]:
    """From columns ``text,label``. Raises ConfigurationError."""
    return read_rows(file, Comment)


def summaries(file: Path) -> list[Summary]:
    """From columns ``text,summary`` and perhaps ``max_chars`` and ``id``. Raises ConfigurationError.

    Of rows with the same id the last one counts: somebody chose again.
    """
    rows = read_rows(file, Summary)
    return list({row.id or place: row for place, row in enumerate(rows)}.values())


def speeches(file: Path) -> list[Speech]:
    """From columns ``file,text``; every recording exists. Raises ConfigurationError."""
    rows = [row.model_copy(update={"file": file.parent / row.file}) for row in read_rows(file, Speech)]
    missing = [row.file for row in rows if not row.file.is_file()]
    if missing:
        more = f"; and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise ConfigurationError(f"{file}: there is no recording {missing[0]}{more}")
    return rows
