"""``smarthome bench e2e``: recordings in and out, what belongs to what, sentences changed, noise, memory."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smarthome.bench import e2e, e2e_noise, e2e_patience
from smarthome.bench.asr_clips import Clip, of_the_demo
from smarthome.bench.e2e_memory import Memory
from smarthome.bench.e2e_outcomes import Heard, outcomes
from smarthome.bench.e2e_program import TOPICS, Arrival, Line, Session
from smarthome.bench.e2e_recording import (
    Recording,
    Span,
    Spoken,
    compose,
    read_recording,
    write_recording,
    write_wav,
)
from smarthome.bench.e2e_words import WordTimes
from smarthome.bench.sentences import Goal, Sentence
from smarthome.bench.sound import audible_span
from smarthome.bench.verdict import Judge
from smarthome.ears.audio_files import decode
from smarthome.errors import ConfigurationError
from smarthome.events import SAMPLE_RATE
from smarthome.russian.morphology import Morphology
from tests.bench.test_asr import spoken
from tests.homes import DEVICES_YAML, example_home
from tests.test_cli import run

JUDGE = Judge(example_home(), Morphology())
TURN_ON = {"intent": "HassTurnOn", "slots": {"area": "Кухня", "domain": "light"}}
WANTED = {
    "on": Sentence("on", "light", "включи свет на кухне", None, ((Goal("HassTurnOn", TURN_ON["slots"], {}),),)),  # type: ignore[arg-type]
    "none": Sentence("none", "none", "я дома", None, ()),
}
COMMAND = {"topic": "home/kitchen/light/set", "payload": '{"state": "on"}'}


def utterance(start_s: float, end_s: float, *commands: dict[str, str], **about: Any) -> dict[str, Any]:
    ms = {"asr": 200.0, "publish": 1.0, "total": 900.0}
    record = {"type": "utterance", "id": f"u{start_s:g}", "start_s": start_s, "end_s": end_s, "text": "свет"}
    return record | {"intents": [], "status": "ok", "reason": None, "commands": list(commands), "ms": ms} | about


def session(*records: dict[str, Any], zero: float = 100.0) -> Session:
    """Every line comes as its times say, every command 50 ms before it."""
    found = Session(began_at=zero)
    for record in records:
        at = zero + record["end_s"] + record["ms"]["total"] / 1000
        found.arrivals += [Arrival(each["topic"], each["payload"], at - 0.05) for each in record["commands"]]
        found.arrivals.append(Arrival(TOPICS.event, json.dumps(record), at - 0.01))
        found.lines.append(Line(record, at))
    return found


def heard(*records: dict[str, Any], spans: tuple[Span, ...]) -> Heard:
    return outcomes(Recording(Path("x.wav"), 60.0, spans), session(*records), WANTED, JUDGE)


SPAN = Span(2.0, 4.0, "command", "on", "включи свет на кухне")
TALK = Span(10.0, 12.0, "talk", "none", "я дома")


def test_a_command_is_right_and_timed_from_its_true_end() -> None:
    found = heard(utterance(2.1, 3.9, COMMAND, intents=[TURN_ON]), spans=(SPAN, TALK))
    first, second = found.outcomes
    assert (first.heard, first.cut_off, first.acted) == (True, False, True)
    assert first.verdict
    assert first.verdict.slots
    assert first.latency_s == pytest.approx(0.9 - 0.05 - 0.1)
    assert (second.heard, second.acted, second.latency_s) == (False, False, None)
    assert found.clock_ms == pytest.approx(0, abs=0.01)


def test_the_same_command_twice_is_told_apart() -> None:
    later = Span(20.0, 22.0, "command", "on", "включи свет на кухне")
    records = (utterance(start, start + 2, COMMAND, intents=[TURN_ON]) for start in (2.0, 20.0))
    found = heard(*records, spans=(SPAN, later))
    assert [each.latency_s for each in found.outcomes] == pytest.approx([0.85, 0.85])


def test_what_needs_no_command_is_timed_by_its_event() -> None:
    (outcome,) = heard(utterance(2.0, 4.0), spans=(SPAN,)).outcomes
    assert outcome.latency_s == pytest.approx(0.89)
    (outcome,) = heard(utterance(2.0, 4.0, status="rejected"), spans=(SPAN,)).outcomes
    assert outcome.latency_s is None


def test_a_sentence_in_two_pieces_was_cut_off() -> None:
    pieces = utterance(2.0, 2.9, COMMAND, intents=[TURN_ON]), utterance(3.4, 4.0, status="rejected")
    (outcome,) = heard(*pieces, spans=(SPAN,)).outcomes
    assert outcome.cut_off
    assert len(outcome.texts) == 2


def test_actions_on_talk_and_on_nothing_are_counted() -> None:
    found = heard(utterance(10.0, 12.0, COMMAND), utterance(30.0, 31.0, COMMAND), spans=(SPAN, TALK))
    assert [each.acted for each in found.outcomes] == [False, True]
    assert found.elsewhere == 1
    figures = e2e.talk_figures(e2e.Run((found,), {}, 60.0, None))
    assert figures == {"n": 1, "seconds": 2.0, "acted": 1, "per_hour": 1800.0, "acted_elsewhere": 1}


def test_commands_are_told_by_the_way_they_were_said() -> None:
    slow = Span(20.0, 22.0, "command", "on", "включи свет на кухне", variant="tempo 0.6")
    found = heard(utterance(2.0, 4.0, COMMAND, intents=[TURN_ON]), spans=(SPAN, slow))
    figures: Any = e2e.figures(e2e.Run((found,), {"speculated": 3, "ok": 1}, 60.0, None))
    assert list(figures["commands"]) == ["all", "as said", "tempo 0.6"]
    assert [figures["commands"][name]["heard"] for name in ("all", "as said", "tempo 0.6")] == [1, 1, 0]
    assert figures["commands"]["all"]["latency_ms"] == {"p50": 850.0, "p95": 850.0}
    assert figures["commands"]["all"]["stages_ms"]["asr"] == {"p50": 200.0, "p95": 200.0}
    assert figures["speculation"] == {"speculated": 3}
    json.dumps(figures)


def test_a_recording_is_composed_written_and_read(tmp_path: Path) -> None:
    clips = [Clip("clean", name, tmp_path / name, name, "voice", name) for name in ("on", "none", "on")]
    made = compose((Spoken.of(clip, spoken()) for clip in clips), WANTED, tmp_path / "long.wav", seed=3)
    assert [span.kind for span in made.spans] == ["command", "talk", "command"]
    assert len(decode(made.path)) / SAMPLE_RATE == pytest.approx(made.duration_s)
    gaps = [after.start_s - before.end_s for before, after in zip(made.spans, made.spans[1:], strict=False)]
    assert all(3.0 <= gap <= 5.0 for gap in gaps)  # half a second of each clip's own silence on both sides
    for span in made.spans:
        assert span.end_s - span.start_s == pytest.approx(1.0, abs=0.02)
    write_recording(tmp_path / "long.json", made)
    assert read_recording(tmp_path / "long.json") == made


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("{", "were expected"), ("{}", "were expected"), ('{"file": "x", "duration_s": 1, "segments": []}', "not there")],
)
def test_a_recording_that_cannot_be_used_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "long.json"
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_recording(path)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=complaint):
        read_recording(path)


def test_a_pause_and_a_stammer_are_as_long_as_they_are_called() -> None:
    samples = spoken(seconds=2.0)
    middle = len(samples) // 2
    paused = e2e_patience.paused(samples, middle, 1.5)
    assert len(paused) - len(samples) == round(1.5 * SAMPLE_RATE)
    assert not paused[middle : middle + SAMPLE_RATE].any()
    stammered = e2e_patience.stammered(samples, middle)
    assert len(stammered) - len(samples) == pytest.approx(2 * 0.32 * SAMPLE_RATE, abs=2)


@pytest.mark.skipif(shutil.which("sox") is None, reason="sox is not installed")
def test_a_slow_sentence_lasts_longer() -> None:
    start_s, end_s = audible_span(e2e_patience.slowly(spoken(seconds=1.2)))
    assert end_s - start_s == pytest.approx(2.0, abs=0.1)


def test_words_are_found_where_they_are_said() -> None:
    samples = of_the_demo()[0].samples()
    words = WordTimes()
    gaps = words.gaps(samples, "включи свет на кухне")
    assert len(gaps) == 3
    assert sorted(gaps) == gaps
    first, last = audible_span(samples)
    assert all(first < gap / SAMPLE_RATE < last for gap in gaps)
    assert words.gaps(samples, "включи") == []


@pytest.mark.parametrize("kind", e2e_noise.KINDS)
def test_noise_comes_in_stretches_and_is_the_same_every_time(kind: str) -> None:
    first, again = (e2e_noise.noise(kind, 20.0, np.random.default_rng(1), [spoken()] * 3) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert len(first) == 20 * SAMPLE_RATE
    assert np.abs(first).max() <= 1
    quiet = np.square(first.reshape(-1, SAMPLE_RATE // 10)).mean(axis=1) < 10 ** (-6.0)
    assert quiet.any()
    assert quiet.all() == (kind == "silence")


def test_memory_that_grows_has_a_slope() -> None:
    assert Memory((900.0, *[500.0] * 99)).slope_kb == pytest.approx(0, abs=1e-6)
    assert Memory(tuple(500 + 0.01 * each for each in range(100))).slope_kb == pytest.approx(10_000)


def test_wrong_usage_ends_with_2(tmp_path: Path) -> None:
    done = run("bench", "e2e", "--devices", str(DEVICES_YAML))
    assert (done.returncode, "nothing to hear" in done.stderr) == (2, True)
    done = run("bench", "e2e", str(tmp_path / "none.json"), "--devices", str(DEVICES_YAML))
    assert (done.returncode, "none.json: cannot be read" in done.stderr) == (2, True)


@pytest.mark.slow
def test_a_recording_is_heard_in_real_time(tmp_path: Path) -> None:
    demo = of_the_demo()[0]
    (tmp_path / "gold.jsonl").write_text(
        json.dumps({"id": "demo", "text": "включи свет на кухне", "intents": [TURN_ON]}), encoding="utf-8"
    )
    write_wav(tmp_path / "demo.wav", demo.samples())
    row = {"file": "demo.wav", "id": "demo", "text": "включи свет на кухне", "kind": "clean"}
    (tmp_path / "manifest.jsonl").write_text(json.dumps(row), encoding="utf-8")
    report = tmp_path / "e2e.json"
    options = ["--clips", str(tmp_path), "--devices", str(DEVICES_YAML), "--json", str(report)]
    done = run("bench", "e2e", *options)
    assert done.returncode == 0, done.stderr
    (sentence,) = json.loads(report.read_text(encoding="utf-8"))["sentences"]
    assert sentence["texts"]
    assert not sentence["cut_off"]


@pytest.mark.slow
def test_a_little_noise_and_a_few_utterances(tmp_path: Path) -> None:
    report = tmp_path / "figures.json"
    done = run("bench", "noise", "--minutes", "0.2", "--devices", str(DEVICES_YAML), "--json", str(report))
    assert done.returncode == 0, done.stderr
    figures = json.loads(report.read_text(encoding="utf-8"))
    assert [each["kind"] for each in figures["noises"]] == list(e2e_noise.KINDS)
    done = run("bench", "memory", "--utterances", "3", "--devices", str(DEVICES_YAML), "--json", str(report))
    assert done.returncode == 0, done.stderr
    assert json.loads(report.read_text(encoding="utf-8"))["utterances"] == 3
