"""The commands that ask about files: ask image, video, transcribe."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from smarthome.cli.asking import PictureOption, PriorityOption, SpooledOption, TimeoutOption, send, show, told
from smarthome.cli.options import ConfigOption, JsonOption, read_settings
from smarthome.errors import FailureError

app = typer.Typer()


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
    answer = send(settings, "image", request, priority, timeout)
    show("image", answer, _name(file), image_picture, as_json=as_json, picture=picture)


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
    request = attached(settings, _no_url(file), spooled=spooled) | told(top=top, num_frames=frames, sampling=sampling)
    answer = send(settings, "video", request, priority, timeout)
    show("video", answer, _name(file), video_picture, as_json=as_json, picture=picture)


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
    request = attached(settings, _no_url(file), spooled=spooled) | told(execute=execute or None, site=site, area=area)
    answer = send(settings, "transcribe", request, priority, timeout)
    show("transcribe", answer, _name(file), transcript_picture, as_json=as_json, picture=picture)


def _name(file: str) -> str:
    return file.rpartition("/")[2] or file


def _no_url(file: str) -> str:
    if "://" in file:
        raise FailureError(f"{file}: only pictures are fetched; download it first")
    return file
