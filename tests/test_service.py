"""Word to systemd, and the unit itself."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from smarthome.service import ServiceManager

UNITS = sorted((Path(__file__).parent.parent / "systemd").glob("*.service"))


def test_ready_alive_and_stopping_reach_the_service_manager(tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.settimeout(5)
        service = ServiceManager(address, "60000000")
        service.ready()
        service.alive()
        service.alive()  # a moment later: not told again
        service.stopping()
        assert [manager.recv(64) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]
    assert service.watchdog_s == 60


def test_without_a_service_manager_nothing_happens(tmp_path: Path) -> None:
    ServiceManager("", "").ready()
    ServiceManager(str(tmp_path / "nobody"), "").ready()


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_accepts_the_unit_silently(unit: Path, tmp_path: Path) -> None:
    smarthome = shutil.which("smarthome", path=str(Path(sys.executable).parent))
    assert smarthome, "the smarthome command is not installed beside this Python"
    text = unit.read_text(encoding="utf-8").replace("@SMARTHOME@", smarthome)
    assert "@" not in text.partition("[Service]")[2].replace("@system-service", "")
    rendered = tmp_path / unit.name
    rendered.write_text(text, encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", rendered], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
