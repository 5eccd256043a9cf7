"""Base64 of a request in, an open file without a name out; it lives in memory, as the request did."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Iterator
from contextlib import contextmanager

from smarthome.tasks.sandbox import megabytes
from smarthome.tasks.task import TaskError


@contextmanager
def open_inline(data: str, largest_mb: float) -> Iterator[int]:
    """A descriptor of what ``data`` holds. Raises TaskError: ``bad_request``, ``too_large``."""
    if len(data) * 3 // 4 - 2 > megabytes(largest_mb):
        raise TaskError(
            "too_large",
            f"data: {len(data) * 0.75e-6:.1f} MB; at most {largest_mb:g} MB travel inside a request "
            "(inputs.inline_mb): copy the file into the spool folder and name its path",
        )
    try:
        content = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise TaskError("bad_request", f"data: not base64 ({error})") from None
    if not content:
        raise TaskError("bad_request", "data: empty")
    with open_bytes(content) as file:
        yield file


@contextmanager
def open_bytes(content: bytes) -> Iterator[int]:
    """The same of bytes."""
    file = os.memfd_create("inline")
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(file, left) :]
        yield file
    finally:
        os.close(file)
