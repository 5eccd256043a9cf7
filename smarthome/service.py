"""Word to the service manager: ready, alive, stopping.

sd_notify's protocol: https://www.freedesktop.org/software/systemd/man/sd_notify.html
"""

from __future__ import annotations

import os
import socket
import time


class ServiceManager:
    """systemd, when it started us; otherwise nobody listens and nothing happens."""

    def __init__(self, address: str | None = None, watchdog_usec: str | None = None) -> None:
        self._address = os.environ.get("NOTIFY_SOCKET") if address is None else address
        usec = os.environ.get("WATCHDOG_USEC") if watchdog_usec is None else watchdog_usec
        self.watchdog_s = int(usec) / 1_000_000 if usec and usec.isdigit() else None
        self._told_at = float("-inf")

    def ready(self) -> None:
        """Start-up is done."""
        self._tell("READY=1")

    def alive(self) -> None:
        """The loop is turning; told four times within ``watchdog_s``, however often this is called."""
        if self.watchdog_s and time.monotonic() - self._told_at > self.watchdog_s / 4:
            self._told_at = time.monotonic()
            self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """The end has begun."""
        self._tell("STOPPING=1")

    def _tell(self, state: str) -> None:
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            try:
                sock.connect(address)
                sock.sendall(state.encode())
            except OSError:
                return  # a service manager that does not listen is no reason to go deaf
