"""Settings and wishes in, a configured paho client out."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from smarthome.settings import MqttSettings

CONNECT_TIMEOUT_S = 5.0
"""For the network, and again for the broker's CONNACK and SUBACK."""
COMMAND_EXPIRY_S = 10
"""With MQTT 5 the broker drops a command that a sleeping device has not fetched by then."""
SESSION_EXPIRY_S = 7 * 24 * 3600
"""How long the broker keeps what comes for a journaled client that is away."""
MAX_INFLIGHT = 20
"""Messages that may be unacknowledged at once: what Mosquitto announces as its limit (MQTT 5 Receive Maximum)."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a client is and wants.

    ``commands`` and ``states`` are topic filters; ``availability`` is the topic that says ``online`` or ``offline``,
    ``will`` how that is said. A ``journaled`` client keeps what it receives: the broker keeps commands for it while it
    is away, and says which of them were published to be retained.
    """

    mqtt: MqttSettings
    client_id: str
    commands: Sequence[str] = ()
    states: Sequence[str] = ()
    availability: str | None = None
    will: str = "offline"
    journaled: bool = False

    @property
    def filters(self) -> tuple[str, ...]:
        """All that is subscribed to, in the order of ``subscriptions``."""
        return (*self.commands, *self.states)

    def client(self, tls: ssl.SSLContext | None) -> paho.Client:
        """A new client, not connected; its session is clean unless it is journaled."""
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self.client_id,
            clean_session=None if self._is_5 else not self.journaled,
            protocol=MQTTProtocolVersion.MQTTv5 if self._is_5 else MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.max_inflight_messages = MAX_INFLIGHT
        if self.mqtt.username is not None:
            password = self.mqtt.password
            client.username_pw_set(self.mqtt.username, password.get_secret_value() if password else None)
        if tls is not None:
            client.tls_set_context(tls)
        if self.availability:
            client.will_set(self.availability, self.will, qos=1, retain=True)
        return client

    def subscriptions(self) -> list[tuple[str, SubscribeOptions]] | list[tuple[str, int]]:
        """Commands with QoS 1, states with QoS 0.

        Brokers drop most of a flood of retained messages with QoS 1: Mosquitto 2.0 what is beyond its queue of 1000,
        rumqttd what is beyond 100.
        """
        if not self._is_5:
            return [*((topic, 1) for topic in self.commands), *((topic, 0) for topic in self.states)]
        fresh = SubscribeOptions(
            qos=1, retainAsPublished=self.journaled, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND
        )
        return [
            *((topic, fresh) for topic in self.commands),
            *((topic, SubscribeOptions(qos=0)) for topic in self.states),
        ]

    def session(self) -> tuple[bool, Properties | None]:
        """(clean start, what goes with CONNECT) of MQTT 5; with 3.1.1 the client was made for it."""
        if not (self._is_5 and self.journaled):
            return True, None
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = SESSION_EXPIRY_S
        return False, properties

    def answer_properties(self, correlation: bytes) -> Properties | None:
        """What goes with an answer: the correlation data of the question, if the protocol knows such a thing."""
        if not self._is_5 or not correlation:
            return None
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.CorrelationData = correlation
        return properties

    def command_properties(self) -> Properties | None:
        """What goes with a command: its expiry, if the protocol knows such a thing."""
        if not self._is_5:
            return None
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.MessageExpiryInterval = COMMAND_EXPIRY_S
        return properties

    @property
    def _is_5(self) -> bool:
        return self.mqtt.protocol == "5"
