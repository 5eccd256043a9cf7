"""The commands that train: finetune sentiment, shorten, transcribe."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smarthome.cli.options import ConfigOption, JsonOption, SeedOption, read_settings
from smarthome.errors import ConfigurationError

if TYPE_CHECKING:
    from smarthome.finetuning.plan import Kind
    from smarthome.settings import Settings

app = typer.Typer(help="Train a model further with examples of your own.", no_args_is_help=True)

DataOption = Annotated[Path, typer.Option("--data", metavar="FILE", help="Examples, CSV or JSONL (docs/models.md).")]
OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the trained model goes.")]
TestOption = Annotated[
    Path | None, typer.Option("--test", metavar="FILE", help="Measure on these; default: a tenth of the data.")
]
ModelOption = Annotated[
    str | None, typer.Option("--model", help="What to begin with: a directory, or a name; default: the usual one.")
]
EpochsOption = Annotated[float, typer.Option("--epochs", min=0.01, help="How often every example is seen.")]
BatchOption = Annotated[int, typer.Option("--batch", min=1, help="Examples a step.")]
RateOption = Annotated[float, typer.Option("--rate", min=0, help="Learning rate; 0: the usual one of the model.")]
LoraOption = Annotated[bool, typer.Option("--lora", help="Train small adapters only, merged at the end: less memory.")]
ResumeOption = Annotated[bool, typer.Option("--resume", help="Go on after the last checkpoint in --out.")]
SaveOption = Annotated[
    int, typer.Option("--save-every", min=0, help="Steps between checkpoints; 0: an epoch, at most 500.")
]


@app.command()
def sentiment(
    data: DataOption,
    out: OutOption,
    test: TestOption = None,
    model: ModelOption = None,
    epochs: EpochsOption = 3.0,
    batch: BatchOption = 16,
    rate: RateOption = 0.0,
    lora: LoraOption = False,
    resume: ResumeOption = False,
    save_every: SaveOption = 0,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """From comments with their classes: columns text, label (positive, negative, neutral)."""
    options = {"test": test, "epochs": epochs, "batch": batch, "rate": rate, "lora": lora, "seed": seed}
    _run("sentiment", config, data, out, model, options | {"save_every": save_every}, resume=resume, as_json=as_json)


@app.command()
def shorten(
    data: DataOption,
    out: OutOption,
    test: TestOption = None,
    model: ModelOption = None,
    epochs: EpochsOption = 3.0,
    batch: BatchOption = 8,
    rate: RateOption = 0.0,
    lora: LoraOption = False,
    resume: ResumeOption = False,
    save_every: SaveOption = 0,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """From texts with a short form: columns text, summary; the file of choices made with `ask shorten` is one."""
    options = {"test": test, "epochs": epochs, "batch": batch, "rate": rate, "lora": lora, "seed": seed}
    _run("shorten", config, data, out, model, options | {"save_every": save_every}, resume=resume, as_json=as_json)


@app.command()
def transcribe(
    data: DataOption,
    out: OutOption,
    test: TestOption = None,
    model: ModelOption = None,
    epochs: EpochsOption = 3.0,
    batch: BatchOption = 4,
    rate: RateOption = 0.0,
    lora: LoraOption = False,
    resume: ResumeOption = False,
    save_every: SaveOption = 0,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """From recordings with their words: columns file, text; at most 30 seconds each."""
    options = {"test": test, "epochs": epochs, "batch": batch, "rate": rate, "lora": lora, "seed": seed}
    _run("transcribe", config, data, out, model, options | {"save_every": save_every}, resume=resume, as_json=as_json)


def _run(
    kind: Kind,
    config: Path | None,
    data: Path,
    out: Path,
    model: str | None,
    options: dict[str, Any],
    *,
    resume: bool,
    as_json: bool,
) -> None:
    from rich.console import Console

    from smarthome.finetuning.plan import Plan
    from smarthome.finetuning.table import outcome
    from smarthome.finetuning.training import finetune

    settings = read_settings(config)
    plan = Plan(kind, _directory(settings, kind, model), data, out, device=settings.tasks.device, **options)
    screen = Console(stderr=as_json, width=None if sys.stdout.isatty() else 120)
    record = finetune(plan, screen, resume=resume)
    if as_json:
        typer.echo(json.dumps(record, ensure_ascii=False))
    else:
        screen.print(outcome(record))
        screen.print(f"{out} has the model: name it with --model, or in the settings", soft_wrap=True)


def _directory(settings: Settings, kind: str, model: str | None) -> Path:
    """The model to begin with, in transformers' format. Raises ConfigurationError."""
    from smarthome.ears import cache, conversion, weights
    from smarthome.models import hub
    from smarthome.models.catalogue import LAYOUTS, named

    place = cache.location(settings.whisper.cache)
    if kind == "transcribe":
        whisper = settings.whisper.model_copy(update={"model": model}) if model else settings.whisper
        return conversion.in_format(weights.find(whisper), "transformers", place)
    name = model or named(kind)[0].name
    directory = Path(name).expanduser()
    found = directory if directory.is_dir() else hub.find(name, LAYOUTS[kind], place)
    if found is None:
        pull = f"smarthome models pull {name}" + ("" if named(name) else f" --kind {kind}")
        raise ConfigurationError(f"{name}: neither a directory nor fetched; fetch it: {pull}")
    return found
