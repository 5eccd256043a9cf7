"""Settings of hearing: from the microphone to what was said."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from smarthome.settings.section import Section

Name = Annotated[str, Field(pattern=r"^[^\W\d_]+([ -][^\W\d_]+){0,2}$", max_length=40)]
"""One to three words of letters."""


class AudioSettings(Section):
    """The microphone."""

    device: int | str | None = Field(
        default=None, description="input device: index or part of its name; none: the system's default"
    )
    rate: int | None = Field(
        default=None,
        ge=8_000,
        le=192_000,
        description="native sample rate in Hz; none: 16000, else what the device says",
    )


class VadSettings(Section):
    """Voice activity detection: WebRTC's for every frame, perhaps another for a whole utterance."""

    aggressiveness: int = Field(default=2, ge=0, le=3, description="0 lets much through, 3 little")
    second_opinion: Literal["auto", "silero", "none"] = Field(
        default="auto", description="who else must hear a voice in an utterance; auto: Silero, if it is installed"
    )


class SegmenterSettings(Section):
    """How speech is cut into utterances; milliseconds."""

    pre_roll_ms: int = Field(default=300, ge=0, le=2_000, description="sound kept from before the first voiced frame")
    start_ms: int = Field(default=90, ge=30, le=1_000, description="voiced sound in a row that starts an utterance")
    silence_ms: int = Field(default=700, ge=120, le=5_000, description="unvoiced sound in a row that ends one")
    hangover_ms: int = Field(default=150, ge=0, le=1_000, description="trailing silence kept for the recogniser")
    min_ms: int = Field(default=240, ge=0, le=5_000, description="utterances with less voiced sound are dropped")
    max_ms: int = Field(
        default=15_000, ge=1_000, le=28_000, description="longer ones are cut; Whisper's window is 30 s"
    )

    @model_validator(mode="after")
    def _longest_holds_the_rest(self) -> SegmenterSettings:
        if self.max_ms < self.pre_roll_ms + self.start_ms + self.min_ms:
            raise ValueError("max_ms must be at least pre_roll_ms + start_ms + min_ms")
        if self.hangover_ms > self.silence_ms:
            raise ValueError("hangover_ms must be at most silence_ms")
        return self


class EndpointSettings(Section):
    """When a sentence is over, by what it says so far; milliseconds of silence."""

    speculate_ms: int = Field(
        default=90, ge=0, le=2_000, description="silence after which the recogniser begins; 0: not before the end"
    )
    dangling_ms: int = Field(
        default=1_650, ge=120, le=5_000, description="silence that ends what is no complete command yet"
    )
    patient: bool = Field(
        default=False,
        description="for slow speakers: complete commands wait segmenter.silence_ms, all else dangling_ms",
    )


EXPECTED = (
    "Команды умного дома: включи свет на кухне, выключи телевизор в гостиной, "
    "поставь температуру двадцать два градуса, закрой шторы в спальне."
)
"""Reads like speech, as Whisper's prompt should; a list of the house's names helps less (docs/benchmarks.md)."""


class WhisperSettings(Section):
    """Speech recognition."""

    default_model: ClassVar[str] = "openai/whisper-small"

    model: str = Field(
        default=default_model,
        description="a name on the hub, 'whisper-base' (packaged), or a directory (transformers or CTranslate2)",
    )
    engine: Literal["auto", "transformers", "ctranslate2", "wyoming"] = Field(
        default="auto", description="auto: transformers on a GPU, ctranslate2 otherwise; wyoming: a server"
    )
    wyoming_uri: str | None = Field(
        default=None,
        pattern=r"^(tcp://[^/:\s]+:\d{1,5}|unix:///\S+)$",
        description="the server: tcp://host:port, unix://path",
    )
    wyoming_timeout_s: float = Field(default=10.0, gt=0, le=120, description="how long the server may take; seconds")
    device: Literal["auto", "cpu", "cuda"] = Field(default="auto", description="auto: the GPU when there is one")
    precision: Literal["auto", "float32", "float16", "bfloat16", "int8"] = Field(
        default="auto", description="auto: float16 on a GPU, int8 on a CPU (float32 with transformers)"
    )
    beam: int = Field(default=5, ge=1, le=10, description="beam size; 1 is greedy")
    expect: str = Field(
        default=EXPECTED, max_length=600, description="what commands are like, for the recogniser; '': nothing"
    )
    splice: bool = Field(
        default=True, description="encode the sound only, not Whisper's 30 s: several times faster (docs/benchmarks.md)"
    )
    threads: int = Field(default=0, ge=0, le=256, description="CPU threads; 0: all cores")
    cache: Path | None = Field(default=None, description="where converted weights are kept; none: ~/.cache/smarthome")


class ActivationSettings(Section):
    """When the house listens."""

    mode: Literal["always", "phrase"] = Field(
        default="always", description="always: to every sentence; phrase: to those that call it by a name"
    )
    names: tuple[Name, ...] = Field(
        default=("дом", "умный дом"), min_length=1, description="what the house is called, in the nominative"
    )
    follow_up_s: float = Field(
        default=8.0, ge=0, le=120, description="after a call it listens so long without a name; seconds"
    )


class OutputSettings(Section):
    """The house's own sound, to which it does not listen."""

    tail_ms: int = Field(default=300, ge=0, le=5_000, description="how long it still echoes in the room; milliseconds")
    longest_s: float = Field(
        default=30.0, gt=0, le=3_600, description="whatever plays without telling its end has ended by then; seconds"
    )
