"""Paths that want out of the spool, base64 that is none, and the three ways to name an input."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from smarthome.settings import InputsSettings, Settings, TasksSettings
from smarthome.tasks.inputs.inline import open_inline
from smarthome.tasks.inputs.media import MediaRequest, PictureRequest, opened, spool
from smarthome.tasks.inputs.spool import open_spooled
from smarthome.tasks.task import TaskError


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(tasks=TasksSettings(folder=tmp_path / "tasks"), inputs=InputsSettings(inline_mb=0.01, file_mb=0.1))
    spool(made).mkdir(parents=True)
    return made


@pytest.fixture
def folder(settings: Settings) -> Path:
    (settings.tasks.folder / "secret.txt").write_text("secret", encoding="utf-8")
    return spool(settings)


def read(folder: Path, path: str) -> bytes:
    with open_spooled(folder, path, 0.1) as file:
        return os.read(file, 100)


def test_files_of_the_spool_and_links_within_it(folder: Path) -> None:
    (folder / "день рождения").mkdir()
    (folder / "день рождения" / "a.jpg").write_bytes(b"cake")
    (folder / "link.jpg").symlink_to(folder / "день рождения" / "a.jpg")
    (folder / "near").symlink_to("день рождения")
    for path in ("день рождения/a.jpg", "link.jpg", "near/a.jpg", "./near/a.jpg"):
        assert read(folder, path) == b"cake"


@pytest.mark.parametrize(
    ("path", "code", "part"),
    [
        ("../secret.txt", "refused", "'..' is not allowed"),
        ("a/../../secret.txt", "refused", "'..' is not allowed"),
        ("/etc/passwd", "refused", "not an absolute one"),
        ("~/secret.txt", "refused", "not an absolute one"),
        ("out", "refused", "leads out of the spool folder"),
        ("outside/secret.txt", "refused", "leads out of the spool folder"),
        ("circle", "refused", "in a circle"),
        ("missing.jpg", "not_found", "not in the spool folder"),
        ("file/below", "unreadable", "Not a directory"),
        ("folder", "unreadable", "not a regular file"),
        (".", "unreadable", "not a regular file"),
        ("pipe", "unreadable", "not a regular file"),
        ("empty", "unreadable", "empty"),
        ("large", "too_large", "at most 0.1 MB"),
        ("a" * 300, "bad_request", "too long"),
        ("nul\0", "bad_request", "is not a path"),
    ],
)
def test_paths_that_are_not_taken(path: str, code: str, part: str, folder: Path) -> None:
    (folder / "out").symlink_to(folder.parent / "secret.txt")
    (folder / "outside").symlink_to(folder.parent)
    (folder / "circle").symlink_to("circle")
    (folder / "file").write_bytes(b"x")
    (folder / "folder").mkdir()
    (folder / "empty").touch()
    (folder / "large").write_bytes(bytes(100_001))
    os.mkfifo(folder / "pipe")
    with pytest.raises(TaskError, match=part) as error:
        read(folder, path)
    assert error.value.code == code


def test_a_spool_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TaskError) as error:
        read(tmp_path / "none", "a.jpg")
    assert error.value.code == "not_found"


def test_inline_bytes() -> None:
    with open_inline(base64.b64encode(b"picture").decode(), 0.01) as file:
        assert Path(f"/proc/self/fd/{file}").read_bytes() == b"picture"


@pytest.mark.parametrize(
    ("data", "code", "part"),
    [
        ("no base64!", "bad_request", "not base64"),
        ("абв", "bad_request", "not base64"),
        ("QQ", "bad_request", "not base64"),
        ("=", "bad_request", "not base64|empty"),
        (base64.b64encode(bytes(10_100)).decode(), "too_large", "spool folder"),
    ],
)
def test_inline_bytes_that_are_none(data: str, code: str, part: str) -> None:
    with pytest.raises(TaskError, match=part) as error, open_inline(data, 0.01):
        pass
    assert error.value.code == code


def test_exactly_one_way(settings: Settings, folder: Path) -> None:
    for wrong in ({}, {"path": "a", "data": "QQ=="}, {"url": "http://a"}, {"path": ""}):
        with pytest.raises(ValidationError):
            MediaRequest.model_validate(wrong)
    for wrong in ({}, {"path": "a", "url": "http://a"}):
        with pytest.raises(ValidationError, match="exactly one of path, data, url"):
            PictureRequest.model_validate(wrong)
    (folder / "a.jpg").write_bytes(b"1")
    requests = [PictureRequest(path="a.jpg"), PictureRequest(data="Mg=="), PictureRequest(url="http://a/")]
    found = []
    for request in requests:
        with opened(request, settings, lambda url: url.encode()) as (file, name):
            found.append((Path(f"/proc/self/fd/{file}").read_bytes(), name))
    assert found == [(b"1", "a.jpg"), (b"2", "data"), (b"http://a/", "http://a/")]
