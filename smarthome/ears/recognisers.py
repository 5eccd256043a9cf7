"""Settings in, a recogniser ready for the first command out: Whisper in this process, or a server."""

from __future__ import annotations

import logging
from collections.abc import Callable

from smarthome.ears import whisper, wyoming_recogniser
from smarthome.ears.decoding import RecognitionError
from smarthome.ears.whisper import ANYTHING, Expected, Recogniser
from smarthome.settings import WhisperSettings

logger = logging.getLogger(__name__)


def open_recogniser(settings: WhisperSettings, enough: Callable[[str], bool] | None = None) -> Recogniser:
    """The recogniser of commands that the settings ask for. Raises ConfigurationError.

    Whisper expects commands (``whisper.expect``) and tells every hypothesis of its beam, unless its first is
    ``enough``.
    """
    return _open(settings, Expected(settings.expect, settings.beam, enough))


def open_plain_recogniser(settings: WhisperSettings) -> Recogniser:
    """The same of any speech: nothing is expected, the best hypothesis is the text. Raises ConfigurationError."""
    return _open(settings, ANYTHING)


def _open(settings: WhisperSettings, expected: Expected) -> Recogniser:
    if settings.engine == "wyoming":
        return wyoming_recogniser.connect(settings)
    return whisper.open_recogniser(settings, expected)


def warm_up(recogniser: Recogniser) -> None:
    """As ``whisper.warm_up``; a server that is not there yet may come before the first command does."""
    try:
        whisper.warm_up(recogniser)
    except RecognitionError as error:
        logger.warning("%s; every utterance tries it anew", error)
