"""Video file in, its packets out: read, not decoded. The caps on length and pixels are kept here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
from av.stream import Disposition

from smarthome.tasks.decoders.frames import too_many_pixels
from smarthome.tasks.decoders.timeline import Packet
from smarthome.tasks.decoders.verdict import Undecodable

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

DEMUXERS = "mov,matroska,avi,mpegts,mpeg,ogg,flv,asf,m4v"
"""Containers of videos only: FFmpeg would follow a playlist into the network."""

FASTEST = 240
"""Frames a second; a file with more packets than that is not believed."""


def open_container(file: Path) -> InputContainer:
    """The file, as a container of videos. Raises av.FFmpegError."""
    return av.open(f"file:{file}", "r", options={"format_whitelist": DEMUXERS, "fflags": "+genpts"})


def stream(container: InputContainer, options: Mapping[str, Any]) -> VideoStream:
    """The moving pictures in it, not too large. Raises Undecodable."""
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


def read(container: InputContainer, stream: VideoStream, options: Mapping[str, Any]) -> list[Packet]:
    """Every packet of the stream, in decoding order, none decoded. Raises Undecodable."""
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
    found = length(packets, base)
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
    return f"cut off or damaged after {length(packets, base) if packets else 0:.1f} s; copy it again"


def _check_length(seconds: float, longest: float) -> None:
    if seconds > longest:
        raise Undecodable("too_large", f"longer than {longest:g} s (video.seconds); cut it")


def length(packets: list[Packet], base: Fraction) -> float:
    """Seconds from the first frame to the last."""
    shown = [packet.pts for packet in packets]
    return round(float((max(shown) - min(shown)) * base), 3)
