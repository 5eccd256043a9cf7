"""Sound in, Transcript out, by a speech recogniser on the network that speaks Wyoming.

    transcribe, audio-start, audio-chunk…, audio-stop ─► server ─► transcript

The protocol is Home Assistant's (https://github.com/OHF-Voice/wyoming): servers with Whisper, Vosk, GigaAM and others
speak it. Every utterance gets a connection of its own, so that a server may come, go and come again.
"""

from __future__ import annotations

import asyncio
import time
from asyncio import IncompleteReadError
from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

from smarthome.ears.audio_files import to_pcm
from smarthome.ears.decoding import RecognitionError
from smarthome.ears.mel import WINDOW_SAMPLES, Floats
from smarthome.errors import ConfigurationError
from smarthome.events import SAMPLE_RATE, Transcript
from smarthome.settings import WhisperSettings

if TYPE_CHECKING:
    from wyoming.event import Event

CHUNK_BYTES = SAMPLE_RATE
"""Half a second."""


class WyomingRecogniser:
    """A client of one server. ``model`` is its address; which beam the server uses it does not say."""

    engine = "wyoming"
    beam = 0

    def __init__(self, uri: str, timeout_s: float) -> None:
        self.model = uri
        self._timeout_s = timeout_s

    def transcribe(self, pcm: Floats) -> Transcript:
        """As the protocol says. Servers tell nothing of probabilities: they are None, and ``tokens`` counts words.

        Raises RecognitionError when the server cannot be reached, answers with nonsense or with an error, or has not
        answered after the time-out, connecting included.
        """
        if pcm.ndim != 1:
            raise ValueError(f"expected samples [n], not {pcm.shape}")
        started = time.perf_counter()
        text = asyncio.run(self._ask(to_pcm(pcm[:WINDOW_SAMPLES]))).strip()
        return Transcript(text, None, None, len(text.split()), time.perf_counter() - started)

    async def _ask(self, sound: bytes) -> str:
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._converse(sound)
        except TimeoutError:
            raise RecognitionError(f"{self.model} has not answered within {self._timeout_s:g} s") from None
        except (OSError, IncompleteReadError) as error:
            raise RecognitionError(f"{self.model}: {error or type(error).__name__}") from None

    async def _converse(self, sound: bytes) -> str:
        from wyoming.client import AsyncClient

        async with AsyncClient.from_uri(self.model) as server:
            for event in _question(sound):
                await server.write_event(event)
            while True:
                try:
                    answer = await server.read_event()
                except (AttributeError, KeyError, TypeError, ValueError, asyncio.LimitOverrunError):
                    raise RecognitionError(f"{self.model} does not speak Wyoming") from None
                if answer is None:
                    raise RecognitionError(f"{self.model} hung up, or does not speak Wyoming")
                if (text := self._text(answer)) is not None:
                    return text

    def _text(self, answer: Event) -> str | None:
        """What was heard; None for an event that is not the transcript."""
        from wyoming.asr import Transcript as Answer
        from wyoming.error import Error

        if Error.is_type(answer.type):
            raise RecognitionError(f"{self.model}: {answer.data.get('text', 'error')}")
        if not Answer.is_type(answer.type):
            return None
        text = answer.data.get("text")
        if not isinstance(text, str):
            raise RecognitionError(f"{self.model} answered without a text")
        return text


def _question(sound: bytes) -> Iterator[Event]:
    from wyoming.asr import Transcribe
    from wyoming.audio import AudioChunk, AudioStart, AudioStop

    yield Transcribe(language="ru").event()
    yield AudioStart(SAMPLE_RATE, 2, 1).event()
    for start in range(0, len(sound), CHUNK_BYTES):
        yield AudioChunk(SAMPLE_RATE, 2, 1, sound[start : start + CHUNK_BYTES]).event()
    yield AudioStop().event()


def connect(settings: WhisperSettings) -> WyomingRecogniser:
    """The client that the settings describe. Raises ConfigurationError without an address, or without the package."""
    if not settings.wyoming_uri:
        raise ConfigurationError("whisper.engine = wyoming: whisper.wyoming_uri is missing, such as tcp://host:10300")
    if find_spec("wyoming") is None:
        raise ConfigurationError("whisper.engine = wyoming: pip install 'smarthome[wyoming]'")
    return WyomingRecogniser(settings.wyoming_uri, settings.wyoming_timeout_s)
