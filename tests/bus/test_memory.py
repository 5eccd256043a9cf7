"""The bus in memory behaves as the real one does."""

from __future__ import annotations

from smarthome.bus.client import Broker
from smarthome.bus.memory import MemoryBroker, MemoryBus, Published
from smarthome.events import Connected, Disconnected, Event, Message


def test_it_loops_back_to_who_subscribed() -> None:
    broker = MemoryBroker()
    listener: list[Event] = []
    with (
        MemoryBus(listener.append, commands=["say"], states=["home/+/state"], availability="av", broker=broker),
        MemoryBus(lambda _: None, broker=broker) as house,
    ):
        port: Broker = house
        assert port.publish("say", "включи свет", command=True)
        assert port.publish("home/lamp/state", "on", retain=True)
        assert port.publish("elsewhere", "x")
    assert listener == [
        Connected(),
        Message("say", "включи свет".encode(), state=False),
        Message("home/lamp/state", b"on", state=True),
    ]
    assert broker.published == [
        Published("av", "online", retain=True),
        Published("say", "включи свет", command=True),
        Published("home/lamp/state", "on", retain=True),
        Published("elsewhere", "x"),
        Published("av", "offline", retain=True),
    ]
    assert broker.retained == {"av": "offline", "home/lamp/state": "on"}


def test_a_lost_connection_refuses_and_comes_back_with_what_is_retained() -> None:
    broker = MemoryBroker()
    broker.retained |= {"home/lamp/state": "on", "say": "old"}
    events: list[Event] = []
    with MemoryBus(events.append, commands=["say"], states=["home/#"], broker=broker) as bus:
        bus.lose("no cable")
        assert not bus.publish("home/lamp/set", "{}", command=True)
        bus.regain()
    state = Message("home/lamp/state", b"on", retained=True, state=True)
    assert events == [Connected(), state, Disconnected("no cable"), Connected(), state]
    assert bus.published == []


def test_an_empty_retained_message_clears() -> None:
    with MemoryBus(lambda _: None) as bus:
        bus.publish("a", "1", retain=True)
        bus.publish("a", "", retain=True)
        assert bus.broker.retained == {}
