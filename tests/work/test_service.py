"""Requests to results over a real broker: in order, once, and whatever is sent."""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from smarthome.errors import FailureError
from smarthome.settings import Settings
from tests.mosquitto import Mosquitto, Observer, eventually
from tests.work.conftest import Client, running, settings_for


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_request_is_accepted_run_and_answered(
    client: Client, mosquitto: Mosquitto, tmp_path: Path, protocol: str
) -> None:
    with running(settings_for(mosquitto.settings(protocol=protocol), tmp_path)):
        job = client.submit({"text": "привет", "seconds": 0.6})
        result = client.result(job)
        assert result["status"] == "done"
        assert result["result"] == {"letters": 6, "together": 1, "device": "auto"}
        assert result["ms"]["run"] >= 500
        names = client.names(job)
        assert names[:2] == ["accepted", "running"]
        assert names[-1] == "done"
        assert "progress" in names
        progress = [event for event in client.events(job) if event["event"] == "progress"]
        assert progress[-1]["done"] == progress[-1]["total"]
        assert {event.get("note") for event in progress} <= {"считаю", "загружается модель"}


def test_an_error_of_a_task_is_its_result(client: Client, settings: Settings) -> None:
    with running(settings):
        result = client.result(client.submit({"text": ""}))
        assert (result["status"], result["error"]) == ("error", {"code": "failed", "message": "no text"})


def test_the_same_request_again_is_answered_again_and_not_done_again(client: Client, settings: Settings) -> None:
    with running(settings):
        job = client.submit({"text": "раз", "seconds": 0.5}, "same")
        client.submit({"text": "раз", "seconds": 0.5}, "same")
        client.result(job)
        client.submit({"text": "раз", "seconds": 0.5}, "same")
        assert eventually(lambda: len(client.results(job)) == 2)
        assert client.results(job)[0] == client.results(job)[1]
        assert client.names(job).count("done") == 1


def test_another_request_with_the_same_id_is_a_conflict(client: Client, settings: Settings) -> None:
    with running(settings):
        job = client.submit({"text": "раз"}, "same")
        client.result(job)
        client.submit({"text": "два"}, "same")
        assert eventually(lambda: client.events(job)[-1].get("error", {}).get("code") == "id_conflict")
        assert len(client.results(job)) == 1


@pytest.mark.parametrize(
    ("payload", "code", "complaint"),
    [
        (b"\xff\xfe", "bad_request", "not UTF-8 text (byte 0)"),
        (b"{", "bad_request", "not JSON"),
        (b"[" * 100_000, "bad_request", "nested deeper than 32 levels"),
        (b'{"id": "deep", "request": {"text": ' + b"[" * 40 + b"]" * 40 + b"}}", "bad_request", "nested deeper"),
        (b"[]", "bad_request", "expected is a JSON object"),
        (b'{"id": "a/b", "request": {}}', "bad_request", "id: String should match pattern"),
        (b'{"id": "..", "request": {"text": "a"}}', "bad_request", "id: String should match pattern"),
        (b'{"id": ".", "request": {"text": "a"}}', "bad_request", "id: String should match pattern"),
        (b'{"id": "x", "request": {"text": ' + b"1" * 5_000 + b"}}", "bad_request", "not JSON: Exceeds the limit"),
        (b'{"id": "x", "request": {"text": NaN}}', "bad_request", "not JSON: NaN is no number"),
        (rb'{"id": "x", "request": {"text": "\ud800"}}', "bad_request", "half of a character"),
        (b'{"request": {}}', "bad_request", "id: Field required"),
        (b'{"id": "x", "request": {"text": 1}}', "bad_request", "request.text: Input should be a valid string"),
        (b'{"id": "x", "request": {"text": "a", "sort": 1}}', "bad_request", "request.sort: Extra inputs"),
        (b'{"id": "x", "request": {"text": "a"}, "priority": 11}', "bad_request", "priority: Input should be less"),
        (b'{"id": "x", "request": {"text": "a"}, "reply_to": "replies/+"}', "bad_request", "no topic to publish to"),
        (b'{"id": "x", "request": {"text": "a"}, "reply_to": "home/door/lock/set"}', "bad_request", "do not go to"),
        (b'{"id": "big", "request": {"text": "' + b"a" * 10_000_000 + b'"}}', "too_large", "bytes are too long"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_reason(
    client: Client, settings: Settings, payload: bytes, code: str, complaint: str
) -> None:
    with running(settings):
        client.observer.publish("smarthome/tasks/count/submit", payload)
        topics = (
            "smarthome/tasks/count/refused",
            *(f"smarthome/tasks/count/{job}/event" for job in ("x", "big", "deep")),
        )

        def told() -> list[str]:
            return [text for topic in topics for text in client.observer.texts(topic)]

        assert eventually(told)
        error = json.loads(told()[0])["error"]
        assert error["code"] == code
        assert complaint in error["message"]
        assert client.result(client.submit({"text": "дальше"}))["status"] == "done"


def test_an_unknown_kind_is_refused(client: Client, settings: Settings) -> None:
    with running(settings):
        client.observer.publish("smarthome/tasks/dance/submit", '{"id": "x", "request": {}}')
        assert eventually(lambda: client.observer.texts("smarthome/tasks/dance/x/event"))
        (text,) = client.observer.texts("smarthome/tasks/dance/x/event")
        assert json.loads(text)["error"]["message"] == "there is no kind 'dance'; there are count"


def test_urgent_requests_overtake_and_equals_keep_their_order(client: Client, settings: Settings) -> None:
    with running(settings, kinds={}):
        order = [(2, "c1"), (5, "b1"), (9, "a1"), (5, "b2"), (9, "a2"), (2, "c2")]
        for priority, job in order:
            client.submit({"text": job}, job, priority=priority)
        assert client.hears("c2", "accepted")
    with running(settings):
        client.result("c2")
    done = [seen.topic.split("/")[3] for seen in client.observer.seen if seen.topic.endswith("/result")]
    assert done == ["a1", "a2", "b1", "b2", "c1", "c2"]


def test_a_waiting_request_is_cancelled_at_once(client: Client, settings: Settings) -> None:
    with running(settings, kinds={}):
        job = client.submit({"text": "раз"})
        assert client.hears(job, "accepted")
        client.cancel(job)
        assert client.result(job)["status"] == "cancelled"


@pytest.mark.parametrize("deaf", [False, True])
def test_a_running_request_is_cancelled_even_if_it_does_not_listen(
    client: Client, settings: Settings, deaf: bool
) -> None:
    with running(settings):
        job = client.submit({"text": "раз", "seconds": 60, "deaf": deaf})
        assert client.hears(job, "running")
        client.cancel(job)
        assert client.result(job)["status"] == "cancelled"
        assert client.result(client.submit({"text": "дальше"}))["status"] == "done"


def test_time_limits_are_kept(client: Client, settings: Settings) -> None:
    with running(settings, kinds={}):
        late = client.submit({"text": "раз"}, start_by_s=0.2)
        assert client.result(late)["error"]["code"] == "expired"
    with running(settings):
        slow = client.submit({"text": "раз", "seconds": 60}, timeout_s=3)
        assert client.result(slow)["error"]["code"] == "timeout"


def test_too_many_requests_are_busy_with_a_hint(client: Client, mosquitto: Mosquitto, tmp_path: Path) -> None:
    with running(settings_for(mosquitto.settings(), tmp_path, max_waiting=2), kinds={}):
        jobs = [client.submit({"text": "раз"}) for _ in range(3)]
        assert client.hears(jobs[2], "busy")
        error = client.events(jobs[2])[0]["error"]
        assert (error["code"], error["retry_s"]) == ("busy", 30.0)
        assert client.hears(jobs[1], "accepted")


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_retained_request_is_never_run_twice(
    client: Client, mosquitto: Mosquitto, tmp_path: Path, protocol: str
) -> None:
    settings = settings_for(mosquitto.settings(protocol=protocol), tmp_path)
    with running(settings):
        job = client.submit({"text": "раз"}, retain=True)
        if protocol == "5":  # the broker says that it is retained
            assert eventually(lambda: client.events(job)[-1:] and "without retain" in str(client.events(job)))
        else:
            assert client.result(job)["status"] == "done"
    with running(settings):
        assert client.result(client.submit({"text": "дальше"}))["status"] == "done"
    assert client.names(job).count("running") == (0 if protocol == "5" else 1)
    client.observer.publish("smarthome/tasks/count/submit", "", retain=True)


def test_answers_go_where_they_are_wanted_too(client: Client, settings: Settings) -> None:
    with running(settings):
        job = client.submit({"text": "раз"}, reply_to="replies/mine")
        result = client.result(job)
        assert eventually(lambda: client.observer.texts("replies/mine"))
        assert json.loads(client.observer.texts("replies/mine")[0]) == result


def test_response_topic_and_correlation_data_come_back(settings: Settings, mosquitto: Mosquitto) -> None:
    answers: list[tuple[bytes, object]] = []
    asking = paho.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    asking.on_message = lambda _c, _d, message: answers.append(
        (bytes(message.payload), getattr(message.properties, "CorrelationData", None))
    )
    asking.connect("127.0.0.1", mosquitto.port)
    asking.subscribe("replies/5", 1)
    asking.loop_start()
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.ResponseTopic = "replies/5"
    properties.CorrelationData = b"\x00\x01"
    with running(settings):
        payload = json.dumps({"id": "five", "request": {"text": "раз"}})
        asking.publish("smarthome/tasks/count/submit", payload, 1, properties=properties)
        assert eventually(lambda: answers)
    asking.loop_stop()
    assert json.loads(answers[0][0])["status"] == "done"
    assert answers[0][1] == b"\x00\x01"


def test_requests_that_came_while_nobody_was_there_are_done(client: Client, settings: Settings) -> None:
    with running(settings):
        client.result(client.submit({"text": "раз"}))
    job = client.submit({"text": "пока никого нет"})
    with running(settings):
        assert client.result(job)["status"] == "done"


def test_one_folder_has_one_intake(client: Client, settings: Settings) -> None:
    with running(settings):
        assert eventually(lambda: client.observer.texts("smarthome/tasks/intake"))
        other = settings.model_copy(update={"tasks": settings.tasks.model_copy(update={"worker": "other"})})
        with pytest.raises(FailureError, match="an intake runs already"), running(other):
            time.sleep(1)


def test_a_worker_says_what_it_does_and_when_it_leaves(client: Client, settings: Settings) -> None:
    topic = "smarthome/tasks/workers/here"
    with running(settings):
        job = client.submit({"text": "раз", "seconds": 1})
        client.result(job)
        assert eventually(lambda: json.loads(client.observer.texts(topic)[-1])["state"] == "idle")
    states = [json.loads(text) for text in client.observer.texts(topic)]
    assert [state["state"] for state in states][-1] == "offline"
    assert {"count": job} in [state.get("jobs") for state in states]


def test_a_burst_of_1000_is_done_once_each(mosquitto: Mosquitto, settings: Settings) -> None:
    broker = mosquitto
    broker.stop()
    broker._extra += "\nmax_queued_messages 5000\nmax_inflight_messages 100\n"
    broker.start()
    chance = random.Random(1)  # noqa: S311 (no secret)
    priorities = [chance.randrange(10) for _ in range(1000)]
    with Observer(broker.port, "smarthome/tasks/#") as observer:

        def told(what: str) -> list[str]:
            return [seen.topic.split("/")[3] for seen in list(observer.seen) if seen.topic.endswith(f"/{what}")]

        with running(settings, kinds={}):
            observer.publish_many(
                (
                    "smarthome/tasks/count/submit",
                    json.dumps({"id": f"n{number}", "request": {"text": "раз"}, "priority": priority}),
                )
                for number, priority in enumerate(priorities)
            )
            assert eventually(lambda: len(set(told("event"))) == 1000, 120)
        with running(settings):
            assert eventually(lambda: len(set(told("result"))) == 1000, 120)
        # In order of priority, and within one in the order in which they came.
        assert told("result") == [f"n{place}" for place in sorted(range(1000), key=lambda each: -priorities[each])]


def test_one_bad_request_spoils_no_other_of_its_batch(client: Client, settings: Settings) -> None:
    with running(settings, kinds={}):
        good, bad, better = (
            client.submit({"text": text, "breaks": breaks}) for text, breaks in (("раз", 0), ("два", 1), ("три", 0))
        )
        assert client.hears(better, "accepted")
    with running(settings):
        assert [client.result(job)["status"] for job in (good, bad, better)] == ["done", "error", "done"]
        assert client.result(bad)["error"] == {"code": "failed", "message": "ValueError: broken"}


def test_a_result_that_no_broker_takes_is_an_error_and_in_nobody_s_way(
    client: Client, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    with running(settings_for(mosquitto.settings(), tmp_path, max_result_bytes=10_000)):
        long = client.submit({"text": "раз", "returns": 20_000})
        next_one = client.submit({"text": "два"})
        assert client.result(long)["error"]["code"] == "too_large"
        assert client.result(next_one)["status"] == "done"


def test_files_of_old_results_go(client: Client, settings: Settings) -> None:
    results = settings.tasks.folder / "results" / "count"
    for name, age_days in (("old", 8), ("new", 6)):
        (results / name).mkdir(parents=True)
        (results / name / "file").touch()
        then = time.time() - age_days * 86_400
        os.utime(results / name, (then, then))
    with running(settings):
        client.result(client.submit({"text": "раз"}, "none"))
        assert eventually(lambda: not (results / "old").exists())
    assert [folder.name for folder in results.iterdir()] == ["new"]
