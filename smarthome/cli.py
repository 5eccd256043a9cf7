"""The command line: every command, and the wiring of the parts. The only importer of everything; heavy imports wait.

Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.
"""

from __future__ import annotations

import errno
import io
import json
import logging
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smarthome.errors import ConfigurationError, FailureError

if TYPE_CHECKING:
    from smarthome.inventory import Inventory
    from smarthome.settings import Settings

logger = logging.getLogger(__name__)

app = typer.Typer(
    name="smarthome",
    help="Speak Russian at home, and the right device obeys over MQTT.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
devices_app = typer.Typer(help="Check and list the house described in devices.yaml.", no_args_is_help=True)
config_app = typer.Typer(help="Show the settings in force, or all there are.", no_args_is_help=True)
models_app = typer.Typer(help="Fetch model weights for offline use.", no_args_is_help=True)
bench_app = typer.Typer(help="Measure on this machine.", no_args_is_help=True)
app.add_typer(devices_app, name="devices")
app.add_typer(config_app, name="config")
app.add_typer(models_app, name="models")
app.add_typer(bench_app, name="bench")

ConfigOption = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Settings file (TOML or YAML).")]
DevicesOption = Annotated[
    Path | None, typer.Option("--devices", metavar="FILE", help="The house; default: the settings' devices.")
]
AreaOption = Annotated[
    str | None, typer.Option("--area", metavar="AREA", help="Where the microphone stands: an area's id, name or alias.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line on standard output.")]


def main() -> None:
    """Console entry point."""
    try:
        _speak_utf8()
        try:
            app()
        finally:
            sys.stdout.flush()
    except (ConfigurationError, FailureError) as error:
        sys.stderr.write(f"smarthome: {error}\n")
        sys.exit(2 if isinstance(error, ConfigurationError) else 1)
    except OSError as error:
        _stop_speaking()
        if error.errno != errno.EPIPE:  # whoever read us has read enough
            logger.debug("the command ended with this", exc_info=True)
            sys.stderr.write(f"smarthome: {error}\n")
        sys.exit(1)


def _speak_utf8() -> None:
    """Russian goes in and out as UTF-8 whatever the locale; what cannot be written is spelled out."""
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 (as long as the process)
        raise FailureError("standard output is closed; send it to /dev/null if it is not wanted")
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, "backslashreplace"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)


def _stop_speaking() -> None:
    """What is still buffered cannot be written; the interpreter would try again at its end, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


@app.callback(invoke_without_command=True)
def options(
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """Options before any command."""
    if version:
        from smarthome import __version__

        typer.echo(__version__)
        raise typer.Exit


# --- the main job ----------------------------------------------------------------------------------------------------


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

    settings = _settings(config, area)
    files = [*(audio or []), *(more or [])]
    if more and not audio:
        raise typer.BadParameter("files are given with --audio")
    raise typer.Exit(
        run_listen(settings, _house(settings, devices), files, fast=fast, as_json=as_json, dry_run=dry_run)
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

    settings = _settings(config, area)
    raise typer.Exit(run_say(settings, _house(settings, devices), text, as_json=as_json, dry_run=dry_run))


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
    settings = _settings(config, area)
    home = _house(settings, devices)
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
    engine: Annotated[str | None, typer.Option("--engine", help="auto, transformers or ctranslate2.")] = None,
    model: Annotated[str | None, typer.Option("--model", help="A model's name or directory.")] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Plain speech recognition of audio files: no house, no prompt, no voice activity detection."""
    from smarthome.assembly import run_transcribe

    whisper = {"beam": beam} | {
        key: value for key, value in (("engine", engine), ("model", model)) if value is not None
    }
    raise typer.Exit(run_transcribe(_settings(config, None, whisper=whisper), files, as_json=as_json))


@app.command()
def simulate(
    delay: Annotated[float, typer.Option("--delay", metavar="S", min=0, help="Seconds before a device obeys.")] = 0.0,
    failure: Annotated[float, typer.Option("--failure", min=0, max=1, help="Share of commands not obeyed.")] = 0.0,
    devices: DevicesOption = None,
    config: ConfigOption = None,
) -> None:
    """A simulated house: every device of devices.yaml, obeying over MQTT."""
    from smarthome.assembly import run_simulate

    settings = _settings(config, None)
    raise typer.Exit(run_simulate(settings, _house(settings, devices), delay_s=delay, failure=failure))


# --- set-up and diagnosis --------------------------------------------------------------------------------------------


@devices_app.command("check")
def devices_check(devices: DevicesOption = None, config: ConfigOption = None) -> None:
    """Say what is wrong with devices.yaml, or that nothing is."""
    from smarthome.check import warnings
    from smarthome.russian import Parser

    home = _house(_settings(config, None), devices)
    found = warnings(home, Parser(home))
    for line in found:
        typer.echo(f"warning: {line}")
    typer.echo(
        f"{len(home.devices)} devices in {len(home.areas)} areas on {len(home.floors)} floors: "
        + (f"{len(found)} warnings" if found else "all well")
    )


@devices_app.command("list")
def devices_list(devices: DevicesOption = None, config: ConfigOption = None) -> None:
    """Every device with its area, names and topics."""
    from rich.console import Console
    from rich.table import Table

    from smarthome.assembly import build_house

    settings = _settings(config, None)
    home = _house(settings, devices)
    house = build_house(settings, home)
    reports_only = {"binary_sensor", "sensor", "weather", "todo"}
    table = Table("id", "name", "area", "class", "command topic")
    for device in home.devices:
        area = home.area_by_id.get(device.area or "")
        names = " / ".join((device.name, *device.aliases))
        told = device.domain not in reports_only and not device.commands
        topic = house.set_topic(device) if told else "; ".join(device.commands) or "—"
        table.add_row(device.id, names, area.name if area else "—", device.device_class or "", topic)
    Console(width=None if sys.stdout.isatty() else 160).print(table)


@config_app.command("show")
def config_show(config: ConfigOption = None) -> None:
    """The settings in force, as JSON; secrets are hidden."""
    typer.echo(_settings(config, None).model_dump_json(indent=2))


@config_app.command("schema")
def config_schema() -> None:
    """Every setting with its type, default and meaning, as JSON Schema."""
    from smarthome.settings import Settings

    typer.echo(json.dumps(Settings.model_json_schema(), ensure_ascii=False, indent=2))


@models_app.command("pull")
def models_pull(
    model: Annotated[
        str | None, typer.Argument(help="A model's name on the hub; default: the settings' model.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Fetch a model from the hub, pinned; the only command that uses the network."""
    from smarthome.assembly import run_pull

    raise typer.Exit(run_pull(_settings(config, None), model))


@bench_app.command("idle")
def bench_idle(
    seconds: Annotated[float, typer.Option("--seconds", min=1, help="How long to listen to silence.")] = 60.0,
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="How often.")] = 3,
    devices: DevicesOption = None,
    config: ConfigOption = None,
) -> None:
    """From start to listening with Whisper-base, and what listening to silence costs."""
    from smarthome.bench.idle import bench_idle
    from smarthome.bench.machine import as_json

    settings = _settings(config, None)
    typer.echo(as_json(bench_idle(devices or settings.devices, seconds=seconds, rounds=rounds)))


@bench_app.command("nlu")
def bench_nlu(
    sentences: Annotated[
        Path | None, typer.Option("--sentences", metavar="FILE", help="JSONL; default: our own, with their own house.")
    ] = None,
    peer: Annotated[
        str | None, typer.Option("--peer", metavar="COMMAND", help="Another program that answers like parse --jsonl.")
    ] = None,
    forms: Annotated[
        bool, typer.Option("--forms", help="Give the peer every case form of every name, as a diligent user would.")
    ] = False,
    errors: Annotated[bool, typer.Option("--errors", help="List what was not right.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write all figures there.")] = None,
    devices: DevicesOption = None,
    config: ConfigOption = None,
) -> None:
    """Understanding beside Home Assistant's, on the same sentences."""
    from smarthome.bench.machine import check_folder, write_json
    from smarthome.bench.nlu import bench_nlu
    from smarthome.bench.sentences import HOUSE, SHIPPED
    from smarthome.bench.tables import console, mistakes_table, nlu_table

    check_folder(json_file)
    house = devices or (_settings(config, None).devices if sentences else HOUSE)
    found = bench_nlu(sentences or SHIPPED, house, peer=shlex.split(peer) if peer else None, forms=forms)
    screen = console(is_terminal=sys.stdout.isatty())
    screen.print(nlu_table(found))
    if errors:
        screen.print(mistakes_table(found))
    if json_file:
        write_json(json_file, found.figures())


@bench_app.command("house")
def bench_house(
    sizes: Annotated[
        str, typer.Option("--sizes", metavar="N,…", help="How many devices, separated by commas.")
    ] = "30,100,1000,5000",
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write all figures there.")] = None,
) -> None:
    """How loading, memory and understanding grow with the number of devices."""
    from smarthome.bench.growth import bench_house
    from smarthome.bench.machine import check_folder, write_json
    from smarthome.bench.tables import console, house_table

    numbers = [int(size) if size.strip().isdecimal() else 0 for size in sizes.split(",")]
    if not all(0 < number <= 100_000 for number in numbers):
        raise typer.BadParameter("--sizes takes numbers from 1 to 100000, separated by commas")
    check_folder(json_file)
    figures = bench_house(numbers)
    console(is_terminal=sys.stdout.isatty()).print(house_table(figures))
    if json_file:
        write_json(json_file, figures)


def _settings(config: Path | None, area: str | None, **sections: dict[str, Any]) -> Settings:
    """The settings with what the command line says on top; starts logging to standard error."""
    from smarthome.settings import load

    settings = load(config, sections)
    if area is not None:
        settings = settings.model_copy(update={"area": area})
    # Only our own messages by level; libraries speak when something is wrong.
    logging.basicConfig(level="WARNING", stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("smarthome").setLevel(settings.log_level)
    return settings


def _house(settings: Settings, devices: Path | None) -> Inventory:
    from smarthome.devices import load_inventory

    return load_inventory(devices or settings.devices)
