"""The benchmark of the task workers runs, and its table says what was compared."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from smarthome.bench.tasks.clips import bench_video
from smarthome.bench.tasks.comments import mixed
from smarthome.bench.tasks.pictures import bench_image, bench_workers
from smarthome.bench.tasks.tables import tasks_table


def test_every_comparison_has_a_line() -> None:
    figures = {
        "machine": "a machine",
        "image": bench_image(4, 1, seed=1, batch=2),
        "workers": {"pictures": 8, "naive_s": [2.0], "ours_s": [1.0], "times_faster": 2.0},
        "video": bench_video(3, (25,), 1),
        "sentiment": {"comments": 10, "naive_s": [3.0], "ours_s": [1.5], "times_faster": 2.0},
    }
    [video] = figures["video"]
    assert isinstance(video, dict)
    assert video["decoded"] < video["frames"] == 75
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(tasks_table(figures))
    text = console.export_text()
    for part in ("10 comments", "4 pictures: batches of 2", "two workers", "key frame every 25 frames"):
        assert part in text


@pytest.mark.slow
def test_two_workers_share_the_pictures() -> None:
    found = bench_workers(4, 1, seed=1)
    assert found["pictures"] == 4
    assert isinstance(found["times_faster"], float)


def test_comments_are_of_mixed_length() -> None:
    lengths = sorted(len(comment.split()) for comment in mixed(200, seed=1))
    assert lengths[0] < 5
    assert lengths[-1] > 60
    assert mixed(5, seed=1) == mixed(5, seed=1)
