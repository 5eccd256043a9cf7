"""A whole recording in, what is said in it out, stretch by stretch: as the daemon hears it, without its clock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from smarthome.events import FRAME_BYTES, Segment, Transcript
from smarthome.settings import Settings

if TYPE_CHECKING:
    from smarthome.ears.whisper import Recogniser
    from smarthome.russian import Parser


def segments(pcm: bytes, settings: Settings) -> Iterator[Segment]:
    """The stretches of speech of a recording, in order."""
    from smarthome.ears.conditioning import Conditioned
    from smarthome.ears.segmenter import Segmenter
    from smarthome.ears.vad import WebRtcVad

    detector = Conditioned(WebRtcVad(settings.vad.aggressiveness))
    segmenter = Segmenter(settings.segmenter)
    for at in range(0, len(pcm), FRAME_BYTES):
        frame = pcm[at : at + FRAME_BYTES]
        yield from (each for each in segmenter.feed(frame, detector.voiced(frame)) if isinstance(each, Segment))
    yield from (each for each in segmenter.flush() if isinstance(each, Segment))


def heard(recogniser: Recogniser, segment: Segment) -> Transcript:
    """What the recogniser makes of one of them. Raises RecognitionError."""
    from smarthome.ears.audio_files import to_samples

    return recogniser.transcribe(to_samples(segment.pcm))


def believed(transcript: Transcript, parser: Parser | None) -> str:
    """What was said; nothing, when nobody spoke. A house knows which of several hypotheses is a sentence of its own."""
    from smarthome.ears.guard import vet

    vetted = vet(transcript)
    if vetted.ghost:
        return ""
    first = vetted.hypotheses[0][0]
    if parser is None:
        return first
    together = parser.parse_nbest(vetted.hypotheses)
    if together.status != "ok" or together.unsure:
        return first
    meant = (text for text, _ in vetted.hypotheses if parser.parse(text).intents == together.intents)
    return next(meant, first)
