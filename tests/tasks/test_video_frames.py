"""The wanted frames are the right ones, and nothing else is decoded: every clip beside decoding all of it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smarthome.tasks.decoders.verdict import Undecodable
from smarthome.tasks.decoders.video import decode
from tests.tasks.clips import Pixels, ffmpeg, moving, whole, x264

OPTIONS: dict[str, Any] = {
    "sampling": "uniform",
    "num_frames": 16,
    "clips": 3,
    "seconds": 60,
    "frames": 2_000,
    "pixels": 1_000_000,
}


def frames_of(path: Path, **options: object) -> tuple[Any, list[Pixels]]:
    raw = io.BytesIO()
    facts: Any = decode(path, OPTIONS | options, raw)
    shape = (-1, facts["height"], facts["width"], 3)
    kept = np.frombuffer(raw.getvalue(), np.uint8).reshape(shape)
    return facts, [kept[pick] for pick in facts["picks"]]


def check(path: Path, **options: object) -> Any:
    """Every frame equals the one of decoding everything, and at most what leads to them was decoded."""
    facts, frames = frames_of(path, **options)
    all_of_it = whole(path)
    for time, frame in zip(facts["times_s"], frames, strict=True):
        np.testing.assert_array_equal(frame, all_of_it.frames[time])
    assert facts["decoded"] <= all_of_it.needed(facts["times_s"])
    assert facts["frames"] == len(all_of_it.packets)
    return facts


@pytest.mark.parametrize("every", [25, 50, 250])
def test_key_frames_near_and_far(every: int, tmp_path: Path) -> None:
    path = moving(tmp_path / "a.mp4", *x264(every), seconds=12)
    for sampling in ("uniform", "clips"):
        facts = check(path, sampling=sampling)
        assert facts["decoded"] < 300
    facts = check(path)
    np.testing.assert_allclose(facts["times_s"], np.linspace(0, 299 / 25, 16), atol=0.021)
    assert facts["seconds"] == pytest.approx(299 / 25)


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("open.mp4", x264(25, "-x264-params", "keyint=25:min-keyint=25:scenecut=0:open-gop=1:b-pyramid=normal")),
        ("intra.mkv", x264(1)),
        ("noB.mp4", ("-c:v", "libx264", "-bf", "0", "-g", "30")),
        ("a.ts", x264(40)),
        ("h265.mp4", ("-c:v", "libx265", "-x265-params", "keyint=30:log-level=error", "-preset", "ultrafast")),
        ("mpeg4.avi", ("-c:v", "mpeg4", "-bf", "2", "-g", "30")),
        (
            "mjpeg.avi",
            (
                "-c:v",
                "mjpeg",
            ),
        ),
        ("vp9.webm", ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "30")),
        ("mpeg2.mpg", ("-c:v", "mpeg2video", "-bf", "2", "-g", "15")),
    ],
)
def test_other_formats(name: str, encoding: tuple[str, ...], tmp_path: Path) -> None:
    check(moving(tmp_path / name, *encoding, seconds=4))


def test_a_variable_frame_rate_is_sampled_evenly_in_time(tmp_path: Path) -> None:
    slow_at_the_end = "setpts='if(lt(N,100),N/50,2+(N-100)/10)/TB'"
    path = moving(tmp_path / "vfr.mkv", *x264(30, "-vsync", "vfr"), filters=slow_at_the_end, seconds=6)
    facts = check(path)
    assert facts["seconds"] == pytest.approx(6.9, abs=0.05)
    np.testing.assert_allclose(facts["times_s"], np.linspace(0, 6.9, 16), atol=0.061)


@pytest.mark.parametrize(("degrees", "turns"), [(90, 1), (180, 2), (270, -1)])
def test_turned_clips_are_upright(degrees: int, turns: int, tmp_path: Path) -> None:
    flat = moving(tmp_path / "flat.mp4", *x264(25), seconds=2)
    turned = tmp_path / "turned.mp4"
    ffmpeg("-i", flat, "-c", "copy", "-metadata:s:v:0", f"rotate={degrees}", turned)
    facts, frames = frames_of(turned)
    _, upright = frames_of(flat)
    for one, other in zip(frames, upright, strict=True):
        np.testing.assert_array_equal(one, np.rot90(other, turns))
    assert (facts["width"], facts["height"]) == ((144, 192) if turns % 2 else (192, 144))
    shown = tmp_path / "shown.mp4"
    ffmpeg("-i", turned, *x264(25, "-qp", "0"), shown)  # ffmpeg turns it as players do
    np.testing.assert_allclose(frames[3].astype(int), frames_of(shown)[1][3], atol=6)


def test_three_frames_fill_sixteen_places(tmp_path: Path) -> None:
    facts = check(moving(tmp_path / "short.mp4", *x264(25), seconds=0.12))
    assert facts["frames"] == facts["decoded"] == 3
    assert facts["picks"] == [0] * 4 + [1] * 8 + [2] * 4
    assert check(tmp_path / "short.mp4", sampling="clips")["decoded"] <= 3


def test_one_frame(tmp_path: Path) -> None:
    facts = check(moving(tmp_path / "one.mp4", *x264(25), seconds=0.04))
    assert (facts["frames"], facts["picks"], facts["seconds"]) == (1, [0] * 16, 0.0)


def test_clips_are_consecutive(tmp_path: Path) -> None:
    facts = check(moving(tmp_path / "a.mp4", *x264(25), seconds=10), sampling="clips")
    for at in range(0, 48, 16):
        gaps = np.diff(facts["times_s"][at : at + 16])
        assert gaps.sum() == pytest.approx(1.0, abs=0.05)
        assert gaps.max() <= 0.081


def refusal(path: Path, **options: object) -> tuple[str, str]:
    with pytest.raises(Undecodable) as error:
        frames_of(path, **options)
    return error.value.code, str(error.value)


def test_files_without_a_video(tmp_path: Path) -> None:
    sound = tmp_path / "sound.m4a"
    ffmpeg("-f", "lavfi", "-i", "sine=duration=1", sound)
    assert refusal(sound) == ("unreadable", "holds no video; give a file with moving pictures")
    cover = tmp_path / "cover.mp3"
    picture = moving(tmp_path / "cover.png", "-frames:v", "1")
    ffmpeg("-i", sound, "-i", picture, "-map", "0", "-map", "1", "-disposition:v", "attached_pic", cover)
    assert refusal(cover)[0] == "unreadable"
    (tmp_path / "text.mp4").write_text("not a video", encoding="utf-8")
    assert "not a video" in refusal(tmp_path / "text.mp4")[1]
    playlist = tmp_path / "list.m3u8"
    playlist.write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:1/a.ts\n", encoding="utf-8")
    assert refusal(playlist)[0] == "unreadable"


@pytest.mark.parametrize(("name", "how"), [("late.mp4", ()), ("early.mp4", ("-movflags", "+faststart")), ("a.mkv", ())])
def test_cut_off_files(name: str, how: tuple[str, ...], tmp_path: Path) -> None:
    path = moving(tmp_path / name, *x264(25), *how)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    code, message = refusal(path)
    assert code == "unreadable"
    assert "cut off" in message or "not a video, or damaged" in message


def test_damage_in_the_midst_is_an_error_or_leaves_the_rest(tmp_path: Path) -> None:
    path = moving(tmp_path / "a.mp4", *x264(50))
    content = bytearray(path.read_bytes())
    third = len(content) // 3
    content[third : third + 3_000] = bytes(3_000)
    path.write_bytes(content)
    try:
        facts, _ = frames_of(path)
    except Undecodable as error:
        assert error.code == "unreadable"  # noqa: PT017
    else:
        assert len(facts["picks"]) == 16


def test_caps(tmp_path: Path) -> None:
    path = moving(tmp_path / "a.mp4", *x264(250), seconds=8)
    assert "longer than 5 s" in refusal(path, seconds=5)[1]
    assert "frames would have to be decoded" in refusal(path, frames=100)[1]
    assert "million pixels" in refusal(path, pixels=20_000)[1]
    for options in ({"seconds": 5}, {"frames": 100}, {"pixels": 20_000}):
        assert refusal(path, **options)[0] == "too_large"
