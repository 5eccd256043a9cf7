"""The bus against a real Mosquitto that is late, restarted, killed or frozen: it recovers, and nothing comes late."""

from __future__ import annotations

import logging
import socket
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarthome.bus.client import BrokerUnreachableError, Bus, backoff_s
from smarthome.events import Connected, Disconnected, Message
from tests.mosquitto import Events, Mosquitto, Observer, eventually

VERSIONS = pytest.mark.parametrize("protocol", ["3.1.1", "5"])
CLIENT_LOGS = "smarthome.bus.client"


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_the_broker_may_come_later(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, CLIENT_LOGS)
    broker, events = Mosquitto(tmp_path), Events()
    with Bus(broker.settings(), events.put, client="test", commands=["say"], availability="av") as bus:
        assert events.count(Disconnected)
        assert not bus.publish("home/door/set", "unlock", command=True)
        assert eventually(lambda: "still no broker" in caplog.text)
        with pytest.raises(BrokerUnreachableError, match="nothing listens at"):
            bus.wait_connected(0.1)
        with broker, Observer(broker.port, "#") as house:
            bus.wait_connected(10)
            assert house.saw("av", "online")
            house.publish("say", "включи свет")
            assert events.has(Message("say", "включи свет".encode()))
            assert house.texts("home/door/set") == []
            before_the_end = list(events), warnings(caplog)
    seen, warned = before_the_end
    assert [type(event) for event in seen] == [Disconnected, Connected, Message]
    assert len(warned) == 1
    assert "is the broker running? Check mqtt.host and mqtt.port; trying again" in warned[0]
    recoveries = [
        r for r in caplog.records if r.levelno == logging.INFO and "connected to the broker" in r.getMessage()
    ]
    assert len(recoveries) == 1


@VERSIONS
@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_restarted_broker_is_found_again_and_nothing_comes_late(
    mosquitto: Mosquitto, protocol: str, how: str
) -> None:
    events = Events()
    mqtt = mosquitto.settings(protocol=protocol)
    with Bus(mqtt, events.put, client="test", commands=["say"], states=["home/+/state"], availability="av") as bus:
        bus.wait_connected(10)
        getattr(mosquitto, how)()
        assert events.count(Disconnected)
        for _ in range(5):
            assert not bus.publish("home/door/set", "unlock", command=True)
            assert not bus.publish("smarthome/test/event", "{}")
        mosquitto.start()
        with Observer(mosquitto.port, "#") as house:
            assert events.count(Connected, 2)
            assert house.saw("av", "online")
            house.publish("say", "включи свет")
            house.publish("home/lamp/state", "on")
            assert events.count(Message, 2)
            assert bus.publish("home/lamp/set", "on", command=True)
            assert house.saw("home/lamp/set", "on")
            assert [s.topic for s in house.seen if s.topic in {"home/door/set", "smarthome/test/event"}] == []
    assert [type(event) for event in events] == [Connected, Disconnected, Connected, Message, Message]


@VERSIONS
def test_a_command_to_a_frozen_broker_is_not_carried_out_when_it_thaws(mosquitto: Mosquitto, protocol: str) -> None:
    """Its bytes wait in the broker's own buffer: only the handshake of QoS 2 keeps them from being obeyed."""
    events = Events()
    mqtt = mosquitto.settings(protocol=protocol)
    with (
        Observer(mosquitto.port, "#") as house,
        Bus(mqtt, events.put, client="test", availability="av") as bus,
    ):
        bus.wait_connected(10)
        assert house.saw("av", "online")
        mosquitto.freeze()
        for _ in range(30):  # more than may be under way at once, so that some wait inside paho
            assert bus.publish("home/door/set", "unlock", command=True)
        assert events.count(Disconnected)
        assert not bus.publish("home/door/set", "unlock", command=True)
        mosquitto.thaw()
        assert events.count(Connected, 2)
        assert bus.publish("home/lamp/set", "on", command=True)
        assert house.saw("home/lamp/set", "on")
        house.publish("the/end", "1")
        assert house.saw("the/end", "1")
        assert house.texts("home/door/set") == []
    assert events[1] == Disconnected(f"the broker at 127.0.0.1:{mosquitto.port} does not answer any more")


def test_our_own_sleep_makes_no_command_late(mosquitto: Mosquitto) -> None:
    """The client freezes, not the broker: what the broker had answered meanwhile comes too late to count."""
    slow = Events()

    def put(event: object) -> None:
        if isinstance(event, Message):
            time.sleep(6)
        else:
            slow.append(event)  # type: ignore[arg-type]

    with (
        Observer(mosquitto.port, "#") as house,
        Bus(mosquitto.settings(), put, client="test", states=["nap"]) as bus,
    ):
        bus.wait_connected(10)
        house.publish("nap", "now")
        time.sleep(0.3)
        assert bus.publish("home/door/set", "unlock", command=True)
        assert slow.count(Connected, 2)
        house.publish("the/end", "1")
        assert house.saw("the/end", "1")
        assert house.texts("home/door/set") == []


@pytest.mark.slow
def test_a_frozen_broker_is_noticed_though_nothing_is_sent(mosquitto: Mosquitto) -> None:
    events = Events()
    with Bus(mosquitto.settings(keepalive_s=5), events.put, client="test") as bus:
        bus.wait_connected(10)
        mosquitto.freeze()
        assert eventually(lambda: events.of(Disconnected), timeout_s=30)
        assert not bus.publish("x", "y")
        mosquitto.thaw()
        assert events.count(Connected, 2)


@pytest.mark.parametrize("trouble", ["frozen", "killed", "full"])
def test_leaving_takes_a_second_whatever_the_broker_does(mosquitto: Mosquitto, trouble: str) -> None:
    events = Events()
    full = socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    waiting = [socket.socket() for _ in range(3)]
    mqtt = mosquitto.settings()
    if trouble == "full":  # a port that answers nobody: its queue of callers is full
        mqtt = mosquitto.settings(port=full.getsockname()[1])
        for sock in waiting:
            sock.settimeout(0)
            sock.connect_ex(full.getsockname())
    bus = Bus(mqtt, events.put, client="test", availability="av")
    with bus:
        if trouble == "full":
            time.sleep(0.3)
        else:
            bus.wait_connected(10)
            mosquitto.freeze() if trouble == "frozen" else mosquitto.kill()
            bus.publish("x", "y", command=True)
        began = time.monotonic()
    assert time.monotonic() - began < 1.5
    for sock in (full, *waiting):
        sock.close()


def test_leaving_finishes_what_is_under_way(mosquitto: Mosquitto) -> None:
    with Observer(mosquitto.port, "home/#") as house:
        with Bus(mosquitto.settings(), Events().put, client="test", availability="av") as bus:
            bus.wait_connected(10)
            for number in range(100):
                assert bus.publish("home/lamp/set", str(number), command=True)
        assert eventually(lambda: len(house.seen) == 100)
        assert house.texts("home/lamp/set") == [str(number) for number in range(100)]


@given(st.integers(1, 10_000), st.floats(0.01, 60), st.floats(0.01, 3600), st.floats(0, 1, exclude_max=True))
def test_waits_lie_between_the_bounds(failures: int, shortest_s: float, longest_s: float, chance: float) -> None:
    wait_s = backoff_s(failures, shortest_s, longest_s, lambda: chance)
    assert min(shortest_s, longest_s) <= wait_s <= longest_s
    assert wait_s <= shortest_s * 2 ** min(failures, 64)


def test_waits_grow_and_scatter() -> None:
    assert [backoff_s(n, 0.5, 30, lambda: 1.0) for n in range(1, 9)] == [1, 2, 4, 8, 16, 30, 30, 30]
    assert [backoff_s(n, 0.5, 30, lambda: 0.0) for n in range(1, 9)] == [0.5] * 8
    assert len({backoff_s(4, 0.5, 30) for _ in range(50)}) == 50
