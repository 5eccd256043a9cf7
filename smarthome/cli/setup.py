"""The commands for set-up and diagnosis: devices, config."""

from __future__ import annotations

import json
import sys

import typer

from smarthome.cli.options import ConfigOption, DevicesOption, read_house, read_settings

devices_app = typer.Typer(help="Check and list the house described in devices.yaml.", no_args_is_help=True)
config_app = typer.Typer(help="Show the settings in force, or all there are.", no_args_is_help=True)


@devices_app.command("check")
def devices_check(devices: DevicesOption = None, config: ConfigOption = None) -> None:
    """Say what is wrong with devices.yaml, or that nothing is."""
    from smarthome.check import warnings
    from smarthome.russian import Parser

    home = read_house(read_settings(config), devices)
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

    settings = read_settings(config)
    home = read_house(settings, devices)
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
    typer.echo(read_settings(config).model_dump_json(indent=2))


@config_app.command("schema")
def config_schema() -> None:
    """Every setting with its type, default and meaning, as JSON Schema."""
    from smarthome.settings import Settings

    typer.echo(json.dumps(Settings.model_json_schema(), ensure_ascii=False, indent=2))
