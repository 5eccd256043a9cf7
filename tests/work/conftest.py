"""A running service with the small kind of kinds.py, on a real Mosquitto, and a client that looks on."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from smarthome.events import Stop
from smarthome.settings import MqttSettings, Settings, TasksSettings
from smarthome.work.service import Service
from tests.mosquitto import Mosquitto, Observer, eventually
from tests.work.kinds import CountRequest

KINDS = {"count": "tests.work.kinds:CountTask"}


class Client:
    """Sends requests and sees all that is told of them."""

    def __init__(self, observer: Observer) -> None:
        self.observer = observer

    def submit(self, request: object, job: str | None = None, *, retain: bool = False, **more: object) -> str:
        job = job or uuid.uuid4().hex
        payload = json.dumps({"id": job, "request": request, **more})
        self.observer.publish("smarthome/tasks/count/submit", payload, retain=retain)
        return job

    def cancel(self, job: str) -> None:
        self.observer.publish(f"smarthome/tasks/count/{job}/cancel", "")

    def events(self, job: str) -> list[dict[str, Any]]:
        return [json.loads(text) for text in self.observer.texts(f"smarthome/tasks/count/{job}/event")]

    def names(self, job: str) -> list[str]:
        return [event["event"] for event in self.events(job)]

    def results(self, job: str) -> list[dict[str, Any]]:
        return [json.loads(text) for text in self.observer.texts(f"smarthome/tasks/count/{job}/result")]

    def result(self, job: str, timeout_s: float = 30.0) -> dict[str, Any]:
        """The first one, waited for."""
        assert eventually(lambda: self.results(job), timeout_s), self.events(job)
        return self.results(job)[0]

    def insists(self, request: object, job: str) -> dict[str, Any]:
        """The result, asked for again and again, as clients do that were away when it was published."""
        for _ in range(30):
            with suppress(RuntimeError):  # not connected yet
                self.submit(request, job)
            if eventually(lambda: self.results(job), 1.0):
                break
        return self.result(job)

    def hears(self, job: str, event: str) -> bool:
        return eventually(lambda: event in self.names(job), 30.0)


def settings_for(mqtt: MqttSettings, folder: Path, **tasks: object) -> Settings:
    values = {"folder": folder / "tasks", "worker": "here", "least_free_mb": 0, **tasks}
    return Settings.model_construct(mqtt=mqtt, tasks=TasksSettings.model_validate(values), log_level="INFO")


@contextmanager
def running(settings: Settings, *, intake: bool = True, kinds: dict[str, str] | None = None) -> Iterator[Service]:
    """A service in a thread of this process; its workers are processes of their own."""
    service = Service(settings, KINDS if kinds is None else kinds, {"count": CountRequest} if intake else None)
    failures: list[Exception] = []

    def run() -> None:
        try:
            service.run()
        except Exception as error:  # noqa: BLE001 (raised again in the test)
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        if intake:
            with Observer(settings.mqtt.port, "smarthome/tasks/intake") as observer:
                topic = "smarthome/tasks/intake"
                assert eventually(lambda: failures or observer.texts(topic)[-1:] == ["online"])
        if not failures:
            yield service
    finally:
        service.put(Stop())
        thread.join(20)
    if failures:
        raise failures[0]


@pytest.fixture
def client(mosquitto: Mosquitto) -> Iterator[Client]:
    with Observer(mosquitto.port, "smarthome/tasks/#", "replies/#") as observer:
        yield Client(observer)


@pytest.fixture
def settings(mosquitto: Mosquitto, tmp_path: Path) -> Settings:
    return settings_for(mosquitto.settings(), tmp_path)
