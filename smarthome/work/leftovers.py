"""Files of results that nobody needs any more."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

EVERY_S = 3_600.0


class Leftovers:
    """Of the jobs that this machine's workers have done: ``folder/KIND/ID``, kept for ``keep_days``."""

    def __init__(self, folder: Path, keep_days: float) -> None:
        self._folder = folder
        self._keep_s = 86_400.0 * keep_days
        self._swept_at = float("-inf")

    def turn(self) -> None:
        """Remove what is too old, once an hour."""
        if time.monotonic() - self._swept_at < EVERY_S:
            return
        self._swept_at = time.monotonic()
        oldest = time.time() - self._keep_s
        for job in self._folder.glob("*/*"):
            if job.lstat().st_mtime < oldest:
                shutil.rmtree(job, ignore_errors=True)
