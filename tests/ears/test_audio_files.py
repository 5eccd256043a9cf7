"""Real files of every kind, made by ffmpeg or byte by byte; and every way in which one can be bad."""

from __future__ import annotations

import re
import struct
import subprocess
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from smarthome.ears.audio_files import AudioFileError, Samples, decode, frames, to_pcm, to_samples
from smarthome.events import FRAME_BYTES, SAMPLE_RATE
from tests.recordings import SOUNDS

RECORDING = SOUNDS / "tt-weasels.wav"
SAMPLE_FORMATS = ("pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_s64le", "pcm_f32le", "pcm_f64le", "pcm_alaw")


def ffmpeg(*arguments: str | Path) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, arguments)], check=True, timeout=60)


def riff(channels: int, rate: int, data: bytes, *, bits: int = 16, kind: int = 1) -> bytes:
    """A wav file, header and all (IBM and Microsoft, Multimedia Programming Interface 1.0, 1991)."""
    size = channels * bits // 8
    form = struct.pack("<HHIIHH", kind, channels, rate, rate * size, size, bits)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def tone(seconds: float, rate: int, amplitude: float = 0.5) -> Samples:
    """400 Hz."""
    return (amplitude * np.sin(2 * np.pi * 400 * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def loudness(sound: Samples) -> float:
    """The amplitude of a tone, without its first and last tenth, where resamplers and codecs ring."""
    middle = sound[len(sound) // 10 : -len(sound) // 10]
    return float(np.sqrt(2 * np.mean(middle.astype(np.float64) ** 2)))


def likeness(one: Samples, other: Samples) -> float:
    """Correlation of what both have."""
    length = min(len(one), len(other))
    return float(np.corrcoef(one[:length], other[:length])[0, 1])


# --- what can be read ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("x.wav", ()),
        ("x.mp3", ("-ar", "44100", "-ac", "2")),
        ("without-xing.mp3", ("-ar", "44100", "-write_xing", "0")),
        ("x.flac", ("-ar", "48000")),
        ("vorbis.ogg", ("-ar", "44100", "-c:a", "libvorbis")),
        ("opus.ogg", ("-c:a", "libopus")),
        ("x.m4a", ("-ar", "44100", "-ac", "2")),
        ("с пробелом: и двоеточием.wav", ()),
    ],
)
def test_every_format(tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    ffmpeg("-i", RECORDING, *options, f"file:{tmp_path / name}")
    sound, original = decode(tmp_path / name), decode(RECORDING)
    assert sound.dtype == np.float32
    assert sound.ndim == 1
    # Without its header an mp3 file's first 1105 samples of encoder delay are sound like any other.
    start = 401 if name == "without-xing.mp3" else 0
    assert likeness(sound[start:], original) > 0.95
    assert len(sound) / SAMPLE_RATE == pytest.approx(len(original) / SAMPLE_RATE, abs=0.05)


@pytest.mark.parametrize("codec", SAMPLE_FORMATS)
def test_every_sample_format(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "x.wav"
    ffmpeg("-i", RECORDING, "-c:a", codec, path)
    assert likeness(decode(path), decode(RECORDING)) > 0.99
    assert len(decode(path)) == len(decode(RECORDING))


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("seconds", [0.01, 1.2345])
def test_every_rate_keeps_length_and_loudness(tmp_path: Path, rate: int, seconds: float) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(riff(1, rate, to_pcm(tone(seconds, rate))))
    sound = decode(path)
    assert len(sound) / SAMPLE_RATE == pytest.approx(seconds, abs=0.001)
    if seconds > 1:
        assert loudness(sound) == pytest.approx(0.5, rel=0.01)
        assert np.argmax(np.abs(np.fft.rfft(sound))) / len(sound) * SAMPLE_RATE == pytest.approx(400, abs=1)


@pytest.mark.parametrize("channels", [1, 2, 3, 5, 6, 8, 12, 40])
def test_channels_are_averaged(tmp_path: Path, channels: int) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(riff(channels, 44_100, to_pcm(np.repeat(tone(1.0, 44_100), channels))))
    assert loudness(decode(path)) == pytest.approx(0.5, rel=0.01)


def test_channels_that_lie_apart_are_averaged(tmp_path: Path) -> None:
    """Vorbis decodes to planes, here more of them than FFmpeg's frame has pointers at hand."""
    wav, ogg = tmp_path / "x.wav", tmp_path / "x.ogg"
    wav.write_bytes(riff(12, 44_100, to_pcm(np.repeat(tone(1.0, 44_100), 12))))
    ffmpeg("-i", wav, "-c:a", "libvorbis", ogg)
    assert loudness(decode(ogg)) == pytest.approx(0.5, rel=0.02)


def test_one_loud_channel_of_two(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    both = np.column_stack([tone(1.0, 16_000, 1.0), np.zeros(16_000, np.float32)])
    path.write_bytes(riff(2, 16_000, to_pcm(both.ravel())))
    assert loudness(decode(path)) == pytest.approx(0.5, rel=0.01)


def test_floats_beyond_full_scale_and_no_numbers(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    wild = tone(1.0, 44_100, 3.0)
    wild[[100, 200, 300]] = [np.nan, np.inf, -np.inf]
    path.write_bytes(riff(1, 44_100, wild.astype("<f4").tobytes(), bits=32, kind=3))
    sound = decode(path)
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() == 1.0


def test_a_16_khz_file_passes_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    pcm = np.random.default_rng(1).integers(-32_768, 32_768, 2_000).astype("<i2").tobytes()
    path.write_bytes(riff(1, 16_000, pcm))
    assert b"".join(frames(path)) == pcm.ljust(5 * FRAME_BYTES, b"\0")


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
def test_frames_are_the_sound_cut_in_pieces(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "x.flac"
    ffmpeg("-i", RECORDING, "-ar", str(rate), path)
    pieces = list(frames(path))
    assert {len(each) for each in pieces} == {FRAME_BYTES}
    whole = to_pcm(decode(path))
    assert b"".join(pieces)[: len(whole)] == whole
    assert len(whole) > (len(pieces) - 1) * FRAME_BYTES


def test_a_long_file_is_not_held_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    header = riff(1, 16_000, b"")
    seconds = 600
    with path.open("wb") as file:
        file.write(header[:4] + struct.pack("<I", 36 + seconds * 32_000) + header[8:-4])
        file.write(struct.pack("<I", seconds * 32_000))
        file.truncate(44 + seconds * 32_000)
    tracemalloc.start()
    assert sum(1 for _ in frames(path)) == seconds * 1000 // 30
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_samples_and_back() -> None:
    pcm = np.arange(-32_768, 32_768).astype("<i2").tobytes()
    assert to_pcm(to_samples(pcm)) == pcm
    assert to_samples(to_pcm(np.array([-1.5, -1.0, 0.0, 1.0, 1.5], np.float32))).tolist() == [
        -1,
        -1,
        0,
        1 - 2**-15,
        1 - 2**-15,
    ]


# --- what cannot -----------------------------------------------------------------------------------------------------


def written(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


def drawn(*options: str) -> Callable[[Path], object]:
    """By one of ffmpeg's generators."""
    return lambda path: ffmpeg("-f", "lavfi", *options, path)


def encoded(path: Path, *options: str) -> bytes:
    ffmpeg("-i", RECORDING, "-ar", "44100", *options, path)
    return path.read_bytes()


def cut(*options: str) -> Callable[[Path], object]:
    """The first two thirds of a good file."""

    def make(path: Path) -> None:
        data = encoded(path, *options)
        path.write_bytes(data[: 2 * len(data) // 3])

    return make


def scrambled(*options: str) -> Callable[[Path], object]:
    """A good file with 4 KB of noise two thirds in."""

    def make(path: Path) -> None:
        data = encoded(path, *options)
        begin = 2 * len(data) // 3
        path.write_bytes(data[:begin] + np.random.default_rng(1).bytes(4_000) + data[begin + 4_000 :])

    return make


NOT_AUDIO = "not an audio file, or damaged; give a wav, mp3, flac, ogg or m4a file"
UNREADABLE: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "missing": ("x.wav", lambda path: path, "No such file or directory; check the path"),
    "inside a file": ("f/x.wav", lambda path: path.parent.touch(), "Not a directory; check the path"),
    "directory": ("x.wav", Path.mkdir, "is a directory; name an audio file in it"),
    "device": ("x.wav", lambda path: path.symlink_to("/dev/zero"), "not a regular file; name an audio file"),
    "name too long": ("x" * 300, lambda path: path, "File name too long; check the path"),
    "empty": ("x.wav", Path.touch, "empty (0 bytes); copy or record it again"),
    "text": ("x.txt", written("просто текст".encode()), NOT_AUDIO),
    "text called wav": ("x.wav", written("просто текст".encode()), NOT_AUDIO),
    "playlist": ("x.mp3", written(b"#EXTM3U\n#EXTINF:9,\nhttp://localhost/a.ts\n"), NOT_AUDIO),
    "picture": ("x.jpg", drawn("-i", "testsrc=d=1", "-frames:v", "1"), NOT_AUDIO),
    "film without sound": (
        "x.mp4",
        drawn("-i", "testsrc=d=1", "-c:v", "mpeg4"),
        "holds no audio stream; give a file with sound",
    ),
    "0 channels": ("x.wav", written(riff(0, 16_000, b"\0" * 999)), "has 0 channels; record it again"),
    "0 samples": ("x.wav", written(riff(1, 16_000, b"")), "holds no sound; record it again"),
    "0 Hz": ("x.wav", written(riff(1, 0, b"\0" * 999)), NOT_AUDIO),
    "4 MHz": (
        "x.wav",
        written(riff(1, 4_000_000, b"\0" * 999)),
        "has a sample rate of 4000000 Hz; convert it to 16000 Hz",
    ),
    "unknown codec": (
        "x.wav",
        written(riff(1, 16_000, b"\0" * 999, kind=0x7777)),
        "its sound is in an unknown format; convert",
    ),
    "only a header": ("x.wav", written(riff(1, 16_000, b"")[:30]), NOT_AUDIO),
    "m4a without its end": ("x.m4a", cut(), NOT_AUDIO),
}


@pytest.mark.parametrize(("name", "make", "reason"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_unreadable(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, make: Callable[[Path], object], reason: str
) -> None:
    path = tmp_path / name
    make(path)
    for read in (decode, lambda path: list(frames(path))):
        with pytest.raises(AudioFileError) as error:
            read(path)
        assert str(error.value).startswith(f"{path}: {reason}")
    assert capfd.readouterr() == ("", "")


PARTLY_READABLE: dict[str, tuple[str, Callable[[Path], object]]] = {
    "cut wav": ("x.wav", cut()),
    "cut mp3": ("x.mp3", cut()),
    "cut vorbis": ("x.ogg", cut("-c:a", "libvorbis", "-page_duration", "100000")),
    "cut opus": ("x.ogg", cut("-ar", "48000", "-c:a", "libopus", "-page_duration", "100000")),
    "cut flac": ("x.flac", cut()),
    "cut m4a": ("x.m4a", cut("-movflags", "+faststart")),
    "scrambled mp3": ("x.mp3", scrambled()),
    "scrambled vorbis": ("x.ogg", scrambled("-c:a", "libvorbis", "-page_duration", "100000")),
    "scrambled flac": ("x.flac", scrambled()),
    "scrambled m4a": ("x.m4a", scrambled()),
}


def read_until_error(path: Path) -> tuple[list[bytes], str]:
    heard = []
    try:
        for frame in frames(path):
            heard.append(frame)  # noqa: PERF402
    except AudioFileError as error:
        return heard, str(error)
    return heard, "no error"


@pytest.mark.parametrize(("name", "make"), PARTLY_READABLE.values(), ids=PARTLY_READABLE.keys())
def test_partly_readable(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, make: Callable[[Path], object]
) -> None:
    path = tmp_path / name
    make(path)
    heard, error = read_until_error(path)
    assert re.fullmatch(
        r"(damaged after \d\.\d\d s|incomplete, only \d\.\d\d s of sound are left in it); copy or record it again",
        error.removeprefix(f"{path}: "),
    )
    assert likeness(to_samples(b"".join(heard[:40])), decode(RECORDING)) > 0.95
    with pytest.raises(AudioFileError, match=re.escape(error)):
        decode(path)
    assert capfd.readouterr() == ("", "")


def test_a_pipe_leaves_the_length_open(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    with path.open("wb") as file:
        subprocess.run(["ffmpeg", "-v", "error", "-i", RECORDING, "-f", "wav", "-"], check=True, stdout=file)
    assert likeness(decode(path), decode(RECORDING)) > 0.99
