"""The commands of the tasks' side: work."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from smarthome.cli.options import ConfigOption, read_settings
from smarthome.errors import ConfigurationError

app = typer.Typer()


@app.command()
def work(
    kinds: Annotated[list[str] | None, typer.Argument(metavar="[KIND]…", help="Only these kinds.")] = None,
    no_intake: Annotated[
        bool, typer.Option("--no-intake", help="Only do jobs; another process takes the requests.")
    ] = False,
    only_intake: Annotated[bool, typer.Option("--only-intake", help="Only take requests; others do them.")] = False,
    config: ConfigOption = None,
) -> None:
    """Do tasks that come over the broker: take requests, run models, publish results."""
    from smarthome.daemon import stop_on_signals
    from smarthome.tasks.choices import choose
    from smarthome.tasks.registry import KINDS, task_class
    from smarthome.work.service import Service

    settings = read_settings(config)
    if unknown := sorted(set(kinds or ()) - set(KINDS)):
        raise ConfigurationError(f"there is no kind {', '.join(unknown)}; there are {', '.join(KINDS)}")
    if no_intake and only_intake:
        raise typer.BadParameter("--no-intake and --only-intake leave nothing to do")
    done = {} if only_intake else {kind: spec for kind, spec in KINDS.items() if not kinds or kind in kinds}
    requests = None if no_intake else {kind: task_class(kind).request_type for kind in KINDS}
    service = Service(settings, done, requests, partial(choose, settings.shorten.choices))
    stop_on_signals(service.put)
    raise typer.Exit(service.run())
