"""A topic that somebody wants an answer on in; whether it may have one out: a result must move no device."""

from __future__ import annotations

from collections.abc import Sequence

from smarthome.work.messages import RefusedError


def checked(topic: str, prefixes: Sequence[str], job: str | None) -> str:
    """``topic``, if answers may go there; raises RefusedError (``bad_request``)."""
    if not topic or any(sign in topic for sign in "+#\0") or topic.startswith("$"):
        raise RefusedError("bad_request", f"{topic!r} is no topic to publish to", job)
    if not topic.startswith(tuple(prefixes)):
        allowed = ", ".join(prefixes)
        raise RefusedError(
            "bad_request", f"answers do not go to {topic!r}; allowed by tasks.reply_prefixes: {allowed}", job
        )
    return topic
