"""The command that measures models on examples: evaluate."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from smarthome.cli.options import ConfigOption, JsonFileOption, SeedOption, read_settings
from smarthome.errors import FailureError

if TYPE_CHECKING:
    from smarthome.settings import Settings

Kind = Literal["sentiment", "shorten", "transcribe", "image", "video"]

app = typer.Typer()


@app.command()
def evaluate(
    kind: Annotated[Kind, typer.Argument(help="Which kind of task.")],
    data: Annotated[
        Path,
        typer.Option(
            "--data",
            metavar="PATH",
            help="Examples: CSV or JSONL; for image and video also a folder of folders named after classes.",
        ),
    ],
    model: Annotated[
        str | None, typer.Option("--model", help="A directory, file or name; default: the settings' model.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="At most so many examples.")] = None,
    json_file: JsonFileOption = None,
    plots: Annotated[Path | None, typer.Option("--plots", metavar="DIR", help="Draw figures there.")] = None,
    seed: SeedOption = 1,
    config: ConfigOption = None,
) -> None:
    """Accuracy, F1, ROUGE, BLEU, WER, CER or top-k of a model on examples, its latency, memory and use of the machine.

    The model runs as the workers run it, one request after the other. Columns: sentiment text,label; shorten
    text,summary and perhaps max_chars; transcribe file,text; image and video file,label.
    """
    from rich.console import Console

    from smarthome.bench.machine import check_folder, machine, write_json
    from smarthome.evaluation.evaluating import evaluate
    from smarthome.evaluation.measures import MEASURES
    from smarthome.evaluation.table import tables

    check_folder(json_file)
    measure = MEASURES[kind]
    settings = _with_model(read_settings(config), measure.setting, model)
    dataset = measure.read(data).limited(limit, seed)
    screen = Console(width=None if sys.stdout.isatty() else 120)
    report = evaluate(measure, settings, dataset, screen) | {"data": str(data), "machine": machine(), "seed": seed}
    screen.print(tables(report))
    if json_file:
        write_json(json_file, report)
    if plots:
        from smarthome.evaluation.plots import write_plots

        for file in write_plots(report, plots):
            screen.print(str(file), soft_wrap=True)
    if not any(run["answered"] for run in report["runs"]):
        raise FailureError(f"none of the {report['examples']} examples was answered")


def _with_model(settings: Settings, setting: str, model: str | None) -> Settings:
    """The settings with another model in ``setting``, validated."""
    if model is None:
        return settings
    section, _, key = setting.partition(".")
    old = getattr(settings, section)
    changed = type(old).model_validate({**old.model_dump(exclude_unset=True), key: model})
    return settings.model_copy(update={section: changed})
