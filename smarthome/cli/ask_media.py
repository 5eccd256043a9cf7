"""The commands that ask about files: ask image, video, transcribe."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from smarthome.cli.options import ConfigOption, JsonOption, read_settings
from smarthome.errors import FailureError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from smarthome.ask.asking import Answer
    from smarthome.settings import Settings

app = typer.Typer()

SpooledOption = Annotated[
    bool, typer.Option("--spooled", help="FILE lies in the workers' spool folder already; its path there.")
]
PriorityOption = Annotated[int, typer.Option("--priority", min=0, max=9, help="9 is done first.")]
PictureOption = Annotated[
    Path | None, typer.Option("--picture", metavar="FILE", help="Save what is shown as SVG, too.")
]
TimeoutOption = Annotated[
    float | None, typer.Option("--timeout", metavar="S", min=0.1, help="Seconds it may take once it runs.")
]


@app.command("image")
def ask_image(
    file: Annotated[str, typer.Argument(metavar="FILE|URL", help="JPEG, PNG, WebP, GIF, BMP; a URL is fetched here.")],
    spooled: SpooledOption = False,
    priority: PriorityOption = 5,
    timeout: TimeoutOption = None,
    as_json: JsonOption = False,
    picture: PictureOption = None,
    config: ConfigOption = None,
) -> None:
    """What is on a picture."""
    from smarthome.ask.attachments import attached
    from smarthome.ask.seen import image_picture

    settings = read_settings(config)
    request = attached(settings, file, spooled=spooled)
    answer = _ask(settings, "image", request, priority, timeout)
    _show(answer, file, image_picture, as_json=as_json, picture=picture)


@app.command("video")
def ask_video(
    file: Annotated[str, typer.Argument(metavar="FILE", help="mp4, mkv, webm, avi, …")],
    top: Annotated[int, typer.Option("--top", min=1, max=50, help="How many actions.")] = 3,
    frames: Annotated[int | None, typer.Option("--frames", min=1, max=128, help="How many frames are seen.")] = None,
    sampling: Annotated[
        Literal["uniform", "clips"] | None, typer.Option("--sampling", help="Evenly, or short consecutive pieces.")
    ] = None,
    spooled: SpooledOption = False,
    priority: PriorityOption = 5,
    timeout: TimeoutOption = None,
    as_json: JsonOption = False,
    picture: PictureOption = None,
    config: ConfigOption = None,
) -> None:
    """What is done in a video."""
    from smarthome.ask.attachments import attached
    from smarthome.ask.seen import video_picture

    settings = read_settings(config)
    request = attached(settings, _no_url(file), spooled=spooled) | _told(top=top, num_frames=frames, sampling=sampling)
    answer = _ask(settings, "video", request, priority, timeout)
    _show(answer, file, video_picture, as_json=as_json, picture=picture)


@app.command("transcribe")
def ask_transcribe(
    file: Annotated[str, typer.Argument(metavar="FILE", help="wav, mp3, flac, ogg, m4a")],
    execute: Annotated[bool, typer.Option("--execute", help="Carry its commands out, as if spoken.")] = False,
    site: Annotated[str | None, typer.Option("--site", help="Which site obeys; default: the worker's own.")] = None,
    area: Annotated[str | None, typer.Option("--area", help="Where it was said: an area's id, name or alias.")] = None,
    spooled: SpooledOption = False,
    priority: PriorityOption = 5,
    timeout: TimeoutOption = None,
    as_json: JsonOption = False,
    picture: PictureOption = None,
    config: ConfigOption = None,
) -> None:
    """What is said in a recording."""
    from smarthome.ask.attachments import attached
    from smarthome.ask.heard import transcript_picture

    if not execute and (site or area):
        raise typer.BadParameter("--site and --area go with --execute")
    settings = read_settings(config)
    request = attached(settings, _no_url(file), spooled=spooled) | _told(execute=execute or None, site=site, area=area)
    answer = _ask(settings, "transcribe", request, priority, timeout)
    _show(answer, file, transcript_picture, as_json=as_json, picture=picture)


def _no_url(file: str) -> str:
    if "://" in file:
        raise FailureError(f"{file}: only pictures are fetched; download it first")
    return file


def _told(**options: object) -> dict[str, object]:
    return {name: value for name, value in options.items() if value is not None}


def _ask(
    settings: Settings, kind: str, request: Mapping[str, object], priority: int, timeout_s: float | None
) -> Answer:
    """Send and wait; progress goes to standard error."""
    from rich.console import Console

    from smarthome.ask.asking import ask

    return ask(settings, kind, request, Console(stderr=True), priority=priority, timeout_s=timeout_s)


def _show(
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
        console.print(draw(Path(file).name, answer.result))
        if picture is not None:
            console.save_svg(str(picture), title=f"smarthome ask … {Path(file).name}")
    if answer.status != "done":
        raise typer.Exit(1)
