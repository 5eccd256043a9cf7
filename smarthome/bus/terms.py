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
MAX_INFLIGHT = 20
"""Messages that may be unacknowledged at once: what Mosquitto announces as its limit (MQTT 5 Receive Maximum)."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a client is and wants.

    ``commands`` and ``states`` are topic filters; ``availability`` is the topic that says ``online`` or ``offline``.
    """

    mqtt: MqttSettings
    client_id: str
    commands: Sequence[str] = ()
    states: Sequence[str] = ()
    availability: str | None = None

    @property
    def filters(self) -> tuple[str, ...]:
        """All that is subscribed to, in the order of ``subscriptions``."""
        return (*self.commands, *self.states)

    def client(self, tls: ssl.SSLContext | None) -> paho.Client:
        """A new client with a clean session, not connected."""
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self.client_id,
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
            client.will_set(self.availability, "offline", qos=1, retain=True)
        return client

    def subscriptions(self) -> list[tuple[str, SubscribeOptions]] | list[tuple[str, int]]:
        """Commands with QoS 1, states with QoS 0.

        Brokers drop most of a flood of retained messages with QoS 1: Mosquitto 2.0 what is beyond its queue of 1000,
        rumqttd what is beyond 100.
        """
        if not self._is_5:
            return [*((topic, 1) for topic in self.commands), *((topic, 0) for topic in self.states)]
        fresh = SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND)
        return [
            *((topic, fresh) for topic in self.commands),
            *((topic, SubscribeOptions(qos=0)) for topic in self.states),
        ]

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
