"""What all commands of ``ask`` share: their options, the request on its way, the result on the screen."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smarthome.errors import FailureError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from smarthome.ask.asking import Answer
    from smarthome.settings import Settings

SpooledOption = Annotated[
    bool, typer.Option("--spooled", help="FILE lies in the workers' spool folder already; its path there.")
]
PriorityOption = Annotated[int, typer.Option("--priority", min=0, max=9, help="9 is done first.")]
PictureOption = Annotated[
    Path | None, typer.Option("--picture", metavar="FILE", help="Save what is shown as SVG, too.")
]
TimeoutOption = Annotated[
    float | None, typer.Option("--timeout", metavar="S", min=0.1, help="Seconds it may take, waiting included.")
]


def told(**options: object) -> dict[str, object]:
    """The options that were given."""
    return {name: value for name, value in options.items() if value is not None}


def send(
    settings: Settings,
    kind: str,
    request: Mapping[str, object],
    priority: int,
    timeout_s: float | None,
    screen: Console | None = None,
) -> Answer:
    """Send and wait; progress, and text while it grows, go to the ``screen``, by default standard error."""
    from rich.console import Console

    from smarthome.ask.asking import ask

    return ask(settings, kind, request, screen or Console(stderr=True), priority=priority, timeout_s=timeout_s)


def show(
    kind: str,
    answer: Answer,
    file: str,
    draw: Callable[[str, Mapping[str, Any]], RenderableType],
    *,
    as_json: bool,
    picture: Path | None,
) -> None:
    """The result, for people or for programs; ends with 1 when there is none."""
    from rich.console import Console

    if as_json:
        error = {"code": answer.error[0], "message": answer.error[1]} if answer.error else None
        record = {"id": answer.id, "status": answer.status, "result": answer.result, "error": error}
        typer.echo(json.dumps(record, ensure_ascii=False))
    elif answer.result is None:
        raise FailureError(answer.error[1] if answer.error else f"{file}: {answer.status}")
    else:
        console = Console(width=None if sys.stdout.isatty() else 100, record=picture is not None)
        console.print(draw(file, answer.result))
        if picture is not None:
            console.save_svg(str(picture), title=f"smarthome ask {kind}")
    if answer.status != "done":
        raise typer.Exit(1)
