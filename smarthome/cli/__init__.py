"""The command line: every command, and the wiring of the parts. The only importer of everything; heavy imports wait.

Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.
"""

from __future__ import annotations

import errno
import io
import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from smarthome.cli import ask_llm, ask_media, ask_texts, bench, evaluate, finetune, models, roles, setup, work
from smarthome.errors import ConfigurationError, FailureError

logger = logging.getLogger(__name__)

app = typer.Typer(
    name="smarthome",
    help="Speak Russian at home, and the right device obeys over MQTT.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(roles.app)
app.add_typer(work.app)
app.add_typer(setup.devices_app, name="devices")
app.add_typer(setup.config_app, name="config")
app.add_typer(models.app, name="models")
app.add_typer(bench.app, name="bench")
app.add_typer(evaluate.app)
app.add_typer(finetune.app)
ask_app = typer.Typer(help="Ask the task workers, and show the result.", no_args_is_help=True)
ask_app.add_typer(ask_texts.app)
ask_app.add_typer(ask_llm.app)
ask_app.add_typer(ask_media.app)
app.add_typer(ask_app, name="ask")


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
