"""Transcript in, the reason why nobody said it out: Whisper also writes when nobody speaks."""

from __future__ import annotations

from smarthome.events import Transcript

NO_SPEECH_PROB = 0.6
AVG_LOGPROB = -1.0
"""Both thresholds are the ones of Whisper's own decoding (Radford et al. 2022, section 4.5)."""


def ghost(transcript: Transcript) -> str | None:
    """Why a transcript is taken for no speech; None when it is believed."""
    if not any(letter.isalnum() for letter in transcript.text):
        return "no words"
    if transcript.no_speech_prob is None or transcript.avg_logprob is None:
        return None
    if transcript.no_speech_prob > NO_SPEECH_PROB and transcript.avg_logprob < AVG_LOGPROB:
        return "no speech"
    return None
