"""A path of a request in, an open file of the spool folder out; nothing outside that folder can be reached."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from smarthome.tasks.sandbox import megabytes
from smarthome.tasks.task import TaskError


@contextmanager
def open_spooled(folder: Path, path: str, largest_mb: float) -> Iterator[int]:
    """A descriptor of a regular file inside ``folder``, whose path in it is ``path``.

    Symbolic links are followed as long as they stay inside; the file that was opened is checked, not its name, so
    that nothing can be swapped in between. Raises TaskError: ``refused``, ``not_found``, ``unreadable``,
    ``too_large``.
    """
    _check_form(path)
    try:
        root = folder.expanduser().resolve(strict=True)
        wanted = (root / path).resolve(strict=True)
        if not wanted.is_relative_to(root):
            raise TaskError("refused", f"{path}: leads out of the spool folder; put the file itself there")
        file = os.open(wanted, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, RuntimeError) as error:
        raise _explained(path, error) from None
    try:
        _check_opened(file, root, path, largest_mb)
        yield file
    finally:
        os.close(file)


def _check_form(path: str) -> None:
    if not path or "\0" in path:
        raise TaskError("bad_request", f"{path!r} is not a path")
    pure = PurePosixPath(path)
    if pure.is_absolute() or path.startswith("~"):
        raise TaskError("refused", f"{path}: give the path inside the spool folder, not an absolute one")
    if ".." in pure.parts:
        raise TaskError("refused", f"{path}: '..' is not allowed; give the path inside the spool folder")


def _check_opened(file: int, root: Path, path: str, largest_mb: float) -> None:
    if not Path(f"/proc/self/fd/{file}").readlink().is_relative_to(root):
        raise TaskError("refused", f"{path}: leads out of the spool folder; put the file itself there")
    status = os.fstat(file)
    if not stat.S_ISREG(status.st_mode):
        raise TaskError("unreadable", f"{path}: not a regular file")
    if status.st_size == 0:
        raise TaskError("unreadable", f"{path}: empty (0 bytes); copy it again")
    if status.st_size > megabytes(largest_mb):
        raise TaskError("too_large", f"{path}: {status.st_size / 1e6:.1f} MB; at most {largest_mb:g} MB are taken")


def _explained(path: str, error: OSError | RuntimeError) -> TaskError:
    if isinstance(error, FileNotFoundError):
        return TaskError("not_found", f"{path}: not in the spool folder; copy it there first")
    if isinstance(error, RuntimeError) or error.errno == errno.ELOOP:
        return TaskError("refused", f"{path}: symbolic links in a circle, or swapped while it was opened")
    if error.errno == errno.ENAMETOOLONG:
        return TaskError("bad_request", f"the path is too long ({len(path)} characters)")
    return TaskError("unreadable", f"{path}: {error.strerror}; check its owner and mode")
