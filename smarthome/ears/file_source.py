"""Audio files in, the events of a microphone out: paced as real time, or as fast as they are understood."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Self, TypeAlias

from smarthome.ears.audio_files import AudioFileError, frames
from smarthome.ears.captured import Captured
from smarthome.events import FRAME_MS, FileEnded, FileStarted

logger = logging.getLogger(__name__)

Put: TypeAlias = Callable[[FileStarted | Captured | FileEnded], None]


class FileSource:
    """Reads files in the order given, in a thread of its own, while entered.

    Each is put as ``FileStarted``, its frames and ``FileEnded``; the next one waits for ``file_done``. Paced, frame n
    comes n times 30 ms after the file's start, however late the frames before it were. ``fast``, at most ``AHEAD``
    frames are put that were not ``taken``.
    """

    AHEAD = 64

    def __init__(self, paths: Sequence[str], put: Put, *, fast: bool = False) -> None:
        self._paths = tuple(paths)
        self._put = put
        self._fast = fast
        self._changed = threading.Condition()
        self._untaken = 0
        self._file_done = False
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="files", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()
        self._thread.join()

    def taken(self) -> None:
        """The consumer is done with a frame."""
        with self._changed:
            self._untaken -= 1
            self._changed.notify()

    def file_done(self) -> None:
        """The consumer is done with the file: the next one may begin."""
        with self._changed:
            self._file_done = True
            self._changed.notify()

    def stop(self) -> None:
        """Put nothing more; from any thread, any number of times."""
        with self._changed:
            self._stopping = True
            self._changed.notify()

    def _run(self) -> None:
        for path in self._paths:
            self._file_done = False
            self._put(FileStarted(path))
            error = self._read(path)
            if self._stopping:
                return
            self._put(FileEnded(path, error))
            if not self._wait_for(lambda: self._file_done):
                return

    def _read(self, path: str) -> str | None:
        """Put the frames; returns what was wrong with the file."""
        try:
            began = None
            for number, pcm in enumerate(frames(path), start=1):
                # Not before the first frame: opening a file takes time that its sound does not.
                began = began or time.monotonic() - FRAME_MS / 1000
                due = began + number * FRAME_MS / 1000
                if not (self._wait_for_room() if self._fast else self._wait_until(due)):
                    return None
                self._put(Captured(pcm, time.monotonic() if self._fast else due))
        except AudioFileError as error:
            return str(error)
        except Exception as error:
            logger.exception("%s could not be read", path)
            return f"{path}: {type(error).__name__}: {error}"
        return None

    def _wait_for_room(self) -> bool:
        if not self._wait_for(lambda: self._untaken < self.AHEAD):
            return False
        with self._changed:
            self._untaken += 1
        return True

    def _wait_for(self, predicate: Callable[[], bool]) -> bool:
        """False when it is time to stop."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or predicate())
            return not self._stopping

    def _wait_until(self, due: float) -> bool:
        with self._changed:
            return not self._changed.wait_for(lambda: self._stopping, timeout=max(0.0, due - time.monotonic()))
