"""A result of ``llm`` in, the answer as people read it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text


def answer_picture(prompt: str, result: Mapping[str, Any]) -> Group:
    """The question, the answer, who gave it."""
    facts = f"{result['model']}, {result['tokens']} токенов"
    parts: list[RenderableType] = [Text(prompt, style="bold"), Text(result["answer"]), Text(facts, style="dim")]
    if result["cut"]:
        parts.append(Text(CUT, style="yellow"))
    return Group(*parts)


CUT = "ответ обрезан: длиннее, чем разрешает llm.tokens"
