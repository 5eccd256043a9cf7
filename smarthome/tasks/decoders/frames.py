"""Decoded frames in, those that are wanted out as RGB pixels: turned as the file says, counted."""

from __future__ import annotations

from typing import BinaryIO

import av
import numpy as np

from smarthome.tasks.decoders.verdict import Undecodable


class Pictures:
    """Writes the wanted frames as they are shown: in RGB, turned, all of the first one's size."""

    def __init__(self, most_pixels: int, raw: BinaryIO) -> None:
        self.kept: list[int] = []
        self.decoded = self.width = self.height = 0
        self._most = most_pixels
        self._raw = raw

    def take(self, frame: av.VideoFrame, wanted: frozenset[int]) -> None:
        """A decoded frame, wanted or not."""
        self.decoded += 1
        if frame.pts not in wanted or frame.pts in self.kept:
            return
        if frame.width * frame.height > self._most:
            raise too_many_pixels(self._most)
        picture = np.rot90(frame.to_ndarray(format="rgb24"), round(frame.rotation / 90))
        if not self.kept:
            self.height, self.width = picture.shape[:2]
        elif picture.shape[:2] != (self.height, self.width):
            raise Undecodable("unreadable", "its frames change their size; encode it again")
        self._raw.write(np.ascontiguousarray(picture).tobytes())
        self.kept.append(frame.pts)


def too_many_pixels(most: int) -> Undecodable:
    """The verdict on frames that are too large."""
    return Undecodable(
        "too_large", f"frames of more than {most / 1e6:g} million pixels (video.pixels_mp); make it smaller"
    )
