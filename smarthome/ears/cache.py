"""What is made once and kept: converted and assembled weights, each in a directory of its own.

Any of them may be deleted at any time while nothing runs; it is made again.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from smarthome.errors import ConfigurationError

logger = logging.getLogger(__name__)


def location(configured: Path | None) -> Path:
    """Where the cache is: as configured, else by the XDG base directory specification."""
    return configured or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "smarthome"


def made_once(directory: Path, make: Callable[[Path], None]) -> Path:
    """``directory``, filled by ``make`` if it is not there yet; complete or absent, whatever is killed meanwhile.

    Of several processes one makes it and the others wait. Raises ConfigurationError when the disk does not let it.
    """
    if directory.is_dir():
        return directory
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        with directory.with_name(f".{directory.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not directory.is_dir():
                _make(directory, make)
    except OSError as error:
        raise ConfigurationError(
            f"{directory}: cannot be written ({error.strerror or error}); "
            "give it room and rights, or name another place in whisper.cache"
        ) from None
    return directory


def _make(directory: Path, make: Callable[[Path], None]) -> None:
    """Under the lock: build beside it, flush to disk, rename."""
    unfinished = directory.with_name(f".{directory.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)  # left by a process that was killed
    unfinished.mkdir()
    try:
        make(unfinished)
        for file in unfinished.iterdir():
            with file.open("rb") as written:
                os.fsync(written.fileno())
        unfinished.rename(directory)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
