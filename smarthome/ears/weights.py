"""Settings in, a Whisper model on this disk out. Nothing here uses the network.

The order: the configured directory, the Hugging Face cache (``smarthome models pull`` fills it), and, only for the
default model, the packaged Whisper-base instead.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import BaseModel, ValidationError
from safetensors import SafetensorError, safe_open

from smarthome.ears import cache, packaged
from smarthome.errors import ConfigurationError
from smarthome.models import hub, layouts
from smarthome.settings import WhisperSettings

logger = logging.getLogger(__name__)

Format: TypeAlias = Literal["transformers", "ctranslate2"]

FILES: dict[Format, str] = {"transformers": "model.safetensors", "ctranslate2": "model.bin"}
"""The file that makes a directory a model of this format."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A model's directory with all its files. ``name`` is what the owner calls it."""

    name: str
    directory: Path

    def has(self, form: Format) -> bool:
        """Whether it can be loaded in this format as it is."""
        return (self.directory / FILES[form]).is_file()


class ModelConfig(BaseModel):
    """The part of transformers' ``config.json`` that says what the model is."""

    model_type: str
    encoder_layers: int = 0
    decoder_layers: int = 0

    @property
    def tensors(self) -> int:
        """How many weights a Whisper of this depth has."""
        return 11 + 15 * self.encoder_layers + 24 * self.decoder_layers


def find(settings: WhisperSettings) -> Weights:
    """The configured model, or the packaged one with a warning if none was configured. Raises ConfigurationError."""
    place = cache.location(settings.cache)
    if settings.model == packaged.NAME:
        return Weights(packaged.NAME, packaged.provide(place))
    directory = Path(settings.model).expanduser()
    found = directory if directory.is_dir() else hub.find(settings.model, layouts.TRANSCRIBE, place)
    if found is not None:
        return _checked(Weights(settings.model, found))
    if "model" in settings.model_fields_set:
        raise ConfigurationError(
            f"whisper.model = {settings.model}: neither a directory nor in the Hugging Face cache; "
            f"correct it, or fetch it: smarthome models pull {settings.model}"
        )
    try:
        instead = Weights(packaged.NAME, packaged.provide(place))
    except ConfigurationError as error:
        raise ConfigurationError(
            f"{settings.model} is not here: run smarthome models pull transcribe; or {error}"
        ) from None
    logger.warning(
        "%s is not on this machine; the packaged %s, which mishears more, stands in. "
        "Fetch it: smarthome models pull transcribe",
        settings.model,
        packaged.NAME,
    )
    return instead


def _checked(weights: Weights) -> Weights:
    """Complaints about what is missing or damaged, before anything heavy is loaded."""
    directory = weights.directory
    if not any(weights.has(form) for form in FILES):
        pickled = "; pytorch_model.bin is not loaded, for it can hold any program" if _has_pickle(directory) else ""
        raise ConfigurationError(
            f"{directory}: no Whisper model, neither {' nor '.join(FILES.values())} is in it{pickled}"
        )
    for needed in ("config.json", "tokenizer.json"):
        if not (directory / needed).is_file():
            raise ConfigurationError(f"{directory}: {needed} is missing; a complete copy of the model has it")
    if weights.has("transformers"):
        _check_transformers(directory)
    return weights


def _has_pickle(directory: Path) -> bool:
    return (directory / "pytorch_model.bin").exists()


def _check_transformers(directory: Path) -> None:
    file, tensors = directory / "config.json", directory / FILES["transformers"]
    try:
        config = ModelConfig.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise ConfigurationError(f"{file}: cannot be read: {error}") from None
    if config.model_type != "whisper":
        raise ConfigurationError(f"{file}: a {config.model_type} model; speech recognition needs a whisper model")
    try:
        with safe_open(tensors, framework="np") as weights:
            found = sum(name.startswith("model.") for name in weights.keys())  # noqa: SIM118 (it is no dict)
    except (OSError, SafetensorError) as error:
        raise ConfigurationError(f"{tensors}: damaged or cut off ({error}); fetch it again") from None
    if found != config.tensors:
        raise ConfigurationError(f"{tensors}: has {found} weights, {config.tensors} by its config.json; fetch it again")
