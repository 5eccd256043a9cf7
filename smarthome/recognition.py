"""Utterances in, ``Transcribed`` out, in order: the one inference thread.

Frames keep being segmented while it works; it does nothing but recognise and put an event into the inbox.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Self

from smarthome.ears.audio_files import to_samples
from smarthome.ears.ghosts import Ghosts
from smarthome.ears.whisper import Recogniser
from smarthome.events import Event, NotSpeech, Transcribed, TranscriptionFailed, Utterance

logger = logging.getLogger(__name__)


class Recognition(AbstractContextManager["Recognition"]):
    """The one inference thread: utterances in, ``Transcribed`` and ``TranscriptionFailed`` put out, in order.

    What ``ghosts`` takes for no speech is not recognised: ``NotSpeech``.
    """

    def __init__(self, recogniser: Recogniser, put: Callable[[Event], None], ghosts: Ghosts | None = None) -> None:
        self._ghosts = ghosts
        self._recogniser = recogniser
        self._put = put
        self._work: queue.SimpleQueue[Utterance | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="recognition", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._work.put(None)
        self._thread.join(timeout=0.2)

    @property
    def busy(self) -> bool:
        """Whether the thread is still in the middle of an utterance after the end."""
        return self._thread.is_alive()

    def transcribe(self, utterance: Utterance) -> None:
        """Queue an utterance."""
        self._work.put(utterance)

    def _run(self) -> None:
        while (utterance := self._work.get()) is not None:
            try:
                if self._ghosts and (ghost := self._ghosts.judge(utterance)):
                    self._put(NotSpeech(utterance.id, ghost.tier, ghost.why))
                    continue
                transcript = self._recogniser.transcribe(to_samples(utterance.segment.pcm))
                self._put(Transcribed(utterance.id, transcript))
            except Exception as error:
                logger.exception("%s could not be recognised", utterance.id)
                self._put(TranscriptionFailed(utterance.id, f"{type(error).__name__}: {error}"))
