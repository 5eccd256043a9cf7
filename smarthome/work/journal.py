"""Requests in, kept; what became of them out. One SQLite file that the intake and all workers of a machine share.

Whatever is told of a job is written here first, in the transaction that makes it true, and told afterwards: an intake
that is killed in between tells it again. Times are those of ``clock``.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
import threading
import time
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from smarthome.errors import FailureError
from smarthome.work import clock
from smarthome.work.engine import LEASE_S, EngineAwayError, Lease
from smarthome.work.messages import JsonObject, Outcome, RefusedError, Submit, Told, failed

MOST_ATTEMPTS = 2
"""A job whose worker dies this often is poison."""

RETRY_S = 30.0
"""When somebody who was told ``busy`` may ask again."""

CLOCK_S = 60.0
"""How often it is written down what time it is."""

_DUE = """
SELECT 1 FROM jobs WHERE state = 'waiting' AND (start_by < ? OR end_by < ?)
    OR state = 'leased' AND (stop IS NULL AND end_by < ? OR beat < ?) LIMIT 1
"""

_POISON = "its worker died {} times in the middle of it; it is not tried again"


@dataclass(frozen=True, slots=True)
class Known:
    """A job as it stands. ``new``: it was not known before."""

    kind: str
    id: str
    state: str
    new: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """A job's outcome that somebody still has to be told. ``replies`` are (topic, correlation data)."""

    number: int
    kind: str
    id: str
    outcome: Outcome
    replies: tuple[tuple[str, bytes], ...]


class Journal:
    """The file, open. Any thread may use it; several processes may have it open. An ``Engine`` for one machine.

    ``keep_requests_of``: kinds whose requests are kept as long as their results; of others they go with their end.
    All methods raise EngineAwayError while the file cannot be read or written, as on a full disk.
    """

    def __init__(
        self,
        file: Path,
        max_waiting: int = 10_000,
        *,
        durable: bool = True,
        keep_requests_of: Container[str] = (),
    ) -> None:
        """Raises FailureError when the file cannot be made or is no journal.

        Without ``durable``, which costs a flush to the disk for every change, a power failure undoes the last seconds:
        a worker's job is then done once more.
        """
        self._max_waiting = max_waiting
        self._keep_requests_of = keep_requests_of
        self._clock_at = float("-inf")
        self._ticked_at = clock.now()
        self._lock = threading.RLock()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=30.0)
            self._db.row_factory = sqlite3.Row
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._db.executescript(resources.files(__package__).joinpath("journal.sql").read_text(encoding="utf-8"))
        except (OSError, sqlite3.Error) as error:
            raise FailureError(f"{file}: the journal of the tasks cannot be opened: {error}") from None

    def close(self) -> None:
        """No more."""
        with self._lock:
            self._db.close()

    # --- what clients want -------------------------------------------------------------------------------------------

    def add(
        self, kind: str, submit: Submit, request: JsonObject, replies: Sequence[tuple[str, bytes]], timeout_s: float
    ) -> Known:
        """Take a request, or find it; raises RefusedError (``id_conflict``, ``busy``)."""
        at = clock.now()
        with self._transaction() as db:
            found = self._find(kind, submit.id)
            if found is not None:
                return self._again(found, submit, replies)
            waiting = db.execute("SELECT count(*) FROM jobs WHERE state = 'waiting'").fetchone()[0]
            if waiting >= self._max_waiting:
                raise RefusedError("busy", f"{waiting} requests wait already", submit.id, RETRY_S)
            start_by = None if submit.start_by_s is None else at + submit.start_by_s
            db.execute(
                "INSERT INTO jobs (kind, id, digest, request, priority, replies, submitted, start_by, end_by)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    kind,
                    submit.id,
                    submit.digest,
                    json.dumps(request, ensure_ascii=False),
                    submit.priority,
                    _replies_text(replies),
                    at,
                    start_by,
                    at + min(timeout_s, submit.timeout_s or timeout_s),
                ),
            )
            self._tell(Told(kind, submit.id, "accepted", {"priority": submit.priority, "waiting": waiting}))
        return Known(kind, submit.id, "waiting", new=True)

    def knows(self, kind: str, job: str) -> bool:
        """Whether a request with this id was taken."""
        with self._reading():
            return self._find(kind, job) is not None

    def cancel(self, kind: str, job: str) -> str | None:
        """Nobody waits for it any more; returns its state before, None for an unknown one."""
        with self._transaction():
            found = self._find(kind, job)
            if found is None:
                return None
            if found["state"] == "waiting":
                self._finish(found, Outcome("cancelled"))
            elif found["state"] == "leased":
                self._stop(found["number"], "cancelled")
            return str(found["state"])

    def outcome(self, kind: str, job: str) -> tuple[JsonObject, Outcome] | None:
        """(request, outcome) of a job that has ended."""
        with self._reading():
            found = self._find(kind, job)
        if found is None or found["outcome"] is None:
            return None
        return json.loads(found["request"]), _outcome(found["outcome"])

    # --- what workers want (the port Engine) -------------------------------------------------------------------------

    def lease(self, kind: str, worker: str, count: int) -> list[Lease]:
        """The next jobs of a kind, by priority, then in their order.

        One that was there when its worker died is tried alone: only one of them is to blame.
        """
        if not self.waiting().get(kind):
            return []
        with self._transaction() as db:
            rows = db.execute(
                "SELECT * FROM jobs WHERE state = 'waiting' AND kind = ? ORDER BY priority DESC, number LIMIT ?",
                (kind, count),
            ).fetchall()
            rows = _that_go_together(rows)
            at = clock.now()
            for row in rows:
                db.execute(
                    "UPDATE jobs SET state = 'leased', worker = ?, attempts = attempts + 1, started = ?, beat = ?"
                    " WHERE number = ?",
                    (worker, at, at, row["number"]),
                )
                self._tell(Told(kind, row["id"], "running", {"worker": worker, "attempt": row["attempts"] + 1}))
        return [Lease(_key(row, row["attempts"] + 1), kind, row["id"], json.loads(row["request"])) for row in rows]

    def beat(self, leases: Sequence[Lease]) -> dict[str, str]:
        """They go on; returns why some of them should not: lease → ``cancelled``, ``timeout``, ``lost``."""
        with self._transaction() as db:
            stops: dict[str, str] = {}
            for lease in leases:
                row = self._held(lease)
                if row is None:
                    stops[lease.key] = "lost"
                    continue
                if row["stop"]:
                    stops[lease.key] = row["stop"]
                db.execute("UPDATE jobs SET beat = ? WHERE number = ?", (clock.now(), row["number"]))
        return stops

    def progress(self, lease: Lease, more: Mapping[str, object]) -> None:
        """Tell how far a job is."""
        with self._transaction():
            if self._held(lease):
                self._tell(Told(lease.kind, lease.id, "progress", more))

    def finish(self, lease: Lease, outcome: Outcome) -> bool:
        """What came of a job; False when it was taken away before."""
        with self._transaction():
            row = self._held(lease)
            if row is None:
                return False
            self._finish(row, _stopped(row["stop"]) if row["stop"] and outcome.status != "done" else outcome)
        return True

    def abandon(self, worker: str) -> None:
        """A worker has died: its jobs are tried once more, then given up."""
        with self._transaction() as db:
            for row in db.execute("SELECT * FROM jobs WHERE state = 'leased' AND worker = ?", (worker,)).fetchall():
                self._give_up(row)

    def give_back(self, worker: str) -> None:
        """A worker is ended in order: its jobs wait again as if it had not begun them."""
        with self._transaction() as db:
            db.execute(
                "UPDATE jobs SET state = 'waiting', worker = NULL, attempts = attempts - 1"
                " WHERE state = 'leased' AND worker = ? AND stop IS NULL",
                (worker,),
            )
            for row in db.execute("SELECT * FROM jobs WHERE state = 'leased' AND worker = ?", (worker,)).fetchall():
                self._give_up(row)

    def busy(self, workers: Sequence[str]) -> dict[str, str]:
        """Which of these workers do what: worker → id of a job."""
        with self._reading():
            rows = self._db.execute("SELECT worker, id FROM jobs WHERE state = 'leased'").fetchall()
        return {row["worker"]: row["id"] for row in rows if row["worker"] in workers}

    def overdue(self, worker: str, grace_s: float) -> bool:
        """Whether a worker goes on although all that it does was stopped so long ago."""
        with self._reading():
            row = self._db.execute(
                "SELECT count(*) AS jobs, count(stop) AS stopped, max(stopped) AS last FROM jobs"
                " WHERE state = 'leased' AND worker = ?",
                (worker,),
            ).fetchone()
        return bool(row["jobs"]) and row["jobs"] == row["stopped"] and row["last"] < clock.now() - grace_s

    def waiting(self) -> dict[str, int]:
        """How many jobs of each kind wait."""
        with self._reading():
            rows = self._db.execute("SELECT kind, count(*) FROM jobs WHERE state = 'waiting' GROUP BY kind").fetchall()
        return {row[0]: row[1] for row in rows}

    # --- what the intake wants ---------------------------------------------------------------------------------------

    def recover(self) -> None:
        """After a start: what ended unheard is told again, and deadlines of an earlier boot are moved to this one."""
        with self._transaction() as db:
            row = db.execute("SELECT boot, at, wall FROM clock").fetchone()
            if row is not None and row["boot"] != clock.boot():
                shift = clock.now() - row["at"] - max(0.0, time.time() - row["wall"])
                moved = ", ".join(
                    f"{name} = {name} + :shift"
                    for name in ("submitted", "start_by", "end_by", "started", "beat", "stopped", "finished")
                )
                db.execute(f"UPDATE jobs SET {moved}", {"shift": shift})  # noqa: S608 (names of columns)
        self._all_live(clock.now())
        self.tick()

    def tick(self, keep_s: float = 7 * 86_400.0) -> None:
        """Let deadlines pass: late jobs end, silent workers lose theirs, old results go."""
        at = clock.now()
        slept = at - self._ticked_at > LEASE_S
        self._ticked_at = at
        if slept:  # the machine was asleep, and its workers with it, or nothing could be written: nobody was silent
            self._all_live(at)
        with self._reading():
            if at - self._clock_at < CLOCK_S and not self._db.execute(_DUE, (at, at, at, at - LEASE_S)).fetchone():
                return
        with self._transaction() as db:
            self._remember_clock(at)
            for row in db.execute("SELECT * FROM jobs WHERE state = 'waiting' AND start_by < ?", (at,)).fetchall():
                self._finish(row, failed("expired", "nobody could begin it in time (start_by_s)"))
            for row in db.execute("SELECT * FROM jobs WHERE state = 'waiting' AND end_by < ?", (at,)).fetchall():
                self._finish(row, _stopped("timeout"))
            late = db.execute("SELECT number FROM jobs WHERE state = 'leased' AND stop IS NULL AND end_by < ?", (at,))
            for row in late.fetchall():
                self._stop(row["number"], "timeout")
            silent = db.execute("SELECT * FROM jobs WHERE state = 'leased' AND beat < ?", (at - LEASE_S,))
            for row in silent.fetchall():
                self._give_up(row)
            db.execute("DELETE FROM jobs WHERE outcome IS NOT NULL AND told AND finished < ?", (at - keep_s,))

    def to_tell(self, most: int) -> list[tuple[int, Told]]:
        """(number, what) of the oldest events that were not told yet."""
        with self._reading():
            rows = self._db.execute("SELECT * FROM events ORDER BY number LIMIT ?", (most,)).fetchall()
        return [(row["number"], Told(row["kind"], row["id"], row["event"], json.loads(row["more"]))) for row in rows]

    def forget_events(self, up_to: int) -> None:
        """They were told."""
        with self._transaction() as db:
            db.execute("DELETE FROM events WHERE number <= ?", (up_to,))

    def to_answer(self, most: int) -> list[Finished]:
        """The oldest outcomes that were not told yet and of which every event was."""
        with self._reading():
            rows = self._db.execute(
                "SELECT * FROM jobs WHERE told = 0 AND outcome IS NOT NULL"
                " AND NOT EXISTS (SELECT 1 FROM events WHERE events.kind = jobs.kind AND events.id = jobs.id)"
                " ORDER BY finished LIMIT ?",
                (most,),
            ).fetchall()
        return [
            Finished(row["number"], row["kind"], row["id"], _outcome(row["outcome"]), _replies(row["replies"]))
            for row in rows
        ]

    def answered(self, numbers: Sequence[int]) -> None:
        """The broker has these outcomes."""
        with self._transaction() as db:
            db.executemany("UPDATE jobs SET told = 1 WHERE number = ?", [(number,) for number in numbers])

    # --- inside a transaction ----------------------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise EngineAwayError(f"the journal cannot be used: {error}") from None

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._reading():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # a full disk has ended it already
                    self._db.execute("ROLLBACK")
                raise

    def _held(self, lease: Lease) -> sqlite3.Row | None:
        """The job that a worker was given, if it is still that worker's: a key is of one attempt."""
        number, _, attempt = lease.key.partition(":")
        row: sqlite3.Row | None = self._db.execute(
            "SELECT * FROM jobs WHERE number = ? AND state = 'leased' AND attempts = ?", (int(number), int(attempt))
        ).fetchone()
        return row

    def _all_live(self, at: float) -> None:
        """Workers that could not be heard get time to say that they live."""
        with self._transaction() as db:
            db.execute("UPDATE jobs SET beat = ? WHERE state = 'leased'", (at,))

    def _remember_clock(self, at: float) -> None:
        """What tells, after the next boot, how long the machine was off."""
        self._db.execute("DELETE FROM clock")
        self._db.execute("INSERT INTO clock VALUES (?, ?, ?)", (clock.boot(), at, time.time()))
        self._clock_at = at

    def _find(self, kind: str, job: str) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._db.execute(
            "SELECT * FROM jobs WHERE kind = ? AND id = ?", (kind, job)
        ).fetchone()
        return row

    def _again(self, found: sqlite3.Row, submit: Submit, replies: Sequence[tuple[str, bytes]]) -> Known:
        """The same request once more: its state or its outcome is told again."""
        if found["digest"] != submit.digest:
            raise RefusedError("id_conflict", "another request was sent with this id before", submit.id)
        known = _replies(found["replies"])
        more = _replies_text(list(dict.fromkeys([*known, *replies])))
        self._db.execute("UPDATE jobs SET replies = ?, told = 0 WHERE number = ?", (more, found["number"]))
        if found["outcome"] is None:
            event = "accepted" if found["state"] == "waiting" else "running"
            self._tell(Told(found["kind"], found["id"], event, {"again": True}))
        return Known(found["kind"], found["id"], found["state"])

    def _tell(self, told: Told) -> None:
        self._db.execute(
            "INSERT INTO events (kind, id, event, more) VALUES (?, ?, ?, ?)",
            (told.kind, told.id, told.event, json.dumps(told.more, ensure_ascii=False)),
        )

    def _stop(self, number: int, why: str) -> None:
        self._db.execute(
            "UPDATE jobs SET stop = ?, stopped = ? WHERE number = ? AND stop IS NULL", (why, clock.now(), number)
        )

    def _give_up(self, row: sqlite3.Row) -> None:
        """Its worker is gone."""
        if row["stop"]:
            self._finish(row, _stopped(row["stop"]))
        elif row["attempts"] >= MOST_ATTEMPTS:
            self._finish(row, failed("poison", _POISON.format(row["attempts"])))
        else:
            self._db.execute("UPDATE jobs SET state = 'waiting', worker = NULL WHERE number = ?", (row["number"],))
            self._tell(Told(row["kind"], row["id"], "accepted", {"again": True, "why": "its worker died"}))

    def _finish(self, row: sqlite3.Row, outcome: Outcome) -> None:
        at = clock.now()
        started = row["started"]
        timed = Outcome(
            outcome.status,
            outcome.result,
            outcome.error,
            1000 * ((started if started is not None else at) - row["submitted"]),
            None if started is None else 1000 * (at - started),
        )
        self._db.execute(
            "UPDATE jobs SET state = ?, outcome = ?, finished = ?, told = 0, request = ? WHERE number = ?",
            (
                outcome.status,
                _outcome_text(timed),
                at,
                row["request"] if row["kind"] in self._keep_requests_of else "{}",
                row["number"],
            ),
        )
        error = {"error": {"code": outcome.error[0], "message": outcome.error[1]}} if outcome.error else {}
        self._tell(Told(row["kind"], row["id"], outcome.status, error))


def _key(row: sqlite3.Row, attempt: int) -> str:
    return f"{row['number']}:{attempt}"


def _stopped(why: str) -> Outcome:
    return failed("timeout", "it was not done in time (timeout_s)") if why == "timeout" else Outcome("cancelled")


def _outcome_text(outcome: Outcome) -> str:
    fields = (outcome.status, outcome.result, outcome.error, outcome.queued_ms, outcome.run_ms)
    return json.dumps(fields, ensure_ascii=False)


def _outcome(text: str) -> Outcome:
    status, result, error, queued_ms, run_ms = json.loads(text)
    return Outcome(status, result, tuple(error) if error else None, queued_ms, run_ms)


def _replies_text(replies: Sequence[tuple[str, bytes]]) -> str:
    return json.dumps([[topic, correlation.hex()] for topic, correlation in replies])


def _replies(text: str) -> tuple[tuple[str, bytes], ...]:
    return tuple((topic, bytes.fromhex(correlation)) for topic, correlation in json.loads(text))


def _that_go_together(rows: list[sqlite3.Row]) -> list[sqlite3.Row]:
    """The first ones up to one that is tried again, or that one alone."""
    if rows and rows[0]["attempts"]:
        return rows[:1]
    return list(itertools.takewhile(lambda row: not row["attempts"], rows))
