"""The commands that hear, understand and obey: demo, listen, say, parse, transcribe, simulate."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from smarthome.cli.options import AreaOption, ConfigOption, DevicesOption, JsonOption, read_house, read_settings
from smarthome.errors import FailureError

app = typer.Typer()


@app.command()
def demo(
    picture: Annotated[
        Path | None, typer.Option("--picture", metavar="FILE", help="Save the table as SVG too.")
    ] = None,
) -> None:
    """The main job on this machine: recorded commands, an embedded broker and a simulated house. Needs nothing else."""
    from smarthome.demo import run_demo

    raise typer.Exit(run_demo(picture))


@app.command()
def listen(
    audio: Annotated[
        list[str] | None, typer.Option("--audio", metavar="FILE…", help="Audio files instead of the microphone.")
    ] = None,
    more: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE]…", show_default=False, help="More of them.")
    ] = None,
    area: AreaOption = None,
    fast: Annotated[bool, typer.Option("--fast", help="Feed files as fast as they are understood.")] = False,
    as_json: JsonOption = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Publish nothing; needs no broker.")] = False,
    devices: DevicesOption = None,
    config: ConfigOption = None,
) -> None:
    """Hear, understand, obey: the daemon. With files, these are heard instead of the microphone."""
    from smarthome.assembly import run_listen

    settings = read_settings(config, area)
    files = [*(audio or []), *(more or [])]
    if more and not audio:
        raise typer.BadParameter("files are given with --audio")
    raise typer.Exit(
        run_listen(settings, read_house(settings, devices), files, fast=fast, as_json=as_json, dry_run=dry_run)
    )


@app.command()
def say(
    text: str,
    area: AreaOption = None,
    as_json: JsonOption = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Publish nothing; needs no broker.")] = False,
    devices: DevicesOption = None,
    config: ConfigOption = None,
) -> None:
    """Carry out a command given as text."""
    from smarthome.assembly import run_say

    settings = read_settings(config, area)
    raise typer.Exit(run_say(settings, read_house(settings, devices), text, as_json=as_json, dry_run=dry_run))


@app.command()
def parse(
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='Lines {"id","text","context"} in, one answer a line out.')
    ] = False,
    explain: Annotated[
        str | None, typer.Option("--explain", metavar="TEXT", help="Show how a sentence is read.")
    ] = None,
    dialogue: Annotated[bool, typer.Option("--dialogue", help="Each line follows on the one before it.")] = False,
    area: AreaOption = None,
    devices: DevicesOption = None,
    config: ConfigOption = None,
) -> None:
    """Text to intents, without doing anything."""
    from smarthome.parsing import explain_text, parse_lines

    if jsonl == (explain is not None):
        raise typer.BadParameter("give either --jsonl or --explain TEXT")
    if dialogue and not jsonl:
        raise typer.BadParameter("--dialogue goes with --jsonl")
    settings = read_settings(config, area)
    home = read_house(settings, devices)
    if explain is not None:
        typer.echo(explain_text(home, explain, settings.area))
    elif sys.stdin is None:
        raise FailureError("standard input is closed; there are no lines to read")
    else:
        parse_lines(home, sys.stdin, sys.stdout, settings.area, dialogue=dialogue)


@app.command()
def transcribe(
    files: Annotated[list[str], typer.Argument(metavar="FILE…")],
    beam: Annotated[int, typer.Option("--beam", min=1, max=10, help="Beam size; 1 is greedy.")] = 1,
    engine: Annotated[str | None, typer.Option("--engine", help="auto, transformers, ctranslate2, wyoming.")] = None,
    model: Annotated[str | None, typer.Option("--model", help="A model's name or directory.")] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Plain speech recognition of audio files: no house, no prompt, no voice activity detection."""
    from smarthome.assembly import run_transcribe

    whisper = {"beam": beam} | {
        key: value for key, value in (("engine", engine), ("model", model)) if value is not None
    }
    raise typer.Exit(run_transcribe(read_settings(config, whisper=whisper), files, as_json=as_json))


@app.command()
def simulate(
    delay: Annotated[float, typer.Option("--delay", metavar="S", min=0, help="Seconds before a device obeys.")] = 0.0,
    failure: Annotated[float, typer.Option("--failure", min=0, max=1, help="Share of commands not obeyed.")] = 0.0,
    devices: DevicesOption = None,
    config: ConfigOption = None,
) -> None:
    """A simulated house: every device of devices.yaml, obeying over MQTT."""
    from smarthome.assembly import run_simulate

    settings = read_settings(config)
    raise typer.Exit(run_simulate(settings, read_house(settings, devices), delay_s=delay, failure=failure))
