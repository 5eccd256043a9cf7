"""A CTranslate2 ``model.bin`` in, its tensors out, without CTranslate2.

The file is what ``ctranslate2.specs.model_spec`` writes (binary version 6): version, name and revision of the
specification, then name, shape, type and bytes of every variable, then pairs of names for shared variables.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Tensor: TypeAlias = npt.NDArray[Any]

TYPES: tuple[type[np.generic] | None, ...] = (np.float32, np.int8, np.int16, np.int32, np.float16, None)
"""numpy's types in the order of CTranslate2's; it has none for the last, bfloat16."""

MOST_VARIABLES = 100_000


class ModelBinError(Exception):
    """This is no complete model.bin that can be read here; the message says why."""


@dataclass
class _Cursor:
    data: mmap.mmap
    at: int = field(default=0)

    def take(self, size: int) -> bytes:
        if self.at + size > len(self.data):
            raise ModelBinError(f"it ends after {len(self.data):,} bytes, in the middle of a variable")
        start, self.at = self.at, self.at + size
        return self.data[start : self.at]

    def number(self, code: str) -> int:
        return int(struct.unpack(f"<{code}", self.take(struct.calcsize(code)))[0])

    def name(self) -> str:
        return self.take(self.number("H"))[:-1].decode(errors="replace")


def read(path: Path) -> dict[str, Tensor]:
    """Every variable by name, shared ones under one name only. Raises ModelBinError, OSError."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        cursor = _Cursor(data)
        cursor.number("I")  # binary version
        specification = cursor.name()
        if specification != "WhisperSpec":
            raise ModelBinError("it does not hold a Whisper model")
        cursor.number("I")  # revision of the specification
        count = cursor.number("I")
        if count > MOST_VARIABLES:
            raise ModelBinError(f"it claims to hold {count:,} variables")
        return dict(_variable(cursor) for _ in range(count))


def _variable(cursor: _Cursor) -> tuple[str, Tensor]:
    name = cursor.name()
    shape = [cursor.number("I") for _ in range(cursor.number("B"))]
    kind = cursor.number("B")
    data = cursor.take(cursor.number("I"))
    dtype = TYPES[kind] if kind < len(TYPES) else None
    if dtype is None:
        raise ModelBinError(f"{name} has a type (number {kind}) that cannot be read here")
    return name, np.frombuffer(data, dtype).reshape(shape)
