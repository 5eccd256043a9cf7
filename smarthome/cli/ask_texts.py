"""The commands that ask about texts: ask sentiment, shorten."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smarthome.cli.asking import PictureOption, PriorityOption, SpooledOption, TimeoutOption, send, show, told
from smarthome.cli.options import ConfigOption, JsonOption, read_settings
from smarthome.errors import FailureError

if TYPE_CHECKING:
    from smarthome.settings import Settings

app = typer.Typer()

STDIN = "-"


@app.command("sentiment")
def ask_sentiment(
    comments: Annotated[list[str] | None, typer.Argument(metavar="[COMMENT]…", help="Comments, each quoted.")] = None,
    file: Annotated[
        str | None,
        typer.Option("--file", metavar="FILE", help="A comment a line, or a JSON list; - is standard input."),
    ] = None,
    binary: Annotated[bool, typer.Option("--binary", help="Only positive or negative.")] = False,
    out: Annotated[
        list[Path] | None,
        typer.Option("--out", metavar="FILE", help="Where results go: .txt, .json or .csv; may be repeated."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that are there already.")] = False,
    spooled: SpooledOption = False,
    priority: PriorityOption = 5,
    timeout: TimeoutOption = None,
    as_json: JsonOption = False,
    picture: PictureOption = None,
    config: ConfigOption = None,
) -> None:
    """What comments feel like: positive, negative, neutral. Writes comments_result.txt."""
    from smarthome.ask.judged import comments_picture
    from smarthome.tasks.comment_files import FORMATS, NAME, write

    if (file is None) == (not comments):
        raise typer.BadParameter("give comments, or --file FILE")
    files = out or [Path(f"{NAME}.txt")]
    for each in files:
        if each.suffix not in FORMATS:
            raise typer.BadParameter(f"--out {each}: its name must end with {', '.join(FORMATS)}")
        if each.exists() and not overwrite:
            raise FailureError(f"{each} is there already; give --overwrite, or another name with --out")
    settings = read_settings(config)
    if spooled and file is not None:
        given: dict[str, object] = {"path": file}
    else:
        given = {"comments": comments if file is None else _comments(file)}
    answer = send(settings, "sentiment", given | told(binary=binary or None), priority, timeout)
    if answer.result is not None:
        for each in files:
            try:
                write(each, answer.result, overwrite=overwrite)
            except OSError as error:
                raise FailureError(f"{each}: cannot be written: {error.strerror}") from None
    show("sentiment", answer, ", ".join(map(str, files)), comments_picture, as_json=as_json, picture=picture)


@app.command("shorten")
def ask_shorten(
    text: Annotated[str | None, typer.Argument(metavar="[TEXT]", help="The text, quoted.")] = None,
    file: Annotated[
        str | None, typer.Option("--file", metavar="FILE", help="The text, UTF-8; - is standard input.")
    ] = None,
    limit: Annotated[int, typer.Option("--max", metavar="N", min=1, help="So many characters at most.")] = 200,
    choose: Annotated[
        int | None, typer.Option("--choose", metavar="N", min=1, max=3, help="Take this variant, and print it alone.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="The same seed gives the same variants.")] = None,
    priority: PriorityOption = 5,
    timeout: TimeoutOption = None,
    as_json: JsonOption = False,
    picture: PictureOption = None,
    config: ConfigOption = None,
) -> None:
    """Three short forms of a text to choose from. On a terminal it asks which one to take."""
    from smarthome.ask.shortened import variants_picture

    if (file is None) == (text is None):
        raise typer.BadParameter("give a TEXT, or --file FILE")
    settings = read_settings(config)
    request = {"text": read_text(file) if file is not None else text, "max_chars": limit} | told(seed=seed)
    answer = send(settings, "shorten", request, priority, timeout)
    alone = choose is not None and answer.result is not None and not as_json
    if not alone:
        show("shorten", answer, file or "", variants_picture, as_json=as_json, picture=picture)
    if answer.result is not None and (number := choose or _wanted(answer.result, as_json=as_json)):
        _take(settings, answer.id, number, aloud=not as_json)


def _wanted(result: Mapping[str, Any], *, as_json: bool) -> int | None:
    """What a person at the terminal chooses; None: nothing, or there is nobody."""
    if as_json or not result["shortened"] or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    answer = typer.prompt("Какой вариант взять? 1, 2, 3; Enter — никакой", default="", show_default=False).strip()
    return int(answer) if answer in {"1", "2", "3"} else None


def _take(settings: Settings, job: str, number: int, *, aloud: bool) -> None:
    """Tell the workers of the choice. Raises FailureError."""
    from smarthome.ask.choosing import choose

    chosen = choose(settings, job, number)
    if aloud:
        typer.echo(chosen.text)
        if chosen.kept:
            typer.echo("выбор сохранён для дообучения", err=True)


def _comments(file: str) -> list[str]:
    """Of a file, or of standard input. Raises FailureError."""
    from smarthome.tasks.comments import comments_in
    from smarthome.tasks.task import TaskError

    text = read_text(file)
    try:
        return comments_in(file, text)
    except TaskError as error:
        raise FailureError(str(error)) from None


def read_text(file: str) -> str:
    """UTF-8 of a file, or of standard input. Raises FailureError."""
    try:
        return sys.stdin.read() if file == STDIN else Path(file).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise FailureError(f"{file}: not UTF-8 text (byte {error.start}); convert it with iconv") from None
    except OSError as error:
        raise FailureError(f"{file}: cannot be read: {error.strerror}") from None
