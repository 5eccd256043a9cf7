"""The table of kinds: a new task is one file and one line here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from smarthome.tasks.task import Task

if TYPE_CHECKING:
    from smarthome.settings import Settings

KINDS: dict[str, str] = {
    "sentiment": "smarthome.tasks.sentiment:SentimentTask",
    "shorten": "smarthome.tasks.shorten:ShortenTask",
    "llm": "smarthome.tasks.llm:LlmTask",
    "image": "smarthome.tasks.image:ImageTask",
    "video": "smarthome.tasks.video:VideoTask",
    "transcribe": "smarthome.tasks.transcribe:TranscribeTask",
}
"""Kind → ``module:class``."""


def task_class(kind: str) -> type[Task[Any]]:
    """The class of a kind; raises KeyError for an unknown one."""
    module, _, name = KINDS[kind].partition(":")
    found: type[Task[Any]] = getattr(import_module(module), name)
    return found


def make_task(kind: str, settings: Settings) -> Task[Any]:
    """A task of a kind, nothing loaded."""
    made: Any = task_class(kind)
    task: Task[Any] = made(settings)
    return task
