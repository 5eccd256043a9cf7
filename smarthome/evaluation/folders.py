"""Media files with their classes: a folder of folders named after classes, or a table with columns file, label."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from smarthome.datasets.examples import Text
from smarthome.datasets.rows import Row, read_rows
from smarthome.errors import ConfigurationError
from smarthome.evaluation.example import Dataset, Example
from smarthome.tasks import labels


class Labelled(Row):
    """A file, beside the table that names it, and its class."""

    file: Path
    label: Text


def classified(data: Path, classes: labels.Classes) -> Dataset:
    """Examples whose truth is a class's number. Raises ConfigurationError for unknown classes and missing files.

    Classes are written as their English or Russian name, or as their number; ``_`` stands for a space.
    """
    numbers = _Numbers(classes)
    found = list(_in_folders(data) if data.is_dir() else _in_table(data))
    if not found:
        raise ConfigurationError(f"{data}: no files in folders that are named after classes")
    root = common_root([file for file, _, _ in found])
    return Dataset(
        [
            Example(str(file.relative_to(root)), {"path": str(file.relative_to(root))}, numbers.of(label, where))
            for file, label, where in found
        ],
        root,
    )


def common_root(files: list[Path]) -> Path:
    """The folder that all are in."""
    return Path(os.path.commonpath([file.resolve().parent for file in files]))


def _in_folders(data: Path) -> Iterator[tuple[Path, str, str]]:
    """(file, label, where that label stands)."""
    for folder in sorted(path for path in data.iterdir() if path.is_dir()):
        for file in sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")):
            yield file.resolve(), folder.name, str(folder)


def _in_table(data: Path) -> Iterator[tuple[Path, str, str]]:
    for row in read_rows(data, Labelled):
        file = (data.parent / row.file).resolve()
        if not file.is_file():
            raise ConfigurationError(f"{data}: there is no file {file}")
        yield file, row.label, str(data)


class _Numbers:
    """Class as somebody wrote it → its number among the model's outputs."""

    def __init__(self, classes: labels.Classes) -> None:
        self._classes = classes
        self._by_name: dict[str, set[int]] = defaultdict(set)
        for number, label in enumerate(labels.read(classes)):
            for name in (label.en, label.ru, str(number)):
                self._by_name[_plain(name)].add(number)

    def of(self, label: str, where: str) -> str:
        found = self._by_name.get(_plain(label), set())
        if not found:
            raise ConfigurationError(f"{where}: {label} is no class of {self._classes}, English or Russian")
        if len(found) > 1:
            several = " and ".join(map(str, sorted(found)))
            raise ConfigurationError(f"{where}: {label} is the name of the classes {several}; name it by its number")
        return str(next(iter(found)))


def _plain(name: str) -> str:
    return " ".join(name.lower().replace("_", " ").replace("ё", "е").split())
