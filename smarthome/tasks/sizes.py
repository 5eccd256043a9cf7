"""Sizes as people set them in, as programs compare them out."""

from __future__ import annotations


def megabytes(value: float) -> int:
    """Megabytes as bytes, megapixels as pixels."""
    return round(value * 1_000_000)
