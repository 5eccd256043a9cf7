"""Video clips made by ffmpeg, and what decoding all of one gives."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

Pixels = np.ndarray


def ffmpeg(*arguments: str | Path) -> None:
    """Run it; its complaints are the test's."""
    command = ["ffmpeg", "-v", "error", "-y", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def moving(path: Path, *encoding: str, seconds: float = 8, size: str = "192x144", filters: str = "null") -> Path:
    """A clip at 25 frames a second whose every frame differs from the others."""
    source = f"testsrc2=size={size}:rate=25:duration={seconds}"
    ffmpeg("-f", "lavfi", "-i", source, "-vf", filters, "-pix_fmt", "yuv420p", *encoding, path)
    return path


def x264(every: int, *more: str) -> tuple[str, ...]:
    """A key frame every so many frames."""
    params = f"keyint={every}:min-keyint={every}:scenecut=0"
    return ("-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-threads", "1", "-x264-params", params, *more)


@dataclass(frozen=True, slots=True)
class Whole:
    """All frames of a clip: RGB by time in seconds from the first, and its packets in decoding order, (pts, key)."""

    frames: dict[float, Pixels]
    packets: list[tuple[float, bool]]

    def needed(self, times: list[float]) -> int:
        """How many packets lie between the key frame before each of these frames and it, in decoding order."""
        needed: set[int] = set()
        for time in times:
            at = next(place for place, (pts, _) in enumerate(self.packets) if pts == time)
            key = max(place for place in range(at + 1) if self.packets[place][1] and self.packets[place][0] <= time)
            needed |= set(range(key, at + 1))
        return len(needed)


def whole(path: Path) -> Whole:
    """Decode everything, in order, without any of our code."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        base = stream.time_base
        assert base is not None
        packets = [(float(p.pts * base), p.is_keyframe) for p in container.demux(stream) if p.pts is not None]
    begin = min(pts for pts, _ in packets)
    frames: dict[float, Pixels] = {}
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            assert frame.pts is not None
            frames[round(float(frame.pts * base) - begin, 3)] = frame.to_ndarray(format="rgb24")
    return Whole(frames, [(round(pts - begin, 3), key) for pts, key in packets])
