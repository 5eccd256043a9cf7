"""Audio file in, 16 kHz mono sound out: whole for the recogniser, in frames for the segmenter.

PyAV decodes, the channels are averaged, soxr resamples. libswresample could do the last two as well, but it knows no
mix for channel counts without a named layout, and mixes stereo floats 3 dB too loud.
"""

from __future__ import annotations

import stat
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from smarthome.ears.captured import Framing
from smarthome.events import FRAME_BYTES, SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import av
    from av.audio.stream import AudioStream
    from av.container import InputContainer

Samples: TypeAlias = NDArray[np.float32]
"""float32 [n], mono, 16 kHz, within [-1, 1]."""

_DEMUXERS = "wav,mp3,flac,ogg,mov,matroska,aac"
"""Sound containers only: FFmpeg would take a text file for terminal art and follow a playlist into the network."""

_STATES_ITS_LENGTH = ("mp3", "flac", "ogg", "mov")
_LOST_S = 0.05
_RATES = range(4_000, 768_001)


class AudioFileError(Exception):
    """An audio file cannot be read (to its end); the message says which, what is wrong, what to do."""


def decode(path: str | Path) -> Samples:
    """All sound of a file: float32 [n], mono, 16 kHz, within [-1, 1].

    Raises:
        AudioFileError: not there, not audio, no sound in it, damaged or cut off.
    """
    return np.concatenate(list(_blocks(Path(path))))


def frames(path: str | Path) -> Iterator[bytes]:
    """The sound of a file as 16-bit frames of ``FRAME_BYTES``, the last one filled up with zeros.

    Holds about a packet of the file at a time.

    Raises:
        AudioFileError: as ``decode``; of a damaged file after the frames before the damage.
    """
    framing = Framing()
    for block in _blocks(Path(path)):
        yield from framing.add(to_pcm(block))
    if framing.rest:
        yield framing.rest.ljust(FRAME_BYTES, b"\0")


def to_pcm(samples: Samples) -> bytes:
    """Float samples within [-1, 1] as signed 16-bit little-endian ones."""
    return bytes(np.clip(np.rint(samples * 32_768.0), -32_768, 32_767).astype("<i2"))


def to_samples(pcm: bytes) -> Samples:
    """The reverse of ``to_pcm``."""
    return np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32_768.0)


def _blocks(path: Path) -> Iterator[Samples]:
    """16 kHz mono blocks as they are decoded; what only shows at the end is raised at the end."""
    import av

    with _open(path) as container:
        stream = _audio_stream(path, container)
        heard = 0
        try:
            for block in _mono_16k(container.decode(stream)):
                heard += len(block)
                yield block
        except av.FFmpegError:
            raise AudioFileError(
                f"{path}: damaged after {heard / SAMPLE_RATE:.2f} s; copy or record it again"
            ) from None
        if not heard:
            raise AudioFileError(f"{path}: holds no sound; record it again")
        if _is_incomplete(path, container, stream, heard / SAMPLE_RATE):
            raise AudioFileError(
                f"{path}: incomplete, only {heard / SAMPLE_RATE:.2f} s of sound are left in it; copy or record it again"
            )


def _open(path: Path) -> InputContainer:
    import av

    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise AudioFileError(f"{path}: {getattr(error, 'strerror', None) or error}; check the path") from None
    if stat.S_ISDIR(status.st_mode):
        raise AudioFileError(f"{path}: is a directory; name an audio file in it")
    if not stat.S_ISREG(status.st_mode):
        raise AudioFileError(f"{path}: not a regular file; name an audio file")
    if status.st_size == 0:
        raise AudioFileError(f"{path}: empty (0 bytes); copy or record it again")
    try:
        return av.open(f"file:{path}", "r", options={"format_whitelist": _DEMUXERS})
    except PermissionError:
        raise AudioFileError(f"{path}: reading it is not permitted; check its owner and mode") from None
    except av.FFmpegError:
        raise AudioFileError(f"{path}: not an audio file, or damaged; give a wav, mp3, flac, ogg or m4a file") from None


def _audio_stream(path: Path, container: InputContainer) -> AudioStream:
    if not container.streams.audio:
        raise AudioFileError(f"{path}: holds no audio stream; give a file with sound")
    stream = container.streams.audio[0]
    codec = stream.codec_context
    if not codec:
        raise AudioFileError(f"{path}: its sound is in an unknown format; convert it to wav, mp3, flac, ogg or m4a")
    if codec.channels < 1:
        raise AudioFileError(f"{path}: has 0 channels; record it again")
    if codec.sample_rate not in _RATES:
        raise AudioFileError(f"{path}: has a sample rate of {codec.sample_rate} Hz; convert it to 16000 Hz")
    return stream


def _mono_16k(decoded: Iterable[av.AudioFrame]) -> Iterator[Samples]:
    """Frames of any format, channel count and rate in, blocks out."""
    import av
    import soxr

    # A stream may change in its midst: chained Ogg files, AAC that turns out to be HE-AAC.
    for (_, _, rate), run in groupby(
        decoded, key=lambda frame: (frame.format.name, frame.layout.name, frame.sample_rate)
    ):
        # Interleaved, because PyAV reads planar frames of more than 8 channels out of bounds.
        interleaved = av.AudioResampler(format="flt")
        mono = (_mean(each) for frame in run for each in interleaved.resample(frame))
        if rate == SAMPLE_RATE:
            yield from mono
            continue
        resampler = soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32")
        for block in mono:
            yield np.clip(resampler.resample_chunk(block), -1.0, 1.0)
        yield np.clip(resampler.resample_chunk(np.zeros(0, np.float32), last=True), -1.0, 1.0)


def _mean(frame: av.AudioFrame) -> Samples:
    """The mean of the channels; files of floats may hold anything, and one NaN would silence the resampler for good."""
    channels = frame.to_ndarray().reshape(-1, frame.layout.nb_channels)
    mean: Samples = channels.mean(axis=1, dtype=np.float32)
    return np.clip(np.nan_to_num(mean), -1.0, 1.0)


def _is_incomplete(path: Path, container: InputContainer, stream: AudioStream, heard_s: float) -> bool:
    """Whether the file promises more than it holds; FFmpeg ends such files without a word."""
    form = container.format.name.split(",")[0]
    if form == "wav":
        return _riff_is_cut_off(path)
    if form == "ogg" and _ogg_is_cut_off(path):
        return True
    # An mp3 file states its length together with the encoder's delay; without these the duration is a guess.
    if form not in _STATES_ITS_LENGTH or (form == "mp3" and not stream.start_time):
        return False
    if stream.duration is None or stream.time_base is None:
        return False
    return heard_s < float(stream.duration * stream.time_base) - _LOST_S


def _riff_is_cut_off(path: Path) -> bool:
    """RIFF: 4 bytes name, 4 bytes size of what follows. Programs that write into a pipe leave 0 or about 2 or 4 GiB."""
    with path.open("rb") as file:
        header = file.read(8)
    size = int.from_bytes(header[4:], "little")
    unknown = header[:4] != b"RIFF" or size == 0 or size >= 0x7FFF_F000
    return not unknown and size > path.stat().st_size + 8


def _ogg_is_cut_off(path: Path) -> bool:
    """Whether the last Ogg page ends behind the file's end (RFC 3533, section 6: a page has up to 65,307 bytes)."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 65_307))
        tail = file.read()
    page = tail[tail.rfind(b"OggS") :]
    if len(page) < 27:
        return True
    return len(page) < 27 + page[26] + sum(page[27 : 27 + page[26]])
