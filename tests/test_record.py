"""What leaves the process: privacy of words that were no command."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest

from smarthome.events import Command, Report
from smarthome.house.timers import Timer
from smarthome.intents import Action, Intent
from smarthome.outlet import JsonLines, Terminal
from smarthome.record import PublishText, public_record, timer_record

CHATTER = Report(
    id="u-1",
    file=None,
    start_s=1.0,
    end_s=2.5,
    text="мама мыла раму",
    intents=(),
    status="rejected",
    reason="unexplained: мама мыла раму",
)
DELAYED = Report(
    id="u-2",
    file=None,
    start_s=1.0,
    end_s=2.5,
    text="через час выключи телевизор",
    intents=(Intent(Action.START_TIMER, {"hours": 1, "conversation_command": "выключи телевизор"}),),
    status="ok",
    reason=None,
    reply="Через 1 час: выключи телевизор.",
)


@pytest.mark.parametrize("policy", ["accepted", "none"])
def test_chatter_leaves_only_its_reason(policy: PublishText) -> None:
    line = public_record(CHATTER, {}, policy)
    record = json.loads(line)
    assert (record["text"], record["status"], record["reason"]) == (None, "rejected", "unexplained")
    assert "мама" not in line


def test_none_keeps_the_words_of_commands_too() -> None:
    line = public_record(DELAYED, {}, "none")
    assert "телевизор" not in line
    assert json.loads(line)["intents"] == [{"intent": "HassStartTimer", "slots": {"hours": 1}}]


def test_none_keeps_a_timers_name_and_what_is_to_be_played() -> None:
    timer = replace(DELAYED, intents=(Intent(Action.START_TIMER, {"minutes": 5, "name": "пельмени"}),))
    play = replace(DELAYED, commands=(Command("media_player.a", "home/a/set", '{"query": "песни"}'),))
    for report in (timer, play):
        assert not {"пельмени", "песни"} & set(public_record(report, {}, "none").replace('"', " ").split())
    ended = Timer(1, 60, 60, name="пельмени", command="выключи суп")
    assert json.loads(timer_record(ended, quiet=True)) == {"type": "timer", "area": None, "delayed": True}
    assert json.loads(timer_record(ended, quiet=False))["name"] == "пельмени"


def test_accepted_shows_commands() -> None:
    record = json.loads(public_record(DELAYED, {"publish": 1.26}, "accepted"))
    assert record["text"] == "через час выключи телевизор"
    assert record["ms"] == {"publish": 1.3}


def test_all_shows_all() -> None:
    assert json.loads(public_record(CHATTER, {}, "all"))["text"] == "мама мыла раму"


@pytest.mark.parametrize("outlet", [JsonLines, Terminal])
def test_chatter_at_the_microphone_is_not_printed(outlet: type[JsonLines | Terminal]) -> None:
    out = io.StringIO()
    outlet("accepted", out).utterance(CHATTER, {})
    assert "мама" not in out.getvalue()
    assert "rejected" in out.getvalue()


def test_words_from_a_file_are_shown() -> None:
    out = io.StringIO()
    report = Report("u", "a.wav", 0, 1, "мама мыла раму", (), "rejected", "not_a_command")
    JsonLines("accepted", out).utterance(report, {})
    assert json.loads(out.getvalue())["text"] == "мама мыла раму"


def test_the_terminal_shows_commands_and_failures() -> None:
    out = io.StringIO()
    terminal = Terminal("accepted", out)
    command = Command("light.a", "home/kitchen/a/set", '{"state": "on"}')
    terminal.utterance(Report("u", None, 0, 1, "включи свет", (), "ok", None, (command,)), {})
    terminal.file_failed("x.wav", "no sound in it")
    terminal.reply("Готово.")
    assert out.getvalue().splitlines() == [
        "«включи свет»",
        '    home/kitchen/a/set  {"state": "on"}',
        "x.wav: no sound in it",
        "    — Готово.",
    ]
