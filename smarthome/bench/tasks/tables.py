"""Figures of ``bench tasks`` in, tables for people out."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from smarthome.bench.tables import plain_table


def tasks_table(figures: Mapping[str, Any]) -> Group:
    """A line for each comparison: seconds of both ways (median of the rounds), and how many times faster ours is."""
    table = plain_table("what", "naive\ns", "ours\ns", "times\nfaster", "")
    if found := figures.get("sentiment"):
        _add(table, f"{found['comments']} comments of mixed length: by length in batches | one by one", found)
    if found := figures.get("image"):
        _add(table, f"{found['pictures']} pictures: batches of {found['batch']} | one by one", found)
    if found := figures.get("workers"):
        _add(table, f"{found['pictures']} pictures: two workers | one", found)
    for found in figures.get("video", ()):
        text = f"video, key frame every {found['key_frame_every']} frames: seek | decode all"
        _add(table, text, found, f"{found['decoded']} of {found['frames']} frames decoded")
    parts: list[RenderableType] = [Text(str(figures["machine"])), table]
    return Group(*parts)


def _add(table: Any, what: str, found: Mapping[str, Any], note: str = "") -> None:
    naive, ours = median(found["naive_s"]), median(found["ours_s"])
    table.add_row(what, f"{naive:.2f}", f"{ours:.2f}", f"{found['times_faster']:.2f}", note)
