"""A whole recording in, what is said in it out, stretch by stretch: judged as the daemon judges, without its clock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from smarthome.events import FRAME_BYTES, Segment, Utterance
from smarthome.settings import Settings

if TYPE_CHECKING:
    from smarthome.ears.ghosts import Ghosts
    from smarthome.ears.whisper import Recogniser
    from smarthome.russian import Parser


def utterances(pcm: bytes, settings: Settings) -> Iterator[Utterance]:
    """The stretches of speech of a recording, 16 kHz mono 16-bit, whole frames, in order."""
    from smarthome.ears.conditioning import Conditioned
    from smarthome.ears.level import LevelMeter, level
    from smarthome.ears.segmenter import Segmenter
    from smarthome.ears.vad import WebRtcVad

    detector = Conditioned(WebRtcVad(settings.vad.aggressiveness))
    segmenter = Segmenter(settings.segmenter)
    meter = LevelMeter()
    for at in range(0, len(pcm), FRAME_BYTES):
        frame = pcm[at : at + FRAME_BYTES]
        voiced = detector.voiced(frame)
        meter.feed(level(frame, voiced=voiced))
        for heard in segmenter.feed(frame, voiced):
            if isinstance(heard, Segment):
                yield Utterance(f"{heard.start_s:.2f}", heard, loudness=meter.loudness(heard))
    for heard in segmenter.flush():
        if isinstance(heard, Segment):
            yield Utterance(f"{heard.start_s:.2f}", heard, loudness=meter.loudness(heard))


def text_of(utterance: Utterance, ghosts: Ghosts, recogniser: Recogniser, parser: Parser | None) -> str:
    """What was said; nothing, when nobody spoke. Raises RecognitionError.

    A house (``parser``) knows which of several hypotheses is a sentence of its own.
    """
    from smarthome.ears.audio_files import to_samples
    from smarthome.ears.guard import vet

    if ghosts.judge(utterance):
        return ""
    vetted = vet(recogniser.transcribe(to_samples(utterance.segment.pcm)))
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
