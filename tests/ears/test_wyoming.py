"""The client of a recogniser on the network: a real server with real weights, and servers that misbehave."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from smarthome.ears import wyoming_recogniser
from smarthome.ears.audio_files import decode
from smarthome.ears.decoding import RecognitionError
from smarthome.ears.guard import vet
from smarthome.ears.hardware import Hardware
from smarthome.ears.recognisers import open_recogniser, warm_up
from smarthome.ears.wyoming_recogniser import WyomingRecogniser, connect
from smarthome.errors import ConfigurationError
from smarthome.events import Transcript
from smarthome.settings import WhisperSettings
from tests.e2e.program import RECORDINGS
from tests.mosquitto import eventually, free_port
from tests.whisper import settings

SOUND = np.zeros(16_000, np.float32)
LIGHT = decode(RECORDINGS / "01.flac")


@contextmanager
def real_server(uri: str, model: Path, folder: Path) -> Iterator[None]:
    """wyoming-faster-whisper on the packaged Whisper-base."""
    program = (sys.executable, "-m", "wyoming_faster_whisper", "--uri", uri, "--model", str(model), "--device", "cpu")
    options = ("--data-dir", str(folder), "--language", "ru", "--beam-size", "1", "--compute-type", "int8")
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([*program, *options, "--local-files-only"], stdout=log, stderr=log)
        try:
            assert eventually(lambda: b"Ready" in (folder / "log").read_bytes(), 60), (folder / "log").read_text()
            yield
        finally:
            server.terminate()
            server.wait(timeout=20)


def test_a_real_server_hears_what_we_hear(whisper_base: Path, model_cache: Path, tmp_path: Path) -> None:
    ours = open_recogniser(settings(model_cache, engine="ctranslate2", beam=1)).transcribe(LIGHT)
    uri = f"tcp://127.0.0.1:{free_port()}"
    theirs = open_recogniser(WhisperSettings(engine="wyoming", wyoming_uri=uri, wyoming_timeout_s=60))
    with pytest.raises(RecognitionError):
        theirs.transcribe(LIGHT)
    for _ in range(2):  # it goes and comes again
        with real_server(uri, whisper_base, tmp_path):
            heard = theirs.transcribe(LIGHT)
            assert heard.text.lower().strip(".") == ours.text.lower().strip(" .")
            assert (heard.avg_logprob, heard.no_speech_prob, heard.tokens) == (None, None, len(heard.text.split()))
            assert vet(heard).ghost is None
            assert 0 < heard.compute_s < 60
    with pytest.raises(RecognitionError):
        theirs.transcribe(LIGHT)


def test_through_a_socket_in_the_file_system(whisper_base: Path, tmp_path: Path) -> None:
    uri = f"unix://{tmp_path}/asr"
    with real_server(uri, whisper_base, tmp_path):
        assert "свет" in WyomingRecogniser(uri, 60).transcribe(LIGHT).text.lower()


# --- servers that misbehave ------------------------------------------------------------------------------------------


@contextmanager
def server(serve: Callable[[socket.socket], object]) -> Iterator[str]:
    """Serves one connection after the other; yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        over = threading.Event()

        def run() -> None:
            while not over.is_set():
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    try:
                        serve(connection)
                    except OSError:
                        continue

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        over.set()
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def answering(*lines: bytes) -> Callable[[socket.socket], None]:
    """Waits for the question's end, then says this."""

    def serve(connection: socket.socket) -> None:
        question = b""
        while b"audio-stop" not in question:
            question = question[-100:] + connection.recv(65_536)
        connection.sendall(b"".join(lines))

    return serve


def event(kind: str, **data: object) -> bytes:
    return json.dumps({"type": kind, "data": data}).encode() + b"\n"


def heard_by(serve: Callable[[socket.socket], object], timeout_s: float = 5.0) -> Transcript:
    with server(serve) as uri:
        return WyomingRecogniser(uri, timeout_s).transcribe(SOUND)


def test_what_comes_before_the_transcript_is_passed_over() -> None:
    streamed = (event("transcript-start"), event("transcript-chunk", text="вкл"), event("transcript-stop"))
    assert heard_by(answering(*streamed, event("transcript", text=" включи свет "))).text == "включи свет"


def test_a_server_may_hear_nothing() -> None:
    heard = heard_by(answering(event("transcript", text="")))
    assert (heard.text, heard.tokens, vet(heard).ghost) == ("", 0, "no words")


GARBAGE = {
    "hangs up": b"",
    "no JSON": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "no object": b"[1]\n",
    "no type": b"{}\n",
    "a number": b"1\n",
    "no text": event("transcript"),
    "a text that is none": event("transcript", text=7),
    "half an event": b'{"type": "transcript", "data_length": 100}\n{"te',
    "lengths that are none": b'{"type": "transcript", "data_length": "x"}\n',
    "binary": bytes(range(256)) * 4 + b"\n",
    "a line without end": b"x" * 200_000,
    "an error": event("error", text="out of memory"),
}


@pytest.mark.parametrize("answer", GARBAGE.values(), ids=GARBAGE.keys())
def test_nonsense_is_an_error_of_this_utterance_only(answer: bytes) -> None:
    answers = iter([answering(answer), answering(event("transcript", text="включи свет"))])

    def serve(connection: socket.socket) -> None:
        next(answers)(connection)

    with server(serve) as uri:
        recogniser = WyomingRecogniser(uri, 5.0)
        with pytest.raises(RecognitionError, match=r"127\.0\.0\.1"):
            recogniser.transcribe(SOUND)
        assert recogniser.transcribe(SOUND).text == "включи свет"


def test_an_error_of_the_server_is_told() -> None:
    with pytest.raises(RecognitionError, match="out of memory"):
        heard_by(answering(event("error", text="out of memory")))


def test_a_slow_server_is_not_waited_for() -> None:
    began = time.monotonic()
    with pytest.raises(RecognitionError, match=r"within 0\.3 s"):
        heard_by(lambda _: time.sleep(1.0), timeout_s=0.3)
    assert time.monotonic() - began < 5


def test_nobody_there(caplog: pytest.LogCaptureFixture) -> None:
    recogniser = WyomingRecogniser(f"tcp://127.0.0.1:{free_port()}", 5.0)
    with caplog.at_level(logging.WARNING):
        warm_up(recogniser)
    assert "every utterance tries it anew" in caplog.text
    for uri in (recogniser.model, "unix:///nowhere/asr", "tcp://no.such.host.invalid:1"):
        with pytest.raises(RecognitionError):
            WyomingRecogniser(uri, 5.0).transcribe(SOUND)


def test_sound_has_one_dimension() -> None:
    with pytest.raises(ValueError, match="samples"):
        WyomingRecogniser("tcp://127.0.0.1:1", 5.0).transcribe(np.zeros((2, 100), np.float32))


def test_the_settings_name_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="wyoming_uri"):
        connect(WhisperSettings(engine="wyoming"))
    with pytest.raises(ConfigurationError, match="elsewhere"):
        Hardware.choose(WhisperSettings(engine="wyoming"))
    for uri in ("http://host:1", "tcp://host", "host:10300", "stdio://"):
        with pytest.raises(ValueError, match="wyoming_uri"):
            WhisperSettings(wyoming_uri=uri)
    monkeypatch.setattr(wyoming_recogniser, "find_spec", lambda _: None)
    with pytest.raises(ConfigurationError, match=r"smarthome\[wyoming\]"):
        connect(WhisperSettings(engine="wyoming", wyoming_uri="tcp://host:10300"))
