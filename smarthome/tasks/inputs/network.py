"""Host name in, a connection to an address that was checked out: httpcore2's network, with a lock on its door.

httpcore2 asks its network backend to connect to a name and speaks HTTP and TLS over what it gets; the name stays in the
Host header, in SNI and in the certificate's check. Here the name is resolved once, every address of it is judged, and
exactly those addresses are connected to, so that a name which resolves otherwise a moment later gains nothing.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from ipaddress import ip_address
from typing import Any, TypeAlias

import httpcore2

from smarthome.tasks.inputs.addresses import Address
from smarthome.tasks.task import TaskError

Resolve: TypeAlias = Callable[[str, int], Sequence[str]]
"""(host, port) → addresses, the best first; raises OSError."""

Admit: TypeAlias = Callable[[str, Address], None]
"""(host, address): raises TaskError when it must not be reached."""


def system_addresses(host: str, port: int) -> Sequence[str]:
    """What the system resolves a name to, in its order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class CheckedNetwork(httpcore2.NetworkBackend):
    """Connects to admitted addresses only, and lets nothing take longer than until ``deadline`` (monotonic)."""

    def __init__(self, admit: Admit, deadline: float, resolve: Resolve, inner: httpcore2.NetworkBackend) -> None:
        self._admit = admit
        self._deadline = deadline
        self._resolve = resolve
        self._inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """As httpcore's protocol says; raises TaskError for an address that is not admitted."""
        addresses = [ip_address(each) for each in self._addresses(host, port)]
        for address in addresses:
            self._admit(host, address)
        failure: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                stream = self._inner.connect_tcp(
                    str(address), port, self._left_s(), local_address=local_address, socket_options=socket_options
                )
                return _Hurried(stream, self._left_s)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        """The system's resolver cannot be hurried, but left behind."""
        with contextlib.suppress(ValueError):
            return [str(ip_address(host))]
        found: queue.SimpleQueue[Sequence[str] | OSError | UnicodeError] = queue.SimpleQueue()

        def look_up() -> None:
            try:
                found.put(self._resolve(host, port))
            except (OSError, UnicodeError) as error:
                found.put(error)

        threading.Thread(target=look_up, name="resolve", daemon=True).start()
        try:
            answer = found.get(timeout=self._left_s())
        except queue.Empty:
            raise httpcore2.ConnectTimeout(f"{host} is not resolved in time") from None
        if isinstance(answer, (OSError, UnicodeError)):
            raise TaskError(
                "not_found", f"{host}: there is no such host ({getattr(answer, 'strerror', None) or answer})"
            )
        return answer

    def _left_s(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the time is over")
        return left


class _Hurried(httpcore2.NetworkStream):
    """A stream whose every wait ends at the deadline: a server may not drip its answer for ever."""

    def __init__(self, inner: httpcore2.NetworkStream, left_s: Callable[[], float]) -> None:
        self._inner = inner
        self._left_s = left_s

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._inner.read(max_bytes, self._left_s())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._inner.write(buffer, self._left_s())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore2.NetworkStream:
        return _Hurried(self._inner.start_tls(ssl_context, server_hostname, self._left_s()), self._left_s)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
