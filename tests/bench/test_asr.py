"""``smarthome bench asr``: how words and noise are counted, what is heard, and one real comparison."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from smarthome.bench import asr_clips, asr_words
from smarthome.bench.asr import Comparison as Heard
from smarthome.bench.asr import Hearing, Trial, heard_clips
from smarthome.bench.asr_clips import Clip
from smarthome.bench.asr_figures import groups
from smarthome.bench.asr_sides import Side
from smarthome.bench.asr_words import runs_on, word_edits
from smarthome.bench.e2e_recording import write_wav
from smarthome.bench.sound import Condition, audible_span, impulse, pink, reverberant, speech_power
from smarthome.ears.audio_files import Samples
from smarthome.errors import ConfigurationError
from smarthome.events import SAMPLE_RATE
from smarthome.metrics.speech import plain
from tests.test_cli import run


def spoken(pitch: float = 200.0, seconds: float = 1.0) -> Samples:
    """Half a second of silence, a tone, half a second of silence."""
    tone = 0.1 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE)
    return np.pad(tone, SAMPLE_RATE // 2).astype(np.float32)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ещё — не всё!", "еще не все"),
        ("Нажмите «1», пожалуйста...", "нажмите 1 пожалуйста"),
        ("20%, кто-то_там", "20 кто то там"),
        ("…", ""),
    ],
)
def test_words_are_compared_without_case_and_punctuation(text: str, words: str) -> None:
    assert plain(text) == words


@pytest.mark.parametrize(
    ("heard", "edits"),
    [
        ("включи свет на кухне", 0),
        ("Включи свет на кухне.", 0),
        ("включи цвет на кухне", 1),
        ("включи свет", 2),
        ("", 4),
        ("ну включи свет на кухне да", 2),
    ],
)
def test_edits(heard: str, edits: int) -> None:
    assert word_edits("Включи свет на кухне", heard) == (edits, 4)


@pytest.mark.parametrize(
    ("reference", "heard", "repeats"),
    [
        ("включи свет", "включи свет включи свет включи свет", True),
        ("включи свет", "включи свет включи свет", False),
        ("да да да", "да да да", False),
        ("да", "да да да да", True),
        ("да", "", False),
    ],
)
def test_a_text_runs_on_when_it_repeats_what_was_said_once(reference: str, heard: str, *, repeats: bool) -> None:
    assert runs_on(reference, heard) is repeats


def test_the_interval_holds_the_rate_and_is_the_same_every_time() -> None:
    edits, words = [0, 1, 2, 0, 4, 0, 1, 0], [4, 5, 6, 3, 4, 5, 2, 6]
    rate = asr_words.error_rate(edits, words)
    assert rate.value == pytest.approx(8 / 35)
    assert 0 < rate.low < rate.value < rate.high < 1
    assert rate == asr_words.error_rate(edits, words)


def test_equal_sides_do_not_differ_whatever_is_drawn() -> None:
    found = asr_words.difference([1, 0, 3], [1, 0, 3], [4, 4, 4])
    assert (found.value, found.low, found.high) == (0, 0, 0)
    worse = asr_words.difference([2, 1, 4], [1, 0, 3], [4, 4, 4])
    assert (worse.value, worse.low, worse.high) == pytest.approx((0.25, 0.25, 0.25))


@pytest.mark.parametrize("snr_db", [20, 10, 5, 0])
@pytest.mark.parametrize("noise", ["pink", "babble"])
def test_noise_is_as_loud_as_its_condition_says(noise: str, snr_db: int) -> None:
    speech = spoken()
    others = [spoken(pitch) for pitch in (100, 130, 170, 250)]
    heard = Condition.parse(f"{snr_db}dB-{noise}").apply(speech, "clip", others)
    added = heard.astype(np.float64) - speech
    measured = 10 * np.log10(speech_power(speech) / np.square(added).mean())
    assert measured == pytest.approx(snr_db, abs=0.1)


def test_noise_is_quiet_rather_than_clipped() -> None:
    loud = spoken() * 9.9
    heard = Condition.parse("0dB-pink").apply(loud, "clip", [])
    assert np.abs(heard).max() == pytest.approx(1.0)


def test_a_condition_is_the_same_every_time_and_other_for_other_clips() -> None:
    condition = Condition.parse("5dB-pink")
    first, again = (condition.apply(spoken(), "one", []) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, condition.apply(spoken(), "two", []))
    assert not np.array_equal(first, condition.apply(spoken(), "one", [], seed=2))


def test_pink_noise_has_equal_power_in_every_octave() -> None:
    noise = pink(20 * SAMPLE_RATE, np.random.default_rng(1))
    power = np.abs(np.fft.rfft(noise)) ** 2
    hertz = np.fft.rfftfreq(len(noise), 1 / SAMPLE_RATE)
    octaves = [power[(hertz >= low) & (hertz < 2 * low)].sum() for low in (100, 400, 1600)]
    assert max(octaves) < 1.2 * min(octaves)


def test_a_room_fades_by_60_db_in_its_time_and_lengthens_speech() -> None:
    response = impulse(np.random.default_rng(1), 0.4)
    tail = np.square(response[1:], dtype=np.float64)
    first, last = tail[:640].mean(), tail[-640:].mean()
    assert 10 * np.log10(first / last) == pytest.approx(60 * 0.9, abs=6)
    dry = spoken()
    wet = reverberant(dry, response)
    assert speech_power(wet) == pytest.approx(speech_power(dry), rel=0.3)
    assert audible_span(wet)[1] > audible_span(dry)[1] + 0.05


@pytest.mark.parametrize("name", ["", "noisy", "10dB", "dB-pink", "10dB-brown", "clean,room"])
def test_other_conditions_are_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="no such condition"):
        Condition.parse(name)


def test_texts_of_the_recordings_are_read() -> None:
    lines = ["; Core Sounds\n", "\n", "added: Добавлено\n", "beep: [a beep]\n", "dir/vm: Почта <пауза> (тихо): да.\n"]
    assert asr_clips.read_texts(lines) == {"added": "Добавлено", "dir/vm": "Почта : да."}


def test_human_clips_are_those_with_words_and_length(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "texts.gz", "wt", encoding="utf-8") as texts:
        texts.write("one: Раз\ntwo: Два\nbeep: [beep]\nshort: А\nmissing: Нет\n")
    for name, seconds in (("one", 1.0), ("two", 1.0), ("beep", 1.0), ("other", 1.0)):
        write_wav(tmp_path / f"{name}.wav", spoken(seconds=seconds))
    write_wav(tmp_path / "short.wav", spoken()[:1000])
    clips = asr_clips.human(10, sounds=tmp_path, texts=tmp_path / "texts.gz")
    assert [(clip.key, clip.text) for clip in clips] == [("one", "Раз"), ("two", "Два")]
    assert len(asr_clips.human(1, sounds=tmp_path, texts=tmp_path / "texts.gz")) == 1
    with pytest.raises(ConfigurationError, match="apt-get install asterisk-core-sounds-ru"):
        asr_clips.human(1, sounds=tmp_path / "none", texts=tmp_path / "texts.gz")
    with pytest.raises(ConfigurationError, match="--human 0"):
        asr_clips.human(1, sounds=tmp_path, texts=tmp_path / "none.gz")


def a_folder(folder: Path) -> Path:
    """Two clean clips, a noisy and a long one."""
    kinds = {"a": "clean", "b": "clean", "c": "noisy", "d": "long"}
    for name in kinds:
        write_wav(folder / f"{name}.wav", spoken())
    rows = [{"file": f"{name}.wav", "id": f"id-{name}", "text": "да", "kind": kind} for name, kind in kinds.items()]
    (folder / "manifest.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    return folder


def test_a_folder_of_clips_is_heard_in_every_condition_what_is_noisy_as_it_is(tmp_path: Path) -> None:
    clips = asr_clips.from_folder(a_folder(tmp_path))
    assert [(clip.set, clip.id) for clip in clips] == [("clean", "id-a"), ("clean", "id-b"), ("noisy", "id-c")]
    conditions = [Condition.parse("clean"), Condition.parse("10dB-babble")]
    heard = [(clip.key, condition.name) for clip, condition, _ in heard_clips(clips, conditions, seed=1)]
    both = [(name, each.name) for name in ("a.wav", "b.wav") for each in conditions]
    assert heard == [*both, ("c.wav", "clean")]


@pytest.mark.parametrize(
    ("manifest", "complaint"),
    [
        (None, "cannot be read"),
        ("{", "were expected"),
        ('{"file": "a.wav"}', "were expected"),
        ("[]", "were expected"),
        ('{"file": "none.wav", "text": "да"}', "but not there"),
    ],
)
def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path, manifest: str | None, complaint: str) -> None:
    if manifest is not None:
        (tmp_path / "manifest.jsonl").write_text(manifest, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=rf"manifest\.jsonl.*{complaint}"):
        asr_clips.from_folder(tmp_path)


def hearing(side: str, clip: str, took_s: float, edits: int, audio_s: float = 2.0) -> Hearing:
    reference = "раз два три четыре"
    return Hearing(
        side=side, beam=1, set="human", condition="clean", clip=clip, voice="", reference=reference,
        text=reference if not edits else "раз", audio_s=audio_s, took_s=took_s, all_took_s=(took_s,), fallbacks=0,
        edits=edits, words=4, stages={},
    )  # fmt: skip


def test_a_group_compares_the_sides_on_the_same_clips() -> None:
    sides = (Side("ours", ()), Side("theirs", ()))
    trial = Trial(1, sides)
    trial.hearings += [hearing("ours", "a", 0.1, 0), hearing("theirs", "a", 0.4, 3)]
    trial.hearings += [hearing("theirs", "b", 0.4, 0), hearing("ours", "b", 0.1, 0)]
    trial.hearings += [hearing("ours", "c", 0.9, 3, audio_s=9.0), hearing("theirs", "c", 0.9, 3, audio_s=9.0)]
    (group,) = groups(Heard((trial,), (), 1, 0.0))
    assert (group.n, group.words, group.short_n) == (3, 12, 2)
    assert (group.ours.wer.value, group.peer.wer.value) == (0.25, 0.5)
    assert group.more_errors.value == -0.25
    assert (group.ratio, group.short_ratio) == pytest.approx((4, 4))
    assert group.ours.exact == pytest.approx(2 / 3)
    assert group.ours.rtf == pytest.approx(1.1 / 13)


@pytest.mark.slow
def test_both_sides_hear_the_same(tmp_path: Path) -> None:
    folder = a_folder(tmp_path)
    report, picture = tmp_path / "asr.json", tmp_path / "asr.svg"
    options = ["--human", "0", "--clips", str(folder), "--limit", "1", "--beams", "1", "--repeats", "2"]
    done = run("bench", "asr", *options, "--json", str(report), "--plot", str(picture))
    assert (done.returncode, done.stderr) == (0, "")
    figures = json.loads(report.read_text(encoding="utf-8"))
    assert [(each["set"], each["n"]) for each in figures["groups"]] == [("clean", 1), ("noisy", 1)]
    assert {each["side"] for each in figures["hearings"]} == {"smarthome", "faster-whisper"}
    assert all(len(each["all_took_s"]) == 2 for each in figures["hearings"])
    assert all(held > 100 for held in figures["peak_mb"]["1"].values())
    assert picture.read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--human", "0"], "nothing to hear"),
        (["--beams", "0"], "from 1 to 10"),
        (["--conditions", "quiet"], "no such condition"),
        (["--small", "--engine", "transformers"], "ctranslate2"),
        (["--plot", "figures.txt"], "cannot be drawn"),
        (["--engine", "none"], "none"),
    ],
)
def test_wrong_usage_ends_with_2(options: list[str], complaint: str) -> None:
    done = run("bench", "asr", *options)
    assert (done.returncode, complaint in done.stderr) == (2, True)


def test_a_clip_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    with pytest.raises(ConfigurationError, match=r"empty\.wav: empty"):
        Clip("human", "empty", tmp_path / "empty.wav", "да", "").samples()
