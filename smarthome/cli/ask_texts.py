"""The commands that ask about texts: ask sentiment."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from smarthome.cli.asking import PictureOption, PriorityOption, SpooledOption, TimeoutOption, send, show, told
from smarthome.cli.options import ConfigOption, JsonOption, read_settings
from smarthome.errors import FailureError

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
    show(answer, ", ".join(map(str, files)), comments_picture, as_json=as_json, picture=picture)


def _comments(file: str) -> list[str]:
    """Of a file, or of standard input. Raises FailureError."""
    from smarthome.tasks.comments import lines

    text = read_text(file)
    if file.lower().endswith(".json"):
        try:
            found = json.loads(text)
        except ValueError as error:
            raise FailureError(f"{file}: not JSON: {error}") from None
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise FailureError(f"{file}: expected is a list of strings")
        return found
    return lines(text)


def read_text(file: str) -> str:
    """UTF-8 of a file, or of standard input. Raises FailureError."""
    try:
        return sys.stdin.read() if file == STDIN else Path(file).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise FailureError(f"{file}: not UTF-8 text (byte {error.start}); convert it with iconv") from None
    except OSError as error:
        raise FailureError(f"{file}: cannot be read: {error.strerror}") from None
