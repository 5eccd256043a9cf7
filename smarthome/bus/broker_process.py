"""A listening socket in, an MQTT broker behind it out: the child process of ``EmbeddedBroker``.

rumqttd serves MQTT 3.1.1 and 5 at ports of their own, while every client expects one. So a front door at the one port
reads which version a client speaks and passes its bytes to the right place.

Started as ``python -m smarthome.bus.broker_process FD``; ends when its standard input does, which is when its parent
has died, however that came.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

from iotcore import Broker

CONNECT = 0x10
HEAD_BYTES = 16
"""Enough of a CONNECT packet to hold the version: type, length (up to 4), name (2 + 6), level."""
HEAD_S = 10.0
CHUNK_BYTES = 65_536

_RUMQTTD = """
id = 0
[router]
id = 0
max_connections = 1000
max_outgoing_packet_count = 20000  # also how many retained messages one subscription delivers
max_segment_size = 524288          # what is kept for slow readers, each filter: segments of so many bytes ...
max_segment_count = 4              # ... and so many of them
[v4.1]
name = "mqtt-3"
listen = "127.0.0.1:{port_3}"
next_connection_delay_ms = 1
[v4.1.connections]
connection_timeout_ms = 10000
max_payload_size = {max_payload}
max_inflight_count = 100
[v5.1]
name = "mqtt-5"
listen = "127.0.0.1:{port_5}"
next_connection_delay_ms = 1
[v5.1.connections]
connection_timeout_ms = 10000
max_payload_size = {max_payload}
max_inflight_count = 100
"""
MAX_PAYLOAD_BYTES = 16 * 1024 * 1024


def protocol_level(head: bytes) -> int | None:
    """The version in the first bytes a client sends (4: MQTT 3.1.1, 5: MQTT 5); None while they are too few.

    Raises ValueError when they are no CONNECT packet (MQTT 5.0, section 3.1).
    """
    if head[:1] and head[0] != CONNECT:
        raise ValueError("not a CONNECT packet")
    name = next((at + 1 for at in range(1, min(len(head), 5)) if head[at] < 0x80), None)
    if name is None or len(head) < name + 2:
        if len(head) >= HEAD_BYTES:
            raise ValueError("not a CONNECT packet")
        return None
    level = name + 2 + int.from_bytes(head[name : name + 2], "big")
    if level >= HEAD_BYTES:
        raise ValueError("not a CONNECT packet")
    return head[level] if len(head) > level else None


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(CHUNK_BYTES):
            writer.write(data)
            await writer.drain()
    writer.close()


async def _read_level(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = b""
    while (level := protocol_level(head)) is None:
        data = await reader.read(HEAD_BYTES - len(head))
        if not data:
            raise ConnectionResetError("gone before it said anything")
        head += data
    return level, head


class FrontDoor:
    """One port for all; ``ports`` maps a protocol level to where it is served."""

    def __init__(self, listening: socket.socket, ports: Mapping[int, int]) -> None:
        self._listening = listening
        self._ports = ports

    async def serve(self) -> None:
        """Until cancelled."""
        server = await asyncio.start_server(self._admit, sock=self._listening)
        await server.serve_forever()

    async def _admit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            level, head = await asyncio.wait_for(_read_level(reader), HEAD_S)
            broker_reader, broker_writer = await asyncio.open_connection("127.0.0.1", self._ports[level])
        except (OSError, ValueError, KeyError):
            writer.close()
            return
        broker_writer.write(head)
        await asyncio.gather(_pass_on(reader, broker_writer), _pass_on(broker_reader, writer))


def _end_with_parent() -> None:
    """The other end of standard input is the parent's alone, so it closes with it."""
    with contextlib.suppress(OSError):
        sys.stdin.buffer.read()
    os._exit(0)


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _start_rumqttd(port_3: int, port_5: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "rumqttd.toml"
        config.write_text(
            _RUMQTTD.format(port_3=port_3, port_5=port_5, max_payload=MAX_PAYLOAD_BYTES), encoding="utf-8"
        )
        broker = Broker(config_path=str(config))

    def run() -> None:
        broker.run_forever()
        os._exit(1)

    threading.Thread(target=run, daemon=True).start()


def main() -> None:
    """Serve until the parent ends."""
    # rumqttd opens an "error" span for every packet, so its level says nothing.
    logging.getLogger("rumqttd").setLevel(logging.CRITICAL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    listening = socket.socket(fileno=int(sys.argv[1]))
    ports = {4: _free_port(), 5: _free_port()}
    _start_rumqttd(ports[4], ports[5])
    asyncio.run(FrontDoor(listening, ports).serve())


if __name__ == "__main__":
    main()
