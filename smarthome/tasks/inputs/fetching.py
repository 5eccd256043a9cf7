"""URL in, bytes out, if the settings allow it: http(s) only, checked addresses, every redirect like a new URL.

Nothing of the house is reached by a stranger's URL (``inputs.urls``): see ``addresses.py`` and ``network.py``.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address, ip_network
from urllib.parse import quote, urljoin, urlsplit

import httpcore2

from smarthome.settings import InputsSettings
from smarthome.tasks.inputs.addresses import Address, Network, is_in, is_public
from smarthome.tasks.inputs.network import CheckedNetwork, Resolve, system_addresses
from smarthome.tasks.sandbox import megabytes
from smarthome.tasks.task import TaskError

REDIRECTS = 5
_PORTS = {"http": 80, "https": 443}
_REDIRECTED = (301, 302, 303, 307, 308)
_GONE = (404, 410)


@dataclass(frozen=True, slots=True)
class Place:
    """A URL taken apart once; what is connected to is built of these parts, not parsed again."""

    url: str
    scheme: str
    host: str
    port: int
    target: str

    @classmethod
    def parse(cls, url: str) -> Place:
        """Raises TaskError (``bad_request``, ``refused``) for what is no plain web address."""
        if len(url) > 4_096 or any(ord(letter) <= 32 or ord(letter) == 127 for letter in url):
            raise TaskError("bad_request", "the URL is too long, or has spaces or control characters in it")
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").rstrip(".").encode("idna").decode("ascii")
            port = parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError as error:
            raise TaskError("bad_request", f"{url}: not a URL ({error})") from None
        if parts.scheme not in _PORTS:
            raise TaskError("refused", f"{url}: only http and https addresses are fetched")
        if parts.username is not None or parts.password is not None:
            raise TaskError("refused", f"a URL with a user name or a password is not fetched (host {host})")
        if not host:
            raise TaskError("bad_request", f"{url}: names no host")
        target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~") + (
            "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~?") if parts.query else ""
        )
        return cls(url, parts.scheme, host, port, target)

    @property
    def netloc(self) -> str:
        """As the Host header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


class Fetcher:
    """Fetches what the settings allow. ``resolve``, ``network`` and ``tls`` are how the world is reached."""

    def __init__(
        self,
        settings: InputsSettings,
        *,
        resolve: Resolve = system_addresses,
        network: httpcore2.NetworkBackend | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._settings = settings
        self._resolve = resolve
        self._network = network or httpcore2.SyncBackend()
        self._tls = tls

    def fetch(self, url: str, largest_mb: float) -> bytes:
        """The content behind a URL. Raises TaskError: ``bad_request``, ``refused``, ``not_found``, ``too_large``,
        ``timeout``, ``failed``.
        """  # noqa: D205
        deadline = time.monotonic() + self._settings.url_timeout_s
        place = self._admitted(Place.parse(url))
        for _ in range(REDIRECTS + 1):
            try:
                found = self._get(place, deadline, largest_mb)
            except httpcore2.TimeoutException:
                raise TaskError(
                    "timeout",
                    f"{place.url}: not fetched within {self._settings.url_timeout_s:g} s (inputs.url_timeout_s)",
                ) from None
            except (httpcore2.NetworkError, httpcore2.ProtocolError, ssl.SSLError) as error:
                raise TaskError("failed", f"{place.url}: cannot be fetched ({error})") from None
            if isinstance(found, bytes):
                return found
            place = self._admitted(self._next(place, found))
        raise TaskError("failed", f"{url}: redirected more than {REDIRECTS} times")

    def _admitted(self, place: Place) -> Place:
        """The place, if its name may be asked for at all; its addresses are judged when they are known."""
        if self._settings.urls == "off":
            raise TaskError("refused", "addresses are not fetched here (inputs.urls = off); send the file itself")
        if self._settings.urls == "allowlist" and not self._is_listed(place.host):
            raise TaskError("refused", f"{place.url}: {place.host} is not among inputs.url_hosts")
        return place

    def _is_listed(self, host: str) -> bool:
        names, networks = self._listed
        try:
            return is_in(ip_address(host), networks)
        except ValueError:
            pass
        return any(host == each or (each.startswith("*.") and host.endswith(each[1:])) for each in names)

    @cached_property
    def _listed(self) -> tuple[tuple[str, ...], tuple[Network, ...]]:
        names: list[str] = []
        networks: list[Network] = []
        for each in self._settings.url_hosts:
            try:
                networks.append(ip_network(each, strict=False))
            except ValueError:
                names.append(each.lower().rstrip("."))
        return tuple(names), tuple(networks)

    def _admit(self, host: str, address: Address) -> None:
        if is_public(address):
            return
        if self._settings.urls == "allowlist" and is_in(address, self._listed[1]):
            return
        raise TaskError(
            "refused", f"{host}: its address {address} is not one of the internet; nothing of this house is fetched"
        )

    def _get(self, place: Place, deadline: float, largest_mb: float) -> bytes | str:
        """The content, or where it has gone."""
        network = CheckedNetwork(self._admit, deadline, self._resolve, self._network)
        url = httpcore2.URL(scheme=place.scheme, host=place.host, port=place.port, target=place.target)
        headers: dict[bytes | str, bytes | str] = {
            "Host": place.netloc,
            "User-Agent": "smarthome",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
        }
        with (
            httpcore2.ConnectionPool(self._tls, network_backend=network) as pool,
            pool.stream("GET", url, headers=headers) as response,
        ):
            told = {name.lower(): value.decode("latin-1") for name, value in response.headers}
            if response.status in _REDIRECTED and (location := told.get(b"location")):
                return location
            _check(place, response.status, told)
            return _content(place, response.iter_stream(), told, largest_mb)

    def _next(self, place: Place, location: str) -> Place:
        there = Place.parse(urljoin(place.url, location))
        if place.scheme == "https" and there.scheme == "http":
            raise TaskError("refused", f"{place.url}: redirects from https to http ({there.url})")
        return there


def _check(place: Place, status: int, told: dict[bytes, str]) -> None:
    if status != 200:
        code = "not_found" if status in _GONE else "failed"
        raise TaskError(code, f"{place.url}: the server answers {status}")
    if told.get(b"content-encoding", "identity") != "identity":
        raise TaskError("failed", f"{place.url}: is sent compressed although that was not asked for")


def _content(place: Place, chunks: Iterator[bytes], told: dict[bytes, str], largest_mb: float) -> bytes:
    most = megabytes(largest_mb)
    too_large = TaskError("too_large", f"{place.url}: at most {largest_mb:g} MB are fetched")
    length = told.get(b"content-length", "")
    if length.isdecimal() and int(length) > most:
        raise too_large
    content = bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > most:
            raise too_large
    if not content:
        raise TaskError("unreadable", f"{place.url}: is empty")
    return bytes(content)
