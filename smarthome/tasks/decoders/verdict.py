"""What a decoder is: a file and options in, facts and raw bytes out, or the verdict that it cannot be used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

Decoder: TypeAlias = Callable[[Path, Mapping[str, Any], BinaryIO], Mapping[str, Any]]
"""(file, options, where raw bytes go) → what they are, as JSON has it. Raises Undecodable."""


class Undecodable(Exception):  # noqa: N818 - a verdict on the file
    """The file cannot be used; ``code`` is a TaskError's, the message says what is wrong and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
