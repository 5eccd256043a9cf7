"""When `smarthome listen` may not hear, and whom it listens to: a real microphone, a real Mosquitto."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.program import DEVICES, Program, as_wav, recording, silence
from tests.mosquitto import Mosquitto, Observer, eventually
from tests.pulse import PulseMicrophone

LIGHT, ON = "home/kitchen/ceiling/set", '{"state": "on"}'
MUTE, SPEAKING, COUNTERS = "smarthome/test/mute", "smarthome/test/speaking", "smarthome/test/counters"


def daemon(folder: Path, broker: Mosquitto, microphone: PulseMicrophone, **settings: object) -> Program:
    reconnect = {"mqtt__backoff_min_s": 0.05, "mqtt__backoff_max_s": 0.3}
    where = {"mqtt__host": "127.0.0.1", "mqtt__port": broker.port}
    return Program(folder, "listen", "--devices", DEVICES, env=microphone.env, **where, **reconnect, **settings)


def utterances(observer: Observer) -> int:
    return sum('"utterance"' in text for text in observer.texts("smarthome/test/event"))


def test_muted_it_hears_nothing_also_after_the_broker_was_away(
    tmp_path: Path, mosquitto: Mosquitto, pulse_microphone: PulseMicrophone
) -> None:
    spoken = as_wav(tmp_path / "say.wav", recording(1), silence(1.5))
    with Observer(mosquitto.port) as before:
        before.publish(f"{MUTE}/set", "on", retain=True)
    with daemon(tmp_path, mosquitto, pulse_microphone) as listen:
        with Observer(mosquitto.port, "#") as observer:
            assert listen.logs("listening to the microphone"), listen.err
            assert observer.saw(MUTE, "on")
            pulse_microphone.play(spoken)
            observer.publish("smarthome/test/say", "включи чайник")
            assert observer.saw("home/kitchen/kettle/set", ON)
        mosquitto.kill()  # it forgets what was retained
        assert listen.logs("trying again"), listen.err
        mosquitto.start()
        with Observer(mosquitto.port, "#") as observer:
            assert observer.saw(MUTE, "on")
            pulse_microphone.play(spoken)
            assert not utterances(observer)
            observer.publish(f"{MUTE}/set", "off", retain=True)
            assert observer.saw(MUTE, "off")
            pulse_microphone.play(spoken)
            assert observer.saw(LIGHT, ON), listen.err
            assert utterances(observer) == 1


def test_it_does_not_hear_the_house_speak(
    tmp_path: Path, mosquitto: Mosquitto, pulse_microphone: PulseMicrophone
) -> None:
    spoken = as_wav(tmp_path / "say.wav", recording(1), silence(1.5))
    with (
        daemon(tmp_path, mosquitto, pulse_microphone) as listen,
        Observer(mosquitto.port, "#") as observer,
    ):
        assert listen.logs("listening to the microphone"), listen.err
        assert observer.saw(MUTE, "off")
        observer.publish(SPEAKING, "on")
        pulse_microphone.play(spoken)
        observer.publish(SPEAKING, "off")
        assert not utterances(observer)
        pulse_microphone.play(spoken)
        assert observer.saw(LIGHT, ON), listen.err
        assert utterances(observer) == 1


def test_by_phrase_it_wants_to_be_called(
    tmp_path: Path, mosquitto: Mosquitto, pulse_microphone: PulseMicrophone
) -> None:
    spoken = as_wav(tmp_path / "say.wav", recording(1), silence(1.5))
    with (
        daemon(tmp_path, mosquitto, pulse_microphone, activation__mode="phrase") as listen,
        Observer(mosquitto.port, "#") as observer,
    ):
        assert listen.logs("listening to the microphone"), listen.err
        pulse_microphone.play(spoken)
        assert listen.logs("rejected not_addressed"), listen.err
        assert eventually(lambda: any("rejected/not_addressed" in text for text in observer.texts(COUNTERS)))
        assert not observer.texts(LIGHT)
