"""Certificate settings in, an ``ssl.SSLContext`` out."""

from __future__ import annotations

import ssl

from smarthome.errors import ConfigurationError
from smarthome.settings import MqttSettings


class _TidySocket(ssl.SSLSocket):
    """Closes itself when the handshake fails; paho would leave that to the garbage collector."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


def tls_context(mqtt: MqttSettings) -> ssl.SSLContext | None:
    """Whom to trust and what to show the broker; None without TLS. Raises ConfigurationError."""
    if not mqtt.tls:
        return None
    try:
        context = ssl.create_default_context(cafile=mqtt.ca_file)
    except OSError as error:
        raise ConfigurationError(f"mqtt.ca_file = {mqtt.ca_file}: no certificate can be read ({error})") from None
    context.sslsocket_class = _TidySocket
    if mqtt.cert_file is not None:
        try:
            context.load_cert_chain(mqtt.cert_file, mqtt.key_file)
        except OSError as error:
            raise ConfigurationError(
                f"mqtt.cert_file = {mqtt.cert_file}, mqtt.key_file = {mqtt.key_file}: "
                f"no certificate with its key can be read ({error})"
            ) from None
    return context
