"""The voice flow as tables: events in, effects out. No clock, no thread, no broker, no recogniser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

import pytest

from smarthome.bus.topics import Topics
from smarthome.ears.segmenter import Segmenter
from smarthome.endpoint import Endpoint
from smarthome.events import (
    FRAME_BYTES,
    Connected,
    Disconnected,
    Effect,
    FileDone,
    FileEnded,
    FileStarted,
    Frame,
    Message,
    NotSpeech,
    OutputEnded,
    OutputStarted,
    Publish,
    Reply,
    Report,
    Said,
    Segment,
    Tick,
    Transcribe,
    Transcribed,
    Transcript,
    TranscriptionFailed,
    Warn,
)
from smarthome.house.house import House
from smarthome.listen import Listener
from smarthome.russian import Parser
from smarthome.settings import EndpointSettings, SegmenterSettings
from tests.homes import example_home

TOPICS = Topics("test")
QUIET, VOICE = b"\0" * FRAME_BYTES, b"\1" * FRAME_BYTES


@pytest.fixture(scope="module")
def parser() -> Parser:
    return Parser(example_home())


@pytest.fixture
def listener(parser: Parser) -> Listener:
    listener = Listener(
        Segmenter(SegmenterSettings()),
        Endpoint(EndpointSettings(), 700, guesses=False),  # tests/test_speculation.py guesses
        parser,
        House(example_home(), confirm_s=2.0),
        TOPICS,
        area="living_room",
        run="run",
        wall=lambda: datetime(2026, 11, 23, 19, 5),  # noqa: DTZ001
        stopwatch=lambda: 0.0,
    )
    listener.handle(Connected(), 0.0)
    return listener


def speech(pattern: str, at: float = 0.0) -> Iterator[Frame]:
    """``.`` and ``v`` a frame each, 30 ms apart."""
    for index, sign in enumerate(pattern):
        yield Frame(VOICE if sign == "v" else QUIET, sign == "v", at + 0.03 * (index + 1))


def feed(listener: Listener, pattern: str, at: float = 0.0) -> list[Effect]:
    return [effect for frame in speech(pattern, at) for effect in listener.handle(frame, frame.captured_at)]


def heard(text: str, utterance: str = "run-1", logprob: float = -0.2, silence: float = 0.0) -> Transcribed:
    return Transcribed(utterance, Transcript(text, logprob, silence, 5, 0.4))


SPOKEN = "." * 10 + "v" * 20 + "." * 30


def obeyed(listener: Listener, text: str, now: float = 2.0, spoken_at: float | None = None) -> list[Effect]:
    """The effects of one spoken sentence after its recognition."""
    heard_at = now - 2.0 if spoken_at is None else spoken_at
    asked = [effect for effect in feed(listener, SPOKEN, heard_at) if isinstance(effect, Transcribe)]
    assert len(asked) == 1
    return listener.handle(heard(text, asked[0].utterance.id), now)


def commands(effects: list[Effect]) -> list[tuple[str, object]]:
    return [(e.topic, json.loads(e.payload)) for e in effects if isinstance(e, Publish) and e.command]


def the_report(effects: list[Effect]) -> Report:
    (report,) = (effect for effect in effects if isinstance(effect, Report))
    return report


def test_speech_becomes_an_utterance_with_times(listener: Listener) -> None:
    (effect,) = feed(listener, SPOKEN)
    assert isinstance(effect, Transcribe)
    segment = effect.utterance.segment
    assert (effect.utterance.id, effect.utterance.file) == ("run-1", None)
    assert segment.start_s == pytest.approx(0.3)
    assert segment.end_s == pytest.approx(0.9)


def test_silence_has_no_effect(listener: Listener) -> None:
    assert feed(listener, "." * 300) == []


def test_a_command_is_published_before_it_is_reported(listener: Listener) -> None:
    effects = obeyed(listener, "Включи чайник.")
    assert [type(effect) for effect in effects] == [Publish, Publish, Report, Publish, Publish]
    command, shadow, report, _microphone, counters = effects
    assert isinstance(counters, Publish)
    assert (counters.topic, counters.retain, json.loads(counters.payload)) == (TOPICS.counters, True, {"ok": 1})
    assert command == Publish("home/kitchen/kettle/set", '{"state": "on"}', command=True)
    assert isinstance(shadow, Publish)
    assert (shadow.topic, shadow.retain) == ("smarthome/test/device/switch.kettle", True)
    assert json.loads(shadow.payload) == {"desired": {"state": "on"}, "reported": {}, "confirmed": None}
    assert isinstance(report, Report)
    assert (report.status, report.reason, report.text) == ("ok", None, "Включи чайник.")
    assert report.ms["endpoint"] == pytest.approx(720, abs=40)
    assert report.ms["asr"] == pytest.approx(400)
    assert report.ended_at == pytest.approx(0.9, abs=0.04)


def test_the_echo_confirms(listener: Listener) -> None:
    obeyed(listener, "включи чайник", now=2.0)
    (shadow,) = listener.handle(Message("home/kitchen/kettle/state", b'{"state": "on"}', state=True), 2.1)
    assert isinstance(shadow, Publish)
    assert json.loads(shadow.payload)["confirmed"] is True
    assert listener.next_deadline is None


def test_no_echo_is_told(listener: Listener) -> None:
    obeyed(listener, "включи чайник", now=2.0)
    assert listener.next_deadline == 4.0
    shadow, event, warning = listener.handle(Tick(), 4.0)
    assert isinstance(shadow, Publish)
    assert json.loads(shadow.payload)["confirmed"] is False
    assert isinstance(event, Publish)
    assert json.loads(event.payload) == {"type": "unconfirmed", "device": "switch.kettle", "desired": {"state": "on"}}
    assert isinstance(warning, Warn)


def test_while_the_broker_is_away_commands_are_refused(listener: Listener) -> None:
    listener.handle(Disconnected("gone"), 1.0)
    effects = obeyed(listener, "включи чайник")
    report = the_report(effects)
    assert commands(effects) == []
    assert (report.status, report.reason, report.commands) == ("ok", "offline", ())
    assert Reply("Нет связи с брокером, команда не выполнена.") in effects
    assert listener.next_deadline is None


def test_negation_does_nothing(listener: Listener) -> None:
    report = the_report(effects := obeyed(listener, "не включай чайник"))
    assert commands(effects) == []
    assert (report.status, report.reason, report.intents) == ("rejected", "negation", ())


def test_rejected_words_stay_in_memory_the_last_twenty(listener: Listener) -> None:
    for _ in range(25):
        effects = obeyed(listener, "мама мыла раму")
        assert [type(effect) for effect in effects] == [Report, Publish, Publish]
    assert len(listener.rejected) == 20
    assert listener.counters["rejected"] == 25


@pytest.mark.parametrize(
    ("transcript", "reason"),
    [
        (heard(" ..."), "ghost: no words"),
        (heard("Включи чайник.", logprob=-1.5, silence=0.9), "ghost: no speech"),
    ],
)
def test_ghosts(listener: Listener, transcript: Transcribed, reason: str) -> None:
    feed(listener, SPOKEN)
    report = the_report(listener.handle(transcript, 2.0))
    assert (report.status, report.reason, report.commands) == ("rejected", reason, ())


def test_a_recogniser_that_fails_is_reported_and_the_next_utterance_works(listener: Listener) -> None:
    feed(listener, SPOKEN)
    report = the_report(listener.handle(TranscriptionFailed("run-1", "out of memory"), 2.0))
    assert (report.status, report.reason) == ("error", "out of memory")
    assert commands(obeyed(listener, "включи чайник"))


def test_unlocking_waits_for_a_yes(listener: Listener) -> None:
    report = the_report(effects := obeyed(listener, "открой входную дверь"))
    assert commands(effects) == []
    assert (report.status, report.reason) == ("confirm", "confirm")
    assert len(report.intents) == 1


def test_a_question_is_answered_from_the_reported_state(listener: Listener) -> None:
    listener.handle(Message("home/hall/front/state", b'{"state": "locked"}', state=True), 1.0)
    effects = obeyed(listener, "закрыта ли входная дверь")
    assert commands(effects) == []
    assert the_report(effects).reply
    assert Reply("Да. Входная дверь: заперта.") in effects


def test_nothing_is_pretended(listener: Listener) -> None:
    report = the_report(obeyed(listener, "добавь молоко в список покупок"))
    assert (report.status, report.reason, report.commands) == ("ok", "no_handler", ())
    assert report.intents


def test_a_timer_ends_with_words_and_a_delayed_command_is_carried_out(listener: Listener) -> None:
    obeyed(listener, "через десять минут выключи телевизор", now=100.0)
    assert listener.next_deadline == 700.0
    effects = listener.handle(Tick(), 700.0)
    assert commands(effects) == [("home/living_room/tv/set", {"state": "off"})]
    listener.handle(Message("home/living_room/tv/state", b'{"state": "off"}'), 700.1)
    obeyed(listener, "поставь таймер на пять минут", now=1000.0)
    assert Reply("Таймер закончился.") in listener.handle(Tick(), 1300.0)


def test_a_file_is_done_when_its_last_utterance_is_reported(listener: Listener) -> None:
    listener.handle(FileStarted("a.wav"), 0.0)
    (asked,) = [*feed(listener, "..." + "v" * 20), *listener.handle(FileEnded("a.wav"), 1.0)]
    assert isinstance(asked, Transcribe)
    assert asked.utterance.file == "a.wav"
    effects = listener.handle(heard("включи чайник", asked.utterance.id), 2.0)
    assert effects[-1] == FileDone("a.wav")
    assert the_report(effects).file == "a.wav"
    listener.handle(FileStarted("b.wav"), 3.0)
    assert listener.handle(FileEnded("b.wav", "b.wav: not audio"), 3.0) == [FileDone("b.wav", "b.wav: not audio")]


def test_times_start_anew_with_every_file(listener: Listener) -> None:
    for path in ("a.wav", "b.wav"):
        listener.handle(FileStarted(path), 0.0)
        (asked,) = feed(listener, SPOKEN)
        assert isinstance(asked, Transcribe)
        assert asked.utterance.segment.start_s == pytest.approx(0.3)
        listener.handle(heard("", asked.utterance.id), 2.0)
        listener.handle(FileEnded(path), 2.0)


@pytest.mark.parametrize("payload", ["включи чайник", '{"text": "включи чайник", "area": "Кухня"}'])
def test_commands_come_as_text_too(listener: Listener, payload: str) -> None:
    effects = listener.handle(Message(TOPICS.say, payload.encode()), 1.0)
    assert commands(effects) == [("home/kitchen/kettle/set", {"state": "on"})]
    assert commands(listener.handle(Said("включи чайник"), 1.0))


def test_feedback_is_counted(listener: Listener) -> None:
    (counters,) = listener.handle(Message(TOPICS.feedback, b'{"id": "run-1", "verdict": "bad"}'), 1.0)
    assert isinstance(counters, Publish)
    assert counters.topic == TOPICS.counters
    assert json.loads(counters.payload)["feedback/bad"] == 1


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        (TOPICS.say, b"\xff\xfe"),
        (TOPICS.say, b'{"txt": 1}'),
        (TOPICS.feedback, b"{"),
        (TOPICS.feedback, b"[1, 2]"),
        ("home/kitchen/kettle/state", b"{"),
        ("zigbee2mqtt/desk_lamp", b"ON"),
    ],
)
def test_a_payload_that_is_none_is_a_warning(listener: Listener, topic: str, payload: bytes) -> None:
    warning, counters = listener.handle(Message(topic, payload), 1.0)
    assert isinstance(counters, Publish)
    assert counters.topic == TOPICS.counters
    assert isinstance(warning, Warn)
    assert warning.text.startswith(f"{topic}: ")
    assert listener.counters["bad_payloads"] == 1


def test_what_was_said_long_ago_moves_nothing(listener: Listener) -> None:
    report = the_report(effects := obeyed(listener, "включи чайник", now=60.0, spoken_at=0.0))
    assert commands(effects) == []
    assert (report.status, report.reason) == ("error", "too_late")


def test_a_recogniser_that_cannot_keep_up_drops_what_comes_last(listener: Listener) -> None:
    effects = feed(listener, SPOKEN * 12)
    assert sum(isinstance(effect, Transcribe) for effect in effects) == 8
    assert sum(isinstance(effect, Warn) for effect in effects) == 4
    assert listener.counters["dropped"] == 4


def test_a_delayed_unlocking_is_not_promised(listener: Listener) -> None:
    report = the_report(obeyed(listener, "через минуту открой входную дверь"))
    assert (report.status, report.reason) == ("confirm", "confirm")
    assert listener.next_deadline is None


@pytest.mark.parametrize(
    ("text", "reason"), [("отмени таймер", "no_timer"), ("поставь таймер на тысячу часов", "no_duration")]
)
def test_a_timer_that_cannot_be_has_a_reason(listener: Listener, text: str, reason: str) -> None:
    report = the_report(obeyed(listener, text))
    assert (report.reason, bool(report.reply)) == (reason, True)


def test_a_retained_state_confirms_nothing(listener: Listener) -> None:
    obeyed(listener, "включи чайник")
    (shadow,) = listener.handle(Message("home/kitchen/kettle/state", b'{"state": "on"}', retained=True), 2.1)
    assert isinstance(shadow, Publish)
    assert json.loads(shadow.payload)["confirmed"] is None


def test_after_a_fault_of_the_program_the_utterance_is_reported_and_the_file_goes_on(listener: Listener) -> None:
    listener.handle(FileStarted("a.wav"), 0.0)
    (asked,) = feed(listener, SPOKEN)
    assert isinstance(asked, Transcribe)
    listener.handle(FileEnded("a.wav"), 2.0)
    failing = heard("включи чайник", asked.utterance.id)
    listener._activation = None  # type: ignore[assignment]
    with pytest.raises(AttributeError):
        listener.handle(failing, 2.0)
    report, done = listener.recover(failing, "see the log")
    assert isinstance(report, Report)
    assert (report.id, report.status, report.reason) == (asked.utterance.id, "error", "fault: see the log")
    assert done == FileDone("a.wav")


def test_utterances_are_answered_in_their_order(listener: Listener) -> None:
    feed(listener, SPOKEN + SPOKEN)
    first = the_report(listener.handle(heard("включи чайник", "run-1"), 3.0))
    second = the_report(listener.handle(heard("выключи чайник", "run-2"), 3.0))
    assert [first.id, second.id] == ["run-1", "run-2"]
    assert [first.text, second.text] == ["включи чайник", "выключи чайник"]


def test_segments_hold_the_sound(listener: Listener) -> None:
    (effect,) = feed(listener, SPOKEN)
    assert isinstance(effect, Transcribe)
    assert isinstance(effect.utterance.segment, Segment)
    assert effect.utterance.segment.pcm.count(b"\1") == 20 * FRAME_BYTES


def test_a_text_for_an_area_that_is_none_moves_nothing(listener: Listener) -> None:
    warning, counters = listener.handle(Message(TOPICS.say, '{"text": "включи свет", "area": "Баня"}'.encode()), 1.0)
    assert isinstance(warning, Warn)
    assert "'Баня'" in warning.text
    assert isinstance(counters, Publish)


# --- when nobody is listened to --------------------------------------------------------------------------------------


def mute(listener: Listener, word: str, *, retained: bool = False) -> list[Effect]:
    return listener.handle(Message(TOPICS.mute_set, word.encode(), retained=retained, state=True), 0.0)


@pytest.mark.parametrize("word", ["on", "ON"])
def test_muted_it_hears_nothing_until_it_is_told(listener: Listener, word: str) -> None:
    assert mute(listener, word, retained=True) == [Publish(TOPICS.mute, "on", retain=True)]
    assert feed(listener, SPOKEN) == []
    assert mute(listener, "off") == [Publish(TOPICS.mute, "off", retain=True)]
    (asked,) = feed(listener, SPOKEN)
    assert isinstance(asked, Transcribe)
    assert asked.utterance.segment.start_s == pytest.approx(1.8 + 0.3)


def test_muted_in_the_middle_of_a_sentence_it_forgets_it(listener: Listener) -> None:
    feed(listener, "." * 10 + "v" * 20)
    mute(listener, "on")
    assert feed(listener, "." * 30) == []
    mute(listener, "off")
    assert feed(listener, "." * 30) == []
    assert listener.counters["given_up/muted"] == 1


def test_mute_outlives_the_connection_and_is_told_anew(listener: Listener) -> None:
    mute(listener, "on")
    listener.handle(Disconnected("gone"), 1.0)
    assert Publish(TOPICS.mute, "on", retain=True) in listener.handle(Connected(), 2.0)
    assert feed(listener, SPOKEN) == []


def test_muted_it_still_obeys_texts(listener: Listener) -> None:
    mute(listener, "on")
    assert commands(listener.handle(Message(TOPICS.say, "включи чайник".encode()), 1.0))
    assert commands(listener.handle(Said("включи чайник"), 1.0))


def test_a_retained_mute_that_is_cleared_changes_nothing(listener: Listener) -> None:
    mute(listener, "on")
    assert mute(listener, "") == []
    assert feed(listener, SPOKEN) == []


@pytest.mark.parametrize("topic", [TOPICS.mute_set, TOPICS.speaking])
def test_a_switch_knows_on_and_off(listener: Listener, topic: str) -> None:
    warning, _ = listener.handle(Message(topic, b"maybe"), 1.0)
    assert warning == Warn(f"{topic}: 'maybe'; expected is on or off")


def speaking(listener: Listener, word: str, now: float) -> None:
    assert listener.handle(Message(TOPICS.speaking, word.encode()), now) == []


def test_while_the_house_speaks_it_does_not_listen(listener: Listener) -> None:
    speaking(listener, "on", 0.0)
    assert feed(listener, SPOKEN, at=0.0) == []
    speaking(listener, "off", 2.0)
    assert feed(listener, "v" * 10, at=2.0) == []  # the echo
    assert len(feed(listener, SPOKEN, at=2.4)) == 1


def test_media_that_is_ducked_counts_as_well(listener: Listener) -> None:
    listener.handle(OutputStarted("media_player.tv", 0.0), 0.0)
    assert feed(listener, SPOKEN) == []
    listener.handle(OutputEnded("media_player.tv", 2.0), 2.0)
    assert len(feed(listener, SPOKEN, at=2.4)) == 1


def test_a_sentence_that_was_complete_when_the_house_began_to_speak_is_heard(listener: Listener) -> None:
    feed(listener, "." * 10 + "v" * 20 + "." * 8)
    speaking(listener, "on", 1.14)
    (asked,) = feed(listener, "v", at=1.14)
    assert isinstance(asked, Transcribe)
    assert listener.counters["given_up/output"] == 0


def test_one_that_was_not_is_given_up(listener: Listener) -> None:
    feed(listener, "." * 10 + "v" * 20)
    speaking(listener, "on", 0.9)
    assert feed(listener, "v" * 3, at=0.9) == []
    assert listener.counters["given_up/output"] == 1


def test_whoever_never_stops_speaking_is_not_waited_for(listener: Listener) -> None:
    speaking(listener, "on", 0.0)
    warning, asked = feed(listener, SPOKEN, at=30.1)
    assert isinstance(warning, Warn)
    assert TOPICS.speaking in warning.text
    assert isinstance(asked, Transcribe)
    assert listener.counters["output_overdue"] == 1


# --- what is no speech -----------------------------------------------------------------------------------------------


def test_an_utterance_goes_to_the_recogniser_with_its_loudness(listener: Listener) -> None:
    (asked,) = feed(listener, SPOKEN)
    assert isinstance(asked, Transcribe)
    loudness = asked.utterance.loudness
    assert loudness is not None
    assert (loudness.voiced_ms, loudness.noise_dbfs) == (600, -100.0)
    assert loudness.speech_dbfs == pytest.approx(-42.1, abs=0.1)  # samples of 257


def test_what_is_no_speech_is_rejected_in_its_turn(listener: Listener) -> None:
    feed(listener, SPOKEN * 2)
    report = the_report(listener.handle(NotSpeech("run-1", "silero", "no voice"), 2.0))
    assert (report.id, report.status, report.reason, report.text) == ("run-1", "rejected", "ghost: no voice", "")
    assert the_report(listener.handle(heard("включи чайник", "run-2"), 4.0)).id == "run-2"
    assert listener.counters["ghost/silero"] == listener.counters["rejected/ghost"] == 1


# --- how the microphone does -----------------------------------------------------------------------------------------


def frames(dbfs: float, seconds: float, at: float = 0.0) -> Iterator[Frame]:
    sample = round(32768 * 10 ** (dbfs / 20)).to_bytes(2, "little", signed=True)
    for index in range(round(seconds / 0.03)):
        yield Frame(sample * (FRAME_BYTES // 2), voiced=False, captured_at=at + 0.03 * index)


def test_a_microphone_that_gives_nothing_is_told_once(listener: Listener) -> None:
    for first in (True, False):
        effects = [effect for frame in frames(-90, 30) for effect in listener.handle(frame, 0.0)]
        (told,) = (effect for effect in effects if isinstance(effect, Publish))
        assert (told.topic, told.retain, json.loads(told.payload)["state"]) == (TOPICS.microphone, True, "silent")
        assert sum(isinstance(effect, Warn) for effect in effects) == first
        (back,) = [effect for frame in frames(-50, 1) for effect in listener.handle(frame, 0.0)]
        assert isinstance(back, Publish)
        assert json.loads(back.payload) == {"state": "ok", "level": None}


def test_a_muted_one_is_not_looked_at(listener: Listener) -> None:
    mute(listener, "on")
    assert [effect for frame in frames(-100, 30) for effect in listener.handle(frame, 0.0)] == []


def test_recordings_are_as_they_are(listener: Listener) -> None:
    listener.handle(FileStarted("a.wav"), 0.0)
    assert [effect for frame in frames(-100, 30) for effect in listener.handle(frame, 0.0)] == []


def test_every_utterance_tells_how_loud_it_was(listener: Listener) -> None:
    effects = obeyed(listener, "включи чайник")
    loudness = the_report(effects).loudness
    assert loudness is not None
    (told,) = (e for e in effects if isinstance(e, Publish) and e.topic == TOPICS.microphone)
    assert json.loads(told.payload) == {
        "state": "ok",
        "level": {"speech_dbfs": -42.1, "noise_dbfs": -100.0, "peak_dbfs": -42.1, "clipped": 0.0},
    }


def test_ghosts_say_nothing_about_the_microphone(listener: Listener) -> None:
    feed(listener, SPOKEN)
    effects = listener.handle(NotSpeech("run-1", "silero", "no voice"), 2.0)
    assert [effect.topic for effect in effects if isinstance(effect, Publish)] == [TOPICS.counters]
