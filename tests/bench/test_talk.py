"""``smarthome bench talk``: texts in, what the house would have done about them out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from smarthome.bench.noise import misheard
from smarthome.bench.talk import bench_talk, read_text, sentences_of
from smarthome.errors import ConfigurationError
from tests.russian.houses import HERE, PHRASES, home
from tests.test_cli import run

HOUSE = str(PHRASES / "house.yaml")
QUOTES = """Мы вчера долго гуляли. «Какой
чудный вечер!» — сказала она.
%
Выключи свет на кухне.
%
Открой гаражные ворота! Который час?
%
No Russian here.
"""


@pytest.fixture
def quotes(tmp_path: Path) -> Path:
    path = tmp_path / "quotes"
    path.write_text(QUOTES, encoding="utf-8")
    return path


def test_sentences_end_where_they_end_and_not_with_the_line() -> None:
    found = list(sentences_of(QUOTES))
    assert found[:3] == ["Мы вчера долго гуляли.", "«Какой чудный вечер!", "— сказала она."]
    assert found[3:] == ["Выключи свет на кухне.", "Открой гаражные ворота!", "Который час?"]


def test_what_is_too_long_to_be_said_to_a_house_is_left_out() -> None:
    assert list(sentences_of("слово " * 41 + ".")) == []


def test_a_text_in_koi8_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "old"
    path.write_bytes("Закрой окно.".encode("koi8-r"))
    assert read_text(path) == "Закрой окно."


def test_what_would_be_done_is_counted_and_named(quotes: Path) -> None:
    (clean,) = bench_talk([quotes, quotes], home(), HERE, [0.0], seed=1).rounds
    assert [(act.text, act.grave) for act in clean.acts] == [
        ("Выключи свет на кухне.", False),
        ("Открой гаражные ворота!", True),
    ]
    assert (clean.answered, clean.asked) == (1, 0)


def test_the_same_seed_makes_the_same_errors() -> None:
    text = "пожалуйста выключи свет на кухне и закрой шторы в гостиной"
    assert misheard(text, 0.5, 1) == misheard(text, 0.5, 1) != misheard(text, 0.5, 2)
    assert misheard(text, 0.0, 1) == text


def test_figures_are_written_and_told(quotes: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = run("bench", "talk", str(quotes), "--devices", HOUSE, "--noise", "0,0.3", "--json", str(report))
    assert (done.returncode, done.stderr) == (0, "")
    figures = json.loads(report.read_text(encoding="utf-8"))
    assert (figures["sentences"], [each["noise"] for each in figures["rounds"]]) == (6, [0.0, 0.3])
    assert figures["rounds"][0]["on_locks_doors_alarms"] == 1
    assert "Открой гаражные ворота!" in done.stdout


@pytest.mark.parametrize("noise", ["2", "-1", "much", ""])
def test_noise_is_a_share(quotes: Path, noise: str) -> None:
    done = run("bench", "talk", str(quotes), "--devices", HOUSE, "--noise", noise)
    assert done.returncode == 2
    assert "--noise takes numbers from 0 to 1" in " ".join(done.stderr.split())


def test_a_text_that_is_not_there_or_not_russian_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        bench_talk([tmp_path / "none"], home(), HERE, [0.0], seed=1)
    (tmp_path / "english").write_text("Turn on the light.", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="no Russian sentence"):
        bench_talk([tmp_path / "english"], home(), HERE, [0.0], seed=1)
