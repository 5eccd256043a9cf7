"""What anybody may publish: a value, or one clear line."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarthome.bus.payloads import MAX_BYTES, Feedback, PayloadError, parse_feedback, parse_say, parse_switch
from smarthome.events import Said


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ("включи свет", Said("включи свет")),
        ("  включи\n\tсвет  ", Said("включи свет")),
        ("«включи» 5%", Said("«включи» 5%")),
        ("[1]", Said("[1]")),
        ('{"text": "включи свет"}', Said("включи свет")),
        (' {"text": " включи  свет ", "area": "Кухня"} ', Said("включи свет", "Кухня")),
        ('{"text": "включи свет", "area": null}', Said("включи свет")),
    ],
)
def test_a_command(payload: str, said: Said) -> None:
    assert parse_say(payload.encode()) == said


@pytest.mark.parametrize(
    ("payload", "complaint"),
    [
        (b"", "at least 1 character"),
        (b" \n", "at least 1 character"),
        (b"\xff\xd8\xff\xe0", "not UTF-8 text (byte 0)"),
        (b"a\x00b", "control characters"),
        (b'{"text": "a\\u0007b"}', "control characters"),
        (b"x" * (MAX_BYTES + 1), "4097 bytes are too long, at most 4096 are read"),
        ("я".encode() * 501, "at most 500 characters"),
        (b"{", "invalid JSON"),
        (b'{"a":' * 700, "invalid JSON: recursion limit"),
        (b'{"text": "\\ud800"}', "invalid JSON"),
        (b'{"area": "x"}', "text: field required"),
        (b'{"text": 5}', "text: input should be a valid string"),
        (b'{"text": "a", "room": "b"}', "room: extra inputs are not permitted"),
        (b'{"text": "a", "area": ""}', "area: string should have at least 1 character"),
    ],
)
def test_no_command(payload: bytes, complaint: str) -> None:
    with pytest.raises(PayloadError) as caught:
        parse_say(payload)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_verdict() -> None:
    assert parse_feedback(b'{"id": "kitchen-17", "verdict": "bad"}') == Feedback(id="kitchen-17", verdict="bad")


@pytest.mark.parametrize(
    ("payload", "complaint"),
    [
        (b"good", "invalid JSON"),
        (b"null", "input should be an object"),
        (b'{"id": "a"}', "verdict: field required"),
        (b'{"id": 7, "verdict": "good"}', "id: input should be a valid string"),
        (b'{"id": "a", "verdict": "so-so"}', "verdict: input should be 'good' or 'bad'"),
        (b"\xff", "not UTF-8 text"),
    ],
)
def test_no_verdict(payload: bytes, complaint: str) -> None:
    with pytest.raises(PayloadError) as caught:
        parse_feedback(payload)
    assert complaint in str(caught.value)
    assert 'expected is JSON {"id"' in str(caught.value) or complaint.startswith("not UTF-8")


def complaint_about(parse: Callable[[bytes], object], payload: bytes) -> str:
    try:
        parse(payload)
    except PayloadError as error:
        return str(error)
    return ""


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_whatever_comes_is_a_value_or_one_line(payload: bytes) -> None:
    assert "\n" not in complaint_about(parse_say, payload)
    assert "\n" not in complaint_about(parse_feedback, payload)


@given(st.text(max_size=60))
def test_a_complaint_does_not_repeat_what_was_said(text: str) -> None:
    """Words that were not understood leave the process nowhere, so they must not reach a log this way."""
    payload = json.dumps({"id": "1", "verdict": f"тайна{text}"}, ensure_ascii=False).encode()
    complaint = complaint_about(parse_feedback, payload)
    assert complaint
    assert "тайна" not in complaint


@pytest.mark.parametrize(("payload", "on"), [(b"on", True), (b"OFF", False), (b" On\n", True)])
def test_a_switch(payload: bytes, on: bool) -> None:
    assert parse_switch(payload) is on


@pytest.mark.parametrize("payload", [b"", b"1", b"\xff", b"on" * 5000])
def test_what_is_no_switch(payload: bytes) -> None:
    with pytest.raises(PayloadError):
        parse_switch(payload)
