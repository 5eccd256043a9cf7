"""The journal's side for workers, over Redis: calls in at the intake's machine, made by workers anywhere.

huey carries them: a call is one of its tasks, the answer that task's result. The journal stays the only queue, so that
order, attempts, deadlines and cancelling are the same for one machine and for ten.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import Any, Self, TypeVar

import redis
from huey import Huey, RedisHuey
from huey.exceptions import HueyException, TaskException

from smarthome.errors import ConfigurationError
from smarthome.work.engine import Engine, EngineAwayError, Lease
from smarthome.work.messages import Outcome
from smarthome.work.wire import JsonSerializer

logger = logging.getLogger(__name__)

NAME = "smarthome"
CONNECT_S = 5.0
ANSWER_S = 10.0
"""How long a call may take; it is revoked then, so that nothing is leased to somebody who has stopped waiting."""

FRESH_S = 0.25
"""How long what waits and runs is taken for unchanged: it is asked for often."""

AGAIN_S = 1.0
AWAY_S = 5.0
"""After a call that nobody answered it is not tried again for so long."""

Value = TypeVar("Value")


class JournalServer(AbstractContextManager["JournalServer"]):
    """Answers the calls of workers for as long as it is entered. Raises ConfigurationError without its Redis."""

    def __init__(self, engine: Engine, url: str, changed: Callable[[], None] = lambda: None) -> None:
        self._engine = engine
        self._changed = changed
        self._huey = _connected(url)
        self._call = self._huey.task(name="call")(self._answer)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="workers", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        self._thread.join(2 * CONNECT_S)

    def _serve(self) -> None:
        away = False
        while not self._over.is_set():
            try:
                task = self._huey.dequeue()
                if task is not None:
                    self._huey.execute(task)
                    self._changed()
                away = False
            except redis.RedisError as error:
                if not away:
                    logger.warning("Redis is away, and with it the workers of other machines: %s", error)
                away = True
                self._over.wait(AGAIN_S)
            except Exception:
                logger.exception("a worker's call could not be answered")

    def _answer(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return {"value": _CALLS[name](self._engine, **arguments)}


class RemoteJournal:
    """An ``Engine`` that is somewhere else. Raises ConfigurationError when there is no Redis at ``url``."""

    def __init__(self, url: str) -> None:
        self._huey = _connected(url)
        self._call = self._huey.task(name="call")(_nobody_here)
        self._fresh: dict[str, tuple[float, Any]] = {}
        self._away_until = float("-inf")

    def lease(self, kind: str, worker: str, count: int) -> list[Lease]:
        """As the port says; [] also while nobody answers."""
        if not self.waiting().get(kind):
            return []
        self._fresh.clear()
        try:
            return [Lease(**each) for each in self._ask("lease", kind=kind, worker=worker, count=count)]
        except EngineAwayError:
            return []

    def beat(self, leases: Sequence[Lease]) -> dict[str, str]:
        """As the port says. Raises EngineAwayError."""
        return dict(self._ask("beat", leases=[asdict(lease) for lease in leases]))

    def progress(self, lease: Lease, more: Mapping[str, object]) -> None:
        """As the port says. Raises EngineAwayError."""
        self._ask("progress", lease=asdict(lease), more=more)

    def finish(self, lease: Lease, outcome: Outcome) -> bool:
        """As the port says. Raises EngineAwayError."""
        return bool(self._ask("finish", lease=asdict(lease), outcome=asdict(outcome)))

    def waiting(self) -> dict[str, int]:
        """As the port says; nothing while nobody answers."""
        return self._seen("waiting", {})

    def abandon(self, worker: str) -> None:
        """As the port says. What is not heard is found out by the silence of the worker."""
        self._tell("abandon", worker)

    def give_back(self, worker: str) -> None:
        """As the port says; likewise."""
        self._tell("give_back", worker)

    def overdue(self, worker: str, grace_s: float) -> bool:
        """As the port says."""
        return bool(self._seen("overdue", otherwise=False, worker=worker, grace_s=grace_s))

    def busy(self, workers: Sequence[str]) -> dict[str, str]:
        """As the port says."""
        return self._seen("busy", {}, workers=list(workers))

    def close(self) -> None:
        """No more."""
        self._huey.storage.close()

    def _tell(self, name: str, worker: str) -> None:
        self._fresh.clear()
        try:
            self._ask(name, worker=worker)
        except EngineAwayError as error:
            logger.debug("%s of %s is not told: %s", name, worker, error)

    def _seen(self, name: str, otherwise: Value, **arguments: object) -> Value:
        """What was answered a moment ago, or is now."""
        key = json.dumps([name, arguments])
        at, value = self._fresh.get(key, (float("-inf"), otherwise))
        if time.monotonic() - at <= FRESH_S:
            seen: Value = value
            return seen
        try:
            seen = self._ask(name, **arguments)
        except EngineAwayError:
            seen = otherwise
        self._fresh[key] = (time.monotonic(), seen)
        return seen

    def _ask(self, name: str, **arguments: object) -> Any:
        """One call and its answer. Raises EngineAwayError, at once when nobody has answered a moment ago."""
        if time.monotonic() < self._away_until:
            raise EngineAwayError("nobody who has the journal has answered a moment ago")
        try:
            answer = self._call(name, arguments).get(blocking=True, timeout=ANSWER_S, revoke_on_timeout=True)
        except TaskException as error:
            raise EngineAwayError(f"the journal's side could not: {error}") from None
        except (redis.RedisError, HueyException) as error:
            if self._away_until == float("-inf"):
                logger.warning("nobody who has the journal answers (%s: %s)", type(error).__name__, error)
            self._away_until = time.monotonic() + AWAY_S
            raise EngineAwayError(str(error)) from None
        self._away_until = float("-inf")
        return answer["value"]


def _lease(engine: Engine, kind: str, worker: str, count: int) -> list[dict[str, Any]]:
    return [asdict(lease) for lease in engine.lease(kind, worker, count)]


def _done(call: Callable[[], None]) -> bool:
    call()
    return True


_CALLS: Mapping[str, Callable[..., Any]] = {
    "lease": _lease,
    "beat": lambda engine, leases: engine.beat([Lease(**each) for each in leases]),
    "progress": lambda engine, lease, more: _done(lambda: engine.progress(Lease(**lease), more)),
    "finish": lambda engine, lease, outcome: engine.finish(Lease(**lease), _outcome(outcome)),
    "waiting": lambda engine: engine.waiting(),
    "abandon": lambda engine, worker: _done(lambda: engine.abandon(worker)),
    "give_back": lambda engine, worker: _done(lambda: engine.give_back(worker)),
    "overdue": lambda engine, worker, grace_s: engine.overdue(worker, grace_s),
    "busy": lambda engine, workers: engine.busy(workers),
}
"""All that may be called."""


def _outcome(told: Mapping[str, Any]) -> Outcome:
    error = told["error"]
    return Outcome(**{**told, "error": None if error is None else (error[0], error[1])})


def _nobody_here(name: str, arguments: Mapping[str, Any]) -> None:
    raise NotImplementedError("calls are answered where the intake is")


def _connected(url: str) -> Huey:
    """With results that wake who waits for them, and JSON instead of huey's pickle: Redis may be anybody's."""
    pool = redis.ConnectionPool.from_url(url, socket_connect_timeout=CONNECT_S, socket_timeout=ANSWER_S + CONNECT_S)
    made = RedisHuey(NAME, connection_pool=pool, notify_result=True, serializer=JsonSerializer())
    try:
        made.storage.conn.ping()
    except redis.RedisError as error:
        raise ConfigurationError(f"tasks.engine = {_shown(url)}: no Redis there: {error}") from None
    return made


def _shown(url: str) -> str:
    """Without its password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
