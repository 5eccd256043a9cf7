"""Bytes from anybody in, a value or one clear ``PayloadError`` out."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Literal, NamedTuple, TypeAlias

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from smarthome.events import Said

MAX_BYTES = 4096
"""No command or verdict is longer; more is somebody's mistake, and is not even parsed."""

MAX_RESULT_BYTES = 1_000_000
"""The longest answer of a language model that is read."""

Text: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Verdict: TypeAlias = Literal["good", "bad"]


class PayloadError(ValueError):
    """A message that cannot be used; the text says why and what is expected, and fits on one line."""


class Feedback(BaseModel):
    """What somebody thought of an utterance; ``id`` is the utterance's, from its event."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: Text
    verdict: Verdict


class Answer(NamedTuple):
    """What a language model said to the question ``id``; without a ``text``, ``trouble`` is why not."""

    id: str
    text: str | None
    trouble: str


class _Spoken(BaseModel):
    answer: str


class _Trouble(BaseModel):
    message: str


class _Told(BaseModel):
    id: str
    result: _Spoken | None = None
    error: _Trouble | None = None


class _Say(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    text: Text
    area: Text | None = None


_PLAIN_TEXT: TypeAdapter[str] = TypeAdapter(Text)


def parse_say(payload: bytes) -> Said:
    """A command as plain text, or as JSON ``{"text", "area"}``; raises PayloadError."""
    try:
        text = _decode(payload)
        if not text.lstrip().startswith("{"):
            return Said(_one_line(_PLAIN_TEXT.validate_python(text)))
        said = _Say.model_validate_json(text)
    except ValidationError as error:
        raise PayloadError(f'{_first(error)}; expected is text, or JSON {{"text": …, "area": …}}') from None
    return Said(_one_line(said.text), said.area)


def parse_feedback(payload: bytes) -> Feedback:
    """JSON ``{"id", "verdict"}``; raises PayloadError."""
    try:
        return Feedback.model_validate_json(_decode(payload))
    except ValidationError as error:
        raise PayloadError(f'{_first(error)}; expected is JSON {{"id": …, "verdict": "good" or "bad"}}') from None


def parse_answer(payload: bytes) -> Answer:
    """The result of a task of the kind ``llm``; raises PayloadError."""
    try:
        told = _Told.model_validate_json(_decode(payload, MAX_RESULT_BYTES))
    except ValidationError as error:
        raise PayloadError(f"{_first(error)}; expected is the result of a task") from None
    return Answer(told.id, told.result.answer if told.result else None, told.error.message if told.error else "")


def parse_switch(payload: bytes) -> bool:
    """``on`` or ``off``, in capitals too; raises PayloadError."""
    word = _decode(payload).strip().lower()
    if word not in {"on", "off"}:
        raise PayloadError(f"{word[:20]!r}; expected is on or off")
    return word == "on"


def _decode(payload: bytes, most: int = MAX_BYTES) -> str:
    if len(payload) > most:
        raise PayloadError(f"{len(payload)} bytes are too long, at most {most} are read")
    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PayloadError(f"not UTF-8 text (byte {error.start})") from None


def _one_line(text: str) -> str:
    words = " ".join(text.split())
    if any(unicodedata.category(character) == "Cc" for character in words):
        raise PayloadError("it holds control characters, so it is no text")
    return words


def _first(error: ValidationError) -> str:
    """The first complaint, with the key it is about."""
    first = error.errors(include_url=False)[0]
    key = ".".join(map(str, first["loc"]))
    message = first["msg"][0].lower() + first["msg"][1:]
    return " ".join(f"{key}: {message}".split() if key else message.split())
