"""The values that flow: events into a core, effects out of it. Standard library only, everything frozen.

``*_at`` is a time on the process's monotonic clock in seconds, ``*_s`` a duration or an offset in seconds, ``pcm`` is
16 kHz mono signed 16-bit little-endian sound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from smarthome.intents import Intent, Status

SAMPLE_RATE = 16_000
FRAME_MS = 30
FRAME_SAMPLES = SAMPLE_RATE * FRAME_MS // 1000
FRAME_BYTES = 2 * FRAME_SAMPLES


# --- values ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech as the segmenter cuts it. Times are seconds from the start of the source.

    ``start_s`` and ``end_s`` bound the voiced sound; ``pcm`` also holds the pre-roll and the trailing silence.
    ``cut`` says that the maximum length ended it, not silence.
    """

    pcm: bytes
    start_s: float
    end_s: float
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Loudness:
    """How loud an utterance was; dB relative to full scale, a square wave of which has 0.

    ``speech_dbfs`` is the mean power of its voiced frames, ``noise_dbfs`` what was there before it (None: too short to
    tell), ``clipped`` the share of samples at full scale, ``voiced_ms`` how much of it the detector called voice.
    """

    speech_dbfs: float
    noise_dbfs: float | None
    peak_dbfs: float
    clipped: float
    voiced_ms: int


@dataclass(frozen=True, slots=True)
class Utterance:
    """A segment with its name. ``file`` is the audio file's path as given, None for a microphone."""

    id: str
    segment: Segment
    file: str | None = None
    loudness: Loudness | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """What the recogniser heard. ``tokens`` counts text tokens; ``compute_s`` is wall time from samples to text.

    ``avg_logprob`` is the mean log-probability per token, ``no_speech_prob`` that of Whisper's no-speech token at the
    first step (Radford et al. 2022, section 4.5); None when the recogniser does not tell. ``others`` are further
    hypotheses, the likeliest first, each with the logarithm of its probability. ``redone`` is why a first decoding
    was not believed.
    """

    text: str
    avg_logprob: float | None
    no_speech_prob: float | None
    tokens: int
    compute_s: float
    others: tuple[tuple[str, float], ...] = ()
    redone: str | None = None

    @property
    def hypotheses(self) -> tuple[tuple[str, float], ...]:
        """(text, logarithm of its probability) of all that may have been said, the likeliest first."""
        return ((self.text, (self.avg_logprob or 0.0) * (self.tokens + 1)), *self.others)


@dataclass(frozen=True, slots=True)
class Command:
    """One MQTT message that makes one device do something."""

    device: str
    topic: str
    payload: str


# --- events: what happens to a core ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Frame:
    """30 ms of sound; ``voiced`` is the voice activity detector's word on it."""

    pcm: bytes
    voiced: bool
    captured_at: float


@dataclass(frozen=True, slots=True)
class FileStarted:
    """The next frames come from this audio file."""

    path: str


@dataclass(frozen=True, slots=True)
class FileEnded:
    """No more frames come from this file; ``error`` says why when it could not be read (to its end)."""

    path: str
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Transcribed:
    """The recogniser is done with an utterance."""

    utterance_id: str
    transcript: Transcript


@dataclass(frozen=True, slots=True)
class TranscriptionFailed:
    """The recogniser could not do an utterance; the next one is tried as usual."""

    utterance_id: str
    error: str


@dataclass(frozen=True, slots=True)
class NotSpeech:
    """Nobody said this utterance, so it was not recognised; ``tier`` says who found out, ``why`` how."""

    utterance_id: str
    tier: str
    why: str


@dataclass(frozen=True, slots=True)
class Said:
    """A command that came as text: on the site's ``say`` topic, or from ``smarthome say``."""

    text: str
    area: str | None = None


@dataclass(frozen=True, slots=True)
class Connected:
    """The broker answers and every subscription is granted."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The broker is gone; until ``Connected`` nothing may be sent."""

    reason: str


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """Where an answer is wanted: MQTT 5's response topic, and the correlation data to send back with it."""

    topic: str
    correlation: bytes = b""


@dataclass(frozen=True, slots=True)
class Message:
    """An MQTT message. Of several waiting ones with the same topic only the newest needs handling if ``state``."""

    topic: str
    payload: bytes
    retained: bool = False
    state: bool = False
    reply_to: ReplyTo | None = None


@dataclass(frozen=True, slots=True)
class OutputStarted:
    """The house itself makes sound; ``output`` says which, a reply's speech or the id of a ducked media player."""

    output: str
    at: float


@dataclass(frozen=True, slots=True)
class OutputEnded:
    """That sound has ended, but for its echo in the room."""

    output: str
    at: float


@dataclass(frozen=True, slots=True)
class SoundLost:
    """The sound card or the inbox could not keep up; ``frames`` were not heard."""

    frames: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A deadline that the core asked for has come."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Finish in order: SIGTERM, Ctrl-C, or nothing left to do. ``error`` makes the exit code 1."""

    error: str | None = None


Event: TypeAlias = (
    Frame
    | FileStarted
    | FileEnded
    | Transcribed
    | TranscriptionFailed
    | NotSpeech
    | Said
    | Connected
    | Disconnected
    | Message
    | OutputStarted
    | OutputEnded
    | SoundLost
    | Tick
    | Stop
)


# --- effects: what a core wants done ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Transcribe:
    """Recognise this utterance.

    ``Transcribed``, ``NotSpeech`` or ``TranscriptionFailed`` comes back, in the order asked.
    """

    utterance: Utterance


@dataclass(frozen=True, slots=True)
class Publish:
    """Send this to the broker, now or never. ``command`` marks what moves a device."""

    topic: str
    payload: str
    retain: bool = False
    command: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """Everything about one utterance, once, after its commands. ``ms`` is stage → milliseconds.

    ``ended_at`` is when its last voiced frame was captured (None for text), for the shell's own ``publish`` and
    ``total``.
    """

    id: str
    file: str | None
    start_s: float | None
    end_s: float | None
    text: str
    intents: tuple[Intent, ...]
    status: Status
    reason: str | None
    commands: tuple[Command, ...] = ()
    reply: str | None = None
    ms: Mapping[str, float] = field(default_factory=dict)
    ended_at: float | None = None
    loudness: Loudness | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """Say this to the people in the room."""

    text: str


@dataclass(frozen=True, slots=True)
class FileDone:
    """Every utterance of this file is reported; ``error`` as in ``FileEnded``."""

    path: str
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Warn:
    """Tell whoever runs the system: what, where, what to do. Never holds what somebody said."""

    text: str


Effect: TypeAlias = Transcribe | Publish | Report | Reply | FileDone | Warn
