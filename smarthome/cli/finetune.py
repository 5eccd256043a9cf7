"""The command that trains models further: finetune."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from smarthome.cli.options import ConfigOption, JsonOption, SeedOption, read_settings
from smarthome.errors import ConfigurationError

if TYPE_CHECKING:
    from smarthome.settings import Settings

app = typer.Typer()


@app.command()
def finetune(
    kind: Annotated[Literal["sentiment", "shorten", "transcribe"], typer.Argument(help="Which kind of task.")],
    data: Annotated[Path, typer.Option("--data", metavar="FILE", help="Examples, CSV or JSONL.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the trained model goes.")],
    test: Annotated[
        Path | None, typer.Option("--test", metavar="FILE", help="Measure on these; default: a tenth of the data.")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="What to begin with: a directory or a name; default: the settings'.")
    ] = None,
    epochs: Annotated[float, typer.Option("--epochs", min=0.01, help="How often every example is seen.")] = 3.0,
    batch: Annotated[int, typer.Option("--batch", min=0, help="Examples a step; 0: the usual of the model.")] = 0,
    rate: Annotated[float, typer.Option("--rate", min=0, help="Learning rate; 0: the usual of the model.")] = 0.0,
    lora: Annotated[bool, typer.Option("--lora", help="Train small adapters, merged at the end: less memory.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on after the last checkpoint in --out.")] = False,
    save_every: Annotated[
        int, typer.Option("--save-every", min=0, help="Steps between checkpoints; 0: an epoch, at most 500.")
    ] = 0,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Train a model further with examples of your own; measured before and after on examples that it does not see.

    Columns: sentiment text,label (positive, negative, neutral); shorten text,summary, such as the file of choices made
    with `ask shorten`; transcribe file,text, at most 30 seconds each.
    """
    from rich.console import Console

    from smarthome.finetuning.plan import Plan
    from smarthome.finetuning.table import outcome
    from smarthome.finetuning.training import finetune

    settings = read_settings(config)
    plan = Plan(
        kind=kind,
        model=_directory(settings, kind, model),
        data=data,
        out=out,
        test=test,
        epochs=epochs,
        batch=batch,
        rate=rate,
        lora=lora,
        save_every=save_every,
        seed=seed,
        device=settings.tasks.device,
    )
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
    name = model or str(getattr(settings, kind).model)
    directory = Path(name).expanduser()
    found = directory if directory.is_dir() else hub.find(name, LAYOUTS[kind], place)
    if found is None:
        pull = f"smarthome models pull {name}" + ("" if named(name) else f" --kind {kind}")
        raise ConfigurationError(f"{name}: neither a directory nor fetched; fetch it: {pull}")
    return found
