"""One intake, workers on "other machines" (own folders, own names, own processes), and a real Redis between them."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import redis

from smarthome.errors import ConfigurationError, FailureError
from smarthome.settings import MqttSettings, Settings
from smarthome.work.engine import EngineAwayError, Lease
from smarthome.work.journal import Journal
from smarthome.work.messages import Outcome, Submit
from smarthome.work.remote import JournalServer, RemoteJournal
from smarthome.work.worker import JobReport, Standing
from tests.mosquitto import Mosquitto, Observer, eventually
from tests.work.conftest import Client, running, settings_for
from tests.work.redis_server import Redis

WORKERS = "smarthome/tasks/workers"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Redis]:
    with Redis(tmp_path) as made:
        yield made


def machine(mqtt: MqttSettings, folder: Path, server: Redis, name: str) -> Settings:
    return settings_for(mqtt, folder / name, worker=name, engine=server.url)


@contextmanager
def installation(mqtt: MqttSettings, folder: Path, server: Redis, *workers: str) -> Iterator[None]:
    """An intake that does nothing itself, and machines that do."""
    with ExitStack() as stack:
        stack.enter_context(running(machine(mqtt, folder, server, "intake"), kinds={}))
        for name in workers:
            stack.enter_context(running(machine(mqtt, folder, server, name), intake=False))
        yield


def doers(client: Client, job: str) -> list[str]:
    """The workers that began a job."""
    return [event["worker"] for event in client.events(job) if event["event"] == "running"]


def test_two_machines_share_the_work_each_job_is_done_once(
    client: Client, mosquitto: Mosquitto, tmp_path: Path, server: Redis
) -> None:
    with installation(mosquitto.settings(), tmp_path, server, "left", "right"):
        jobs = [client.submit({"text": "слово", "seconds": 0.3}) for _ in range(24)]
        results = [client.result(job, 60.0) for job in jobs]
    assert {result["status"] for result in results} == {"done"}
    assert [len(client.results(job)) for job in jobs] == [1] * 24
    began = [doers(client, job) for job in jobs]
    assert all(len(each) == 1 for each in began)
    assert {worker for (worker,) in began} == {"left-count", "right-count"}


def test_urgent_jobs_come_first_and_progress_is_told(
    client: Client, mosquitto: Mosquitto, tmp_path: Path, server: Redis
) -> None:
    settings = mosquitto.settings()
    with running(machine(settings, tmp_path, server, "intake"), kinds={}):
        jobs = [client.submit({"text": "x", "seconds": 0.4}, priority=1) for _ in range(8)]
        urgent = client.submit({"text": "срочно"}, priority=9)
        assert client.hears(urgent, "accepted")
        with running(machine(settings, tmp_path, server, "left"), intake=False):
            client.result(urgent)
            client.result(jobs[-1], 60.0)
    assert _began(client.observer)[0] == urgent
    assert "progress" in client.names(jobs[0])


def _began(observer: Observer) -> list[str]:
    """Jobs in the order in which they were begun."""
    told = [json.loads(seen.text) for seen in list(observer.seen) if seen.topic.endswith("/event")]
    return [event["id"] for event in told if event["event"] == "running"]


def test_a_job_is_cancelled_on_another_machine(
    client: Client, mosquitto: Mosquitto, tmp_path: Path, server: Redis
) -> None:
    with installation(mosquitto.settings(), tmp_path, server, "left"):
        job = client.submit({"text": "долго", "seconds": 60})
        assert client.hears(job, "progress")
        client.cancel(job)
        assert client.result(job)["status"] == "cancelled"


@pytest.mark.slow
def test_a_killed_process_of_another_machine_leads_to_one_more_attempt_then_to_poison(
    client: Client, mosquitto: Mosquitto, tmp_path: Path, server: Redis
) -> None:
    with installation(mosquitto.settings(), tmp_path, server, "left", "right"):
        once = client.submit({"text": "раз", "seconds": 0.4, "dies": "middle", "once": str(tmp_path / "died")})
        always = client.submit({"text": "раз", "seconds": 0.4, "dies": "middle"})
        assert client.result(once, 60.0)["status"] == "done"
        assert client.result(always, 60.0)["error"]["code"] == "poison"
    assert (len(doers(client, once)), len(doers(client, always))) == (2, 2)


@pytest.mark.slow
def test_while_redis_is_away_nothing_is_lost(
    client: Client, mosquitto: Mosquitto, tmp_path: Path, server: Redis
) -> None:
    with installation(mosquitto.settings(), tmp_path, server, "left"):
        begun = client.submit({"text": "раз", "seconds": 3})
        assert client.hears(begun, "running")
        server.kill()
        waiting = client.submit({"text": "два"})
        assert client.hears(waiting, "accepted")
        time.sleep(4)  # the job ends while nobody can be told
        server.start()
        assert client.result(begun, 60.0)["result"]["letters"] == 3
        assert client.result(waiting, 60.0)["status"] == "done"
    assert len(doers(client, begun)) == 1


@pytest.mark.slow
def test_a_restarted_intake_gets_what_was_done_meanwhile(
    client: Client, mosquitto: Mosquitto, tmp_path: Path, server: Redis
) -> None:
    settings = mosquitto.settings()
    intake = machine(settings, tmp_path, server, "intake")
    with ExitStack() as stack:
        with running(intake, kinds={}):
            stack.enter_context(running(machine(settings, tmp_path, server, "left"), intake=False))
            job = client.submit({"text": "слово", "seconds": 2})
            assert client.hears(job, "running")
        time.sleep(3)
        with running(intake, kinds={}):
            assert client.result(job, 60.0)["result"]["letters"] == 5
    assert len(doers(client, job)) == 1


def test_a_second_intake_refuses_to_start(client: Client, mosquitto: Mosquitto, tmp_path: Path, server: Redis) -> None:
    settings = mosquitto.settings()
    with (
        running(machine(settings, tmp_path, server, "first"), kinds={}),
        pytest.raises(FailureError, match="--no-intake"),
        running(settings_for(settings, tmp_path / "second", worker="second"), kinds={}),
    ):
        pass
    # What is retained of one that is gone keeps nobody out.
    client.observer.publish("smarthome/tasks/intake", "online", retain=True)
    with running(settings_for(settings, tmp_path / "third", worker="third")):
        assert client.result(client.submit({"text": "да"}))["status"] == "done"


# --- the calls themselves ---------------------------------------------------------------------------------------------


def _journal(folder: Path, jobs: int) -> Journal:
    journal = Journal(folder / "journal.sqlite3")
    for place in range(jobs):
        journal.add("count", Submit(id=f"job-{place}", request={"text": "да"}), {"text": "да"}, [], 60.0)
    return journal


def test_every_call_does_what_the_journal_does(tmp_path: Path, server: Redis) -> None:
    journal = _journal(tmp_path, 3)
    with JournalServer(journal, server.url):
        far = RemoteJournal(server.url)
        assert far.waiting() == {"count": 3}
        first, second = far.lease("count", "left", 2)
        assert (first.id, first.request) == ("job-0", {"text": "да"})
        assert far.waiting() == {"count": 1}
        assert far.busy(["left"]) == {"left": "job-1"}
        assert far.beat([first, second]) == {}
        far.progress(first, {"done": 1, "total": 2, "note": "считаю"})
        journal.cancel("count", "job-1")
        assert far.beat([first, second]) == {second.key: "cancelled"}
        assert far.finish(first, Outcome("done", {"letters": 2}))
        assert far.overdue("left", 0.0)
        assert not far.finish(first, Outcome("done", {"letters": 2}))
        assert far.finish(second, Outcome("error", error=("failed", "нет")))
        (third,) = far.lease("count", "left", 2)
        far.give_back("left")
        assert far.lease("count", "right", 1) == [third]
        far.abandon("right")
        assert [lease.id for lease in far.lease("count", "right", 1)] == [third.id]
        far.close()
    found = journal.outcome("count", "job-0")
    assert found is not None
    assert (found[0], found[1].status, found[1].result) == ({}, "done", {"letters": 2})
    journal.close()


def test_a_call_that_nobody_answered_is_not_carried_out_later(
    tmp_path: Path, server: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smarthome.work.remote.ANSWER_S", 0.3)
    journal = _journal(tmp_path, 1)
    far = RemoteJournal(server.url)
    with pytest.raises(EngineAwayError):
        far._ask("lease", kind="count", worker="left", count=1)
    assert far.lease("count", "left", 1) == []
    monkeypatch.undo()
    with JournalServer(journal, server.url):
        assert eventually(lambda: far.waiting() == {"count": 1})
        assert [lease.id for lease in far.lease("count", "left", 1)] == ["job-0"]
    far.close()
    journal.close()


def test_what_is_put_into_redis_by_others_is_not_executed(tmp_path: Path, server: Redis) -> None:
    journal = _journal(tmp_path, 1)
    client = redis.Redis.from_url(server.url)
    marker = tmp_path / "executed"
    pickled = b"cos\nsystem\n(S'touch " + os.fsencode(marker) + b"'\ntR."
    for rubbish in (pickled, b"[]", b'{"message": {"id": "1", "name": "os.system", "args": ["true"], "kwargs": {}}}'):
        client.lpush("huey.redis.smarthome", rubbish)
    with JournalServer(journal, server.url):
        far = RemoteJournal(server.url)
        assert far.waiting() == {"count": 1}
        with pytest.raises(EngineAwayError):
            far._ask("close")
        with pytest.raises(EngineAwayError):
            far._ask("lease", kind="count")
        assert far.waiting() == {"count": 1}
        far.close()
    assert not marker.exists()
    client.close()
    journal.close()


def test_without_its_redis_it_does_not_start() -> None:
    with pytest.raises(ConfigurationError, match=r"tasks\.engine = redis://127\.0\.0\.1:9/0: no Redis there") as told:
        RemoteJournal("redis://:secret@127.0.0.1:9/0")
    assert "secret" not in str(told.value)


def test_progress_of_nobody(server: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is only news may be lost; it never stops a job."""
    monkeypatch.setattr("smarthome.work.remote.ANSWER_S", 0.2)
    far = RemoteJournal(server.url)
    lease = Lease("1:1", "count", "job", {})
    JobReport(far, Standing(far, [lease]), lease).progress(1, 2)
    far.abandon("left")
    assert far.waiting() == {}
    far.close()
