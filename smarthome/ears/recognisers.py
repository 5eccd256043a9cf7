"""Settings in, a recogniser ready for the first command out: Whisper in this process, or a server."""

from __future__ import annotations

import logging

from smarthome.ears import whisper, wyoming_recogniser
from smarthome.ears.decoding import RecognitionError
from smarthome.ears.whisper import Recogniser
from smarthome.settings import WhisperSettings

logger = logging.getLogger(__name__)


def open_recogniser(settings: WhisperSettings) -> Recogniser:
    """The recogniser that the settings ask for. Raises ConfigurationError."""
    return wyoming_recogniser.connect(settings) if settings.engine == "wyoming" else whisper.open_recogniser(settings)


def warm_up(recogniser: Recogniser) -> None:
    """As ``whisper.warm_up``; a server that is not there yet may come before the first command does."""
    try:
        whisper.warm_up(recogniser)
    except RecognitionError as error:
        logger.warning("%s; every utterance tries it anew", error)
