"""Turns of a conversation with the house: references, corrections, undoing, questions that wait for a yes."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from smarthome.conversation import Conversation, Outcome, Words
from smarthome.house.house import House
from smarthome.inventory import Area, Device, Inventory
from smarthome.russian import Parser
from smarthome.russian.dialogue import ANSWER_WITHIN_S, FORGET_AFTER_S
from tests.homes import example_home

SCENE = Device("scene.evening", "Уютный вечер", "scene", commands=("включи торшер", "закрой шторы в гостиной"))
BEDROOM_SPEAKER = Device("media_player.bedroom", "Колонка в спальне", "media_player", "bedroom", "speaker")
GATE_RELAY = Device("switch.gate", "Реле ворот", "switch", "hall", confirm=True)


def the_home() -> Inventory:
    home = example_home()
    floor_lamp = Device("light.floor", "Торшер", "light", "living_room")
    return replace(home, devices=(*home.devices, floor_lamp, SCENE, GATE_RELAY, BEDROOM_SPEAKER))


PARSER = Parser(the_home())


class Speaker:
    """Says one thing after another to a new house; every turn takes five seconds."""

    def __init__(self) -> None:
        self.house = House(the_home())
        self.conversation = Conversation(
            PARSER,
            self.house,
            wall=lambda: datetime(2026, 11, 23, 19, 5),  # noqa: DTZ001
            stopwatch=lambda: 0.0,
        )
        self.now = 0.0

    def says(self, text: str, after_s: float = 5.0, speaker: str = "microphone", took_s: float = 1.0) -> Outcome:
        self.now += after_s
        words = Words(((text, -0.2),), speaker, "living_room", self.now, self.now + took_s, self.now + took_s)
        outcome = self.conversation.hear(words, self.now + took_s, online=True)
        self.house.told(outcome.plan, self.now)
        return outcome

    def sends(self, text: str, after_s: float = 5.0) -> list[tuple[str, object]]:
        return sent(self.says(text, after_s))

    def hears(self, topic: str, **state: object) -> None:
        self.house.heard(topic, json.dumps(state).encode(), self.now)


@pytest.fixture
def speaker() -> Speaker:
    return Speaker()


def sent(outcome: Outcome) -> list[tuple[str, object]]:
    return [(command.topic, json.loads(command.payload)) for command in outcome.plan.commands]


UNLOCK = [("home/hall/front/set", {"state": "unlocked"})]


def test_a_yes_unlocks(speaker: Speaker) -> None:
    asked = speaker.says("открой входную дверь")
    assert (sent(asked), asked.plan.status, asked.reply) == ([], "confirm", "Входная дверь: отпереть?")
    done = speaker.says("Да.")
    assert (sent(done), done.plan.status) == (UNLOCK, "ok")
    assert done.parse == asked.parse
    assert speaker.sends("да") == []


@pytest.mark.parametrize("no", ["нет", "отмена", "не надо"])
def test_a_no_does_not(speaker: Speaker, no: str) -> None:
    speaker.says("открой входную дверь")
    assert speaker.sends(no) == []
    assert speaker.sends("да") == []


def test_a_yes_counts_for_a_while_only(speaker: Speaker) -> None:
    speaker.says("открой входную дверь")
    assert speaker.sends("да", after_s=ANSWER_WITHIN_S + 2) == []


def test_a_yes_that_was_begun_before_the_question_is_none(speaker: Speaker) -> None:
    speaker.says("открой входную дверь", took_s=3.0)
    assert speaker.sends("да", after_s=1.0) == []


def test_a_yes_of_somebody_else_is_none(speaker: Speaker) -> None:
    speaker.says("открой входную дверь")
    assert sent(speaker.says("да", speaker="text kitchen")) == []
    assert speaker.sends("да") == UNLOCK


def test_another_command_takes_the_question_off_the_table(speaker: Speaker) -> None:
    speaker.says("открой входную дверь")
    assert speaker.sends("включи чайник")
    assert speaker.sends("да") == []


def test_chatter_leaves_the_question_open(speaker: Speaker) -> None:
    speaker.says("открой входную дверь")
    assert speaker.sends("мама мыла раму", after_s=2.0) == []
    assert speaker.sends("да", after_s=2.0) == UNLOCK


def test_a_yes_to_nothing_is_nothing(speaker: Speaker) -> None:
    assert speaker.says("да").plan.status == "rejected"


def test_what_its_owner_wants_to_be_asked_about(speaker: Speaker) -> None:
    asked = speaker.says("включи реле ворот")
    assert (asked.plan.status, asked.reply) == ("confirm", "Реле ворот: включить?")
    assert speaker.sends("да") == [("home/hall/gate/set", {"state": "on"})]


def test_what_its_owner_does_not_want_to_be_asked_about() -> None:
    gate = Device("cover.gate", "Ворота", "cover", "yard", "gate", confirm=False)
    home = Inventory(areas=(Area("yard", "Двор"),), devices=(gate,))
    assert House(home).plan(Parser(home).parse("открой ворота"), None).status == "ok"


def test_a_scene_of_the_owner_is_its_commands(speaker: Speaker) -> None:
    topics = dict(speaker.sends("включи уютный вечер"))
    assert topics["home/living_room/floor/set"] == {"state": "on"}
    assert "closed" in json.dumps(topics)
    assert not any("evening" in topic for topic in speaker.house.topics)


def test_a_scene_that_opens_a_door_is_asked_about() -> None:
    home = the_home()
    arrival = Device("scene.home", "Я дома", "scene", commands=("открой входную дверь", "включи торшер"))
    home = replace(home, devices=(*home.devices, arrival))
    parser = Parser(home)
    plan = House(home).plan(parser.parse("включи сцену я дома"), None, parser.parse)
    assert (plan.status, [each.device.id for each in plan.unsure]) == ("confirm", ["lock.front"])


def test_taking_back_brings_back_what_was(speaker: Speaker) -> None:
    speaker.hears("home/living_room/floor/state", state="on", brightness=40)
    assert speaker.sends("сделай торшер поярче") != []
    speaker.hears("home/living_room/floor/state", state="on", brightness=60)
    assert speaker.sends("отмени") == [("home/living_room/floor/set", {"brightness": 40})]


def test_taking_back_leaves_on_what_was_on(speaker: Speaker) -> None:
    speaker.hears("home/living_room/floor/state", state="on")
    speaker.hears("home/living_room/chandelier/state", state="off")
    speaker.hears("home/living_room/strip/state", state="off")
    speaker.sends("включи свет")
    assert dict(speaker.sends("отмени"))["home/living_room/floor/set"] == {"state": "on"}


def test_taking_back_what_never_told_its_state(speaker: Speaker) -> None:
    speaker.sends("включи торшер")
    assert speaker.sends("отмени") == [("home/living_room/floor/set", {"state": "off"})]


def test_taking_back_never_unlocks(speaker: Speaker) -> None:
    speaker.hears("home/hall/front/state", state="unlocked")
    assert speaker.sends("запри входную дверь")
    assert speaker.sends("отмени") == []


def test_taking_back_a_question_is_a_no(speaker: Speaker) -> None:
    speaker.says("включи чайник")
    speaker.says("открой входную дверь")
    assert speaker.sends("отмени") == []
    assert speaker.sends("да") == []


def test_conversations_are_kept_apart(speaker: Speaker) -> None:
    speaker.says("включи чайник")
    assert sent(speaker.says("выключи его", speaker="text kitchen")) == []
    assert speaker.sends("выключи его") == [("home/kitchen/kettle/set", {"state": "off"})]


def test_a_new_file_refers_to_nothing(speaker: Speaker) -> None:
    speaker.says("включи чайник", speaker="file")
    speaker.conversation.forget("file")
    assert sent(speaker.says("выключи его", speaker="file")) == []


def test_which_one_was_meant(speaker: Speaker) -> None:
    home = Inventory(
        areas=(Area("a", "Кухня"), Area("b", "Спальня"), Area("living_room", "Зал")),
        devices=(Device("light.a", "Ночник", "light", "a"), Device("light.b", "Ночник", "light", "b")),
    )
    speaker.house = House(home)
    speaker.conversation = Conversation(Parser(home), speaker.house, wall=datetime.now, stopwatch=lambda: 0.0)
    asked = speaker.says("включи ночник")
    assert (asked.plan.status, asked.reply) == ("ask", "Уточните, что именно: Ночник (Кухня), Ночник (Спальня)?")
    assert sent(speaker.says("в спальне")) == [("home/b/b/set", {"state": "on"})]


def test_a_confirmed_delayed_command_is_carried_out_without_asking_again(speaker: Speaker) -> None:
    assert speaker.says("через минуту открой входную дверь").plan.status == "confirm"
    assert speaker.says("да").plan.status == "ok"
    (timer,) = speaker.conversation.timers.ended(speaker.now + 100)
    assert sent(speaker.conversation.obey(timer, speaker.now + 100, online=True)) == UNLOCK


def test_offline_nothing_is_remembered_as_done(speaker: Speaker) -> None:
    words = Words((("включи чайник", 0.0),), "microphone", None, 1.0, 2.0, 2.0)
    outcome = speaker.conversation.hear(words, 2.0, online=False)
    assert (outcome.plan.reason, outcome.plan.commands) == ("offline", ())
    assert speaker.sends("отмени") == []


def test_a_command_for_a_time_of_day_waits_for_it(speaker: Speaker) -> None:
    outcome = speaker.says("в половине восьмого вечера включи чайник")
    assert (outcome.plan.status, outcome.reply) == ("ok", "Через 25 минут: включи чайник.")
    assert speaker.conversation.timers.next_deadline == pytest.approx(speaker.now + 1.0 + 25 * 60)


def test_live_state_settles_what_was_half_heard(speaker: Speaker) -> None:
    speaker.hears("home/living_room/floor/state", state="on")
    half_heard = Words((("включи торшер", -0.3), ("выключи торшер", -0.4)), "microphone", "living_room", 1.0, 2.0, 2.0)
    outcome = speaker.conversation.hear(half_heard, 2.0, online=True)
    assert sent(outcome) == [("home/living_room/floor/set", {"state": "off"})]


@pytest.mark.parametrize("words", ["да подожди", "да?", "хорошо", "давай", "точно?", "да ладно", "ага, сейчас"])
def test_what_is_not_plainly_a_yes_unlocks_nothing(speaker: Speaker, words: str) -> None:
    speaker.says("открой входную дверь")
    assert speaker.sends(words) == []


@pytest.mark.parametrize("words", ["не открывай", "ой нет", "я передумал", "да нет", "нельзя", "да, но не сейчас"])
def test_a_refusal_in_any_words_takes_the_question_off_the_table(speaker: Speaker, words: str) -> None:
    speaker.says("открой входную дверь")
    assert speaker.sends(words, after_s=2.0) == []
    assert speaker.sends("да", after_s=2.0) == []


def test_no_and_something_else_is_carried_out(speaker: Speaker) -> None:
    speaker.says("открой входную дверь")
    assert speaker.sends("нет, включи чайник") == [("home/kitchen/kettle/set", {"state": "on"})]
    assert speaker.sends("да") == []


def test_a_delayed_unlocking_can_be_taken_back(speaker: Speaker) -> None:
    assert speaker.says("открой входную дверь через минуту").reply == "Отложенная команда. Входная дверь: отпереть?"
    speaker.says("да")
    assert len(speaker.conversation.timers) == 1
    assert speaker.says("отмени").plan.status == "ok"
    assert len(speaker.conversation.timers) == 0


@pytest.mark.parametrize("words", ["подожди", "быстро", "хватит", "забудь", "не надо"])
def test_words_that_command_nothing_move_nothing(speaker: Speaker, words: str) -> None:
    speaker.hears("home/living_room/tv/state", state="on")
    speaker.says("выключи телевизор")
    assert speaker.sends(words) == []


def test_taking_back_opens_no_valve(speaker: Speaker) -> None:
    speaker.hears("home/bathroom/water/state", state="open")
    assert speaker.sends("закрой кран")
    assert speaker.sends("отмени") == []


def test_taking_back_off_everywhere_switches_nothing_on_that_may_have_been_off(speaker: Speaker) -> None:
    assert speaker.sends("выключи свет везде")
    assert speaker.sends("отмени") == []


def readme_rows() -> list[tuple[list[str], bool]]:
    """The sentences of every row of README's «What you can say», and whether the house does or answers something."""
    text = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    rows = [
        line.split("|") for line in text.partition("### What you can say")[2].splitlines() if line.startswith("| «")
    ]
    return [(re.findall("«(.+?)»", row[1]), row[2].strip() != "nothing") for row in rows]


@pytest.mark.parametrize(("sentences", "acts"), readme_rows())
def test_what_the_readme_promises(speaker: Speaker, sentences: list[str], *, acts: bool) -> None:
    for sentence in sentences:
        assert (speaker.says(sentence).plan.status in {"ok", "confirm"}) is acts, sentence


def test_what_was_done_long_ago_is_not_taken_back(speaker: Speaker) -> None:
    speaker.hears("home/living_room/floor/state", state="off")
    assert speaker.sends("включи торшер")
    assert speaker.sends("отмени", after_s=FORGET_AFTER_S + 1) == []


def test_what_is_said_before_does_not_spoil_a_sentence_that_says_all_itself(speaker: Speaker) -> None:
    assert speaker.sends("сделай музыку в гостиной потише")
    sentence = "убавь громкость, колонки в спальне до десяти процентов"
    assert speaker.sends(sentence) == [("home/bedroom/bedroom/set", {"volume": 10})]
