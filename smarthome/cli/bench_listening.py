"""The commands that measure the whole program: bench e2e, noise and memory."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smarthome.cli.options import (
    AreaOption,
    ClipsOption,
    ConfigOption,
    DevicesOption,
    JsonFileOption,
    SeedOption,
    read_settings,
)

if TYPE_CHECKING:
    from smarthome.bench.asr_clips import Clip
    from smarthome.bench.e2e_program import Listening
    from smarthome.bench.e2e_recording import Recording
    from smarthome.bench.sentences import Sentence

app = typer.Typer()

ModelOption = Annotated[str, typer.Option("--model", help="A model's name or directory.")]
VoiceOption = Annotated[str | None, typer.Option("--kind", help="Only the clips of this kind.")]
LimitOption = Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="At most so many clips.")]


@app.command("e2e")
def bench_e2e(
    recordings: Annotated[
        list[Path] | None, typer.Argument(metavar="[RECORDING.json]…", help="Long recordings: who says what when.")
    ] = None,
    folder: ClipsOption = None,
    kind: VoiceOption = None,
    limit: LimitOption = None,
    patience: Annotated[
        bool, typer.Option("--patience", help="The clips also with pauses, stammered, and slowly.")
    ] = False,
    gold: Annotated[
        Path | None, typer.Option("--gold", metavar="FILE", help="What is meant; default: gold.jsonl near them.")
    ] = None,
    beside: Annotated[
        str | None, typer.Option("--beside", metavar="COMMAND", help="Keep the machine busy with this meanwhile.")
    ] = None,
    model: ModelOption = "whisper-base",
    seed: SeedOption = 1,
    json_file: JsonFileOption = None,
    area: AreaOption = None,
    devices: DevicesOption = None,
    config: ConfigOption = None,
) -> None:
    """Spoken in real time: what was heard, what was done, and how long after the end of speech."""
    from smarthome.bench import e2e
    from smarthome.bench.e2e_recording import read_recording
    from smarthome.bench.e2e_tables import WIDTH, e2e_table
    from smarthome.bench.machine import check_folder, write_json
    from smarthome.bench.tables import console

    check_folder(json_file)
    if not recordings and folder is None:
        raise typer.BadParameter("there is nothing to hear: give RECORDING.json or --clips DIR")
    listening = _listening(config, devices, area, model, fast=False, beside=beside)
    heard = [read_recording(path) for path in recordings or []]
    wanted = e2e.read_wanted(gold or _gold([folder] if folder else [path.parent for path in recordings or []]))
    with tempfile.TemporaryDirectory() as made:
        if folder is not None:
            heard.append(_composed(_clips(folder, kind, limit, seed), wanted, Path(made), seed, patience=patience))
        figures = e2e.figures(e2e.bench_e2e(heard, wanted, listening))
    console(is_terminal=sys.stdout.isatty(), width=WIDTH).print(e2e_table(figures))
    if json_file:
        write_json(json_file, figures)


@app.command("noise")
def bench_noise(
    minutes: Annotated[float, typer.Option("--minutes", min=0.1, help="How much noise in all.")] = 60.0,
    folder: ClipsOption = None,
    model: ModelOption = "whisper-base",
    seed: SeedOption = 1,
    json_file: JsonFileOption = None,
    area: AreaOption = None,
    devices: DevicesOption = None,
    config: ConfigOption = None,
) -> None:
    """What the house does about noise, babble, tones and silence; it fails when that is anything.

    Babble is made of the clips, or of the demo's recordings.
    """
    from smarthome.bench.e2e_noise import bench_noise
    from smarthome.bench.e2e_tables import WIDTH, noise_table
    from smarthome.bench.machine import check_folder, write_json
    from smarthome.bench.tables import console

    check_folder(json_file)
    listening = _listening(config, devices, area, model, fast=True)
    voices = [clip.samples() for clip in _clips(folder, None, 60, seed)]
    noises = bench_noise(minutes, voices, listening, seed)
    console(is_terminal=sys.stdout.isatty(), width=WIDTH).print(noise_table(noises))
    if json_file:
        write_json(json_file, noises.figures())
    raise typer.Exit(1 if any(each.commands for each in noises.reactions) else 0)


@app.command("memory")
def bench_memory(
    utterances: Annotated[int, typer.Option("--utterances", min=2, help="How many files are heard.")] = 2000,
    folder: ClipsOption = None,
    model: ModelOption = "whisper-base",
    seed: SeedOption = 1,
    json_file: JsonFileOption = None,
    area: AreaOption = None,
    devices: DevicesOption = None,
    config: ConfigOption = None,
) -> None:
    """Resident memory over thousands of utterances: the clips, or the demo's recordings, again and again."""
    from smarthome.bench.e2e_memory import bench_memory
    from smarthome.bench.e2e_tables import WIDTH, memory_table
    from smarthome.bench.machine import check_folder, write_json
    from smarthome.bench.tables import console

    check_folder(json_file)
    listening = _listening(config, devices, area, model, fast=True)
    memory = bench_memory(utterances, [clip.path for clip in _clips(folder, None, None, seed)], listening)
    console(is_terminal=sys.stdout.isatty(), width=WIDTH).print(memory_table(memory))
    if json_file:
        write_json(json_file, memory.figures())


def _listening(
    config: Path | None, devices: Path | None, area: str | None, model: str, *, fast: bool, beside: str | None = None
) -> Listening:
    from smarthome.bench.e2e_program import Listening

    settings = read_settings(config, area)
    return Listening(devices or settings.devices, settings.area, fast, model, beside, config)


def _clips(folder: Path | None, kind: str | None, limit: int | None, seed: int) -> list[Clip]:
    from smarthome.bench import asr_clips

    found = asr_clips.from_folder(folder) if folder else asr_clips.of_the_demo()
    chosen = [clip for clip in found if kind is None or clip.set == kind]
    if not chosen:
        raise typer.BadParameter(f"there are no clips of the kind {kind} in {folder}")
    return asr_clips.sampled(chosen, limit or len(chosen), seed)


def _composed(clips: list[Clip], wanted: dict[str, Sentence], folder: Path, seed: int, *, patience: bool) -> Recording:
    from smarthome.bench.e2e_patience import patience_set
    from smarthome.bench.e2e_recording import Spoken, compose

    if patience:  # a sentence that asks for nothing cannot be cut off
        clips = [clip for clip in clips if not wanted or (clip.id in wanted and wanted[clip.id].ways)]
        return compose(patience_set(clips, seed), wanted, folder / "patience.wav", seed)
    return compose((Spoken.of(clip, clip.samples()) for clip in clips), wanted, folder / "clips.wav", seed)


def _gold(places: list[Path]) -> Path | None:
    """``gold.jsonl`` beside the clips or the recording, or one folder up."""
    candidates = [folder / "gold.jsonl" for place in places for folder in (place, place.resolve().parent)]
    return next((path for path in candidates if path.is_file()), None)
