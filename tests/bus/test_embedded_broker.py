"""The embedded broker: everything smarthome asks of a broker, and an end that comes whatever happens."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smarthome.bus.broker_process import HEAD_BYTES, protocol_level
from smarthome.bus.client import Bus
from smarthome.bus.embedded_broker import EmbeddedBroker
from smarthome.errors import FailureError
from smarthome.events import Connected, Disconnected, Event, Message
from smarthome.settings import MqttSettings
from tests.mosquitto import Events, Observer, eventually, free_port

VERSIONS = pytest.mark.parametrize("protocol", ["3.1.1", "5"])


@pytest.fixture(scope="module")
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker(free_port()) as running:
        yield running


def settings(broker: EmbeddedBroker, **changes: object) -> MqttSettings:
    return broker.settings(MqttSettings.model_validate({"backoff_min_s": 0.05, "backoff_max_s": 0.3} | changes))


def listening_at(pid: int) -> set[str]:
    """Addresses at which a process listens, as /proc/net/tcp writes them."""
    mine = {str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir()}
    rows = [row.split() for row in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    return {row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in mine}


@VERSIONS
def test_it_does_what_smarthome_asks_of_a_broker(broker: EmbeddedBroker, protocol: str) -> None:
    events = Events()
    with Observer(broker.port, "home/#", "av") as house:
        house.publish("home/lamp/state", "on", retain=True)
        mqtt = settings(broker, protocol=protocol)
        with Bus(mqtt, events.put, client="test", commands=["say"], states=["home/+/state"], availability="av") as bus:
            bus.wait_connected(10)
            house.publish("say", "включи свет")
            for number in range(200):
                assert bus.publish("home/lamp/set", str(number), command=True)
            assert bus.flush(10)
            assert events.count(Message, 2)
            assert eventually(lambda: len(house.texts("home/lamp/set")) == 200)
        assert house.saw("av", "offline")
        assert house.texts("home/lamp/set") == [str(number) for number in range(200)]
        assert house.texts("av") == ["online", "offline"]
        with Observer(broker.port, "av", "home/lamp/state") as late:
            assert eventually(lambda: len(late.seen) == 2)
            assert {(seen.topic, seen.text, seen.retained) for seen in late.seen} == {
                ("av", "offline", True),
                ("home/lamp/state", "on", True),
            }
        house.publish("av", "", retain=True)
    state = Message("home/lamp/state", b"on", retained=True, state=True)
    said = Message("say", "включи свет".encode())
    assert events.of(Message) in ([state, said], [said, state])


@VERSIONS
def test_the_last_will(broker: EmbeddedBroker, protocol: str) -> None:
    program = f"""
import time
from smarthome.bus.client import Bus
from smarthome.settings import MqttSettings
mqtt = MqttSettings(host="127.0.0.1", port={broker.port}, protocol="{protocol}")
with Bus(mqtt, print, client="killed", availability="killed") as bus:
    bus.wait_connected(10)
    time.sleep(60)
"""
    with Observer(broker.port, "killed") as people:
        process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.DEVNULL)
        try:
            assert people.saw("killed", "online")
        finally:
            process.kill()
            process.wait()
        assert people.saw("killed", "offline")
        people.publish("killed", "", retain=True)


@VERSIONS
def test_a_big_house(broker: EmbeddedBroker, protocol: str) -> None:
    """5,000 retained states at one subscription, and a message of 10 MB."""
    topics = {f"big-{protocol}/{number}/state" for number in range(5000)}
    events = Events()
    with Observer(broker.port) as people:
        people.publish_many(((topic, '{"state": "on"}') for topic in sorted(topics)), retain=True)
        mqtt = settings(broker, protocol=protocol)
        with Bus(mqtt, events.put, client="test", states=[f"big-{protocol}/+/state", "picture"]) as bus:
            bus.wait_connected(10)
            assert events.count(Message, 5000)
            people.publish("picture", b"x" * 10_000_000)
            assert events.count(Message, 5001)
        people.publish_many(((topic, "") for topic in topics), retain=True)
    messages = [event for event in events if isinstance(event, Message)]
    assert {message.topic for message in messages} == topics | {"picture"}
    assert len(messages[-1].payload) == 10_000_000


def test_many_clients_come_and_go(broker: EmbeddedBroker) -> None:
    heard: list[Event] = []
    mqtt = settings(broker)
    buses = [Bus(mqtt, heard.append, client=f"crowd-{number}", commands=["crowd"]) for number in range(60)]
    for _ in range(2):
        with Observer(broker.port) as people:
            for bus in buses[:30]:
                bus.__enter__()
            for bus in buses[:30]:
                bus.wait_connected(10)
            people.publish("crowd", "hello")
            assert eventually(lambda: sum(isinstance(event, Message) for event in heard) == 30)
            for bus in buses[:30]:
                bus.__exit__(None, None, None)
        heard.clear()
        del buses[:30]


def test_nonsense_does_not_bring_it_down(broker: EmbeddedBroker) -> None:
    connects = (b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00", b"\x10\x0d\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x00")
    for start in (
        b"",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x10\xff\xff\xff\xff\xff",
        b"\x10\x0c\x00\x06MQIsdp\x03",
        *connects,
    ):
        for rest in (b"", b"\x00", b"\xf0\x00", b"\x82\x02\x00\x01", b"\x30\x02\x00\xff", b"\xff" * 100):
            with socket.create_connection((broker.host, broker.port), timeout=5) as sock:
                sock.sendall(start + rest)
    for protocol in ("3.1.1", "5"):
        with Bus(settings(broker, protocol=protocol), Events().put, client="test") as bus:
            bus.wait_connected(30)


def test_it_listens_on_loopback_only(broker: EmbeddedBroker) -> None:
    assert broker.host == "127.0.0.1"
    assert broker._process
    addresses = listening_at(broker._process.pid)
    assert len(addresses) == 3
    assert {address.partition(":")[0] for address in addresses} == {"0100007F"}


def test_a_taken_port_is_left_to_whom_it_belongs(broker: EmbeddedBroker) -> None:
    with EmbeddedBroker(broker.port) as second:
        assert second.port != broker.port
        with Bus(settings(second), Events().put, client="test") as bus, Observer(broker.port, "#") as elsewhere:
            bus.wait_connected(10)
            assert bus.publish("x", "1")
            assert bus.flush(10)
            elsewhere.publish("done", "1")
            assert elsewhere.saw("done", "1")
            assert elsewhere.texts("x") == []


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_it_is_started_anew_when_it_dies_or_hangs(how: signal.Signals, caplog: pytest.LogCaptureFixture) -> None:
    events = Events()
    with EmbeddedBroker(free_port(), check_every_s=0.3) as broker:
        port = broker.port
        with Bus(settings(broker), events.put, client="test", availability="av") as bus:
            bus.wait_connected(10)
            assert broker._process
            broker._process.send_signal(how)
            assert events.count(Connected, 2)
            assert broker.port == port
            assert bus.publish("x", "1")
            assert bus.flush(10)
    assert len(events.of(Disconnected)) >= 1
    assert "the embedded broker has stopped answering; it is started anew, retained messages are lost" in caplog.text


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_it_dies_with_its_parent(how: signal.Signals) -> None:
    program = """
import time
from smarthome.bus.embedded_broker import EmbeddedBroker
with EmbeddedBroker(0) as broker:
    print(broker.port, broker._process.pid, flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        port, pid = map(int, parent.stdout.readline().split())
        with Observer(port):
            parent.send_signal(how)
            parent.wait()
            assert eventually(lambda: _is_gone(pid))
    # Its socket closes when the last of its threads has ended, a moment after the first.
    assert eventually(lambda: _refuses(port))


def _refuses(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) != 0


def _is_gone(pid: int) -> bool:
    """Or waits for a parent that counts it."""
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_control_c_does_not_reach_it(broker: EmbeddedBroker) -> None:
    """A terminal sends it to the whole process group; the broker has to stay until the others have said goodbye."""
    assert broker._process
    assert os.getpgid(broker._process.pid) != os.getpgid(0)


def test_it_ends_at_once() -> None:
    with EmbeddedBroker(free_port()) as broker:
        assert broker._process
        pid = broker._process.pid
        began = time.monotonic()
    assert time.monotonic() - began < 2
    assert not Path(f"/proc/{pid}").exists()
    with pytest.raises(RuntimeError, match="only while it is entered"):
        broker.port  # noqa: B018


def test_a_broker_that_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "iotcore.py").write_text("raise ImportError('broken installation')\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(FailureError, match="install Mosquitto and set"), EmbeddedBroker(free_port()):
        pass


# --- the front door --------------------------------------------------------------------------------------------------


def connect_head(level: int, name: bytes = b"MQTT", length: bytes = b"\x0c") -> bytes:
    return b"\x10" + length + len(name).to_bytes(2, "big") + name + bytes([level])


@pytest.mark.parametrize("level", [3, 4, 5])
@pytest.mark.parametrize("length", [b"\x0c", b"\x80\x01", b"\xff\xff\xff\x7f"])
def test_the_version_is_read_as_soon_as_it_is_there(level: int, length: bytes) -> None:
    head = connect_head(level, length=length)
    assert [protocol_level(head[:size]) for size in range(len(head))] == [None] * len(head)
    assert protocol_level(head + b"whatever follows") == level


@pytest.mark.parametrize(
    "head", [b"GET / HTTP/1.1\r\n", b"\x30\x00", b"\x10\xff\xff\xff\xff" + b"\xff" * 11, connect_head(4, b"x" * 20)]
)
def test_what_is_no_connect(head: bytes) -> None:
    with pytest.raises(ValueError, match="not a CONNECT packet"):
        protocol_level(head)


@given(st.binary(min_size=HEAD_BYTES))
def test_so_many_bytes_are_enough(head: bytes) -> None:
    try:
        assert protocol_level(head) in range(256)
    except ValueError:
        assert not head.startswith(b"\x10\x0c\x00\x04MQTT")
