"""A broker in, whether somebody takes requests there already out: an installation has one intake."""

from __future__ import annotations

import json
import queue
import time
import uuid

from smarthome.bus.client import BrokerUnreachableError, Bus
from smarthome.bus.topics import TaskTopics
from smarthome.events import Event, Message
from smarthome.settings import MqttSettings

CONNECTED_WITHIN_S = 3.0
ANSWERED_WITHIN_S = 1.5

_KIND = "ping"
"""No kind is called so: whoever takes requests refuses this one at once, and does nothing."""


def takes_requests(mqtt: MqttSettings) -> bool:
    """Whether a request is answered. False as well where no broker answers: nobody can take requests there."""
    job = uuid.uuid4().hex
    inbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
    answer = TaskTopics.event(_KIND, job)
    with Bus(mqtt, inbox.put, client=f"ping-{job[:12]}", commands=(answer,)) as bus:
        try:
            bus.wait_connected(CONNECTED_WITHIN_S)
        except BrokerUnreachableError:
            return False
        bus.publish(TaskTopics.submit(_KIND), json.dumps({"id": job, "request": {}}))
        return _comes(inbox, answer)


def _comes(inbox: queue.SimpleQueue[Event], topic: str) -> bool:
    until = time.monotonic() + ANSWERED_WITHIN_S
    while (left := until - time.monotonic()) > 0:
        try:
            event = inbox.get(timeout=left)
        except queue.Empty:
            return False
        if isinstance(event, Message) and event.topic == topic:
            return True
    return False
