"""What several commands take from the command line: settings, the house, and their options."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from smarthome.inventory import Inventory
    from smarthome.settings import Settings

ConfigOption = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Settings file (TOML or YAML).")]
DevicesOption = Annotated[
    Path | None, typer.Option("--devices", metavar="FILE", help="The house; default: the settings' devices.")
]
AreaOption = Annotated[
    str | None, typer.Option("--area", metavar="AREA", help="Where the microphone stands: an area's id, name or alias.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line on standard output.")]
ClipsOption = Annotated[
    Path | None, typer.Option("--clips", metavar="DIR", help="Clips with their manifest.jsonl (docs/benchmarks.md).")
]
SeedOption = Annotated[int, typer.Option("--seed", help="Another one chooses and mixes otherwise.")]
JsonFileOption = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write all figures there.")]


def read_settings(config: Path | None, area: str | None = None, **sections: dict[str, Any]) -> Settings:
    """The settings with what the command line says on top; starts logging to standard error."""
    from smarthome.settings import load

    settings = load(config, sections)
    if area is not None:
        settings = settings.model_copy(update={"area": area})
    # Only our own messages by level; libraries speak when something is wrong.
    logging.basicConfig(level="WARNING", stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("smarthome").setLevel(settings.log_level)
    return settings


def read_house(settings: Settings, devices: Path | None) -> Inventory:
    """The house of ``devices``, else of the settings. Raises ConfigurationError."""
    from smarthome.devices import load_inventory

    return load_inventory(devices or settings.devices)
