"""Sought frames of a one-minute video beside decoding all of it, by how far its key frames are apart."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from smarthome.bench.tasks.jobs import race, seconds
from smarthome.errors import FailureError
from smarthome.settings import VideoSettings

FPS = 25
SIZE = (1280, 720)


def bench_video(length_s: int, intervals: Sequence[int], rounds: int) -> list[dict[str, object]]:
    """For each distance of key frames in frames: seconds, how many frames were decoded, the ratio."""
    with tempfile.TemporaryDirectory() as folder:
        return [_compare(_clip(Path(folder), length_s, every), every, rounds) for every in intervals]


def _compare(file: Path, every: int, rounds: int) -> dict[str, object]:
    facts: dict[str, Any] = {}

    def ours() -> None:
        from smarthome.tasks.decoders.video import decode

        facts.update(decode(file, _options(), io.BytesIO()))

    found = race(lambda: seconds(lambda: _all(file)), lambda: seconds(ours), rounds)
    return {
        "key_frame_every": every,
        "frames": facts["frames"],
        "decoded": facts["decoded"],
        "size": list(SIZE),
        "wanted": _options()["num_frames"],
        **found.figures(),
    }


def _options() -> dict[str, Any]:
    video = VideoSettings()
    return {
        "sampling": "uniform",
        "num_frames": video.num_frames,
        "clips": video.clips,
        "seconds": video.seconds,
        "frames": video.frames,
        "pixels": round(video.pixels_mp * 1e6),
    }


def _all(file: Path) -> None:
    """What is usually done: decode every frame, keep the evenly spaced ones."""
    import av

    with av.open(str(file)) as container:
        total = container.streams.video[0].frames
        wanted = set(np.linspace(0, total - 1, VideoSettings().num_frames).round().astype(int).tolist())
        kept = [frame.to_ndarray(format="rgb24") for at, frame in enumerate(container.decode(video=0)) if at in wanted]
    if len(kept) != len(wanted):
        raise FailureError(f"{file}: {len(kept)} frames instead of {len(wanted)}")


def _clip(folder: Path, length_s: int, every: int) -> Path:
    """H.264 as cameras and telephones make it: three B frames, a moving pattern with some noise."""
    import av

    file = folder / f"{every}.mp4"
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 12, (8, SIZE[1], SIZE[0], 1), dtype=np.uint8)
    across = np.linspace(0, 6 * np.pi, 2 * SIZE[0])
    with av.open(str(file), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.time_base = Fraction(1, FPS)
        params = f"keyint={every}:min-keyint={every}:scenecut=0:bframes=3"
        stream.options = {"preset": "veryfast", "x264-params": params}
        for number in range(length_s * FPS):
            wave = np.sin(across[number % SIZE[0] :][: SIZE[0]])
            picture = np.stack([100 + 80 * wave, 128 + 60 * np.roll(wave, number), 90 - 50 * wave], axis=-1)
            pixels = np.broadcast_to(picture.astype(np.uint8), (SIZE[1], SIZE[0], 3)) + noise[number % 8]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")))
        container.mux(stream.encode(None))
    return file
