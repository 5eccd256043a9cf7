"""A CSV or JSONL file in, its checked rows out; what is wrong with a row is said with file and line."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from smarthome.errors import ConfigurationError


class Row(BaseModel):
    """One example; keys that nobody asked for are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, str_strip_whitespace=True)


AnyRow = TypeVar("AnyRow", bound=Row)


def read_rows(file: Path, row: type[AnyRow]) -> list[AnyRow]:
    """The rows of ``file`` (.csv with a header, .jsonl or .json with an object a line), in order, at least one.

    Raises ConfigurationError: one message with the first bad line and how many more there are.
    """
    rows, wrong = [], []
    for line, values in _records(file):
        try:
            rows.append(row.model_validate(values))
        except ValidationError as error:
            wrong.append(f"line {line}: {_said(error)}")
    if wrong:
        more = f"; and {len(wrong) - 1} more bad rows" if len(wrong) > 1 else ""
        raise ConfigurationError(f"{file}, {wrong[0]}{more}")
    if not rows:
        raise ConfigurationError(f"{file}: no rows in it")
    return rows


def _records(file: Path) -> Iterator[tuple[int, Any]]:
    """(line, what stands there)."""
    readers = {".csv": _csv, ".jsonl": _jsonl, ".json": _jsonl}
    if file.suffix.lower() not in readers:
        raise ConfigurationError(f"{file}: neither .csv nor .jsonl")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(f"{file}, line {line}: not UTF-8; save it as UTF-8") from None
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror}") from None
    return readers[file.suffix.lower()](text)


def _jsonl(text: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError) as error:
                yield number, f"no JSON: {error}"


def _csv(text: str) -> Iterator[tuple[int, Any]]:
    """Separated by what separates its header: comma, semicolon or tab."""
    header = text.partition("\n")[0]
    reader = csv.reader(text.splitlines(keepends=True), delimiter=max(",;\t", key=header.count), strict=True)
    names = [name.strip() for name in next(reader, [])]
    while True:
        start = reader.line_num + 1
        try:
            values = next(reader, None)
        except csv.Error as error:
            yield start, f"no CSV: {error}"
            return
        if values is None:
            return
        if any(value.strip() for value in values):
            many = f"{len(values)} columns where the header has {len(names)}"
            yield start, dict(zip(names, values, strict=True)) if len(values) == len(names) else many


def _said(error: ValidationError) -> str:
    first = error.errors()[0]
    if not first["loc"]:
        return str(first["input"]) if isinstance(first["input"], str) else "not an object with names and values"
    return f"{first['loc'][0]}: {first['msg'].removeprefix('Value error, ')}"
