"""Video file in, the wanted frames as RGB pixels out, nothing decoded that they do not need. Run by ``cell.py``.

    packets, read but not decoded ─ timeline.py ─► runs ─ seek to the key frame, decode up to the last wanted, drain

Frames that no other refers to (most B frames) are skipped on the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import av
from av.stream import Disposition

from smarthome.tasks.decoders import timeline
from smarthome.tasks.decoders.frames import Pictures, too_many_pixels
from smarthome.tasks.decoders.timeline import Packet, Run
from smarthome.tasks.decoders.verdict import Undecodable

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

DEMUXERS = "mov,matroska,avi,mpegts,mpeg,ogg,flv,asf,m4v"
"""Containers of videos only: FFmpeg would follow a playlist into the network."""

CLIP_FPS = 15
"""Frames of a clip are as far apart as when the model was trained (torchvision's references/video_classification)."""

FASTEST = 240
"""Frames a second; a file with more packets than that is not believed."""


class Video(NamedTuple):
    """An open file, its pictures, and what its packets are."""

    file: Path
    container: InputContainer
    stream: VideoStream
    packets: list[Packet]


def decode(file: Path, options: Mapping[str, Any], raw: BinaryIO) -> Mapping[str, Any]:
    """Write every wanted frame once, ``height`` × ``width`` × 3 bytes; ``picks`` tells their order with repeats.

    Options: ``sampling``, ``num_frames``, ``clips``, and the caps ``seconds``, ``frames`` (to decode), ``pixels``.
    """
    try:
        with _open(file) as container:
            stream = _stream(container, options)
            video = Video(file, container, stream, _read(container, stream, options))
            return _decode(video, options, raw)
    except av.FFmpegError as error:
        raise Undecodable(
            "unreadable", f"not a video, or damaged ({error.strerror}); give an mp4 or mkv file"
        ) from None


def _decode(video: Video, options: Mapping[str, Any], raw: BinaryIO) -> Mapping[str, Any]:
    stream, packets = video.stream, video.packets
    base = stream.time_base or Fraction(1, 1_000)
    times = _times(packets, options, base)
    runs = timeline.runs(packets, times)
    planned = sum(run.last - run.first + 1 for run in runs)
    if planned > options["frames"]:
        raise Undecodable(
            "too_large",
            f"{planned} frames would have to be decoded, at most {options['frames']} are (video.frames); "
            "cut it, or encode it with more key frames",
        )
    pictures = Pictures(options["pixels"], raw)
    for run in runs:
        _perform(video, run, pictures)
    order = {pts: number for number, pts in enumerate(pictures.kept)}
    if missing := [time for time in times if time not in order]:
        raise Undecodable("unreadable", f"damaged at {float(missing[0] * base):.2f} s; encode it again")
    begin = min(packet.pts for packet in packets)
    return {
        "width": pictures.width,
        "height": pictures.height,
        "picks": [order[time] for time in times],
        "times_s": [round(float((time - begin) * base), 3) for time in times],
        "seconds": _length(packets, base),
        "frames": len(packets),
        "decoded": pictures.decoded,
    }


def _perform(video: Video, run: Run, pictures: Pictures) -> None:
    _decode_run(video, run, pictures, skip=True)
    if not run.wanted.issubset(pictures.kept):
        # A decoder that skipped too much, or shows frames at other times than its packets say.
        _decode_run(video, run, pictures, skip=False)


def _decode_run(video: Video, run: Run, pictures: Pictures, *, skip: bool) -> None:
    codec = video.stream.codec_context
    codec.flush_buffers()
    for packet in _from(video, run.first, run.last):
        codec.skip_frame = "NONREF" if skip and packet.pts not in run.wanted else "DEFAULT"
        for frame in codec.decode(packet):
            pictures.take(frame, run.wanted)
    codec.skip_frame = "DEFAULT"
    for frame in codec.decode(None):
        pictures.take(frame, run.wanted)


def _from(video: Video, first: int, last: int) -> Iterator[av.Packet[Any]]:
    """The packets of these places. Where seeking misses the key frame (MPEG program streams), the file is read anew."""
    start, count = video.packets[first], last - first + 1
    video.container.seek(start.dts, stream=video.stream, backward=True)
    found = _after(video.container.demux(video.stream), start, count)
    if (packet := next(found, None)) is not None:
        yield packet
        yield from found
        return
    with _open(video.file) as container:
        yield from _after(container.demux(container.streams[video.stream.index]), start, count)


def _after(packets: Iterator[av.Packet[Any]], start: Packet, count: int) -> Iterator[av.Packet[Any]]:
    """``count`` packets from ``start`` on; nothing, when it has been passed."""
    for packet in packets:
        if (packet.pts, packet.is_keyframe) == (start.pts, start.key):
            yield packet
            yield from islice((each for each in packets if each.pts is not None and each.size), count - 1)
            return
        if packet.is_keyframe and packet.pts is not None and packet.pts > start.pts:
            return


def _times(packets: list[Packet], options: Mapping[str, Any], base: Fraction) -> list[int]:
    if options["sampling"] == "clips":
        return timeline.clips(packets, options["num_frames"], options["clips"], float(1 / (CLIP_FPS * base)))
    return timeline.uniform(packets, options["num_frames"])


def _open(file: Path) -> InputContainer:
    return av.open(f"file:{file}", "r", options={"format_whitelist": DEMUXERS, "fflags": "+genpts"})


def _stream(container: InputContainer, options: Mapping[str, Any]) -> VideoStream:
    streams = [each for each in container.streams.video if not each.disposition & Disposition.attached_pic]
    if not streams:
        raise Undecodable("unreadable", "holds no video; give a file with moving pictures")
    stream = streams[0]
    codec = stream.codec_context
    if not codec:
        raise Undecodable("unreadable", "its video is in an unknown format; convert it to H.264 in mp4")
    if codec.width * codec.height > options["pixels"]:
        raise too_many_pixels(options["pixels"])
    codec.options = {"max_pixels": str(options["pixels"])}
    return stream


def _read(container: InputContainer, stream: VideoStream, options: Mapping[str, Any]) -> list[Packet]:
    """Every packet of the stream, in decoding order, none decoded."""
    base = stream.time_base or Fraction(1, 1_000)
    promised = _promised(stream, base)
    _check_length(promised, options["seconds"])
    packets: list[Packet] = []
    try:
        for packet in container.demux(stream):
            if packet.pts is None or packet.is_discard or not packet.size:
                continue
            packets.append(Packet(packet.pts, packet.pts if packet.dts is None else packet.dts, packet.is_keyframe))
            if len(packets) > options["seconds"] * FASTEST:
                _check_length(float("inf"), options["seconds"])
    except av.FFmpegError:
        raise Undecodable("unreadable", _cut_off(packets, base)) from None
    if not packets:
        raise Undecodable("unreadable", "holds no frames with times; convert it to mp4")
    found = _length(packets, base)
    _check_length(found, options["seconds"])
    if found < 0.9 * promised - 1.0:
        raise Undecodable("unreadable", _cut_off(packets, base))
    return packets


def _promised(stream: VideoStream, base: Fraction) -> float:
    """How long the file says its video is; 0: it does not. Matroska tells in a tag: 00:01:02.500000000."""
    if stream.duration:
        return float(stream.duration * base)
    told = re.fullmatch(r"(\d+):(\d\d):(\d\d\.\d+)", stream.metadata.get("DURATION", ""))
    return int(told[1]) * 3_600 + int(told[2]) * 60 + float(told[3]) if told else 0.0


def _cut_off(packets: list[Packet], base: Fraction) -> str:
    return f"cut off or damaged after {_length(packets, base) if packets else 0:.1f} s; copy it again"


def _check_length(seconds: float, longest: float) -> None:
    if seconds > longest:
        raise Undecodable("too_large", f"longer than {longest:g} s (video.seconds); cut it")


def _length(packets: list[Packet], base: Fraction) -> float:
    shown = [packet.pts for packet in packets]
    return round(float((max(shown) - min(shown)) * base), 3)
