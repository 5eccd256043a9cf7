"""Whisper's tokens out of a model's own files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from smarthome.ears.vocabulary import Vocabulary
from smarthome.errors import ConfigurationError


def test_the_prompt_asks_for_russian_without_timestamps(whisper_base: Path) -> None:
    vocabulary = Vocabulary.read(whisper_base)
    names = [vocabulary.tokenizer.id_to_token(token) for token in vocabulary.prompt]
    assert names == ["<|startoftranscript|>", "<|ru|>", "<|transcribe|>", "<|notimestamps|>"]
    assert vocabulary.tokenizer.id_to_token(vocabulary.no_speech) == "<|nospeech|>"


def test_both_formats_suppress_the_same(whisper_base: Path, tiny_whisper: Path) -> None:
    ours = Vocabulary.read(whisper_base)
    assert len(ours.suppress) == 88
    assert ours.suppress_first == (220, 50257)
    assert Vocabulary.read(tiny_whisper).suppress == (1, 2, 7)
    assert Vocabulary.read(tiny_whisper).suppress_first == (220, 50257)


def test_text_leaves_out_what_is_not_said(whisper_base: Path) -> None:
    vocabulary = Vocabulary.read(whisper_base)
    said = tuple(vocabulary.tokenizer.encode(" Включи  свет", add_special_tokens=False).ids)
    assert vocabulary.text((*vocabulary.prompt, 50_400, *said, vocabulary.end)) == "Включи свет"
    assert vocabulary.text(()) == ""


def without_russian(model: Path) -> None:
    tokenizer = json.loads((model / "tokenizer.json").read_text())
    for token in tokenizer["added_tokens"]:
        token["content"] = token["content"].replace("<|ru|>", "<|xx|>")
    (model / "tokenizer.json").write_text(json.dumps(tokenizer))


def without_meaning(model: Path) -> None:
    (model / "tokenizer.json").write_text("{}")


def without_lists(model: Path) -> None:
    (model / "generation_config.json").write_text('{"suppress_tokens": "all"}')


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (without_russian, r"no <\|ru\|> in its vocabulary; a multilingual Whisper model is needed"),
        (without_meaning, r"tokenizer\.json: no tokenizer can be read from it"),
        (without_lists, r"generation_config\.json: cannot be read"),
    ],
)
def test_a_spoilt_vocabulary_is_named(spoil: object, message: str, tiny_whisper: Path, tmp_path: Path) -> None:
    assert callable(spoil)
    model = tmp_path / "mine"
    shutil.copytree(tiny_whisper, model)
    spoil(model)
    with pytest.raises(ConfigurationError, match=message):
        Vocabulary.read(model)
