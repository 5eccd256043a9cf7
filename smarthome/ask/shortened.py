"""A result of ``shorten`` in, what a person chooses from out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text


def variants_picture(_name: str, result: Mapping[str, Any]) -> Group:
    """The variants with their numbers and lengths."""
    if not result["shortened"]:
        fits = f"Текст укладывается в {result['max_chars']} знаков: {result['chars']}. Он не изменён."
        return Group(Text(fits, style="dim"), Text(result["variants"][0]["text"]))
    facts = f"было {result['chars']} знаков, нужно не больше {result['max_chars']}"
    if result["parts"] > 1:
        facts += f"; прочитан по частям: {result['parts']}"
    parts: list[RenderableType] = [Text(facts, style="dim"), _table(result["variants"])]
    if any(each["trimmed"] for each in result["variants"]):
        parts.append(Text("✂ — конец отрезан, чтобы уложиться", style="dim"))
    return Group(*parts)


def _table(variants: list[Mapping[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    table.add_column(justify="right", style="dim", no_wrap=True)
    for number, each in enumerate(variants, start=1):
        table.add_row(str(number), Text(each["text"]), f"{'✂ ' if each['trimmed'] else ''}{each['chars']}")
    return table
