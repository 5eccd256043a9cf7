"""A broker that does not want us: each refusal says what is wrong and what to do, and is tried again."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from smarthome.bus.client import BrokerUnreachableError, Bus
from smarthome.errors import ConfigurationError
from smarthome.events import Connected, Disconnected
from smarthome.settings import MqttSettings
from tests.bus.conftest import Certificates, set_password
from tests.mosquitto import Events, Mosquitto, Observer, eventually, free_port

VERSIONS = pytest.mark.parametrize("protocol", ["3.1.1", "5"])


def refusal(mqtt: MqttSettings, timeout_s: float = 60, **wishes: list[str]) -> str:
    """What a command that needs the broker tells its user, at once if waiting will not help."""
    with Bus(mqtt, Events().put, client="test", **wishes) as bus, pytest.raises(BrokerUnreachableError) as caught:  # type: ignore[arg-type]
        bus.wait_connected(timeout_s)
    return str(caught.value)


@VERSIONS
def test_a_wrong_password(locked_mosquitto: Mosquitto, protocol: str) -> None:
    reason = refusal(locked_mosquitto.settings(protocol=protocol, username="house", password="wrong"))
    assert f"the broker at 127.0.0.1:{locked_mosquitto.port} refused the connection" in reason
    assert "it does not accept the user 'house': check mqtt.username and mqtt.password" in reason
    assert "wrong" not in reason


@VERSIONS
def test_no_password(locked_mosquitto: Mosquitto, protocol: str) -> None:
    reason = refusal(locked_mosquitto.settings(protocol=protocol))
    assert "it wants a user name: set mqtt.username and mqtt.password" in reason


@VERSIONS
def test_a_refused_bus_keeps_trying_and_warns_once(
    locked_mosquitto: Mosquitto, protocol: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "smarthome.bus.client")
    events = Events()
    mqtt = locked_mosquitto.settings(protocol=protocol, username="guest", password="later")
    with Bus(mqtt, events.put, client="test") as bus:
        assert eventually(lambda: caplog.text.count("still no broker") >= 2)
        assert not bus.publish("home/door/set", "unlock", command=True)
        set_password(locked_mosquitto, "guest", "later")
        locked_mosquitto.reload()
        assert events.count(Connected)
        with Observer(locked_mosquitto.port, "#", username="guest", password="later") as house:
            assert bus.publish("home/lamp/set", "on", command=True)
            assert house.saw("home/lamp/set", "on")
            assert house.texts("home/door/set") == []
    assert [type(event) for event in events] == [Disconnected, Connected]
    assert [record.levelname for record in caplog.records].count("WARNING") == 1


@VERSIONS
def test_the_right_password(locked_mosquitto: Mosquitto, protocol: str) -> None:
    mqtt = locked_mosquitto.settings(protocol=protocol, username="house", password="secret")
    with Bus(mqtt, Events().put, client="test") as bus:
        bus.wait_connected(10)


@VERSIONS
def test_a_subscription_that_is_not_granted(tmp_path: Path, protocol: str) -> None:
    """Connected would be a lie: commands from people would never come."""
    plugin = next(Path("/usr/lib").glob("**/mosquitto_dynamic_security.so"))
    roles = tmp_path / "dynamic-security.json"
    subprocess.run(["mosquitto_ctrl", "dynsec", "init", str(roles), "admin", "secret"], check=True, capture_output=True)
    access = json.loads(roles.read_text(encoding="utf-8"))
    access["defaultACLAccess"] |= {"subscribe": False}
    access["roles"].append(
        {
            "rolename": "states",
            "acls": [{"acltype": "subscribePattern", "topic": "home/#", "allow": True, "priority": 0}],
        }
    )
    access["clients"][0]["roles"] = [{"rolename": "states"}]
    roles.write_text(json.dumps(access), encoding="utf-8")
    with Mosquitto(tmp_path, f"plugin {plugin}\nplugin_opt_config_file {roles}\nallow_anonymous false") as broker:
        mqtt = broker.settings(protocol=protocol, username="admin", password="secret")
        with Bus(mqtt, Events().put, client="test", states=["home/+/state"]) as bus:
            bus.wait_connected(10)
        reason = refusal(mqtt, commands=["say"], states=["home/+/state"])
        assert "does not let the user 'admin' subscribe to say: allow it in the broker's access list" in reason


def test_a_publish_that_is_not_allowed_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    access = tmp_path / "access"
    access.write_text("topic write home/#\n", encoding="utf-8")
    with (
        Mosquitto(tmp_path, f"allow_anonymous true\nacl_file {access}") as broker,
        Bus(broker.settings(protocol="5"), Events().put, client="test") as bus,
    ):
        bus.wait_connected(10)
        bus.publish("home/lamp/state", "on")
        bus.publish("smarthome/test/event", "{}")
        assert bus.flush(10)
    assert "the broker did not take a message to smarthome/test/event (Not authorized)" in caplog.text
    assert "home/lamp/state" not in caplog.text


# --- TLS -------------------------------------------------------------------------------------------------------------


@contextmanager
def tls_mosquitto(folder: Path, certificates: Certificates, extra: str = "") -> Iterator[Mosquitto]:
    lines = (
        "allow_anonymous true",
        f"cafile {certificates.ca}",
        f"certfile {certificates.server}",
        f"keyfile {certificates.server_key}",
        extra,
    )
    with Mosquitto(folder, "\n".join(lines)) as broker:
        yield broker


@VERSIONS
def test_tls(tmp_path: Path, certificates: Certificates, protocol: str) -> None:
    events = Events()
    with tls_mosquitto(tmp_path, certificates) as broker:
        mqtt = broker.settings(protocol=protocol, tls=True, ca_file=certificates.ca)
        with Bus(mqtt, events.put, client="test", states=["x"], availability="av") as bus:
            bus.wait_connected(10)
            for number in range(50):  # several messages in one record must not wait for the next one
                assert bus.publish("x", f"{number} " + "x" * 10_000)
            assert bus.flush(10)
            assert events.count(object, 51)


def test_an_unknown_authority(tmp_path: Path, certificates: Certificates) -> None:
    with tls_mosquitto(tmp_path, certificates) as broker:
        reason = refusal(broker.settings(tls=True, ca_file=certificates.other_ca))
    assert "): set mqtt.ca_file" in reason


def test_another_name_than_in_the_certificate(tmp_path: Path, certificates: Certificates) -> None:
    with tls_mosquitto(tmp_path, certificates) as broker:
        reason = refusal(broker.settings(host="localhost", tls=True, ca_file=certificates.ca))
    assert "mqtt.host to the name in it" in reason


def test_tls_at_a_plain_port(mosquitto: Mosquitto, certificates: Certificates) -> None:
    reason = refusal(mosquitto.settings(tls=True, ca_file=certificates.ca), timeout_s=2)
    assert "is mqtt.port its TLS port" in reason


def test_plain_at_a_tls_port(tmp_path: Path, certificates: Certificates) -> None:
    events = Events()
    with tls_mosquitto(tmp_path, certificates) as broker, Bus(broker.settings(), events.put, client="test"):
        assert events.count(Disconnected)
    (event,) = events.of(Disconnected)
    assert isinstance(event, Disconnected)
    assert "hung up before it answered: is it a TLS port (mqtt.tls)" in event.reason


def test_a_client_certificate(tmp_path: Path, certificates: Certificates) -> None:
    events = Events()
    with tls_mosquitto(tmp_path, certificates, "require_certificate true") as broker:
        mqtt = broker.settings(tls=True, ca_file=certificates.ca)
        with Bus(mqtt, events.put, client="test"):
            assert events.count(Disconnected)
        own = {"cert_file": certificates.client, "key_file": certificates.client_key}
        with Bus(mqtt.model_copy(update=own), events.put, client="test") as bus:
            bus.wait_connected(10)
    (event,) = events.of(Disconnected)
    assert isinstance(event, Disconnected)
    assert "does it want a client certificate (mqtt.cert_file)?" in event.reason


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"ca_file": "missing.pem"}, "mqtt.ca_file = missing.pem: no certificate can be read"),
        ({"ca_file": __file__}, "no certificate can be read"),
        ({"cert_file": "missing.pem"}, "mqtt.cert_file = missing.pem, mqtt.key_file = None"),
    ],
)
def test_files_that_are_no_certificates(files: dict[str, str], complaint: str) -> None:
    mqtt = MqttSettings.model_validate({"tls": True, "port": free_port()} | files)
    with pytest.raises(ConfigurationError) as caught, Bus(mqtt, Events().put, client="test"):
        pass
    assert complaint in str(caught.value)


# --- another client of the same name ---------------------------------------------------------------------------------


@VERSIONS
def test_two_of_one_name_say_so_and_do_not_fight_fast(
    mosquitto: Mosquitto, protocol: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Mosquitto 2.0 hangs up on the older one without a word."""
    first, second = Events(), Events()
    mqtt = mosquitto.settings(protocol=protocol, backoff_min_s=0.1, backoff_max_s=2.0)
    with Bus(mqtt, first.put, client="test"), Bus(mqtt, second.put, client="test"):
        assert eventually(lambda: "maybe another program took over the client id smarthome-test" in caplog.text, 30)
    assert "is smarthome running twice with the same site? Stop one, or give it another site" in caplog.text
    assert len(first.of(Connected)) + len(second.of(Connected)) < 15


def packet(kind: int, body: bytes) -> bytes:
    return bytes([kind, len(body)]) + body


CONNACK_5 = packet(0x20, b"\x00\x00\x00")
SESSION_TAKEN_OVER = packet(0xE0, b"\x8e\x00")
SERVER_SHUTTING_DOWN = packet(0xE0, b"\x8b\x00")
UNSUPPORTED_VERSION = packet(0x20, b"\x00\x84\x00")


@contextmanager
def scripted_broker(*answers: bytes) -> Iterator[MqttSettings]:
    """Answers the first packet of every client with these and hangs up: what Mosquitto cannot be made to say."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                with client:
                    client.recv(1024)
                    client.sendall(b"".join(answers))

        threading.Thread(target=serve, daemon=True).start()
        yield MqttSettings(host="127.0.0.1", port=server.getsockname()[1], backoff_min_s=0.05, backoff_max_s=0.1)
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (SESSION_TAKEN_OVER, "another program took over the client id smarthome-test"),
        (SERVER_SHUTTING_DOWN, "ended the connection (server shutting down)"),
    ],
)
def test_a_broker_that_says_why_it_hangs_up(answer: bytes, complaint: str, caplog: pytest.LogCaptureFixture) -> None:
    events = Events()
    with scripted_broker(CONNACK_5, answer) as mqtt, Bus(mqtt, events.put, client="test"):
        assert events.count(Disconnected, 2)
    assert complaint in caplog.text
    assert isinstance(events[0], Connected)


def test_a_broker_of_another_version() -> None:
    with scripted_broker(UNSUPPORTED_VERSION) as mqtt:
        assert 'it does not speak MQTT 5: set mqtt.protocol to "3.1.1"' in refusal(mqtt)


@pytest.mark.parametrize(
    "nonsense", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x20", b"\x20\x03\x00\xff\x00", b"\x30\xff\xff\xff\xff\xff"]
)
def test_nonsense_is_a_failed_connection(nonsense: bytes) -> None:
    events = Events()
    with scripted_broker(nonsense) as mqtt, Bus(mqtt, events.put, client="test"):
        assert events.count(Disconnected)
    assert not events.of(Connected)
