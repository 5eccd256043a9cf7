"""Each format into the other and back, on the real weights."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import ctranslate2
import pytest

from smarthome.ears import conversion, model_bin
from smarthome.ears.model_bin import ModelBinError
from smarthome.ears.weights import Format, Weights
from smarthome.errors import ConfigurationError

CONVERTER = """
import sys
from pathlib import Path
from smarthome.ears import conversion
from smarthome.ears.weights import Weights
print(conversion.in_format(Weights("base", Path(sys.argv[1])), "transformers", Path(sys.argv[2])))
"""


def link(source: Path, target: Path) -> Path:
    """A copy of a model that shares its bytes."""
    shutil.copytree(source, target, copy_function=os.link)
    return target


def test_there_and_back_is_the_same_file(whisper_base: Path, model_cache: Path, tmp_path: Path) -> None:
    there = conversion.in_format(Weights("base", whisper_base), "transformers", model_cache)
    assert {path.name for path in there.iterdir()} == {
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "tokenizer.json",
    }
    back = conversion.in_format(Weights("base", there), "ctranslate2", tmp_path)
    for name in ("model.bin", "vocabulary.json", "tokenizer.json"):
        assert (back / name).read_bytes() == (whisper_base / name).read_bytes(), name
    before, after = (json.loads((directory / "config.json").read_bytes()) for directory in (whisper_base, back))
    assert after["suppress_ids"] == before["suppress_ids"]
    assert after["suppress_ids_begin"] == before["suppress_ids_begin"]


def test_two_processes_at_once_convert_once(whisper_base: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", CONVERTER, str(whisper_base), str(tmp_path)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=120)[0].strip() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert said[0] == said[1]
    assert (Path(said[0]) / "model.safetensors").is_file()
    assert [path.name for path in (tmp_path / "converted").iterdir() if not path.name.startswith(".")] == [
        Path(said[0]).name
    ]


def test_a_replaced_model_is_converted_again(tiny_whisper: Path, tmp_path: Path) -> None:
    mine = Path(shutil.copytree(tiny_whisper, tmp_path / "mine"))
    first = conversion.in_format(Weights("mine", mine), "ctranslate2", tmp_path)
    assert conversion.in_format(Weights("mine", mine), "ctranslate2", tmp_path) == first
    os.utime(mine / "model.safetensors", ns=(1, 1))
    assert conversion.in_format(Weights("mine", mine), "ctranslate2", tmp_path) != first


@pytest.mark.parametrize("wanted", ["transformers", "ctranslate2"])
def test_what_is_in_the_wanted_format_stays(wanted: Format, whisper_base: Path, tiny_whisper: Path) -> None:
    directory = tiny_whisper if wanted == "transformers" else whisper_base
    assert conversion.in_format(Weights("base", directory), wanted, Path("/nowhere")) == directory


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda content: content[:1_000_000], "ends after 1,000,000 bytes"),
        (lambda content: content[:3], "ends after 3 bytes"),
        (lambda _: os.urandom(1000), "damaged, or of an unknown kind"),
        (lambda content: content.replace(b"WhisperSpec", b"WhoeverSpec"), "does not hold a Whisper model"),
    ],
)
def test_a_damaged_model_bin_is_not_converted(spoil: object, message: str, whisper_base: Path, tmp_path: Path) -> None:
    assert callable(spoil)
    mine = link(whisper_base, tmp_path / "mine")
    content = spoil((mine / "model.bin").read_bytes())
    (mine / "model.bin").unlink()
    (mine / "model.bin").write_bytes(content)
    with pytest.raises(ConfigurationError, match=message):
        conversion.in_format(Weights("mine", mine), "transformers", tmp_path / "cache")
    assert not [path for path in (tmp_path / "cache" / "converted").iterdir() if not path.name.endswith(".lock")]


def test_quantised_weights_are_for_ctranslate2_only(tiny_whisper: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    ctranslate2.converters.TransformersConverter(str(tiny_whisper)).convert(str(mine), quantization="int8")
    shutil.copy(tiny_whisper / "tokenizer.json", mine)
    with pytest.raises(ConfigurationError, match=r"quantised weights, good for whisper\.engine = ctranslate2 only"):
        conversion.in_format(Weights("mine", mine), "transformers", tmp_path)


def test_a_type_that_numpy_lacks_is_named(tiny_whisper: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    ctranslate2.converters.TransformersConverter(str(tiny_whisper)).convert(str(mine), quantization="bfloat16")
    with pytest.raises(ModelBinError, match=r"has a type \(number 5\) that cannot be read here"):
        model_bin.read(mine / "model.bin")
