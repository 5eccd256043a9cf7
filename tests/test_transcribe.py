"""Files in, one record each out, whatever the files are."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np
import pytest

from smarthome.ears.decoding import RecognitionError
from smarthome.ears.mel import WINDOW_SAMPLES, Floats
from smarthome.ears.whisper import ScriptedRecogniser, open_recogniser
from smarthome.transcribe import Transcription, transcribe, windows
from tests.recordings import plain, spoken
from tests.whisper import settings

KEYS = ["file", "text", "audio_s", "compute_s", "engine", "model", "beam"]


def write(path: Path, samples: Floats) -> str:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes((samples * 32_767).astype("<i2").tobytes())
    return str(path)


def test_real_files_in_the_order_given_with_silence_and_failure_among_them(model_cache: Path, tmp_path: Path) -> None:
    recogniser = open_recogniser(settings(model_cache, beam=1))
    prompts = {recording.path.stem: recording for recording in spoken()}
    spoken_file = str(prompts["vm-rec-name"].path)
    silence = write(tmp_path / "тишина.wav", np.zeros(8_000, np.float32))
    (tmp_path / "notes.mp3").write_text("not audio")
    files = [spoken_file, str(tmp_path / "notes.mp3"), silence, str(tmp_path / "missing.wav"), spoken_file]

    records = [each.record() for each in transcribe(files, recogniser)]

    assert [record["file"] for record in records] == files
    assert [list(record) for record in records] == [KEYS, [*KEYS, "error"], KEYS, [*KEYS, "error"], KEYS]
    assert all(
        (record["engine"], record["model"], record["beam"]) == ("ctranslate2", "whisper-base", 1) for record in records
    )
    assert "произнесите" in plain(str(records[0]["text"]))
    assert records[0]["text"] == records[4]["text"]
    assert records[2]["audio_s"] == 0.5
    assert [records[i]["text"] for i in (1, 3)] == ["", ""]
    assert "notes.mp3" in str(records[1]["error"])
    assert "missing.wav" in str(records[3]["error"])
    assert json.loads(json.dumps(records)) == records


def test_a_long_file_is_heard_to_its_end(model_cache: Path, tmp_path: Path) -> None:
    recogniser = open_recogniser(settings(model_cache, beam=1))
    prompt = next(recording for recording in spoken() if recording.path.stem == "vm-rec-name").samples()
    pause = np.zeros(14 * 16_000, np.float32)
    file = write(tmp_path / "long.wav", np.concatenate([prompt, pause, prompt, pause, prompt]))
    [transcription] = transcribe([file], recogniser)
    assert transcription.audio_s > 30
    assert plain(transcription.text).count("нажмите") == 3


def test_the_warm_up_is_not_counted_and_a_failed_sound_fails_its_file_only(tmp_path: Path) -> None:
    file = write(tmp_path / "a.wav", np.zeros(1_600, np.float32))
    fake = ScriptedRecogniser(["warm-up", RecognitionError("out of memory"), "включи свет"])
    assert list(transcribe([file, file], fake)) == [
        Transcription(file, "", 0.1, 0.0, "scripted", "script", 1, error=f"{file}: out of memory"),
        Transcription(file, "включи свет", 0.1, 0.0, "scripted", "script", 1),
    ]


@pytest.mark.parametrize("length", [0, 1, WINDOW_SAMPLES])
def test_what_fits_is_one_window(length: int) -> None:
    assert [len(window) for window in windows(np.ones(length, np.float32))] == [length]


def test_windows_are_cut_in_pauses_and_lose_nothing() -> None:
    rng = np.random.default_rng(0)
    samples = rng.normal(0, 0.1, 70 * 16_000).astype(np.float32)
    for pause_s in (26, 50):
        samples[pause_s * 16_000 : pause_s * 16_000 + 8_000] = 0.0
    cut = list(windows(samples))
    np.testing.assert_array_equal(np.concatenate(cut), samples)
    ends = np.cumsum([len(window) for window in cut]) / 16_000
    assert 26.0 < ends[0] < 26.5
    assert 50.0 < ends[1] < 50.5
    assert ends[2] == 70.0


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_windows_without_a_pause_never_exceed_30_s(level: float) -> None:
    samples = np.full(100 * 16_000 + 7, level, np.float32)
    cut = list(windows(samples))
    assert max(len(window) for window in cut) <= WINDOW_SAMPLES
    assert sum(len(window) for window in cut) == len(samples)
