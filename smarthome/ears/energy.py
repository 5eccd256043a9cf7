"""How loud an utterance was in, why that was no voice out: the first look, which costs nothing.

The thresholds are far from anything that is said (docs/benchmarks.md, "Ghosts before the recogniser").
"""

from __future__ import annotations

from smarthome.events import Loudness, Segment

FAINT_DBFS = -70.0
"""Ten of 32,768 steps: no microphone that works is that quiet when somebody speaks."""

ABOVE_NOISE_DB = 2.0
"""A voice as loud as the noise adds 3 dB to it."""

HARDLY_VOICED = 0.2
"""Least share of voiced frames from the first to the last; of speech with a pause of a second and a half it is 0.4."""

MAYBE_VOICED, MAYBE_ABOVE_NOISE_DB = 0.45, 6.0
"""Below both, it is noise at the detector's threshold."""


def no_energy(loudness: Loudness, segment: Segment) -> str | None:
    """Why nobody has said this; None when somebody may have."""
    share = loudness.voiced_ms / max(1.0, 1000 * (segment.end_s - segment.start_s))
    above_db = None if loudness.noise_dbfs is None else loudness.speech_dbfs - loudness.noise_dbfs
    if loudness.speech_dbfs < FAINT_DBFS:
        return "hardly any sound"
    if above_db is not None and above_db < ABOVE_NOISE_DB:
        return "no louder than the noise"
    if share < HARDLY_VOICED or (share < MAYBE_VOICED and above_db is not None and above_db < MAYBE_ABOVE_NOISE_DB):
        return "hardly voiced"
    return None
