"""Transcript in, what is believed of it out: Whisper also writes when nobody speaks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from smarthome.ears.runaway import COMPRESSION_RATIO, compression_ratio, goes_round
from smarthome.events import Transcript

NO_SPEECH_PROB = 0.6
AVG_LOGPROB = -1.0
"""Both thresholds are the ones of Whisper's own decoding (Radford et al. 2022, section 4.5).

There, a text below the second one is decoded again, more freely. Here nothing is done about it: a house that acts on
what several people say at once is worse than one that has to be told again.
"""

_NAME = r"(?:\s+(?:[А-ЯЁA-Z]\s*\.\s*)*[А-ЯЁA-Z]\w+)"
_CREDITS = re.compile(
    r"|".join(
        (
            rf"[Сс]убтитры\s+(?:с?делал|создавал|создал|подготовил|подогнал|добавил|предоставил|и\s+перевод)\w*{_NAME}?",
            rf"(?:[Рр]едактор|[Кк]орректор|[Аа]втор)\s+субтитров{_NAME}?",
            rf"[Кк]орректор{_NAME}",
            r"DimaTorzok",
            r"[Пп]родолжение\s+(?:следует|в\s+следующей\s+части)",
            r"[Сс]мотрите\s+продолжение(?:\s+в\s+следующей\s+части)?",
            r"[Сс]пасибо\s+(?:\w+\s+)?за\s+(?:просмотр|субтитры|подписку)",
            r"[Пп]од(?:писывайтесь|пишись|пишитесь)\s+на\s+(?:(?:мой|наш|этот)\s+)?канал",
            r"[Сс]тавьте\s+лайк\w*",
            r"ПОДПИШИСЬ|ПОДПИСЫВАЙТЕСЬ|АПЛОДИСМЕНТЫ|СМЕХ|[А-ЯЁ]+АЯ\s+МУЗЫКА",
        )
    )
)
"""What Russian films and channels end with: Whisper learnt to write it into silence.

A name is one word: a second one may begin a command.
"""

_LOOSE_ENDS = re.compile(r"^[\W_]+|(?<=[.!?…])[\s.!?…]+$")


@dataclass(frozen=True, slots=True)
class Vetted:
    """``hypotheses`` without credits, as in Transcript; ``ghost`` is why nobody said any of it."""

    hypotheses: tuple[tuple[str, float], ...]
    ghost: str | None = None


def vet(transcript: Transcript) -> Vetted:
    """What of a transcript is taken for speech."""
    heard = [(without_credits(text), logprob) for text, logprob in transcript.hypotheses]
    said: dict[str, float] = {}
    for text, logprob in heard:
        if _has_words(text):
            said.setdefault(text, logprob)
    return Vetted(tuple(said.items()), _ghost(transcript, heard[0][0]))


def without_credits(text: str) -> str:
    """A text without what films and channels end with; whatever stands around it remains."""
    kept, cut = _CREDITS.subn(" ", text)
    return " ".join(_LOOSE_ENDS.sub("", kept).split()) if cut else text


def _ghost(transcript: Transcript, believed: str) -> str | None:
    if not _has_words(transcript.text):
        return "no words"
    if not _has_words(believed):
        return "credits"
    if compression_ratio(transcript.text) > COMPRESSION_RATIO or goes_round(transcript.text):
        return "repetition"
    if transcript.no_speech_prob is None or transcript.avg_logprob is None:
        return None
    if transcript.avg_logprob >= AVG_LOGPROB:
        return None
    return "no speech" if transcript.no_speech_prob > NO_SPEECH_PROB else "unsure"


def _has_words(text: str) -> bool:
    return any(letter.isalnum() for letter in text)
