"""Messages in, journaled; events, results and answers out: who speaks with clients, and nobody else does.

``receive`` runs in the bus client's thread: the broker is told that a request has come only when the journal has it.
Everything else happens in ``turn``, which the loop of ``service`` calls.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from pydantic import ValidationError

from smarthome.bus.topics import TaskTopics
from smarthome.events import Connected, Event, Message, ReplyTo
from smarthome.settings import TasksSettings
from smarthome.tasks.task import TaskError, TaskRequest
from smarthome.work import replies
from smarthome.work.engine import EngineAwayError
from smarthome.work.journal import Finished, Journal
from smarthome.work.messages import (
    RefusedError,
    Submit,
    Told,
    explained,
    failed,
    parse_choice,
    parse_submit,
)

logger = logging.getLogger(__name__)

AT_ONCE = 20
"""So many messages are on their way to the broker together; it tells when it has them."""

ACKNOWLEDGED_WITHIN_S = 5.0
_NO_SPACE = "{}; make room on the disk and send it again"

Chosen = Callable[[str, Mapping[str, Any], Mapping[str, Any], int], Mapping[str, object]]
"""What to do with a choice: (id, request, result, 1 to 3) → what is told of it. May raise TaskError."""


class Answering(Protocol):
    """What an intake needs of the bus."""

    def publish(self, topic: str, payload: str, *, retain: bool = False, command: bool = False) -> bool:
        """Send now; False: there is no connection."""

    def answer(self, to: ReplyTo, payload: str) -> bool:
        """The same with somebody's correlation data."""

    def flush(self, timeout_s: float) -> bool:
        """Wait until the broker has it all."""


class Intake:
    """One installation's. ``requests`` are the kinds that it takes, and what their requests look like."""

    def __init__(
        self,
        settings: TasksSettings,
        journal: Journal,
        requests: Mapping[str, type[TaskRequest]],
        chosen: Chosen | None = None,
        ring: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._journal = journal
        self._requests = requests
        self._chosen = chosen
        self._ring = ring
        self.bus: Answering | None = None

    # --- from clients, in the thread of the bus ----------------------------------------------------------------------

    def receive(self, event: Event) -> None:
        """A message, or a connection: nothing that anybody sends makes it fail."""
        if isinstance(event, Message):
            kind, job, what = TaskTopics.parts(event.topic)
            match what:
                case "submit":
                    self._submit(kind, event)
                case "cancel":
                    self._cancel(kind, job, event)
                case "choice":
                    self._choose(job, event)
        if isinstance(event, (Message, Connected)):
            self._ring()

    def _submit(self, kind: str, message: Message) -> None:
        submit: Submit | None = None
        try:
            submit = parse_submit(message.payload, self._settings.max_bytes)
            self._take(kind, submit, message)
        except RefusedError as refused:
            self._refuse(kind, submit.id if submit else refused.id, refused, self._reply_of(submit, message))
        except EngineAwayError as error:
            full = RefusedError("busy", _NO_SPACE.format(error), retry_s=60.0)
            self._refuse(kind, submit.id if submit else None, full, self._reply_of(submit, message))
        except Exception as error:  # the broker is told that we have it: who sent it must hear of it
            logger.exception("a request of kind %s could not be taken", kind[:32])
            broken = RefusedError("failed", f"{type(error).__name__}: {error}")
            self._refuse(kind, submit.id if submit else None, broken, self._reply_of(submit, message))

    def _take(self, kind: str, submit: Submit, message: Message) -> None:
        if kind not in self._requests:
            known = ", ".join(sorted(self._requests))
            raise RefusedError("bad_request", f"there is no kind {kind!r}; there are {known}", submit.id)
        if message.retained and not self._journal.knows(kind, submit.id):
            raise RefusedError("bad_request", "requests are published without retain: this one may be old", submit.id)
        try:
            request = self._requests[kind].model_validate(submit.request)
        except ValidationError as error:
            raise RefusedError("bad_request", f"request.{explained(error)}", submit.id) from None
        wanted = self._replies(submit, message)
        longest_s = max(self._settings.timeout_s, self._requests[kind].longest_s)
        self._journal.add(kind, submit, request.model_dump(mode="json"), wanted, longest_s)

    def _replies(self, submit: Submit, message: Message) -> list[tuple[str, bytes]]:
        """Where answers shall go beside the result's own topic."""
        wanted = [(submit.reply_to, b"")] if submit.reply_to else []
        if message.reply_to:
            wanted.append((message.reply_to.topic, message.reply_to.correlation))
        return [(replies.checked(topic, self._settings.reply_prefixes, submit.id), data) for topic, data in wanted]

    def _reply_of(self, submit: Submit | None, message: Message) -> list[tuple[str, bytes]]:
        """The same for a request that is refused, as far as that is allowed."""
        wanted = [(message.reply_to.topic, message.reply_to.correlation)] if message.reply_to else []
        if submit is not None and submit.reply_to:
            wanted.append((submit.reply_to, b""))
        allowed: list[tuple[str, bytes]] = []
        for topic, correlation in wanted:
            with contextlib.suppress(RefusedError):
                allowed.append((replies.checked(topic, self._settings.reply_prefixes, None), correlation))
        return allowed

    def _refuse(self, kind: str, job: str | None, refused: RefusedError, answers: list[tuple[str, bytes]]) -> None:
        """Told at once and never again: a refused request is not kept."""
        logger.info("a request of kind %s is refused: %s: %s", kind[:32], refused.code, refused)
        more = {} if refused.retry_s is None else {"retry_s": refused.retry_s}
        error = {"code": refused.code, "message": str(refused), **more}
        event = "busy" if refused.code == "busy" else "error"
        topic = TaskTopics.event(kind, job) if job else TaskTopics.refused(kind)
        self._publish(topic, Told(kind, job or "", event, {"error": error, "refused": True}).record())
        for each, correlation in answers:
            record = failed(refused.code, str(refused)).record(kind, job or "", more)
            self._answer(ReplyTo(each, correlation), record)

    def _cancel(self, kind: str, job: str, message: Message) -> None:
        if message.retained:
            return
        try:
            if self._journal.cancel(kind, job) is None:
                logger.info("%s %s is to be cancelled, but nobody knows it", kind[:32], job[:64])
        except EngineAwayError as error:
            logger.warning("%s %s is not cancelled: %s", kind[:32], job[:64], error)

    def _choose(self, job: str, message: Message) -> None:
        """Somebody takes one of the variants that a job made; a retained choice is an old one."""
        if message.retained:
            return
        try:
            number = parse_choice(message.payload)
            told = self._chosen_of(job, number)
        except (RefusedError, TaskError) as refused:
            told = {"error": {"code": refused.code, "message": str(refused)}}
        self._publish(TaskTopics.event("shorten", job), Told("shorten", job, "choice", told).record())

    def _chosen_of(self, job: str, number: int) -> Mapping[str, object]:
        found = self._journal.outcome("shorten", job)
        if self._chosen is None or found is None or found[1].result is None:
            raise RefusedError("bad_request", "there is no finished job with this id to choose from")
        return self._chosen(job, found[0], found[1].result, number)

    # --- to clients, in the loop -------------------------------------------------------------------------------------

    def turn(self) -> bool:
        """Tell what is to be told; True when there may be more."""
        self._journal.tick(self._settings.keep_days * 86_400.0)
        events = self._journal.to_tell(AT_ONCE)
        if events:
            if not (all(self._tell(told) for _, told in events) and self._acknowledged()):
                return False
            self._journal.forget_events(events[-1][0])
            return True
        finished = self._journal.to_answer(AT_ONCE)
        if finished and all(map(self._tell_result, finished)) and self._acknowledged():
            self._journal.answered([each.number for each in finished])
            return True
        return False

    def _tell(self, told: Told) -> bool:
        return self._publish(TaskTopics.event(told.kind, told.id), told.record())

    def _tell_result(self, finished: Finished) -> bool:
        record = self._record(finished)
        sent = self._publish(TaskTopics.result(finished.kind, finished.id), record)
        return sent and all(self._answer(ReplyTo(*reply), record) for reply in finished.replies)

    def _record(self, finished: Finished) -> str:
        """One that the broker takes: what it refuses would be in the way of all that come after it."""
        record = finished.outcome.record(finished.kind, finished.id)
        size, most = len(record.encode()), self._settings.max_result_bytes
        if size <= most:
            return record
        why = (
            f"the result has {size} bytes, at most {most} are sent (tasks.max_result_bytes); files of results are in"
            f" results/{finished.kind}/{finished.id} in the worker's tasks.folder"
        )
        short = replace(finished.outcome, status="error", result=None, error=("too_large", why))
        return short.record(finished.kind, finished.id)

    def _publish(self, topic: str, payload: str) -> bool:
        return self.bus is not None and self.bus.publish(topic, payload)

    def _answer(self, to: ReplyTo, payload: str) -> bool:
        return self.bus is not None and self.bus.answer(to, payload)

    def _acknowledged(self) -> bool:
        return self.bus is not None and self.bus.flush(ACKNOWLEDGED_WITHIN_S)
