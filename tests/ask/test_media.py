"""What is sent along, and what people see of the results."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console, RenderableType

from smarthome.ask.attachments import attached
from smarthome.ask.heard import clock, transcript_picture
from smarthome.ask.seen import image_picture, video_picture
from smarthome.errors import FailureError
from smarthome.settings import InputsSettings, Settings
from smarthome.tasks.image import Guess, ImageResult
from smarthome.tasks.saying import Executed
from smarthome.tasks.transcribe import Piece, TranscribeResult
from smarthome.tasks.video import VideoResult

BANANA = Guess(index=954, en="banana", ru="банан", probability=0.9731)
LEMON = Guess(index=951, en="lemon", ru="лимон", probability=0.02)


def shown(picture: RenderableType) -> str:
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(picture)
    return console.export_text()


def result(made: Any) -> Any:
    """As it comes out of JSON."""
    return made.model_dump(mode="json")


def test_objects() -> None:
    found = ImageResult(top1=BANANA, top5=(BANANA, LEMON), width=320, height=240, format="JPEG")
    text = shown(image_picture("fruit.jpg", result(found)))
    assert text.splitlines()[0] == "fruit.jpg: банан (banana), 97,3 %"
    assert "320 × 240, JPEG" in text
    bars = {line.split()[0]: line.count("█") for line in text.splitlines() if "█" in line}
    assert bars["банан"] == 29
    assert "2,0 %" in text


def test_actions() -> None:
    found = VideoResult(
        actions=(Guess(index=399, en="zumba", ru="зумба", probability=0.5),),
        sampling="uniform",
        times_s=(0.0, 1.5),
        seconds=3.0,
        width=640,
        height=360,
        frames=75,
        decoded=12,
    )
    text = shown(video_picture("a.mp4", result(found)))
    assert "a.mp4: зумба (zumba), 50,0 %" in text
    assert "3,0 с, 640 × 360; кадров просмотрено: 2 равномерно по ролику, раскодировано: 12 из 75" in text


def test_speech_and_what_was_done() -> None:
    found = TranscribeResult(
        text="Включи свет. Закрой шторы.",
        segments=(
            Piece(start_s=0.5, end_s=1.46, text="Включи свет."),
            Piece(start_s=62.0, end_s=63.5, text="Закрой шторы."),
        ),
        seconds=65.0,
        model="whisper-base",
        engine="ctranslate2",
        executed=(
            Executed(text="Включи свет.", sent=True),
            Executed(text="Закрой шторы.", sent=False, note="брокер недоступен"),
        ),
    )
    text = shown(transcript_picture("a.mp3", result(found)))
    assert "0:00,5–0:01,5" in text
    assert "1:02,0–1:03,5" in text
    assert "✓ отправлено: Включи свет." in text
    assert "✗ не отправлено: Закрой шторы. — брокер недоступен" in text
    silent = found.model_copy(update={"segments": (), "executed": None})
    assert "Речи не слышно" in shown(transcript_picture("a.mp3", result(silent)))
    assert clock(59.96) == "1:00,0"


def test_files_are_sent_along(tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(b"picture")
    assert attached(Settings(), str(file)) == {"data": base64.b64encode(b"picture").decode()}
    assert attached(Settings(), "sub/a.jpg", spooled=True) == {"path": "sub/a.jpg"}


def test_what_cannot_be_sent_along(tmp_path: Path) -> None:
    settings = Settings(inputs=InputsSettings(inline_mb=0.001))
    (tmp_path / "large.mp4").write_bytes(bytes(1_001))
    (tmp_path / "empty.mp4").touch()
    for name, part in (
        ("large.mp4", r"inputs\.inline_mb = 0\.001.*spool.*--spooled"),
        ("empty.mp4", "empty"),
        ("none.mp4", "No such file"),
    ):
        with pytest.raises(FailureError, match=part):
            attached(settings, str(tmp_path / name))
    with pytest.raises(FailureError, match="not one of the internet"):
        attached(Settings(), "http://127.0.0.1:1/a.jpg")
