"""A model in one format in, the same model in the other out, made once and kept in the cache.

CTranslate2 fuses the projections of attention (q, k, v; in cross-attention k, v) into one linear layer, gives k a bias
of zeros, for Whisper's has none, and ties the output projection to the embeddings; all else only has other names.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from smarthome.ears import cache, model_bin
from smarthome.ears.model_bin import ModelBinError, Tensor
from smarthome.ears.vocabulary import Vocabulary
from smarthome.ears.weights import FILES, Format, Weights
from smarthome.errors import ConfigurationError

logger = logging.getLogger(__name__)

VARIABLE = re.compile(r"(encoder|decoder)/(?:layer_(\d+)/)?(.+)/(weight|bias|gamma|beta|encodings)")
LEAVES = {"gamma": "weight", "beta": "bias", "encodings": "weight"}
OUTER = {
    "conv1": "conv1",
    "conv2": "conv2",
    "embeddings": "embed_tokens",
    "position_encodings": "embed_positions",
    "layer_norm": "layer_norm",
}
LAYER = {
    "self_attention/layer_norm": ("self_attn_layer_norm",),
    "self_attention/linear_0": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    "self_attention/linear_1": ("self_attn.out_proj",),
    "attention/layer_norm": ("encoder_attn_layer_norm",),
    "attention/linear_0": ("encoder_attn.q_proj",),
    "attention/linear_1": ("encoder_attn.k_proj", "encoder_attn.v_proj"),
    "attention/linear_2": ("encoder_attn.out_proj",),
    "ffn/layer_norm": ("final_layer_norm",),
    "ffn/linear_0": ("fc1",),
    "ffn/linear_1": ("fc2",),
}
"""CTranslate2's name of a layer's part, transformers' names of what is stacked in it."""


def in_format(weights: Weights, wanted: Format, cache_directory: Path) -> Path:
    """A directory with the model in the ``wanted`` format: its own, or the converted one. Raises ConfigurationError."""
    if weights.has(wanted):
        return weights.directory
    name = f"{weights.directory.name}-{wanted}-{_fingerprint(weights.directory)}"

    def convert(target: Path) -> None:
        logger.info("converting %s for %s, once", weights.directory, wanted)
        _CONVERTERS[wanted](weights.directory, target)

    return cache.made_once(cache_directory / "converted" / name, convert)


def _fingerprint(directory: Path) -> str:
    """Changes when a file of the model is replaced."""
    stats = [(path, path.stat()) for path in sorted(directory.resolve().iterdir()) if path.is_file()]
    files = [f"{path} {stat.st_size} {stat.st_mtime_ns}" for path, stat in stats]
    return hashlib.sha256("\n".join(files).encode()).hexdigest()[:16]


def to_transformers(source: Path, target: Path) -> None:
    """Fill ``target`` with what transformers' Whisper loads. Raises ConfigurationError."""
    file = source / FILES["ctranslate2"]
    vocabulary = Vocabulary.read(source)
    try:
        variables = model_bin.read(file)
        if any(name.endswith("weight_scale") for name in variables):
            raise ConfigurationError(
                f"{file}: quantised weights, good for whisper.engine = ctranslate2 only; take the unquantised model"
            )
        tensors = dict(_tensors(variables))
        config = _config(variables, vocabulary)
    except (ModelBinError, KeyError, ValueError) as error:
        raise ConfigurationError(f"{file}: damaged, or of an unknown kind: {error}") from None
    save_file(tensors, target / FILES["transformers"], metadata={"format": "pt"})
    (target / "config.json").write_text(json.dumps(config))
    suppressed = {"suppress_tokens": vocabulary.suppress, "begin_suppress_tokens": vocabulary.suppress_first}
    (target / "generation_config.json").write_text(json.dumps(suppressed))
    shutil.copyfile(source / "tokenizer.json", target / "tokenizer.json")


def _tensors(variables: dict[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    """Weights under transformers' names; CTranslate2's own parameters are left out."""
    for name, tensor in variables.items():
        match = VARIABLE.fullmatch(name)
        if match is None:
            continue
        half, layer, part, leaf = match.groups()
        parts = (OUTER[part],) if layer is None else LAYER[part]
        prefix = f"model.{half}." + ("" if layer is None else f"layers.{layer}.")
        leaf = LEAVES.get(leaf, leaf)
        for piece, values in zip(parts, np.split(tensor, len(parts)), strict=True):
            if not piece.endswith("k_proj") or leaf != "bias":
                yield f"{prefix}{piece}.{leaf}", np.ascontiguousarray(values)


def _config(variables: dict[str, Tensor], vocabulary: Vocabulary) -> dict[str, object]:
    """The ``config.json`` of transformers, read off the shapes."""
    words, width = variables["decoder/embeddings/weight"].shape
    config: dict[str, object] = {
        "architectures": ["WhisperForConditionalGeneration"],
        "model_type": "whisper",
        "dtype": str(variables["decoder/embeddings/weight"].dtype),
        "vocab_size": words,
        "d_model": width,
        "num_mel_bins": variables["encoder/conv1/weight"].shape[1],
        "max_source_positions": len(variables["encoder/position_encodings/encodings"]),
        "max_target_positions": len(variables["decoder/position_encodings/encodings"]),
        "decoder_start_token_id": vocabulary.start,
        "bos_token_id": vocabulary.end,
        "eos_token_id": vocabulary.end,
        "pad_token_id": vocabulary.end,
    }
    for half in ("encoder", "decoder"):
        layers = [name for name in variables if re.fullmatch(rf"{half}/layer_\d+/ffn/linear_0/bias", name)]
        config[f"{half}_layers"] = len(layers)
        config[f"{half}_attention_heads"] = int(variables[f"{half}/num_heads"])
        config[f"{half}_ffn_dim"] = len(variables[layers[0]])
    return config


def to_ctranslate2(source: Path, target: Path) -> None:
    """Fill ``target`` with what CTranslate2 loads, by its own converter, in the source's precision."""
    from ctranslate2.converters import TransformersConverter
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        TransformersConverter(str(source)).convert(str(target), force=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise ConfigurationError(f"{source}: cannot be converted: {error}") from None
    shutil.copyfile(source / "tokenizer.json", target / "tokenizer.json")


_CONVERTERS = {"transformers": to_transformers, "ctranslate2": to_ctranslate2}
