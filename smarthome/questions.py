"""«Спроси …» in, a request to the language model out; its answer in, what is spoken out.

What the model says is spoken and nothing else: it never becomes a command. Pure: times are handed in.
"""

from __future__ import annotations

import json
import re
import uuid

from smarthome.bus.payloads import Answer
from smarthome.bus.topics import TaskTopics
from smarthome.events import Publish

NO_ANSWER = "Ответа на вопрос нет."
LONGEST = 1_000
"""Characters that anybody listens to."""

_MARKS = re.compile(r"[*_#`>]+|^\s*[-•]\s+", re.MULTILINE)
"""Markdown, which nobody can pronounce."""


class Questions:
    """A site's open questions. What is not answered within ``patience_s`` seconds is not waited for."""

    def __init__(self, site: str, patience_s: float) -> None:
        self._site = site
        self._patience_s = patience_s
        self._open: dict[str, float] = {}

    @property
    def next_deadline(self) -> float | None:
        """When the oldest question is given up."""
        return min(self._open.values(), default=None)

    def ask(self, text: str, now: float) -> Publish:
        """A request, whose answer comes to the site's own topic."""
        job = uuid.uuid4().hex
        self._open[job] = now + self._patience_s
        request = {
            "id": job,
            "request": {"prompt": text},
            "priority": 9,
            "timeout_s": self._patience_s,
            "reply_to": TaskTopics.replies(self._site),
        }
        return Publish(TaskTopics.submit("llm"), json.dumps(request, ensure_ascii=False))

    def answered(self, answer: Answer) -> str | None:
        """What is said; None for what this site has not asked, or has given up."""
        if self._open.pop(answer.id, None) is None:
            return None
        text = " ".join(_MARKS.sub(" ", answer.text or "").split())
        return text[:LONGEST] or NO_ANSWER

    def expired(self, now: float) -> str | None:
        """What is said when nobody has answered in time."""
        late = [job for job, until in self._open.items() if until <= now]
        for job in late:
            del self._open[job]
        return NO_ANSWER if late else None
