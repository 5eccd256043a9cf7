"""What a training brought, as a table: each figure before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table


def outcome(record: Mapping[str, Any]) -> Table:
    """Of the record that ``finetune`` returns."""
    before, after = record["before"], record["after"]
    table = Table("on held-out examples", "before", "after", title=f"{record['plan']['kind']}: {record['steps']} steps")
    for name, value in after.items():
        if isinstance(value, float):
            table.add_row(name, f"{before[name]:.3f}", f"{value:.3f}")
    for label, figures in after.get("classes", {}).items():
        table.add_row(f"F1 {label}", f"{before['classes'][label]['f1']:.3f}", f"{figures['f1']:.3f}")
    table.caption = f"{record['examples']} examples learned from, {record['held_out']} held out"
    return table
