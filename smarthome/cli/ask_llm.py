"""The command that asks a language model: ask llm."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from smarthome.cli.asking import PictureOption, PriorityOption, TimeoutOption, send, show, told
from smarthome.cli.options import ConfigOption, JsonOption, read_settings

app = typer.Typer()


@app.command("llm")
def ask_llm(
    prompt: Annotated[str | None, typer.Argument(metavar="[PROMPT]", help="The question, quoted.")] = None,
    file: Annotated[
        str | None, typer.Option("--file", metavar="FILE", help="The question, UTF-8; - is standard input.")
    ] = None,
    image: Annotated[
        str | None, typer.Option("--image", metavar="FILE|URL", help="A picture that the question is about.")
    ] = None,
    system: Annotated[str | None, typer.Option("--system", help="What the model is told before the question.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="The same seed gives the same answer.")] = None,
    priority: PriorityOption = 5,
    timeout: TimeoutOption = None,
    as_json: JsonOption = False,
    picture: PictureOption = None,
    config: ConfigOption = None,
) -> None:
    """An answer of a local language model, shown while it grows."""
    from rich.console import Console

    from smarthome.ask.answered import CUT, answer_picture
    from smarthome.ask.attachments import attached
    from smarthome.cli.ask_texts import read_text

    if (file is None) == (prompt is None):
        raise typer.BadParameter("give a PROMPT, or --file FILE")
    settings = read_settings(config)
    question = read_text(file) if file is not None else str(prompt)
    request = {"prompt": question} | told(system=system, seed=seed)
    if image is not None:
        request["image"] = attached(settings, image)
    growing = sys.stdout.isatty() and not as_json and picture is None
    answer = send(settings, "llm", request, priority, timeout, Console() if growing else None)
    if as_json or picture is not None or answer.result is None:
        show("llm", answer, question, answer_picture, as_json=as_json, picture=picture)
        return
    if not growing:
        typer.echo(answer.result["answer"])
    if answer.result["cut"]:
        typer.echo(CUT, err=True)
