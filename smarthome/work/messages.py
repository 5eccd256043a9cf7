"""Bytes from anybody in, a ``Submit`` or one clear ``RefusedError`` out; and back, what is told of a job, as JSON."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

JsonObject: TypeAlias = dict[str, Any]
"""JSON whose keys are somebody else's: a kind's request or result."""

ID = r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}"
"""A part of a topic and a folder's name: never hidden, never `..`."""

DEEPEST = 32
"""Nobody needs more brackets in brackets."""
_LOOKED_THROUGH = 4096
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")
_ID_SOMEWHERE = re.compile(rf'"id"\s*:\s*"({ID})"')


class RefusedError(Exception):
    """A request that is not taken. ``code`` is for programs; ``id`` is its, where one could be read."""

    def __init__(self, code: str, message: str, job: str | None = None, retry_s: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.id = job
        self.retry_s = retry_s


class Submit(BaseModel):
    """A request as it is sent."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: Annotated[str, Field(pattern=f"^{ID}$", max_length=64)]
    request: JsonObject
    priority: Annotated[int, Field(ge=0, le=9)] = 5
    timeout_s: Annotated[float, Field(gt=0, le=86_400)] | None = None
    start_by_s: Annotated[float, Field(ge=0, le=86_400)] | None = None
    reply_to: Annotated[str, Field(min_length=1, max_length=256)] | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of all that makes it this request and no other."""
        body = json.dumps(self.model_dump(exclude={"id"}), sort_keys=True)
        return hashlib.sha256(body.encode()).hexdigest()


class Choice(BaseModel):
    """Which of a job's variants somebody takes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    choice: Annotated[int, Field(ge=1, le=3)]


def parse_submit(payload: bytes, most_bytes: int) -> Submit:
    """A request as JSON; raises RefusedError (``too_large``, ``bad_request``)."""
    job = _id_somewhere(payload)
    if len(payload) > most_bytes:
        raise RefusedError("too_large", f"{len(payload)} bytes are too long, at most {most_bytes} are read", job)
    value = _json(payload, job)
    try:
        return Submit.model_validate(value)
    except ValidationError as error:
        raise RefusedError("bad_request", explained(error), _id_of(value)) from None


def parse_choice(payload: bytes) -> int:
    """JSON ``{"choice": 1}``; raises RefusedError."""
    try:
        return Choice.model_validate(_json(payload[:_LOOKED_THROUGH], None)).choice
    except ValidationError as error:
        raise RefusedError("bad_request", explained(error)) from None


def explained(error: ValidationError) -> str:
    """The first complaint, with the key it is about, on one line."""
    first = error.errors(include_url=False)[0]
    key = ".".join(map(str, first["loc"]))
    message = " ".join(first["msg"].removeprefix("Value error, ").split())
    return f"{key}: {message}" if key else message


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a job: ``event`` is accepted, running, progress, done, error, cancelled or busy."""

    kind: str
    id: str
    event: str
    more: Mapping[str, object]

    def record(self) -> str:
        """As JSON."""
        return json.dumps({"id": self.id, "kind": self.kind, "event": self.event, **self.more}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job. ``status`` is done, error or cancelled; times in milliseconds, None where it never ran."""

    status: str
    result: JsonObject | None = None
    error: tuple[str, str] | None = None
    queued_ms: float | None = None
    run_ms: float | None = None

    def record(self, kind: str, job: str, more: Mapping[str, object] | None = None) -> str:
        """As JSON."""
        error = None if self.error is None else {"code": self.error[0], "message": self.error[1], **(more or {})}
        times = {"queued": _rounded(self.queued_ms), "run": _rounded(self.run_ms)}
        told = {"id": job, "kind": kind, "status": self.status, "result": self.result, "error": error, "ms": times}
        return json.dumps(told, ensure_ascii=False)


def failed(code: str, message: str) -> Outcome:
    """An outcome that is an error."""
    return Outcome("error", error=(code, message))


def _rounded(ms: float | None) -> int | None:
    return None if ms is None else round(ms)


def _json(payload: bytes, job: str | None) -> JsonObject:
    try:
        value: object = json.loads(payload.decode("utf-8"), parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise RefusedError("bad_request", f"not UTF-8 text (byte {error.start})", job) from None
    except ValueError as error:  # numbers of thousands of digits, too
        raise RefusedError("bad_request", f"not JSON: {error}", job) from None
    except RecursionError:
        raise RefusedError("bad_request", f"nested deeper than {DEEPEST} levels", job) from None
    if _depth(value) > DEEPEST:
        raise RefusedError("bad_request", f"nested deeper than {DEEPEST} levels", job)
    if not isinstance(value, dict):
        raise RefusedError("bad_request", 'expected is a JSON object {"id": …, "request": {…}}', job)
    if _HALF_A_CHARACTER.search(json.dumps(value, ensure_ascii=False)):
        raise RefusedError("bad_request", "a \\ud800 … \\udfff stands alone: half of a character is no text", job)
    return value


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no number in JSON")


def _depth(value: object) -> int:
    """How many brackets are inside each other, without recursion."""
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        each, depth = waiting.pop()
        inside: Sequence[object] = ()
        if isinstance(each, dict):
            inside = tuple(each.values())
        elif isinstance(each, list):
            inside = each
        else:
            continue
        deepest = max(deepest, depth)
        if deepest > DEEPEST:
            return deepest
        waiting.extend((inner, depth + 1) for inner in inside)
    return deepest


def _id_of(value: Mapping[str, object]) -> str | None:
    job = value.get("id")
    return job if isinstance(job, str) and re.fullmatch(ID, job) else None


def _id_somewhere(payload: bytes) -> str | None:
    """The id of a request that cannot be read otherwise, so that who sent it hears of it."""
    found = _ID_SOMEWHERE.search(payload[:_LOOKED_THROUGH].decode("utf-8", errors="replace"))
    return found[1] if found else None
