"""`smarthome listen`: a real microphone or files in, a real Mosquitto out, whatever happens meanwhile."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.program import (
    DEVICES,
    RECORDINGS,
    Program,
    as_wav,
    audible_span,
    commands,
    recording,
    silence,
)
from tests.mosquitto import Mosquitto, Observer, eventually
from tests.pulse import PulseMicrophone

AVAILABILITY, EVENT = "smarthome/test/availability", "smarthome/test/event"
LIGHT = "home/kitchen/ceiling/set"


def daemon(folder: Path, broker: Mosquitto, *args: str, microphone: PulseMicrophone | None = None) -> Program:
    return Program(
        folder,
        *("listen", "--devices", DEVICES, *args),
        env=microphone.env if microphone else None,
        mqtt__port=broker.port,
        mqtt__host="127.0.0.1",
        mqtt__backoff_min_s=0.05,
        mqtt__backoff_max_s=0.3,
    )


def utterances(observer: Observer) -> list[dict[str, Any]]:
    """The site's events about utterances, so far."""
    return [event for event in map(json.loads, observer.texts(EVENT)) if event["type"] == "utterance"]


def test_a_microphone_is_heard_and_the_broker_gets_the_command(
    tmp_path: Path, mosquitto: Mosquitto, pulse_microphone: PulseMicrophone
) -> None:
    with (
        Observer(mosquitto.port, "home/#", "smarthome/#") as observer,
        daemon(tmp_path, mosquitto, "--json", microphone=pulse_microphone) as listen,
    ):
        assert listen.logs("listening to the microphone"), listen.err
        assert observer.saw(AVAILABILITY, "online")
        pulse_microphone.play(as_wav(tmp_path / "say.wav", recording(1), silence(1)))
        assert observer.saw(LIGHT, '{"state": "on"}'), listen.err
        assert eventually(lambda: observer.texts(EVENT))
        (event,) = (json.loads(text) for text in observer.texts(EVENT))
        assert (event["status"], event["file"]) == ("ok", None)
        assert event["intents"] == [{"intent": "HassTurnOn", "slots": {"domain": "light", "area": "Кухня"}}]
        assert set(event["ms"]) == {"endpoint", "asr", "parse", "resolve", "publish", "total"}
        assert event["ms"]["total"] >= event["ms"]["endpoint"]
        assert [line["id"] for line in listen.lines()] == [event["id"]]

        code, seconds = listen.end()
        assert (code, seconds < 2) == (0, True), listen.err
        assert observer.saw(AVAILABILITY, "offline")


def test_ctrl_c_during_recognition_ends_in_order_within_two_seconds(tmp_path: Path, mosquitto: Mosquitto) -> None:
    spoken = as_wav(tmp_path / "long.wav", *[recording(6)] * 4)
    with (
        Observer(mosquitto.port, AVAILABILITY) as observer,
        daemon(tmp_path, mosquitto, "--fast", "--audio", *[str(spoken)] * 9) as listen,
    ):
        assert listen.logs("asr="), listen.err
        time.sleep(0.1)  # the next of many utterances is being recognised
        code, seconds = listen.end(signal.SIGINT)
        assert (code, seconds < 2) == (0, True), listen.err
        assert observer.saw(AVAILABILITY, "offline")


def test_after_a_kill_the_last_will_is_seen(tmp_path: Path, mosquitto: Mosquitto) -> None:
    paced = as_wav(tmp_path / "quiet.wav", silence(60))
    with (
        Observer(mosquitto.port, AVAILABILITY) as observer,
        daemon(tmp_path, mosquitto, "--audio", str(paced)) as listen,
    ):
        assert observer.saw(AVAILABILITY, "online")
        listen.end(signal.SIGKILL)
        assert observer.saw(AVAILABILITY, "offline")


def test_a_broker_that_comes_late_and_goes_away_is_found_again(
    tmp_path: Path, mosquitto: Mosquitto, pulse_microphone: PulseMicrophone
) -> None:
    spoken = as_wav(tmp_path / "say.wav", recording(1), silence(1))
    mosquitto.stop()
    with daemon(tmp_path, mosquitto, microphone=pulse_microphone) as listen:
        assert listen.logs("listening to the microphone"), listen.err
        mosquitto.start()
        assert listen.logs("connected to the broker"), listen.err
        mosquitto.stop()
        pulse_microphone.play(spoken)
        assert listen.logs("ok offline"), listen.err
        mosquitto.start()
        with Observer(mosquitto.port, "home/#", "smarthome/#") as observer:
            assert observer.saw(AVAILABILITY, "online")
            assert LIGHT not in [seen.topic for seen in observer.seen], "a command was kept for later"
            pulse_microphone.play(spoken)
            assert observer.saw(LIGHT, '{"state": "on"}'), listen.err


def test_chatter_is_on_no_topic_and_in_no_log(tmp_path: Path, mosquitto: Mosquitto) -> None:
    paced = as_wav(tmp_path / "chatter.wav", recording(15), silence(1), recording(24), silence(1), recording(1))
    with (
        Observer(mosquitto.port, "#") as observer,
        daemon(tmp_path, mosquitto, "--fast", "--audio", str(paced)) as listen,
    ):
        assert listen.wait() == 0, listen.err
        assert eventually(lambda: len(utterances(observer)) == 3), observer.seen
        assert len(commands(observer.texts(EVENT))) == 1
        everything = " ".join(f"{seen.topic} {seen.text}" for seen in observer.seen) + listen.err
        for word in ("мама", "забыла", "вечеру", "снег"):
            assert word not in everything.lower()


def test_it_connects_to_the_broker_and_to_nothing_else(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """Seen by an audit hook in the program's own process, from its first import on."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\n"
        f"log = os.open({str(tmp_path / 'connections')!r}, os.O_CREAT | os.O_APPEND | os.O_WRONLY)\n"
        "def hook(event, args):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo', 'socket.sendto'):\n"
        "        os.write(log, (event + ' ' + repr(args[-5:]) + chr(10)).encode())\n"
        "sys.addaudithook(hook)\n",
        encoding="utf-8",
    )
    program = Program(
        tmp_path,
        *("listen", "--fast", "--devices", DEVICES, "--audio", str(RECORDINGS / "01.flac")),
        env=os.environ | {"PYTHONPATH": f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}"},
        mqtt__port=mosquitto.port,
        mqtt__host="127.0.0.1",
    )
    with Observer(mosquitto.port, EVENT) as observer, program as listen:
        assert listen.wait() == 0, listen.err
        assert eventually(lambda: utterances(observer))
    connections = (tmp_path / "connections").read_text(encoding="utf-8").splitlines()
    assert connections
    assert [line for line in connections if f"'127.0.0.1', {mosquitto.port}" not in line] == []
    assert any(line.startswith("socket.connect") for line in connections)


def test_five_thousand_states_delay_no_utterance(tmp_path: Path, mosquitto: Mosquitto) -> None:
    lamps = [f"  - {{id: light.lamp{n}, name: Лампа {n}, area: kitchen, domain: light}}" for n in range(5000)]
    kettle = "  - {id: switch.kettle, name: Чайник, area: kitchen, domain: switch}"
    devices = tmp_path / "devices.yaml"
    devices.write_text("\n".join(["areas: [{id: kitchen, name: Кухня}]", "devices:", kettle, *lamps]), encoding="utf-8")
    spoken = as_wav(tmp_path / "say.wav", *[silence(2), recording(12)] * 3, silence(2))
    with (
        Observer(mosquitto.port, EVENT, "home/kitchen/kettle/set") as observer,
        daemon(tmp_path, mosquitto, "--devices", str(devices), "--audio", str(spoken), "--json") as listen,
    ):
        assert listen.logs("connected to the broker"), listen.err
        observer.publish_many(((f"home/kitchen/lamp{n}/state", '{"state": "on"}') for n in range(5000)), retain=True)
        assert listen.wait() == 0, listen.err
        assert observer.texts("home/kitchen/kettle/set") == ['{"state": "on"}'] * 3
        assert len(utterances(observer)) == 3
        for ms in (event["ms"] for event in utterances(observer)):
            waited = ms["total"] - sum(ms[stage] for stage in ("endpoint", "asr", "parse", "resolve", "publish"))
            assert waited < 200, ms


def test_a_long_mp3_gives_every_utterance_once_with_its_times(tmp_path: Path) -> None:
    sounds, spans, at = [], [], 0.0
    for round_ in range(2):
        for number in range(1, 25):
            sound, gap = recording(number), silence(1.2 + 0.3 * ((number + round_) % 5))
            start, end = audible_span(sound)
            spans.append((at + start, at + end))
            sounds += [sound, gap]
            at += (len(sound) + len(gap)) / 16_000
    mp3 = tmp_path / "long.mp3"
    wav = as_wav(tmp_path / "long.wav", *sounds)
    subprocess.run(["ffmpeg", "-loglevel", "error", "-i", wav, "-b:a", "64k", mp3], check=True)
    assert at > 180

    with Program(
        tmp_path, "listen", "--fast", "--json", "--dry-run", "--devices", DEVICES, "--audio", str(mp3), whisper__beam=1
    ) as listen:
        assert listen.wait(400) == 0, listen.err
    heard = [(line["start_s"], line["end_s"]) for line in listen.lines()]
    assert len(heard) == len(spans)
    for (start, end), (true_start, true_end) in zip(heard, spans, strict=True):
        assert start == pytest.approx(true_start, abs=0.3)
        assert end == pytest.approx(true_end, abs=0.3)


def test_files_that_cannot_be_read_do_not_stop_the_others(tmp_path: Path) -> None:
    text = tmp_path / "text.wav"
    text.write_text("no sound", encoding="utf-8")
    missing, good = str(tmp_path / "none.mp3"), str(RECORDINGS / "01.flac")
    with Program(
        tmp_path,
        *("listen", "--fast", "--json", "--dry-run", "--devices", DEVICES, "--audio", str(text), missing, good),
    ) as listen:
        assert listen.wait() == 1
    lines = listen.lines()
    assert [(line["type"], line["file"]) for line in lines] == [
        ("error", str(text)),
        ("error", missing),
        ("utterance", good),
    ]
    assert all(line["file"] in line["reason"] for line in lines[:2])
