"""A result of ``sentiment`` in, what a person reads out: a bar for each class, then the comments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.bar import Bar
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from smarthome.ask.seen import BAR_WIDTH, number, percent

SHOWN = 20
"""So many comments are shown; the file has them all."""

_CLASSES = (
    ("positive", "положительных", "положительный", "green"),
    ("negative", "отрицательных", "отрицательный", "red"),
    ("neutral", "нейтральных", "нейтральный", "blue"),
)


def comments_picture(files: str, result: Mapping[str, Any]) -> Group:
    """``files`` is where everything was written."""
    statistics = result["statistics"]
    parts: list[RenderableType] = [
        Text.assemble("Комментариев: ", (str(statistics["total"]), "bold")),
        _bars(statistics),
    ]
    if result["comments"]:
        parts.append(_comments(result["comments"][:SHOWN]))
    if statistics["total"] > SHOWN:
        parts.append(Text(f"… и ещё {statistics['total'] - SHOWN}", style="dim"))
    parts.append(Text(f"всё записано: {files}", style="dim"))
    return Group(*parts)


def _bars(statistics: Mapping[str, Any]) -> Table:
    table = Table(box=box.SIMPLE, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column(width=BAR_WIDTH)
    table.add_column(justify="right")
    table.add_column(justify="right", style="dim")
    for label, many, _, colour in _CLASSES:
        share = statistics[label]
        bar = Bar(100.0, 0.0, share["percent"], width=BAR_WIDTH, color=colour)
        table.add_row(many, bar, str(share["count"]), f"{number(share['percent'], 1)} %")
    return table


def _comments(comments: list[Mapping[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(max_width=64, overflow="ellipsis", no_wrap=True)
    names = {label: (one, colour) for label, _, one, colour in _CLASSES}
    for each in comments:
        one, colour = names[each["label"]]
        long = f"  (длинный, частей: {each['windows']})" if each["windows"] > 1 else ""
        comment = Text(" ".join(each["text"].split()) + long)
        table.add_row(Text(one, style=colour), percent(each["probability"]), comment)
    return table
