"""``smarthome bench house``: the houses it makes, and what it measures in one of them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from smarthome.bench.generated_house import generated_house
from smarthome.check import warnings
from smarthome.devices import load_inventory
from smarthome.russian import Parser
from tests.test_cli import run


@pytest.mark.parametrize("devices", [1, 30, 1000])
def test_a_generated_house_is_valid_and_always_the_same(tmp_path: Path, devices: int) -> None:
    assert generated_house(devices) == generated_house(devices)
    path = tmp_path / "devices.yaml"
    path.write_text(json.dumps(generated_house(devices), ensure_ascii=False), encoding="utf-8")
    home = load_inventory(path)
    assert len(home.devices) == devices
    assert warnings(home, Parser(home)) == []
    assert max(Counter(device.area for device in home.devices).values()) <= 10


def test_a_small_house_is_measured(tmp_path: Path) -> None:
    done = run("bench", "house", "--sizes", "12", "--json", str(tmp_path / "house.json"))
    assert (done.returncode, done.stderr) == (0, "")
    (house,) = json.loads((tmp_path / "house.json").read_text(encoding="utf-8"))["houses"]
    assert house["devices"] == 12
    assert house["exact"]["n"] > 500
    assert house["misheard"]["n"] > 50
    assert house["talk"]["n"] == 30
    assert house["peak_mb"] > 10
    assert house["exact"]["median_ms"] <= house["exact"]["p95_ms"] <= house["exact"]["worst_ms"]


@pytest.mark.parametrize("sizes", ["many", "0", "10,", "-5", "10,1000000"])
def test_sizes_must_be_numbers(sizes: str) -> None:
    done = run("bench", "house", f"--sizes={sizes}")
    assert (done.returncode, "numbers from 1 to 100000" in done.stderr) == (2, True)


def test_figures_that_cannot_be_written_end_with_2(tmp_path: Path) -> None:
    done = run("bench", "house", "--sizes", "1", "--json", str(tmp_path / "none" / "house.json"))
    assert (done.returncode, "cannot be written" in done.stderr) == (2, True)
