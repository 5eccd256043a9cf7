"""What is killed, full or gone meanwhile: every request is answered all the same, once."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from smarthome.settings import Settings
from smarthome.work import clock
from smarthome.work.engines import journal_file
from smarthome.work.journal import Journal
from smarthome.work.messages import Outcome, Submit
from tests.mosquitto import Mosquitto, Observer, eventually
from tests.work.conftest import Client, running, settings_for

ROOT = Path(__file__).parents[2]

SERVICE = """
import pickle, sys
from smarthome.daemon import stop_on_signals
from smarthome.work.service import Service
from tests.work.kinds import CountRequest
service = Service(pickle.load(sys.stdin.buffer), {"count": "tests.work.kinds:CountTask"}, {"count": CountRequest})
stop_on_signals(service.put)
sys.exit(service.run())
"""


@contextmanager
def service_process(settings: Settings, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A whole service as a process that may be killed."""
    main = folder / "service.py"
    main.write_text(f"if __name__ == '__main__':\n    import runpy\n{_indented(SERVICE)}", encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, str(main)], stdin=subprocess.PIPE, env=environment)
    assert process.stdin
    process.stdin.write(pickle.dumps(settings))
    process.stdin.close()
    try:
        with Observer(settings.mqtt.port, "smarthome/tasks/intake") as observer:
            assert eventually(lambda: observer.texts("smarthome/tasks/intake")[-1:] == ["online"])
        yield process
    finally:
        process.kill()
        process.wait()


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.strip().splitlines())


@pytest.mark.parametrize("when", ["start", "middle", "end"])
def test_a_killed_worker_leads_to_one_more_attempt(
    client: Client, settings: Settings, tmp_path: Path, when: str
) -> None:
    with running(settings):
        job = client.submit({"text": "раз", "seconds": 0.4, "dies": when, "once": str(tmp_path / "died")})
        result = client.result(job)
        assert (result["status"], result["result"]["letters"]) == ("done", 3)
    assert client.names(job).count("running") == 2
    assert client.names(job).count("done") == len(client.results(job)) == 1


def test_who_was_in_the_same_batch_as_poison_is_not_condemned(client: Client, settings: Settings) -> None:
    with running(settings):
        first = client.submit({"text": "раз", "seconds": 1.0})  # the others come together meanwhile
        poison = client.submit({"text": "яд", "seconds": 0.2, "dies": "middle"})
        mates = [client.submit({"text": "слово"}) for _ in range(2)]
        assert client.result(poison)["error"]["code"] == "poison"
        assert [client.result(job)["status"] for job in (first, *mates)] == ["done"] * 3


@pytest.mark.parametrize("when", ["start", "middle", "end"])
def test_what_kills_its_worker_twice_is_poison(client: Client, settings: Settings, when: str) -> None:
    with running(settings):
        job = client.submit({"text": "раз", "seconds": 0.4, "dies": when})
        assert client.result(job)["error"]["code"] == "poison"
        assert client.result(client.submit({"text": "дальше"}))["status"] == "done"
    assert client.names(job).count("running") == 2


def test_a_killed_service_goes_on_where_it_was(client: Client, settings: Settings, tmp_path: Path) -> None:
    with service_process(settings, tmp_path) as process:
        jobs = [client.submit({"text": "раз", "seconds": 1.5}) for _ in range(6)]
        assert client.hears(jobs[0], "running")
        process.kill()
        process.wait()
        worker = "smarthome/tasks/workers/here"
        assert eventually(lambda: client.observer.texts(worker)[-1:] == ['{"state": "offline"}'])
    with service_process(settings, tmp_path):
        assert all(client.result(job)["status"] == "done" for job in jobs)
    assert all(client.names(job).count("done") == 1 for job in jobs)


def test_a_worker_does_not_outlive_its_service(client: Client, settings: Settings, tmp_path: Path) -> None:
    with service_process(settings, tmp_path) as process:
        job = client.submit({"text": "раз", "seconds": 60})
        assert client.hears(job, "running")
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
        assert children
        process.kill()
        process.wait()
        assert eventually(lambda: not any(_runs(child) for child in children))


def _runs(pid: str) -> bool:
    try:
        return " Z" not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2][:3]
    except OSError:
        return False


def test_an_orderly_end_is_no_attempt(client: Client, settings: Settings) -> None:
    job = ""
    for _ in range(3):
        with running(settings):
            job = client.submit({"text": "раз", "seconds": 5}, "slow")
            before = client.names(job).count("running")
            assert eventually(lambda before=before: client.names("slow").count("running") > before)  # type: ignore[misc]
    with running(settings):
        assert client.result(job)["status"] == "done"


@pytest.mark.parametrize("persistence", [True, False])
def test_a_broker_that_restarts_loses_no_result(tmp_path: Path, persistence: bool) -> None:
    extra = f"allow_anonymous true\npersistence {str(persistence).lower()}\npersistence_location {tmp_path}/\n"
    with Mosquitto(tmp_path, extra) as broker:
        settings = settings_for(broker.settings(), tmp_path)
        with running(settings), Observer(broker.port, "smarthome/tasks/#") as observer:
            client = Client(observer)
            jobs = [client.submit({"text": "раз", "seconds": 0.5}) for _ in range(4)]
            assert client.hears(jobs[0], "running")
            broker.stop()
            time.sleep(3)  # all is done meanwhile, and nobody to tell
            broker.start()
            results = [client.insists({"text": "раз", "seconds": 0.5}, job) for job in jobs]
            assert [result["status"] for result in results] == ["done"] * 4
            begun = [event for job in jobs for event in client.events(job) if event["event"] == "running"]
            assert {event["attempt"] for event in begun} == {1}  # told again, if the broker did not say that it knew


def test_a_broker_that_is_killed_loses_no_result(client: Client, settings: Settings, mosquitto: Mosquitto) -> None:
    with running(settings):
        job = client.submit({"text": "раз", "seconds": 1})
        assert client.hears(job, "running")
        mosquitto.kill()
        mosquitto.start()
        assert client.insists({"text": "раз", "seconds": 1}, job)["status"] == "done"


@pytest.mark.parametrize(("memory", "device"), [("together", "auto"), ("gpu", "cpu")])
def test_what_runs_out_of_memory_is_done_with_less(
    client: Client, settings: Settings, memory: str, device: str
) -> None:
    with running(settings, kinds={}):
        jobs = [client.submit({"text": "раз", "memory": memory}) for _ in range(3)]
        assert client.hears(jobs[-1], "accepted")
    with running(settings):
        results = [client.result(job)["result"] for job in jobs]
        assert results == [{"letters": 3, "together": 1, "device": device}] * 3


def test_what_never_fits_into_memory_is_a_clear_error(client: Client, settings: Settings) -> None:
    with running(settings):
        assert client.result(client.submit({"text": "раз", "memory": "always"}))["error"]["code"] == "out_of_memory"
        assert client.result(client.submit({"text": "дальше"}))["status"] == "done"


def test_an_idle_model_gives_its_memory_back(client: Client, mosquitto: Mosquitto, tmp_path: Path) -> None:
    topic = "smarthome/tasks/workers/here"
    with running(settings_for(mosquitto.settings(), tmp_path, warm_s=0.5)):
        client.result(client.submit({"text": "раз"}))
        assert eventually(lambda: json.loads(client.observer.texts(topic)[-1])["loaded"] == [])
        assert client.result(client.submit({"text": "ещё"}))["status"] == "done"


def test_with_little_memory_idle_models_go_at_once(client: Client, mosquitto: Mosquitto, tmp_path: Path) -> None:
    topic = "smarthome/tasks/workers/here"
    with running(settings_for(mosquitto.settings(), tmp_path, least_free_mb=1_000_000)):
        client.result(client.submit({"text": "раз"}))
        assert eventually(lambda: json.loads(client.observer.texts(topic)[-1])["loaded"] == [])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode()}")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def _fill(file: Path) -> None:
    with file.open("wb", buffering=0) as growing:
        while True:
            growing.write(b"\0" * 4096)


def test_a_full_disk_is_told_and_survived(client: Client, mosquitto: Mosquitto, small_disk: Path) -> None:
    settings = settings_for(mosquitto.settings(), small_disk)
    with running(settings):
        assert client.result(client.submit({"text": "раз"}))["status"] == "done"
        ballast = small_disk / "ballast"
        with pytest.raises(OSError, match="No space left"):
            _fill(ballast)
        job = client.submit({"text": "а" * 100_000})
        assert client.hears(job, "busy")
        assert "make room on the disk" in client.events(job)[0]["error"]["message"]
        ballast.unlink()
        assert client.result(client.submit({"text": "дальше"}))["status"] == "done"


def test_a_disk_that_fills_meanwhile_costs_no_result(client: Client, mosquitto: Mosquitto, small_disk: Path) -> None:
    with running(settings_for(mosquitto.settings(), small_disk)):
        job = client.submit({"text": "раз", "seconds": 2, "returns": 50_000})
        assert client.hears(job, "running")
        ballast = small_disk / "ballast"
        with pytest.raises(OSError, match="No space left"):
            _fill(ballast)
        time.sleep(4)
        assert client.results(job) == []
        ballast.unlink()
        assert client.result(job)["status"] == "done"
        assert client.names(job).count("running") == 1


@pytest.fixture
def clocked(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Journal, list[float]]]:
    """A journal with two jobs that wait, and the clock in seconds that it lives by."""
    now = [1_000.0]
    monkeypatch.setattr(clock, "now", lambda: now[0])
    journal = Journal(journal_file(settings))
    for name in "ab":
        journal.add("count", Submit(id=name, request={}), {}, [], 600.0)
    yield journal, now
    journal.close()


def _pass(journal: Journal, now: list[float], seconds: int) -> None:
    for _ in range(seconds):
        now[0] += 1
        journal.tick()


def test_who_was_taken_for_dead_finishes_nobody_else_s_job(clocked: tuple[Journal, list[float]]) -> None:
    journal, now = clocked
    (late,) = journal.lease("count", "late", 1)
    _pass(journal, now, 20)
    again, _ = journal.lease("count", "next", 1) + journal.lease("count", "next", 1)
    assert again.id == late.id
    assert journal.beat([late, again]) == {late.key: "lost"}
    journal.progress(late, {"done": 1, "total": 2})
    assert "progress" not in [told.event for _, told in journal.to_tell(100)]
    assert not journal.finish(late, Outcome("done", {}))
    assert journal.finish(again, Outcome("done", {}))


def test_a_machine_that_sleeps_has_killed_nobody(clocked: tuple[Journal, list[float]]) -> None:
    journal, now = clocked
    (lease, _) = journal.lease("count", "here", 2)
    for _ in range(3):
        _pass(journal, now, 1)
        now[0] += 100
        journal.tick()
    assert journal.beat([lease]) == {}


def test_who_is_wanted_for_one_job_of_two_is_not_ended(clocked: tuple[Journal, list[float]]) -> None:
    journal, now = clocked
    journal.lease("count", "here", 2)
    journal.cancel("count", "a")
    _pass(journal, now, 6)
    assert not journal.overdue("here", 5.0)
    journal.cancel("count", "b")
    assert not journal.overdue("here", 5.0)
    _pass(journal, now, 6)
    assert journal.overdue("here", 5.0)


def test_long_requests_go_with_their_end_unless_something_is_chosen_later(settings: Settings) -> None:
    for kept, request in (((), {}), (("count",), {"text": "да"})):
        journal = Journal(settings.tasks.folder / f"{len(kept)}.sqlite3", keep_requests_of=kept)
        journal.add("count", Submit(id="a", request={"text": "да"}), {"text": "да"}, [], 600.0)
        (lease,) = journal.lease("count", "here", 1)
        assert lease.request == {"text": "да"}
        journal.finish(lease, Outcome("done", {}))
        found = journal.outcome("count", "a")
        assert found is not None
        assert found[0] == request
        journal.close()


def test_deadlines_survive_a_reboot(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(journal_file(settings))
    journal.add("count", Submit(id="a", request={}, timeout_s=100.0), {}, [], 600.0)
    journal.tick()
    journal.close()
    monkeypatch.setattr(clock, "boot", lambda: "another")
    monkeypatch.setattr(clock, "now", lambda: 5.0)
    later = Journal(journal_file(settings))
    later.recover()
    assert later.waiting() == {"count": 1}
    monkeypatch.setattr(clock, "now", lambda: 106.0)
    later.tick()
    found = later.outcome("count", "a")
    assert found is not None
    assert found[1].error is not None
    assert found[1].error[0] == "timeout"
    later.close()


def test_signals_end_a_service_in_order(client: Client, settings: Settings, tmp_path: Path) -> None:
    with service_process(settings, tmp_path) as process:
        job = client.submit({"text": "раз", "seconds": 60})
        assert client.hears(job, "running")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert eventually(lambda: client.observer.texts("smarthome/tasks/intake")[-1] == "offline")
