"""``smarthome bench nlu`` with the real peer, and with input that it cannot use."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from smarthome.bench import nlu
from smarthome.bench.peer_names import peer_names
from smarthome.bench.sentences import HOUSE, SHIPPED, read_sentences
from smarthome.devices import load_inventory
from smarthome.errors import ConfigurationError, FailureError
from smarthome.russian.morphology import Morphology
from tests.homes import DEVICES_YAML, example_home
from tests.test_cli import run

SENTENCES = (
    {"kind": "plain", "text": "выключи телевизор", "intents": [
        {"intent": "HassTurnOff", "slots": {"name": "Телевизор"}, "optional": {"area": "Гостиная"}}]},
    {"kind": "case", "text": "выключи ночную лампу", "intents": [
        {"intent": "HassTurnOff", "slots": {"name": "Ночная лампа"}}]},
    {"kind": "nothing", "text": "не включай свет", "intents": None},
)  # fmt: skip


@pytest.fixture
def sentences(tmp_path: Path) -> Path:
    path = tmp_path / "sentences.jsonl"
    lines = [json.dumps(each | {"context": {"area": "Гостиная"}}, ensure_ascii=False) for each in SENTENCES]
    path.write_text("\n".join(lines) + "\n\n", encoding="utf-8")
    return path


def counts(figures: dict[str, Any], kind: str) -> list[int]:
    return [result["kinds"][kind]["slots"] for result in figures["results"]]


@pytest.mark.parametrize("forms", [True, False])
def test_the_peer_knows_a_case_form_only_when_it_was_typed(sentences: Path, tmp_path: Path, *, forms: bool) -> None:
    report = tmp_path / "report.json"
    options = ["--sentences", str(sentences), "--devices", str(DEVICES_YAML), "--json", str(report), "--errors"]
    done = run("bench", "nlu", *options, *(["--forms"] if forms else []))
    assert (done.returncode, done.stderr) == (0, "")
    figures = json.loads(report.read_text(encoding="utf-8"))
    assert counts(figures, "plain") == [1, 1]
    assert counts(figures, "case") == [1, int(forms)]
    assert counts(figures, "nothing") == [1, 1]
    assert all(result["peak_mb"] > 10 and result["load_s"] > 0 for result in figures["results"])
    assert ("ночную" in done.stdout) != forms


def test_any_program_can_be_the_peer(sentences: Path) -> None:
    parse = f"{sys.executable} -m smarthome parse --devices {DEVICES_YAML} --jsonl"
    done = run("bench", "nlu", "--sentences", str(sentences), "--devices", str(DEVICES_YAML), "--peer", parse)
    assert done.returncode == 0, done.stderr
    assert "100.0   100.0     0.0     33.3     100.0   100.0     0.0     33.3" in done.stdout


def test_every_case_form_is_given_to_the_peer() -> None:
    names = peer_names(example_home(), Morphology())
    lamp = next(each for each in names["devices"] if each["name"] == "Ночная лампа")
    assert {"Ночная лампа", "ночную лампу", "ночной лампе", "ночной лампой"} <= set(lamp["spellings"])
    plain = peer_names(example_home(), None)
    assert next(each for each in plain["floors"] if each["name"] == "Второй этаж")["spellings"] == [
        "Второй этаж",
        "мансарда",
    ]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "not JSON"),
        ("[]", 'an object with a "text"'),
        ('{"text": "свет"}', '"intents" is missing'),
        ('{"text": "свет", "intents": null, "context": "кухня"}', '"context" must be an object'),
        ('{"text": "свет", "intents": {"intent": "HassTurnOn"}}', "must be a list"),
        ('{"text": "свет", "intents": [{"slots": {}}]}', "needs its name"),
        ('{"text": "свет", "intents": [{"intent": "HassTurnOn", "slots": []}]}', "must be objects"),
    ],
)
def test_a_broken_line_is_named(sentences: Path, line: str, complaint: str) -> None:
    with sentences.open("a", encoding="utf-8") as file:
        file.write(line)
    with pytest.raises(ConfigurationError, match=rf"sentences\.jsonl: line 5: .*{complaint}"):
        read_sentences(sentences)


def test_bad_files_end_with_2_and_say_which(tmp_path: Path, sentences: Path) -> None:
    done = run("bench", "nlu", "--sentences", str(tmp_path / "none.jsonl"), "--devices", str(DEVICES_YAML))
    assert (done.returncode, "none.jsonl: cannot be read" in done.stderr) == (2, True)
    (tmp_path / "empty.jsonl").touch()
    done = run("bench", "nlu", "--sentences", str(tmp_path / "empty.jsonl"), "--devices", str(DEVICES_YAML))
    assert (done.returncode, "there are no sentences" in done.stderr) == (2, True)
    done = run("bench", "nlu", "--sentences", str(sentences), "--devices", str(tmp_path / "none.yaml"))
    assert (done.returncode, "none.yaml: there is no such file" in done.stderr) == (2, True)


def test_a_missing_peer_names_the_extra() -> None:
    with pytest.raises(ConfigurationError, match=r"there is no never-published: pip install 'smarthome\[dev\]'"):
        nlu.versions(("hassil", "never-published"))


@pytest.mark.parametrize(
    ("command", "complaint", "error"),
    [
        (["/no/such/program"], "cannot be started", ConfigurationError),
        (["false"], "ended with 1: no message", FailureError),
        ([sys.executable, "-c", "raise SystemExit('out of order')"], "ended with 1: out of order", FailureError),
        (["cat", "-n"], "something else than a JSON object", FailureError),
    ],
    ids=["missing", "fails", "explains", "babbles"],
)
def test_a_peer_that_fails_is_named(
    sentences: Path, command: list[str], complaint: str, error: type[Exception]
) -> None:
    with pytest.raises(error, match=complaint):
        nlu.bench_nlu(sentences, DEVICES_YAML, peer=command)


def test_the_shipped_sentences_fit_the_shipped_house() -> None:
    home = load_inventory(HOUSE)
    shipped = read_sentences(SHIPPED)
    assert len(shipped) == 260
    assert {sentence.area for sentence in shipped} == {"Гостиная"}
    called = {each for device in home.devices for each in (device.name, *device.aliases)}
    called |= {each for area in home.areas for each in (area.name, *area.aliases)}
    called |= {floor.name for floor in home.floors}
    named = {
        goal.slots[slot]
        for sentence in shipped
        for way in sentence.ways
        for goal in way
        for slot in ("name", "area", "floor")
        if slot in goal.slots and "Timer" not in goal.intent and "List" not in goal.intent
    }
    assert named <= called
