"""Real files through the thread that reads them; a consumer that takes its time."""

from __future__ import annotations

import queue
import subprocess
import time
from itertools import pairwise
from pathlib import Path

import pytest

from smarthome.ears.audio_files import frames
from smarthome.ears.captured import Captured
from smarthome.ears.file_source import FileSource
from smarthome.ears.segmenter import Segmenter
from smarthome.ears.vad import WebRtcVad
from smarthome.events import FRAME_MS, FileEnded, FileStarted
from smarthome.settings import SegmenterSettings
from tests.recordings import SOUNDS

SHORT = str(SOUNDS / "activated.wav")
LONG = str(SOUNDS / "demo-instruct.wav")

Item = FileStarted | Captured | FileEnded


class Consumer:
    """An inbox with a memory."""

    def __init__(self) -> None:
        self.inbox: queue.SimpleQueue[Item] = queue.SimpleQueue()

    def next(self) -> Item:
        return self.inbox.get(timeout=30)

    def nothing_follows(self, beyond: int = 0) -> bool:
        """Whether no more than ``beyond`` items come within a moment."""
        time.sleep(0.2)
        return self.inbox.qsize() <= beyond

    def file(self, source: FileSource) -> list[Item]:
        """Everything up to the end of the file."""
        items = [self.next()]
        while not isinstance(items[-1], FileEnded):
            items.append(self.next())
            if isinstance(items[-1], Captured):
                source.taken()
        return items


def sound(items: list[Item]) -> list[bytes]:
    return [item.pcm for item in items if isinstance(item, Captured)]


@pytest.mark.parametrize("fast", [True, False])
def test_a_file_as_a_microphone_would_hear_it(fast: bool) -> None:
    consumer = Consumer()
    with FileSource([SHORT], consumer.inbox.put, fast=fast) as source:
        items = consumer.file(source)
        assert items[0] == FileStarted(SHORT)
        assert sound(items) == list(frames(SHORT))
        assert items[-1] == FileEnded(SHORT)
        source.file_done()
        assert consumer.nothing_follows()


def test_files_come_in_order_each_after_the_last_is_done() -> None:
    consumer = Consumer()
    with FileSource([SHORT, "missing.wav", SHORT], consumer.inbox.put, fast=True) as source:
        assert consumer.file(source)[-1] == FileEnded(SHORT)
        with pytest.raises(queue.Empty):
            consumer.inbox.get(timeout=0.3)
        source.file_done()
        assert consumer.file(source) == [
            FileStarted("missing.wav"),
            FileEnded("missing.wav", "missing.wav: No such file or directory; check the path"),
        ]
        source.file_done()
        assert sound(consumer.file(source)) == list(frames(SHORT))
        source.file_done()
        assert consumer.nothing_follows()


def test_a_damaged_file_is_heard_up_to_the_damage(tmp_path: Path) -> None:
    path = tmp_path / "cut.wav"
    whole = Path(LONG).read_bytes()
    path.write_bytes(whole[: len(whole) // 10])
    consumer = Consumer()
    with FileSource([str(path)], consumer.inbox.put, fast=True) as source:
        *items, end = consumer.file(source)
    assert sound(items)[:-2] == list(frames(LONG))[: len(sound(items)) - 2]
    assert isinstance(end, FileEnded)
    assert end.error is not None
    assert "incomplete" in end.error


def test_paced_frames_come_on_the_beat_however_slow_the_consumer() -> None:
    consumer = Consumer()
    with FileSource([LONG], consumer.inbox.put) as source:
        assert consumer.next() == FileStarted(LONG)
        began = time.monotonic()
        heard = [consumer.next() for _ in range(20)]
        time.sleep(0.5)
        heard += [consumer.next() for _ in range(20)]
        took_s = time.monotonic() - began
        source.stop()
    times = [item.captured_at for item in heard if isinstance(item, Captured)]
    assert len(times) == 40
    steps = [later - earlier for earlier, later in pairwise(times)]
    assert steps == pytest.approx([FRAME_MS / 1000] * 39)
    assert took_s > 38 * FRAME_MS / 1000


def test_fast_frames_wait_for_a_slow_consumer() -> None:
    consumer = Consumer()
    with FileSource([LONG], consumer.inbox.put, fast=True) as source:
        assert consumer.next() == FileStarted(LONG)
        ahead = [consumer.next() for _ in range(FileSource.AHEAD)]
        with pytest.raises(queue.Empty):
            consumer.inbox.get(timeout=0.3)
        source.taken()
        ahead.append(consumer.next())
        assert sound(ahead) == list(frames(LONG))[: FileSource.AHEAD + 1]


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("done", [0, 1])
def test_stopping_is_prompt(fast: bool, done: int) -> None:
    """While frames wait for their time or for room, and while a file waits to be done."""
    consumer = Consumer()
    with FileSource([SHORT if done else LONG], consumer.inbox.put, fast=fast) as source:
        if done:
            consumer.file(source)
        else:
            consumer.next()
        began = time.monotonic()
    assert time.monotonic() - began < 1.0
    waiting = consumer.inbox.qsize()
    assert consumer.nothing_follows(beyond=waiting)


def test_listening_to_silence_costs_little(tmp_path: Path) -> None:
    """Reading, waiting, detecting and segmenting: less than 3 % of a core."""
    path = tmp_path / "silence.flac"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "anullsrc=r=44100", "-t", "6", path], check=True)
    vad, segmenter = WebRtcVad(2), Segmenter(SegmenterSettings())
    consumer = Consumer()
    with FileSource([str(path)], consumer.inbox.put) as source:
        consumer.next()
        consumer.next()
        began, used = time.monotonic(), time.process_time()
        while isinstance(item := consumer.next(), Captured):
            source.taken()
            assert segmenter.feed(item.pcm, vad.voiced(item.pcm)) == ()
        share = (time.process_time() - used) / (time.monotonic() - began)
    assert share < 0.03
