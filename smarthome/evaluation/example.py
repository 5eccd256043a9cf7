"""One example: what is asked, and what should be answered."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

Request: TypeAlias = Mapping[str, object]
Result: TypeAlias = Mapping[str, Any]
"""The JSON of a result."""


@dataclass(frozen=True, slots=True)
class Example:
    """``truth`` is a class or a text, ``name`` says which example it is."""

    name: str
    request: Request
    truth: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """``root`` is the folder of the files that requests name."""

    examples: Sequence[Example]
    root: Path | None = None

    def limited(self, limit: int | None, seed: int) -> Dataset:
        """At most so many examples, drawn by ``seed``."""
        if limit is None or limit >= len(self.examples):
            return self
        return Dataset(random.Random(seed).sample(list(self.examples), limit), self.root)  # noqa: S311 (no secret)


Figures: TypeAlias = Callable[[Sequence[Example], Sequence[Result]], dict[str, object]]
"""Examples that were answered, at least one, and their results in, what the answers are worth out."""


@dataclass(frozen=True, slots=True)
class Measure:
    """How a kind is measured. ``ways`` are measured one after the other, each with its additions to the request."""

    kind: str
    read: Callable[[Path], Dataset]
    figures: Figures
    setting: str
    """Section and key of the setting that names the model."""
    ways: Mapping[str, Request] = field(default_factory=lambda: {"": {}})
