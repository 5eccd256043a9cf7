"""A choice among variants on its way: sent to the intake, its answer out."""

from __future__ import annotations

import json
import queue
from dataclasses import dataclass

from smarthome.ask.asking import ACCEPTED_WITHIN_S, CONNECTED_WITHIN_S
from smarthome.bus.client import Bus
from smarthome.bus.topics import TaskTopics
from smarthome.errors import FailureError
from smarthome.events import Event, Message
from smarthome.settings import Settings


@dataclass(frozen=True, slots=True)
class Chosen:
    """``kept``: it is in the file that ``finetune shorten`` reads."""

    text: str
    kept: bool


def choose(settings: Settings, job: str, number: int) -> Chosen:
    """Take variant ``number`` of a finished job. Raises FailureError when it is refused, or nobody answers."""
    inbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
    topic = TaskTopics.event("shorten", job)
    with Bus(settings.mqtt, inbox.put, client=f"choose-{job[:12]}", commands=(topic,)) as bus:
        bus.wait_connected(CONNECTED_WITHIN_S)
        bus.publish(TaskTopics.choice(job), json.dumps({"choice": number}), command=True)
        while True:
            try:
                event = inbox.get(timeout=ACCEPTED_WITHIN_S)
            except queue.Empty:
                raise FailureError(f"nobody answers to the choice: look at the topic {TaskTopics.intake}") from None
            if isinstance(event, Message) and (told := json.loads(event.payload))["event"] == "choice":
                if "error" in told:
                    raise FailureError(told["error"]["message"])
                return Chosen(told["text"], told["kept"])
