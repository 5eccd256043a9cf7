"""A microphone in, 30 ms of sound at a time out: PortAudio, through sounddevice."""

from __future__ import annotations

import atexit
import importlib
import logging
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Self, TypeAlias

from smarthome.ears.captured import Captured
from smarthome.ears.losses import LossMeter
from smarthome.ears.resampling import Resampling
from smarthome.ears.watchdog import Watchdog
from smarthome.errors import FailureError
from smarthome.events import FRAME_MS, SAMPLE_RATE, SoundLost, Stop
from smarthome.settings import AudioSettings

logger = logging.getLogger(__name__)

Put: TypeAlias = Callable[[Captured | SoundLost | Stop], None]

# PaErrorCode, portaudio.h
INVALID_SAMPLE_RATE = -9997
DEVICE_UNAVAILABLE = -9985


RESTART = "bring it back and start again"


class MicrophoneError(FailureError):
    """There is no such microphone, or it cannot be opened; the message says which, why, what to do."""


@dataclass(frozen=True, slots=True)
class InputDevice:
    """A microphone as PortAudio lists it."""

    index: int
    name: str
    native_rate: int


class Microphone:
    """Puts ``Captured`` every 30 ms while entered, from PortAudio's thread, which only copies.

    ``SoundLost`` says that sound was lost within the last seconds, a ``Stop`` that the device is gone or hangs. A
    device that refuses 16 kHz is opened at its own rate and resampled.

    Entering raises MicrophoneError.
    """

    MUTE_S = 10
    """So long may nothing come, not even silence, before the device counts as hanging."""
    CLOSES_WITHIN_S = 1.0

    def __init__(self, settings: AudioSettings, put: Put) -> None:
        self._settings = settings
        self._put = put
        self._deliver: Callable[[Captured], None] = put
        self._name = ""
        self._losses = LossMeter(FRAME_MS / 1000)
        self._watchdog = Watchdog(self.MUTE_S, self._mute)
        self._closing = False
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        portaudio = _portaudio()
        device = _find_device(portaudio, self._settings.device)
        self._name = device.name
        with ExitStack() as resources:
            try:
                rate, stream = self._open(portaudio, device)
                if rate != SAMPLE_RATE:
                    resampling = resources.enter_context(Resampling(rate, self._put))
                    self._deliver = resampling.add
                resources.callback(self._close, portaudio, stream)
                stream.start()
                resources.enter_context(self._watchdog)
            except portaudio.PortAudioError as error:
                raise MicrophoneError(_reason(error, device, self._settings.rate)) from error
            self._resources = resources.pop_all()
        logger.info("listening to the microphone %s at %d Hz", device.name, rate)
        return self

    def __exit__(self, *exc: object) -> None:
        self._closing = True
        self._resources.close()

    def taken(self) -> None:
        """Nothing waits for the consumer: a microphone cannot be held back."""

    def file_done(self) -> None:
        """There are no files."""

    def _open(self, portaudio: ModuleType, device: InputDevice) -> tuple[int, Any]:
        """The rate and the stream; at the device's own rate when it refuses 16 kHz and no rate is set."""
        rate = self._settings.rate or SAMPLE_RATE
        try:
            return rate, self._stream(portaudio, device, rate)
        except portaudio.PortAudioError as error:
            if self._settings.rate or _code(error) != INVALID_SAMPLE_RATE:
                raise
        return device.native_rate, self._stream(portaudio, device, device.native_rate)

    def _stream(self, portaudio: ModuleType, device: InputDevice, rate: int) -> Any:
        block = rate * FRAME_MS // 1000
        self._losses = LossMeter(block / rate)
        return portaudio.RawInputStream(
            samplerate=rate,
            blocksize=block,
            device=device.index,
            channels=1,
            dtype="int16",
            callback=self._heard,
            finished_callback=self._ended,
        )

    def _heard(self, data: Any, _frames: int, _time: object, _status: object) -> None:
        captured_at = time.monotonic()
        self._watchdog.sign()
        if missing_s := self._losses.add(captured_at):
            self._put(SoundLost(round(1000 * missing_s / FRAME_MS)))
        self._deliver(Captured(bytes(data), captured_at))

    def _ended(self) -> None:
        if not self._closing:
            self._put(Stop(f"the microphone {self._name} is gone: unplugged, or its sound server ended; {RESTART}"))

    def _mute(self) -> None:
        self._put(Stop(f"the microphone {self._name} sends nothing: its driver or sound server hangs; {RESTART}"))

    def _close(self, portaudio: ModuleType, stream: Any) -> None:
        """Close the stream, unless that takes for ever.

        ALSA's way to PulseAudio was seen in a deadlock after the server's end: whoever closes such a stream waits for
        its thread, and so does PortAudio's clean-up when Python ends.
        """
        closing = threading.Thread(target=stream.close, name="closing the microphone", daemon=True)
        closing.start()
        closing.join(self.CLOSES_WITHIN_S)
        if closing.is_alive():
            logger.warning("the microphone %s does not let go; left as it is", self._name)
            atexit.unregister(portaudio._exit_handler)  # noqa: SLF001


def _find_device(portaudio: ModuleType, wanted: int | str | None) -> InputDevice:
    """The system's default input device, or the one with this index or with these words in its name."""
    inputs = [device for device in portaudio.query_devices() if device["max_input_channels"] > 0]
    if not inputs:
        raise MicrophoneError("no microphone found; plug one in, or start the sound server (PulseAudio, PipeWire)")
    # An environment variable can only say "1".
    chosen = int(wanted) if isinstance(wanted, str) and wanted.isdecimal() else wanted
    try:
        device = portaudio.query_devices(chosen, "input")
    except (ValueError, portaudio.PortAudioError):
        names = ", ".join(f"{device['index']} {device['name']}" for device in inputs)
        if chosen is None:
            raise MicrophoneError(
                f"the system has no default microphone; set audio.device to one of: {names}"
            ) from None
        raise MicrophoneError(
            f"audio.device = {wanted!r}: not exactly one microphone is called that; there are: {names}"
        ) from None
    return InputDevice(device["index"], device["name"], int(device["default_samplerate"]))


def _portaudio() -> ModuleType:
    try:
        portaudio: ModuleType = importlib.import_module("sounddevice")
    except OSError as error:
        raise MicrophoneError(
            f"PortAudio cannot be loaded ({error}); install it (Debian: apt-get install libportaudio2)"
        ) from None
    return portaudio


def _code(error: Exception) -> int:
    """The PaErrorCode in a PortAudioError, 0 when there is none."""
    return error.args[1] if len(error.args) > 1 else 0


def _reason(error: Exception, device: InputDevice, rate: int | None) -> str:
    if rate and _code(error) == INVALID_SAMPLE_RATE:
        why = f"it refuses audio.rate = {rate}; leave that out, or set {device.native_rate}"
    elif _code(error) == DEVICE_UNAVAILABLE:
        why = "another program has it, or it is gone; close that program, or name a sound server's device"
    else:
        why = f"{error}; choose another one with audio.device"
    return f"the microphone {device.name} cannot be opened: {why}"
