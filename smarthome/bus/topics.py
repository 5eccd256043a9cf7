"""A site's name in, its MQTT topics out: every topic that smarthome itself gives a meaning is declared here.

Payloads and examples are in docs/topics.md. The devices' own topics belong to their drivers (``house/drivers``).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one site, which is one ``smarthome listen``; several sites may share a broker."""

    site: str

    @property
    def availability(self) -> str:
        """Out, retained: ``online`` or ``offline``; also the last will."""
        return self._of("availability")

    @property
    def event(self) -> str:
        """Out: what happened, a JSON object."""
        return self._of("event")

    @property
    def say(self) -> str:
        """In: a command as text, or as JSON ``{"text", "area"}``."""
        return self._of("say")

    @property
    def reply(self) -> str:
        """Out: text to speak to the people in the room."""
        return self._of("reply")

    @property
    def feedback(self) -> str:
        """In: what people thought of an utterance, JSON ``{"id", "verdict"}``."""
        return self._of("feedback")

    @property
    def counters(self) -> str:
        """Out, retained: how often what happened, a JSON object."""
        return self._of("counters")

    @property
    def microphone(self) -> str:
        """Out, retained: what is wrong with the microphone, and how loud the last utterance was; a JSON object."""
        return self._of("microphone")

    @property
    def mute(self) -> str:
        """Out, retained: ``on`` or ``off``."""
        return self._of("mute")

    @property
    def mute_set(self) -> str:
        """In, retained: ``on`` closes the microphone, ``off`` opens it."""
        return self._of("mute/set")

    @property
    def speaking(self) -> str:
        """In: ``on`` while something plays that the microphone must not take for a voice, then ``off``."""
        return self._of("speaking")

    def device(self, device_id: str) -> str:
        """Out, retained: what a device was told and what it says, JSON ``{"desired", "reported", "confirmed"}``."""
        return self._of(f"device/{device_id}")

    @property
    def commands(self) -> tuple[str, ...]:
        """What a site obeys at once, and never late: retained messages there are old."""
        return (self.say, self.feedback, self.speaking)

    @property
    def states(self) -> tuple[str, ...]:
        """What holds until the next message, so that the retained one counts."""
        return (self.mute_set,)

    def all(self) -> tuple[str, ...]:
        """Every topic of the site, ``<id>`` standing for a device's."""
        return (
            self.availability,
            self.event,
            self.say,
            self.reply,
            self.feedback,
            self.counters,
            self.microphone,
            self.mute,
            self.mute_set,
            self.speaking,
            self.device("<id>"),
        )

    def _of(self, rest: str) -> str:
        return f"smarthome/{self.site}/{rest}"


TASKS = "tasks"
"""Where a site's name would stand in the topics of the tasks; no site may be called so."""


class TaskTopics:
    """The topics of requests and their results, which all sites of a broker share."""

    submits = f"smarthome/{TASKS}/+/submit"
    cancels = f"smarthome/{TASKS}/+/+/cancel"
    choices = f"smarthome/{TASKS}/shorten/+/choice"
    intake = f"smarthome/{TASKS}/intake"

    @staticmethod
    def submit(kind: str) -> str:
        """In: a request, JSON ``{"id", "request", …}``."""
        return f"smarthome/{TASKS}/{kind}/submit"

    @staticmethod
    def refused(kind: str) -> str:
        """Out: what is wrong with a request that no id can be read of."""
        return f"smarthome/{TASKS}/{kind}/refused"

    @staticmethod
    def event(kind: str, job: str) -> str:
        """Out: how far a request is."""
        return f"smarthome/{TASKS}/{kind}/{job}/event"

    @staticmethod
    def result(kind: str, job: str) -> str:
        """Out: what came of a request."""
        return f"smarthome/{TASKS}/{kind}/{job}/result"

    @staticmethod
    def cancel(kind: str, job: str) -> str:
        """In: nobody waits for it any more."""
        return f"smarthome/{TASKS}/{kind}/{job}/cancel"

    @staticmethod
    def choice(job: str) -> str:
        """In: which of three shortened texts was taken."""
        return f"smarthome/{TASKS}/shorten/{job}/choice"

    @staticmethod
    def replies(client: str) -> str:
        """Out: the results that ``client`` asked for with this topic in ``reply_to``."""
        return f"smarthome/{TASKS}/replies/{client}"

    @staticmethod
    def worker(name: str) -> str:
        """Out, retained: what a worker does; also the last will."""
        return f"smarthome/{TASKS}/workers/{name}"

    @staticmethod
    def parts(topic: str) -> tuple[str, str, str]:
        """(kind, id, what) of a topic that ``submits``, ``cancels`` or ``choices`` match; a submit has no id."""
        _, _, kind, *job, what = topic.split("/")
        return kind, "/".join(job), what
