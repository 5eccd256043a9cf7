"""The commands that measure on this machine. Their figures belong into docs/benchmarks.md."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from smarthome.cli import bench_listening, bench_tasks
from smarthome.cli.options import (
    AreaOption,
    ClipsOption,
    ConfigOption,
    DevicesOption,
    JsonFileOption,
    SeedOption,
    read_house,
    read_settings,
)

if TYPE_CHECKING:
    from smarthome.bench.asr_clips import Clip

app = typer.Typer(help="Measure on this machine.", no_args_is_help=True)
app.add_typer(bench_listening.app)
app.add_typer(bench_tasks.app)


@app.command("idle")
def bench_idle(
    seconds: Annotated[float, typer.Option("--seconds", min=1, help="How long to listen to silence.")] = 60.0,
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="How often.")] = 3,
    devices: DevicesOption = None,
    config: ConfigOption = None,
) -> None:
    """From start to listening with Whisper-base, and what listening to silence costs."""
    from smarthome.bench.idle import bench_idle
    from smarthome.bench.machine import as_json

    settings = read_settings(config)
    typer.echo(as_json(bench_idle(devices or settings.devices, seconds=seconds, rounds=rounds)))


@app.command("ghosts")
def bench_ghosts(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Recordings of one command each.", exists=True)],
    minutes: Annotated[float, typer.Option("--minutes", min=0.1, help="Of every noise at every level.")] = 1.0,
    seed: Annotated[int, typer.Option("--seed", help="Another one makes other noise.")] = 1,
) -> None:
    """What is lost of commands, and stopped of noise, before the recogniser is asked."""
    from smarthome.bench.ghosts import bench_ghosts
    from smarthome.bench.machine import as_json

    typer.echo(as_json(bench_ghosts(files, minutes=minutes, seed=seed)))


@app.command("nlu")
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
    json_file: JsonFileOption = None,
    devices: DevicesOption = None,
    config: ConfigOption = None,
) -> None:
    """Understanding beside Home Assistant's, on the same sentences."""
    from smarthome.bench.machine import check_folder, write_json
    from smarthome.bench.nlu import bench_nlu
    from smarthome.bench.sentences import HOUSE, SHIPPED
    from smarthome.bench.tables import console, mistakes_table, nlu_table

    check_folder(json_file)
    house = devices or (read_settings(config).devices if sentences else HOUSE)
    found = bench_nlu(sentences or SHIPPED, house, peer=shlex.split(peer) if peer else None, forms=forms)
    screen = console(is_terminal=sys.stdout.isatty())
    screen.print(nlu_table(found))
    if errors:
        screen.print(mistakes_table(found))
    if json_file:
        write_json(json_file, found.figures())


@app.command("house")
def bench_house(
    sizes: Annotated[
        str, typer.Option("--sizes", metavar="N,…", help="How many devices, separated by commas.")
    ] = "30,100,1000,5000",
    json_file: JsonFileOption = None,
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


@app.command("talk")
def bench_talk(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Texts, also in fortune's format.")],
    noise: Annotated[
        str, typer.Option("--noise", metavar="X,…", help="Recogniser's errors a word, one pass for each; 0: none.")
    ] = "0,0.15,0.3",
    seed: Annotated[int, typer.Option("--seed", help="Another one makes other errors.")] = 1,
    json_file: JsonFileOption = None,
    area: AreaOption = None,
    devices: DevicesOption = None,
    config: ConfigOption = None,
) -> None:
    """What the house would do about ordinary Russian texts that ask nothing of it."""
    from smarthome.bench.machine import check_folder, write_json
    from smarthome.bench.tables import console, talk_table
    from smarthome.bench.talk import bench_talk
    from smarthome.devices import area_called

    strengths = [float(each) if re.fullmatch(r"0|0?\.\d+|1", each.strip()) else -1 for each in noise.split(",")]
    if not all(strength >= 0 for strength in strengths):
        raise typer.BadParameter("--noise takes numbers from 0 to 1, separated by commas")
    check_folder(json_file)
    settings = read_settings(config, area)
    home = read_house(settings, devices)
    here = area_called(home, settings.area).id if settings.area else None
    talk = bench_talk(files, home, here, strengths, seed)
    console(is_terminal=sys.stdout.isatty()).print(talk_table(talk))
    if json_file:
        write_json(json_file, talk.figures())


@app.command("asr")
def bench_asr(
    humans: Annotated[
        int, typer.Option("--human", metavar="N", min=0, help="So many of Debian's Russian prompts; 0: none.")
    ] = 300,
    folder: ClipsOption = None,
    conditions: Annotated[
        str, typer.Option("--conditions", metavar="NAME,…", help="clean, room, 20dB-babble, 10dB-pink, …")
    ] = "clean",
    beams: Annotated[str, typer.Option("--beams", metavar="N,…", help="Beam sizes.")] = "1,5",
    repeats: Annotated[int, typer.Option("--repeats", min=1, help="How often each clip is heard; medians.")] = 1,
    engine: Annotated[
        Literal["ctranslate2", "transformers"], typer.Option("--engine", help="transformers: against itself.")
    ] = "ctranslate2",
    device: Annotated[Literal["cpu", "cuda"], typer.Option("--device", help="cuda: float16 on a GPU.")] = "cpu",
    unspliced: Annotated[
        bool, typer.Option("--unspliced", help="Against ourselves without the spliced silence.")
    ] = False,
    small: Annotated[
        bool, typer.Option("--small", help="Only times: weights of Whisper-small's size, 14 tokens, beam 1.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="At most so many clips of each set.")
    ] = None,
    seed: SeedOption = 1,
    json_file: JsonFileOption = None,
    plot: Annotated[Path | None, typer.Option("--plot", metavar="FILE", help="Draw errors and times there.")] = None,
) -> None:
    """Recognition beside faster-whisper's, on the same weights, clips and cores."""
    from smarthome.bench import asr, asr_figures, asr_plot, asr_sides, asr_tables
    from smarthome.bench.asr_small import TOKENS, random_small
    from smarthome.bench.machine import check_folder, write_json
    from smarthome.bench.sound import Condition
    from smarthome.bench.tables import console

    if small and engine != "ctranslate2":
        raise typer.BadParameter("--small is measured with ctranslate2")
    heard_as = [Condition.parse(name) for name in conditions.split(",")]
    sizes = [1] if small else [int(beam) if beam.strip().isdecimal() else 0 for beam in beams.split(",")]
    if not all(1 <= size <= 10 for size in sizes):
        raise typer.BadParameter("--beams takes numbers from 1 to 10, separated by commas")
    check_folder(json_file)
    check_folder(plot)
    asr_plot.check_plot(plot)
    clips = _clips(humans, folder, limit, seed)
    model = random_small() if small else asr_sides.whisper_base()
    pairs = {
        size: asr_sides.sides(
            size, engine=engine, device=device, unspliced=unspliced, model=model, tokens=TOKENS if small else None
        )
        for size in sizes
    }
    found = asr.bench_asr(clips, heard_as, pairs, repeats=repeats, seed=seed)
    screen = console(is_terminal=sys.stdout.isatty(), width=asr_tables.WIDTH)
    screen.print(asr_tables.asr_table(found))
    if small:
        screen.print(asr_tables.stages_table(found))
    if json_file:
        write_json(json_file, asr_figures.figures(found))
    if plot:
        asr_plot.write_plot(plot, asr_figures.groups(found))


def _clips(humans: int, folder: Path | None, limit: int | None, seed: int) -> list[Clip]:
    from smarthome.bench import asr_clips

    sets = asr_clips.human(humans, seed) if humans else []
    sets += asr_clips.from_folder(folder) if folder else []
    names = dict.fromkeys(clip.set for clip in sets)
    if not sets:
        raise typer.BadParameter("there is nothing to hear: give --human N or --clips DIR")
    own = [[clip for clip in sets if clip.set == name] for name in names]
    return [clip for clips in own for clip in asr_clips.sampled(clips, limit or len(clips), seed)]
