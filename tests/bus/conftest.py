"""Certificates and brokers that only the bus's tests need."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from tests.mosquitto import Mosquitto


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files in PEM format. ``other_ca`` signed nothing here."""

    ca: Path
    other_ca: Path
    server: Path
    server_key: Path
    client: Path
    client_key: Path


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A certificate authority made on the fly, a broker's certificate for 127.0.0.1 and one of a client."""
    folder = tmp_path_factory.mktemp("certificates")
    ca = trustme.CA()
    server, client = ca.issue_cert("127.0.0.1"), ca.issue_cert("smarthome@example.org")
    files = Certificates(
        *(folder / f"{name}.pem" for name in ("ca", "other", "server", "server_key", "client", "client_key"))
    )
    ca.cert_pem.write_to_path(str(files.ca))
    trustme.CA().cert_pem.write_to_path(str(files.other_ca))
    for issued, certificate, key in (
        (server, files.server, files.server_key),
        (client, files.client, files.client_key),
    ):
        issued.cert_chain_pems[0].write_to_path(str(certificate))
        issued.private_key_pem.write_to_path(str(key))
    return files


@pytest.fixture
def locked_mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker that knows one user, ``house`` with the password ``secret``."""
    passwords = tmp_path / "passwords"
    broker = Mosquitto(tmp_path, f"allow_anonymous false\npassword_file {passwords}")
    passwords.touch()
    set_password(broker, "house", "secret")
    with broker:
        yield broker


def set_password(broker: Mosquitto, user: str, password: str) -> None:
    """A running broker learns of it by ``reload``."""
    subprocess.run(["mosquitto_passwd", "-b", str(broker.directory / "passwords"), user, password], check=True)
