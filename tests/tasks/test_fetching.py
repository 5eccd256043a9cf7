"""URLs of strangers against a real HTTP server: what is refused, and that the rest arrives."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any

import httpcore2
import pytest
import trustme

from smarthome.settings import InputsSettings
from smarthome.tasks.inputs.addresses import is_public
from smarthome.tasks.inputs.fetching import Fetcher, Place
from smarthome.tasks.task import TaskError

PUBLIC = "93.184.215.14"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:  # noqa: C901
        self.server.asked.append((self.path, self.headers["Host"]))  # type: ignore[attr-defined]
        match self.path.strip("/").split("/", 1):
            case ["picture" | "картинка" | "%D0%BA"]:
                self._send(200, b"picture")
            case ["to", where]:
                self._send(302, b"", Location=where)
            case ["loop"]:
                self._send(302, b"", Location="/loop")
            case ["large"]:
                self._send(200, bytes(200_000))
            case ["endless"]:
                self._endless(bytes(10_000), 0)
            case ["drip"]:
                self._endless(b"x", 0.1)
            case ["dripping-head"]:
                for _ in range(100):
                    self.wfile.write(b"X")
                    self.wfile.flush()
                    time.sleep(0.1)
            case ["zipped"]:
                self._send(200, gzip.compress(bytes(1_000)), **{"Content-Encoding": "gzip"})
            case ["empty"]:
                self._send(200, b"")
            case ["broken"]:
                self.wfile.write(b"SSH-2.0-OpenSSH\r\n\r\n")
                self.close_connection = True
            case [status] if status.isdecimal():
                self._send(int(status), b"")

    def _send(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _endless(self, piece: bytes, pause_s: float) -> None:
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        try:
            while True:
                self.wfile.write(piece)
                time.sleep(pause_s)
        except OSError:
            pass

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str]] = []
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, *_: object) -> None:
        pass


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Server()) as running:
        yield running


class Internet(httpcore2.SyncBackend):
    """Connects to the public address as if it were the test's server, and remembers every address asked for."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connected: list[str] = []

    def connect_tcp(self, host: str, port: int, *args: Any, **kwargs: Any) -> httpcore2.NetworkStream:  # noqa: ARG002
        self.connected.append(host)
        assert host == PUBLIC, "only the checked address may be connected to"
        return super().connect_tcp("127.0.0.1", self.port, *args, **kwargs)


class Names:
    """A name server whose answers change: ``answers`` by name, the last one again and again."""

    def __init__(self, **answers: list[str]) -> None:
        self.answers = {name.replace("_", "."): list(each) for name, each in answers.items()}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:  # noqa: ARG002
        self.asked.append(host)
        if host not in self.answers:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        left = self.answers[host]
        return (left.pop(0) if len(left) > 1 else left[0]).split()


def allowed(**changes: object) -> Fetcher:
    """As an owner may allow it: the address is named in the settings."""
    values: dict[str, object] = {"urls": "allowlist", "url_hosts": ("127.0.0.1",), "url_timeout_s": 1.0}
    return Fetcher(InputsSettings.model_validate(values | changes))


def public(server: Server, names: Names, **changes: object) -> tuple[Fetcher, Internet]:
    internet = Internet(server.port)
    settings = InputsSettings.model_validate({"url_timeout_s": 2.0} | changes)
    return Fetcher(settings, resolve=names, network=internet), internet


def refusal(fetcher: Fetcher, url: str, largest_mb: float = 0.1) -> tuple[str, str]:
    with pytest.raises(TaskError) as error:
        fetcher.fetch(url, largest_mb)
    return error.value.code, str(error.value)


def test_an_address_that_the_owner_named(server: Server) -> None:
    here = f"http://127.0.0.1:{server.port}"
    assert allowed().fetch(f"{here}/picture", 0.1) == b"picture"
    assert allowed(url_hosts=("127.0.0.0/8",)).fetch(f"{here}/to//picture", 0.1) == b"picture"
    assert allowed().fetch(f"{here}/%D0%BA", 0.1) == b"picture"
    assert server.asked[0] == ("/picture", f"127.0.0.1:{server.port}")


def test_off_and_not_listed(server: Server) -> None:
    here = f"http://127.0.0.1:{server.port}/picture"
    assert refusal(allowed(urls="off"), here)[0] == "refused"
    assert refusal(allowed(url_hosts=()), here)[0] == "refused"
    assert refusal(allowed(url_hosts=("10.0.0.0/8", "example.org")), here)[0] == "refused"
    assert server.asked == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "127.1", "0", "[::ffff:127.0.0.1]"]
)
def test_by_default_this_machine_is_not_reached_whatever_it_is_called(host: str, server: Server) -> None:
    code, message = refusal(Fetcher(InputsSettings()), f"http://{host}:{server.port}/picture")
    assert (code, "not one of the internet" in message) == ("refused", True) or code == "not_found"
    assert server.asked == []


def test_a_listed_name_does_not_open_the_house(server: Server) -> None:
    names = Names(camera_local=["127.0.0.1"])
    settings = {"urls": "allowlist", "url_hosts": ("camera.local",), "url_timeout_s": 2.0}
    url = f"http://camera.local:{server.port}/picture"
    assert refusal(Fetcher(InputsSettings.model_validate(settings), resolve=names), url)[0] == "refused"
    settings["url_hosts"] = ("*.local", "127.0.0.1")
    assert Fetcher(InputsSettings.model_validate(settings), resolve=names).fetch(url, 0.1) == b"picture"
    assert server.asked == [("/picture", f"camera.local:{server.port}")]


def test_the_public_internet_by_name(server: Server) -> None:
    names = Names(pictures_example=[PUBLIC])
    fetcher, internet = public(server, names)
    assert fetcher.fetch("http://Pictures.Example./picture#top", 0.1) == b"picture"
    assert internet.connected == [PUBLIC]
    assert server.asked == [("/picture", "pictures.example")]


def test_a_name_is_resolved_once_and_that_address_is_connected_to(server: Server) -> None:
    names = Names(rebinding_example=[PUBLIC, "127.0.0.1"])
    fetcher, internet = public(server, names)
    assert fetcher.fetch("http://rebinding.example/picture", 0.1) == b"picture"
    assert (names.asked, internet.connected) == (["rebinding.example"], [PUBLIC])
    assert refusal(fetcher, "http://rebinding.example/picture")[0] == "refused"


def test_one_private_address_among_public_ones_is_too_many(server: Server) -> None:
    fetcher, internet = public(server, Names(both_example=[f"{PUBLIC} 10.0.0.1"]))
    assert refusal(fetcher, "http://both.example/picture")[0] == "refused"
    assert internet.connected == []


@pytest.mark.parametrize(
    "where", ["http://127.0.0.1/", "http://inside.example/", "file:///etc/passwd", "//localhost/", "gopher://a/"]
)
def test_redirects_are_judged_like_new_addresses(where: str, server: Server) -> None:
    names = Names(pictures_example=[PUBLIC], inside_example=["192.168.1.1"], localhost=["127.0.0.1"])
    fetcher, internet = public(server, names)
    code, message = refusal(fetcher, f"http://pictures.example/to/{where}")
    assert code == "refused", message
    assert internet.connected == [PUBLIC]


def test_redirects_within_the_internet_are_followed_and_counted(server: Server) -> None:
    fetcher, _ = public(server, Names(a_example=[PUBLIC], b_example=[PUBLIC]))
    assert fetcher.fetch("http://a.example/to/http://b.example/to//picture", 0.1) == b"picture"
    assert [host for _, host in server.asked] == ["a.example", "b.example", "b.example"]
    assert "more than 5 times" in refusal(fetcher, "http://a.example/loop")[1]


def test_redirects_out_of_the_allowlist(server: Server) -> None:
    fetcher, internet = public(
        server, Names(a_example=[PUBLIC], b_example=[PUBLIC]), urls="allowlist", url_hosts=("a.example",)
    )
    assert fetcher.fetch("http://a.example/picture", 0.1) == b"picture"
    assert "url_hosts" in refusal(fetcher, "http://a.example/to/http://b.example/picture")[1]
    assert len(internet.connected) == 2


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://example.org/a", "refused"),
        ("file:///etc/passwd", "refused"),
        ("data:image/png;base64,QQ==", "refused"),
        ("http://user:password@example.org/", "refused"),
        ("http://", "bad_request"),
        ("picture.jpg", "refused"),
        ("http://example.org/a b", "bad_request"),
        ("http://example.org/\r\nHost: x", "bad_request"),
        ("http://example.org:99999/", "bad_request"),
        ("http://[::1/", "bad_request"),
        ("http://" + "a" * 70 + ".example/", "bad_request"),
    ],
)
def test_what_is_no_plain_web_address(url: str, code: str) -> None:
    found, message = refusal(Fetcher(InputsSettings()), url)
    assert found == code
    assert "password" not in message.replace("a password", "")


@pytest.mark.parametrize(
    ("path", "code", "part"),
    [
        ("large", "too_large", "at most 0.1 MB"),
        ("endless", "too_large", "at most 0.1 MB"),
        ("drip", "timeout", "within 1 s"),
        ("dripping-head", "timeout", "within 1 s"),
        ("zipped", "failed", "compressed"),
        ("empty", "unreadable", "empty"),
        ("broken", "failed", "cannot be fetched"),
        ("404", "not_found", "404"),
        ("500", "failed", "500"),
        ("204", "failed", "204"),
    ],
)
def test_what_a_server_may_do(path: str, code: str, part: str, server: Server) -> None:
    began = time.monotonic()
    found, message = refusal(allowed(), f"http://127.0.0.1:{server.port}/{path}")
    assert (found, part in message) == (code, True), message
    assert time.monotonic() - began < 2.5


def test_nobody_answers_and_no_such_name() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        fetcher = Fetcher(InputsSettings(urls="allowlist", url_hosts=("127.0.0.1",), url_timeout_s=1.0))
        assert refusal(fetcher, f"http://127.0.0.1:{unused.getsockname()[1]}/")[0] == "failed"
    assert refusal(Fetcher(InputsSettings(), resolve=Names()), "http://nowhere.example/")[0] == "not_found"


def test_a_resolver_that_hangs() -> None:
    hanging = threading.Event()

    def resolve(host: str, port: int) -> Sequence[str]:
        hanging.wait(10)
        return [host, str(port)]

    fetcher = Fetcher(InputsSettings(url_timeout_s=0.3), resolve=resolve)
    assert refusal(fetcher, "http://slow.example/")[0] == "timeout"
    hanging.set()


def test_the_certificate_is_checked_against_the_name() -> None:
    authority = trustme.CA()
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("pictures.example").configure_cert(theirs)
    ours = ssl.create_default_context()
    authority.configure_trust(ours)
    names = Names(pictures_example=[PUBLIC], other_example=[PUBLIC])
    with serving(Server(theirs)) as secure:
        fetcher = Fetcher(InputsSettings(url_timeout_s=5), resolve=names, network=Internet(secure.port), tls=ours)
        assert fetcher.fetch("https://pictures.example/picture", 0.1) == b"picture"
        assert refusal(fetcher, "https://other.example/picture")[0] == "failed"
        assert refusal(fetcher, "https://pictures.example/to/http://pictures.example/")[0] == "refused"


@pytest.mark.parametrize(
    "address",
    "127.0.0.1 10.1.2.3 172.16.0.1 172.31.255.255 192.168.0.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 "
    "239.255.255.255 255.255.255.255 192.0.2.1 198.18.0.1 203.0.113.5 240.0.0.1 168.63.129.16 192.88.99.1 "
    ":: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:192.168.1.1 ::ffff:169.254.169.254 64:ff9b::127.0.0.1 "
    "64:ff9b::10.0.0.1 64:ff9b:1::1 fc00::1 fd12::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 2001:db8::1 2002:7f00:1:: "
    "2001::1 100::1".split(),
)
def test_addresses_that_are_not_the_internet(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", "8.8.8.8 93.184.215.14 ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2606:4700::1111".split())
def test_addresses_of_the_internet(address: str) -> None:
    assert is_public(ip_address(address))


def test_a_place_is_written_as_the_host_header_has_it() -> None:
    assert Place.parse("http://[2606:4700::1111]:8080/a?b=ц").netloc == "[2606:4700::1111]:8080"
    assert Place.parse("http://[2606:4700::1111]:8080/a?b=ц").target == "/a?b=%D1%86"
    assert Place.parse("https://пример.рф:443").netloc == "xn--e1afmkfd.xn--p1ai"
