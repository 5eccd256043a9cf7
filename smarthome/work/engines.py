"""Settings in, the engine that they ask for out: the journal itself, or the way to it over Redis."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from smarthome.errors import ConfigurationError
from smarthome.settings import Settings
from smarthome.work.engine import Engine
from smarthome.work.journal import Journal

_CHOSEN_FROM = frozenset({"shorten"})
"""Kinds of whose results something is chosen later, with the request."""

_NEEDS = "tasks.engine needs: pip install 'smarthome[distributed]'"


def journal_file(settings: Settings) -> Path:
    """Where the journal of this machine is."""
    return settings.tasks.folder.expanduser() / "journal.sqlite3"


def open_journal(settings: Settings, *, durable: bool = True) -> Journal:
    """This machine's. Raises FailureError."""
    return Journal(journal_file(settings), settings.tasks.max_waiting, durable=durable, keep_requests_of=_CHOSEN_FROM)


def open_engine(settings: Settings, *, remote: bool) -> Engine:
    """Where this machine's workers get their jobs. Raises ConfigurationError, FailureError."""
    if not remote or settings.tasks.engine is None:
        return open_journal(settings, durable=False)
    try:
        from smarthome.work.remote import RemoteJournal
    except ImportError:
        raise ConfigurationError(_NEEDS) from None
    return RemoteJournal(settings.tasks.engine.get_secret_value())


def served(settings: Settings, journal: Journal, changed: Callable[[], None]) -> AbstractContextManager[object]:
    """The journal open to workers of other machines while entered, if the settings say so.

    Raises ConfigurationError.
    """
    if settings.tasks.engine is None:
        return nullcontext()
    try:
        from smarthome.work.remote import JournalServer
    except ImportError:
        raise ConfigurationError(_NEEDS) from None
    return JournalServer(journal, settings.tasks.engine.get_secret_value(), changed)
