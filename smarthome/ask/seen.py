"""Results of ``image`` and ``video`` in, what a person reads out: names in Russian and English, a bar for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.bar import Bar
from rich.console import Group
from rich.table import Table
from rich.text import Text

BAR_WIDTH = 30


def image_picture(name: str, result: Mapping[str, Any]) -> Group:
    """The likeliest object in a line, then five bars."""
    best = result["top1"]
    head = Text.assemble((f"{name}: ", "dim"), (best["ru"], "bold"), f" ({best['en']}), {percent(best['probability'])}")
    facts = f"{result['width']} × {result['height']}, {result['format']}"
    return Group(head, _bars(result["top5"]), Text(facts, style="dim"))


def video_picture(name: str, result: Mapping[str, Any]) -> Group:
    """The likeliest action in a line, then a bar for each, then what was looked at."""
    best = result["actions"][0]
    head = Text.assemble((f"{name}: ", "dim"), (best["ru"], "bold"), f" ({best['en']}), {percent(best['probability'])}")
    ways = {"uniform": "равномерно по ролику", "clips": "короткими отрезками"}
    facts = (
        f"{number(result['seconds'], 1)} с, {result['width']} × {result['height']}; "
        f"кадров просмотрено: {len(result['times_s'])} {ways[result['sampling']]}, "
        f"раскодировано: {result['decoded']} из {result['frames']}"
    )
    return Group(head, _bars(result["actions"]), Text(facts, style="dim"))


def percent(share: float) -> str:
    """As it is written in Russian: 97,3 %."""
    return f"{number(100 * share, 1)} %"


def number(value: float, digits: int) -> str:
    """With a decimal comma."""
    return f"{value:.{digits}f}".replace(".", ",")


def _bars(guesses: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column(style="dim")
    table.add_column(width=BAR_WIDTH)
    table.add_column(justify="right")
    for guess in guesses:
        share = float(guess["probability"])
        bar = Bar(1.0, 0.0, share, width=BAR_WIDTH, color="green")
        table.add_row(guess["ru"], guess["en"], bar, percent(share))
    return table
