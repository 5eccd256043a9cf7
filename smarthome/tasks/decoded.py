"""What decoding one file may take, and what comes of it: the values between sandbox.py and the tasks."""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from smarthome.settings import InputsSettings


@dataclass(frozen=True, slots=True)
class Limits:
    """What decoding one file may take: memory beside the decoder's own, wall time, size of the answer."""

    memory_mb: int
    seconds: float
    answer_mb: int

    @classmethod
    def of(cls, settings: InputsSettings) -> Limits:
        """Those of the settings; what was decoded must fit into the memory for decoding, too."""
        return cls(settings.decode_memory_mb, settings.decode_s, settings.decode_memory_mb)


class Facts(BaseModel):
    """What a decoder says about its file; a decoder that was taken over may say anything, so it is checked."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


FactsT = TypeVar("FactsT", bound=Facts)


@dataclass(frozen=True, slots=True)
class Decoded(Generic[FactsT]):
    """What a decoder says about its file, and its raw bytes."""

    facts: FactsT
    raw: bytes | mmap.mmap
