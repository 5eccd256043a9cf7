"""Real PortAudio on sound servers without hardware: PulseAudio carries sound, JACK refuses 16 kHz and overflows."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from smarthome.ears.audio_files import Samples, decode, to_pcm, to_samples
from smarthome.ears.losses import WINDOW_S
from smarthome.ears.segmenter import Segmenter
from smarthome.ears.vad import WebRtcVad
from smarthome.events import FRAME_BYTES, FRAME_MS, SAMPLE_RATE, Segment
from smarthome.settings import SegmenterSettings
from tests.ears.hearing import Heard
from tests.jack import NATIVE_RATE, running_jack
from tests.pulse import PulseMicrophone, running_pulse_microphone, silent_environment
from tests.recordings import SOUNDS

RECORDING = SOUNDS / "tt-weasels.wav"
"""«Нашу телефонную систему съели совы», 2.4 s."""


@pytest.fixture(scope="module")
def pulse() -> Iterator[PulseMicrophone]:
    with running_pulse_microphone() as microphone:
        yield microphone


@pytest.fixture(scope="module")
def jack() -> Iterator[dict[str, str]]:
    with running_jack() as env:
        yield env


@pytest.fixture
def silence() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as runtime:
        yield silent_environment(runtime)


@dataclass
class Listener:
    """``tests.ears.hearing`` in its own process."""

    process: subprocess.Popen[str]
    pcm: Path

    def stopped(self) -> Heard:
        """What it has heard when it ends by itself: its standard input stays open, so nothing else ends it."""
        try:
            self.process.wait(timeout=60)
        finally:
            self.process.kill()
        return self.finish()

    def finish(self) -> Heard:
        """What it has heard by now."""
        try:
            output, _ = self.process.communicate(timeout=60)
        finally:
            self.process.kill()
            self.process.wait()
        assert self.process.returncode == 0
        return Heard(**json.loads(output.splitlines()[-1]))

    def sound(self) -> Samples:
        return to_samples(self.pcm.read_bytes())


def listen(
    env: dict[str, str],
    pcm: Path,
    *,
    device: int | str | None = None,
    rate: int | None = None,
    busy: int = 0,
) -> Listener:
    settings = {"device": device, "rate": rate}
    command = [sys.executable, "-m", "tests.ears.hearing", json.dumps(settings), str(pcm), str(busy)]
    process = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return Listener(process, pcm)


def refused(env: dict[str, str], pcm: Path, device: int | str | None = None, rate: int | None = None) -> str:
    """The message with which the microphone could not be opened."""
    error = listen(env, pcm, device=device, rate=rate).finish().error
    assert error is not None
    return error


def wait_until_listening(listener: Listener) -> None:
    assert listener.process.stdout is not None
    assert listener.process.stdout.readline() == "listening\n"


def hear(pulse: PulseMicrophone, pcm: Path, rate: int | None) -> tuple[Heard, Samples]:
    """What the microphone hears of the recording."""
    listener = listen(pulse.env, pcm, rate=rate)
    wait_until_listening(listener)
    pulse.play(RECORDING)
    time.sleep(1.0)
    return listener.finish(), listener.sound()


def likeness(heard: Samples, played: Samples) -> float:
    """The highest normalised cross-correlation: 1 when ``played`` is in ``heard`` somewhere, undistorted."""
    size = len(heard) + len(played)
    products = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(played, size)), size)[: len(heard)]
    at = int(np.argmax(products))
    there = heard[at : at + len(played)]
    return float(products[at] / np.linalg.norm(there) / np.linalg.norm(played))


def spans(sound: Samples) -> list[tuple[float, float]]:
    """Start and end of every utterance, in seconds from the first one's start."""
    vad, segmenter = WebRtcVad(2), Segmenter(SegmenterSettings())
    pcm = to_pcm(sound)
    frames = [pcm[start : start + FRAME_BYTES] for start in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES)]
    heard = [each for frame in frames for each in segmenter.feed(frame, vad.voiced(frame))] + [*segmenter.flush()]
    found = [each for each in heard if isinstance(each, Segment)]
    return [(each.start_s - found[0].start_s, each.end_s - found[0].start_s) for each in found]


@pytest.mark.parametrize("rate", [None, 44_100])
def test_hears_what_is_played(pulse: PulseMicrophone, tmp_path: Path, rate: int | None) -> None:
    heard, sound = hear(pulse, tmp_path / "heard.pcm", rate)
    played = decode(RECORDING)
    assert len(sound) == heard.frames * FRAME_BYTES // 2
    assert likeness(sound, played) > 0.9
    assert np.array(spans(sound)) == pytest.approx(np.array(spans(played)), abs=0.3)
    assert heard.last_at - heard.first_at == pytest.approx((heard.frames - 1) * FRAME_MS / 1000, abs=0.3)
    assert (heard.lost, heard.stopped) == (0, None)


@pytest.mark.parametrize("device", ["puls", "PULSE", "0"])
def test_device_by_name_part_or_index(pulse: PulseMicrophone, tmp_path: Path, device: str) -> None:
    listener = listen(pulse.env, tmp_path / "heard.pcm", device=device)
    wait_until_listening(listener)
    assert listener.finish().frames > 0


@pytest.mark.parametrize("device", ["garage", 99])
def test_unknown_device(pulse: PulseMicrophone, tmp_path: Path, device: str | int) -> None:
    message = refused(pulse.env, tmp_path / "heard.pcm", device=device)
    assert message.startswith(f"audio.device = {device!r}: ")
    assert "0 pulse, 1 default" in message


def test_unplugged_while_listening(pulse_microphone: PulseMicrophone, tmp_path: Path) -> None:
    listener = listen(pulse_microphone.env, tmp_path / "heard.pcm")
    wait_until_listening(listener)
    pulse_microphone.unplug()
    heard = listener.stopped()
    assert heard.stopped is not None
    # At times the way to PulseAudio hangs when the server ends.
    assert heard.stopped.startswith(("the microphone default is gone", "the microphone default sends nothing"))


def test_a_sound_server_that_hangs(pulse_microphone: PulseMicrophone, tmp_path: Path) -> None:
    listener = listen(pulse_microphone.env, tmp_path / "heard.pcm")
    wait_until_listening(listener)
    pulse_microphone.freeze()
    heard = listener.stopped()
    assert heard.stopped is not None
    assert heard.stopped.startswith("the microphone default sends nothing")


def test_no_microphone(silence: dict[str, str], tmp_path: Path) -> None:
    assert refused(silence, tmp_path / "heard.pcm").startswith("no microphone found; plug one in")


def test_portaudio_that_cannot_be_loaded(silence: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "libportaudio.so.2").touch()
    message = refused(silence | {"LD_LIBRARY_PATH": str(tmp_path)}, tmp_path / "heard.pcm")
    assert message.startswith("PortAudio cannot be loaded")
    assert message.endswith("apt-get install libportaudio2)")


def test_a_card_that_refuses_16_khz_is_resampled(jack: dict[str, str], tmp_path: Path) -> None:
    listener = listen(jack, tmp_path / "heard.pcm", device="system")
    wait_until_listening(listener)
    time.sleep(3.0)
    heard = listener.finish()
    assert heard.error is None
    assert heard.frames == pytest.approx(100, abs=20)
    assert len(listener.sound()) / SAMPLE_RATE == heard.frames * FRAME_MS / 1000


def test_a_rate_that_the_card_refuses(jack: dict[str, str], tmp_path: Path) -> None:
    message = refused(jack, tmp_path / "heard.pcm", device="system", rate=22_050)
    assert f"refuses audio.rate = 22050; leave that out, or set {NATIVE_RATE}" in message


def test_sound_lost_while_python_was_busy_is_counted(jack: dict[str, str], tmp_path: Path) -> None:
    listener = listen(jack, tmp_path / "heard.pcm", device="system", rate=NATIVE_RATE, busy=50_000_000)
    wait_until_listening(listener)
    time.sleep(3 * WINDOW_S)
    heard = listener.finish()
    missing = (heard.last_at - heard.first_at) * 1000 / FRAME_MS + 1 - heard.frames
    assert heard.lost > 10
    assert heard.lost == pytest.approx(missing, abs=10)
