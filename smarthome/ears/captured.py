"""Sound as it leaves a source, before anything has judged it: what microphones and file readers put into the inbox."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from smarthome.events import FRAME_BYTES


@dataclass(frozen=True, slots=True)
class Captured:
    """30 ms of sound, 16 kHz mono signed 16-bit little-endian; ``captured_at`` is when its last sample was there."""

    pcm: bytes
    captured_at: float


class Framing:
    """Sound in portions of any size in, frames of ``FRAME_BYTES`` out; ``rest`` is what does not fill a frame yet."""

    def __init__(self) -> None:
        self.rest = b""

    def add(self, pcm: bytes) -> Iterator[bytes]:
        """The frames that this portion completes; take all of them before the next portion."""
        self.rest += pcm
        while len(self.rest) >= FRAME_BYTES:
            frame, self.rest = self.rest[:FRAME_BYTES], self.rest[FRAME_BYTES:]
            yield frame
