"""What went wrong with a connection in, one line for the owner out: what, where, what to do."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass

from paho.mqtt.reasoncodes import ReasonCode

from smarthome.settings import MqttSettings

SESSION_TAKEN_OVER = 0x8E
_CREDENTIALS = {0x86, 0x87}
_PROTOCOL = {0x84}


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a connection ended or never came about.

    ``refused``: trying again will not help until somebody changes something. ``taken_over``: another program uses the
    same client id. ``silent``: the broker hung up without a word, as older ones do on a takeover, too.
    """

    reason: str
    refused: bool = False
    taken_over: bool = False
    silent: bool = False


def of_failed_connect(error: OSError | ValueError, mqtt: MqttSettings) -> Ending:
    """The connection did not come about."""
    where = f"{mqtt.host}:{mqtt.port}"
    match error:
        case ssl.SSLCertVerificationError():
            return Ending(
                f"the certificate of the broker at {where} is not trusted ({error.verify_message}): "
                "set mqtt.ca_file to the authority that signed it, and mqtt.host to the name in it",
                refused=True,
            )
        case ssl.SSLError() | ConnectionResetError() if mqtt.tls:
            return Ending(
                f"no encrypted connection to the broker at {where} ({error.strerror or error}): "
                "is mqtt.port its TLS port, does it want a client certificate (mqtt.cert_file)?"
            )
        case socket.gaierror():
            return Ending(f"the broker's name {mqtt.host!r} is not known to this network: check mqtt.host")
        case ConnectionRefusedError():
            return Ending(f"nothing listens at {where}: is the broker running? Check mqtt.host and mqtt.port")
        case TimeoutError():
            return Ending(f"the broker at {where} does not answer: check mqtt.host, mqtt.port, the network, a firewall")
    return Ending(f"no connection to the broker at {where} ({error}): check mqtt.host and mqtt.port")


def of_refusal(code: ReasonCode, mqtt: MqttSettings) -> Ending:
    """The broker answered CONNACK with a failure."""
    where = f"{mqtt.host}:{mqtt.port}"
    if code.value in _CREDENTIALS and mqtt.username is None:
        advice = "it wants a user name: set mqtt.username and mqtt.password"
    elif code.value in _CREDENTIALS:
        advice = f"it does not accept the user {mqtt.username!r}: check mqtt.username and mqtt.password"
    elif code.value in _PROTOCOL:
        advice = (
            f'it does not speak MQTT {mqtt.protocol}: set mqtt.protocol to "{"3.1.1" if mqtt.protocol == "5" else "5"}"'
        )
    else:
        advice = "see the broker's log"
    return Ending(f"the broker at {where} refused the connection ({str(code).lower()}): {advice}", refused=True)


def of_subscriptions(refused: list[str], mqtt: MqttSettings) -> Ending:
    """The broker answered SUBACK with a failure for these filters."""
    return Ending(
        f"the broker at {mqtt.host}:{mqtt.port} does not let the user {mqtt.username!r} subscribe to "
        f"{', '.join(refused)}: allow it in the broker's access list",
        refused=True,
    )


def of_disconnect(code: ReasonCode, mqtt: MqttSettings, client_id: str) -> Ending:
    """The broker sent DISCONNECT (MQTT 5)."""
    if code.value == SESSION_TAKEN_OVER:
        return Ending(taken_over_by(client_id, mqtt), taken_over=True)
    return Ending(f"the broker at {mqtt.host}:{mqtt.port} ended the connection ({str(code).lower()})")


def of_loss(mqtt: MqttSettings, *, answered: bool) -> Ending:
    """The connection broke; ``answered`` says whether the broker had accepted it before."""
    where = f"{mqtt.host}:{mqtt.port}"
    if answered:
        return Ending(f"the broker at {where} hung up", silent=True)
    advice = (
        "does it want a client certificate (mqtt.cert_file)?"
        if mqtt.tls
        else "is it a TLS port (mqtt.tls), does it speak MQTT " + f"{mqtt.protocol} (mqtt.protocol)?"
    )
    return Ending(f"the broker at {where} hung up before it answered: {advice}")


def of_silence(mqtt: MqttSettings) -> Ending:
    """The connection stands, but nothing comes back."""
    return Ending(f"the broker at {mqtt.host}:{mqtt.port} does not answer any more")


def taken_over_by(client_id: str, mqtt: MqttSettings) -> str:
    """Another program uses this client id."""
    return (
        f"another program took over the client id {client_id} at the broker {mqtt.host}:{mqtt.port}: "
        "is smarthome running twice with the same site? Stop one, or give it another site"
    )
