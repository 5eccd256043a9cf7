"""Reports in, lines on the terminal out: for people, or one JSON object a line for programs."""

from __future__ import annotations

import sys
from typing import TextIO

from smarthome.events import Report
from smarthome.record import PublishText, error_record, is_accepted, public_record, utterance_record


class JsonLines:
    """``listen --json``: nothing but JSON on standard output, each line flushed.

    Words from a file are shown as they are; words from the microphone only as far as ``publish_text`` lets them out,
    since this output often ends in a log.
    """

    def __init__(self, publish_text: PublishText, out: TextIO = sys.stdout) -> None:
        self._publish_text = publish_text
        self._out = out

    def utterance(self, report: Report, ms: dict[str, float]) -> None:
        """One line."""
        if report.file is not None:
            self._print(utterance_record(report, ms, report.text))
        else:
            self._print(public_record(report, ms, self._publish_text))

    def file_failed(self, path: str, reason: str) -> None:
        """One line."""
        self._print(error_record(path, reason))

    def reply(self, text: str) -> None:
        """Part of the utterance's own line already."""

    def _print(self, line: str) -> None:
        self._out.write(line + "\n")
        self._out.flush()


class Terminal:
    """``listen``, ``say``: what was heard, what it came to, what is answered."""

    def __init__(self, publish_text: PublishText, out: TextIO = sys.stdout) -> None:
        self._publish_text = publish_text
        self._out = out

    def utterance(self, report: Report, ms: dict[str, float]) -> None:  # noqa: ARG002
        """The words (where they may be shown), then a line a command."""
        shown = report.file is not None or self._publish_text == "all"
        if not shown and (self._publish_text == "none" or not is_accepted(report)):
            self._print(f"({report.status}: {(report.reason or '').partition(':')[0]})")
        else:
            self._print(f"«{report.text}»" + (f"  ({report.status}: {report.reason})" if report.reason else ""))
        for command in report.commands:
            self._print(f"    {command.topic}" + ("" if self._publish_text == "none" else f"  {command.payload}"))

    def file_failed(self, path: str, reason: str) -> None:
        """The reason, which names the file."""
        self._print(reason if path in reason else f"{path}: {reason}")

    def reply(self, text: str) -> None:
        """What the house says."""
        if self._publish_text != "none":
            self._print(f"    — {text}")

    def _print(self, line: str) -> None:
        self._out.write(line + "\n")
        self._out.flush()
