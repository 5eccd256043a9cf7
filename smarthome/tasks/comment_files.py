"""Judged comments in, files for people and programs out: ``comments_result.txt``, the same as JSON and as CSV."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

NAME = "comments_result"
RUSSIAN = {"positive": "положительный", "negative": "отрицательный", "neutral": "нейтральный"}
_HEADS = (("positive", "Положительных"), ("negative", "Отрицательных"), ("neutral", "Нейтральных"))

_ESCAPES = str.maketrans(
    {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    | {mark: f"\\u{ord(mark):04x}" for mark in "\v\f\x1c\x1d\x1e\x85\u2028\u2029"}
)
"""Whatever any program may take for the end of a line; the tab stands between columns."""


def as_text(result: Mapping[str, Any]) -> str:
    """Statistics on top; then class, probability and comment, a line each, in the order of the request."""
    statistics = result["statistics"]
    heads = [f"Всего: {statistics['total']}"]
    heads += [f"{head}: {statistics[label]['count']} ({statistics[label]['percent']} %)" for label, head in _HEADS]
    rows = [
        f"{RUSSIAN[each['label']]}\t{each['probability']:.4f}\t{each['text'].translate(_ESCAPES)}"
        for each in result["comments"]
    ]
    return "\n".join([*heads, "", *rows]).rstrip("\n") + "\n"


def as_json(result: Mapping[str, Any]) -> str:
    """Statistics and comments as in the result."""
    return json.dumps({key: result[key] for key in ("statistics", "comments")}, ensure_ascii=False, indent=1) + "\n"


def as_csv(result: Mapping[str, Any]) -> str:
    """A row per comment: label, its probability, those of the three classes, windows, text."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["label", "probability", "negative", "neutral", "positive", "windows", "text"])
    for each in result["comments"]:
        classes = [each["probabilities"][label] for label in ("negative", "neutral", "positive")]
        writer.writerow([each["label"], each["probability"], *classes, each["windows"], each["text"]])
    return table.getvalue()


FORMATS = {".txt": as_text, ".json": as_json, ".csv": as_csv}


def write(file: Path, result: Mapping[str, Any], *, overwrite: bool) -> None:
    """In the format of the file's ending, complete or not at all. Raises FileExistsError unless ``overwrite``."""
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as target:
            target.write(FORMATS[file.suffix](result))
            target.flush()
            os.fsync(target.fileno())
        if overwrite:
            unfinished.replace(file)
        else:
            _link(unfinished, file)
    finally:
        unfinished.unlink(missing_ok=True)


def write_all(folder: Path, result: Mapping[str, Any]) -> None:
    """All three into a folder."""
    for ending in FORMATS:
        write(folder / f"{NAME}{ending}", result, overwrite=True)


def _link(unfinished: Path, file: Path) -> None:
    """``file`` is the unfinished one, unless it is there already (FileExistsError)."""
    try:
        os.link(unfinished, file)
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.ENOTSUP, errno.ENOSYS}:
            raise
        file.open("x").close()  # a file system without hard links: FAT, some networks'
        unfinished.replace(file)
