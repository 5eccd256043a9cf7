"""Whisper's tokens: the prompt that asks for Russian text, what may not be said, and tokens back to text.

A model's own files say it all: ``tokenizer.json`` for the words, ``generation_config.json`` (transformers) or
``config.json`` (CTranslate2, older transformers) for the tokens to suppress. Source: Radford et al. 2022, section 2.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field, ValidationError

from smarthome.errors import ConfigurationError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

START = "<|startoftranscript|>"
RUSSIAN = "<|ru|>"
TRANSCRIBE = "<|transcribe|>"
NO_TIMESTAMPS = "<|notimestamps|>"
END = "<|endoftext|>"
BEFORE = "<|startofprev|>"
NO_SPEECH = ("<|nospeech|>", "<|nocaptions|>")
"""Its name, and the one it had until transformers 4.37."""

LONGEST = 224
"""Most text tokens of a 30 s window: half of the decoder's 448 positions."""

MOST_BEFORE = LONGEST - 1
"""Most tokens of what was said before (OpenAI's reference: half of the positions, less one)."""


class SuppressedTokens(BaseModel):
    """The two lists as they are called in either format's files."""

    suppress: list[int] | None = Field(None, alias="suppress_ids")
    suppress_tokens: list[int] | None = None
    suppress_first: list[int] | None = Field(None, alias="suppress_ids_begin")
    begin_suppress_tokens: list[int] | None = None

    @property
    def anywhere(self) -> tuple[int, ...]:
        """Tokens that are not speech."""
        return tuple(token for token in self.suppress_tokens or self.suppress or () if token >= 0)

    @property
    def at_first(self) -> tuple[int, ...]:
        """Tokens that no text begins with: the space and the end."""
        return tuple(self.begin_suppress_tokens or self.suppress_first or ())


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Tokens of one model. ``tokenizer`` is that of the ``tokenizers`` library."""

    tokenizer: Tokenizer
    before: int
    start: int
    end: int
    no_speech: int
    prompt: tuple[int, ...]
    suppress: tuple[int, ...]
    suppress_first: tuple[int, ...]

    @classmethod
    def read(cls, model: Path) -> Vocabulary:
        """From a model's directory, of either format. Raises ConfigurationError."""
        tokenizer = _tokenizer(model / "tokenizer.json")
        suppressed = _suppressed(model)

        def token(*names: str) -> int:
            found = next((each for name in names if (each := tokenizer.token_to_id(name)) is not None), None)
            if found is None:
                raise ConfigurationError(
                    f"{model}: no {names[0]} in its vocabulary; a multilingual Whisper model is needed"
                )
            return found

        return cls(
            tokenizer=tokenizer,
            before=token(BEFORE),
            start=token(START),
            end=token(END),
            no_speech=token(*NO_SPEECH),
            prompt=(token(START), token(RUSSIAN), token(TRANSCRIBE), token(NO_TIMESTAMPS)),
            suppress=suppressed.anywhere,
            suppress_first=suppressed.at_first,
        )

    def prompt_after(self, words: str) -> tuple[int, ...]:
        """The prompt for what is said after ``words``; as it is when there are none."""
        if not words:
            return self.prompt
        said = self.tokenizer.encode(" " + words, add_special_tokens=False).ids
        return (self.before, *said[-MOST_BEFORE:], *self.prompt)

    def text(self, tokens: tuple[int, ...]) -> str:
        """The words of text tokens; special tokens and timestamps are left out."""
        words: str = self.tokenizer.decode([token for token in tokens if token < self.end])
        return " ".join(words.split())


def _tokenizer(file: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    try:
        return Tokenizer.from_file(str(file))
    except Exception as error:  # noqa: BLE001 (tokenizers raises no narrower type)
        raise ConfigurationError(f"{file}: no tokenizer can be read from it: {error}") from None


def _suppressed(model: Path) -> SuppressedTokens:
    """From the first of the model's files that names any."""
    for file in (model / "generation_config.json", model / "config.json"):
        try:
            found = SuppressedTokens.model_validate_json(file.read_bytes()) if file.is_file() else SuppressedTokens()
        except (OSError, ValidationError) as error:
            raise ConfigurationError(f"{file}: cannot be read: {error}") from None
        if found.anywhere or found.at_first:
            return found
    return SuppressedTokens()
