"""Tables of frames ("v" voiced, "." not) and what is cut from them; laws that hold for any frames and settings."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smarthome.ears.segmenter import Dropped, Heard, Segmenter, SpeechStarted
from smarthome.events import FRAME_MS, Segment
from smarthome.settings import SegmenterSettings

SHORT = SegmenterSettings(pre_roll_ms=60, start_ms=60, silence_ms=120, hangover_ms=30, min_ms=90, max_ms=1_000)
"""2 frames of pre-roll, 2 to start, 4 to end, 1 of hangover, 3 voiced at least, 33 at most."""


def frame(index: int) -> bytes:
    """Frames need not be 30 ms of sound: the segmenter never looks inside. Each of these is like no other."""
    return index.to_bytes(4, "big")


def hear(segmenter: Segmenter, script: str, *, flush: bool = True) -> list[Heard]:
    heard = [each for index, mark in enumerate(script) for each in segmenter.feed(frame(index), mark == "v")]
    return [*heard, *segmenter.flush()] if flush else heard


def segments(heard: list[Heard]) -> list[Segment]:
    return [each for each in heard if isinstance(each, Segment)]


def span(segment: Segment) -> range:
    """Which frames of the source a segment holds; fails when they are not consecutive."""
    first = int.from_bytes(segment.pcm[:4], "big")
    indices = range(first, first + len(segment.pcm) // 4)
    assert segment.pcm == b"".join(frame(index) for index in indices)
    return indices


def picture(heard: list[Heard], length: int) -> str:
    """Each source frame as the letter of the segment that holds it: a, b, c… in order."""
    drawn = ["."] * length
    for letter, segment in zip("abcdefgh", segments(heard), strict=False):
        for index in span(segment):
            assert drawn[index] == "."
            drawn[index] = letter
    return "".join(drawn)


TABLE = {
    "silence": (
        "................",
        "................",
    ),
    "pre-roll, speech, hangover": (
        "......vvvv......",
        "....aaaaaaa.....",
    ),
    "speech from the first frame has no pre-roll": (
        "vvvv......",
        "aaaaa.....",
    ),
    "a blip does not start an utterance": (
        "....v...v.v.....",
        "................",
    ),
    "a blip before speech is pre-roll": (
        "....v.vvvv......",
        "....aaaaaaa.....",
    ),
    "a pause shorter than silence_ms does not end it": (
        "..vv...v...vv.......",
        "aaaaaaaaaaaaaa......",
    ),
    "a pause of silence_ms ends it": (
        "..vvv....vvv....",
        "aaaaaa.bbbbbb...",
    ),
    "pre-roll does not reach into the last segment": (
        "vvv....vvv....",
        "aaaa.bbbbbb...",
    ),
    "too short": (
        "...vv.........",
        "..............",
    ),
    "too short in one piece, long enough in two": (
        "..vv..v.......",
        "aaaaaaaa......",
    ),
    "the source ends in the midst of speech": (
        "....vvvv",
        "..aaaaaa",
    ),
    "the source ends in the trailing silence": (
        "....vvvv..",
        "..aaaaaaa.",
    ),
    "the source ends before the start is sure": (
        ".......v",
        "........",
    ),
    "cut hard where there is no pause, and go on": (
        "..vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv......",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabbbbbbbbbb.....",
    ),
    "cut in the pause of the last third": (
        "..vvvvvvvvvvvvvvvvvvvvvvvvvv..vvvvvvvvvvvv......",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbb.....",
    ),
    "cut in the longest pause of the last third": (
        "..vvvvvvvvvvvvvvvvvvvvv...vvvv.vvvvvvvvvvv......",
        "aaaaaaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbb.....",
    ),
    "a pause before the last third does not count": (
        "..vvvvvv...vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv......",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabbbbbbbbbb.....",
    ),
    "what a cut leaves is kept, however short": (
        "..vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv......",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabb.....",
    ),
    "a cut right before the end leaves nothing": (
        "..vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv.......",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.......",
    ),
    "a cut in the trailing silence, and nothing after it": (
        "..vvvvvvvvvvvvvvvvvvvvvvvvvvvv............",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...........",
    ),
    "long after a cut a blip is a blip again": (
        "..vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv.....v....",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa..........",
    ),
    "three in a row": (
        "vvv....vvv....vvv....",
        "aaaa.bbbbbb.cccccc...",
    ),
}


@pytest.mark.parametrize(("script", "expected"), TABLE.values(), ids=TABLE.keys())
def test_table(script: str, expected: str) -> None:
    assert picture(hear(Segmenter(SHORT), script), len(script)) == expected


def test_times_bound_the_voiced_sound() -> None:
    heard = hear(Segmenter(SHORT), "......vvvv......")
    assert heard[0] == SpeechStarted(0.18)
    assert (segments(heard)[0].start_s, segments(heard)[0].end_s, segments(heard)[0].cut) == (0.18, 0.30, False)


def test_pre_roll_never_exceeds_its_length_right_after_a_segment() -> None:
    bare = SHORT.model_copy(update={"pre_roll_ms": 0, "start_ms": 30, "hangover_ms": 0, "min_ms": 0})
    assert picture(hear(Segmenter(bare), "v....v"), 6) == "a....b"


def test_too_short_is_told() -> None:
    assert hear(Segmenter(SHORT), "...vv.........") == [SpeechStarted(0.09), Dropped(0.09, 0.15)]


def test_cut_is_told_and_what_follows_starts_anew() -> None:
    heard = hear(Segmenter(SHORT), ".." + "v" * 40 + "....")
    assert [type(each) for each in heard] == [SpeechStarted, Segment, SpeechStarted, Segment]
    assert [each.cut for each in segments(heard)] == [True, False]
    assert heard[2] == SpeechStarted(0.99)


def test_reset_starts_a_new_source() -> None:
    segmenter = Segmenter(SHORT)
    once = hear(segmenter, "..vvvv....", flush=False)
    hear(segmenter, "vvv", flush=False)
    segmenter.reset()
    assert hear(segmenter, "..vvvv....", flush=False) == once


def test_time_goes_on_after_flush() -> None:
    segmenter = Segmenter(SHORT)
    hear(segmenter, "vvvv")
    assert segmenter.position_s == 0.12
    assert hear(segmenter, "vvvv")[0] == SpeechStarted(0.12)


def test_a_cut_does_not_disturb_the_position() -> None:
    segmenter = Segmenter(SHORT)
    hear(segmenter, "v" * 40)
    assert segmenter.position_s == 1.2


def test_endpoint_comes_early_on_request() -> None:
    segmenter = Segmenter(SHORT)
    hear(segmenter, "..vvvv..", flush=False)
    assert segmenter.trailing_silence_ms == 60
    sketch = segmenter.so_far()
    assert segmenter.flush() == (sketch,)
    assert segmenter.so_far() is None
    assert segmenter.trailing_silence_ms == 0


def test_patience_lasts_for_one_utterance() -> None:
    segmenter = Segmenter(SHORT)
    hear(segmenter, "..vvvv", flush=False)
    segmenter.silence_ms = 240
    assert segments(hear(segmenter, ".......", flush=False)) == []
    assert len(segments(hear(segmenter, ".", flush=False))) == 1
    assert segmenter.silence_ms == SHORT.silence_ms


def test_patience_lasts_over_a_cut() -> None:
    segmenter = Segmenter(SHORT)
    hear(segmenter, "..vvvv", flush=False)
    segmenter.silence_ms = 240
    assert [each.cut for each in segments(hear(segmenter, "v" * 40 + "......vv.......", flush=False))] == [True]


def test_long_silence_holds_only_the_pre_roll() -> None:
    segmenter = Segmenter(SHORT)
    hear(segmenter, "." * 10_000)
    assert len(segments(hear(segmenter, "vvvv"))[0].pcm) == 4 * (2 + 4)


def test_all_of_the_smallest_maximum_may_be_needed_to_start() -> None:
    tight = SegmenterSettings(pre_roll_ms=0, start_ms=1_000, silence_ms=120, hangover_ms=0, min_ms=0, max_ms=1_000)
    assert [len(span(each)) for each in segments(hear(Segmenter(tight), "v" * 70))] == [33, 33, 4]


# --- laws ------------------------------------------------------------------------------------------------------------

unhurried = settings(deadline=None)

scripts = st.lists(st.tuples(st.sampled_from("v."), st.integers(1, 50)), max_size=40).map(
    lambda runs: "".join(mark * length for mark, length in runs)
) | st.text("v.", max_size=300)


@st.composite
def cutters(draw: st.DrawFn) -> SegmenterSettings:
    silence_ms = draw(st.integers(120, 900))
    return SegmenterSettings(
        pre_roll_ms=draw(st.integers(0, 400)),
        start_ms=draw(st.integers(30, 200)),
        silence_ms=silence_ms,
        hangover_ms=draw(st.integers(0, silence_ms)),
        min_ms=draw(st.integers(0, 400)),
        max_ms=draw(st.integers(1_000, 3_000)),
    )


def voiced_span(each: Segment | Dropped) -> range:
    return range(round(each.start_s * 1000) // FRAME_MS, round(each.end_s * 1000) // FRAME_MS)


@unhurried
@given(cutters(), scripts)
def test_no_voiced_frame_of_a_long_enough_run_is_lost(chosen: SegmenterSettings, script: str) -> None:
    heard = hear(Segmenter(chosen), script)
    kept = {index for each in heard if not isinstance(each, SpeechStarted) for index in voiced_span(each)}
    needed = -(-chosen.start_ms // FRAME_MS)
    position = 0
    for run in script.replace(".v", ". v").replace("v.", "v .").split():
        if run[0] == "v" and len(run) >= needed:
            assert kept.issuperset(range(position, position + len(run)))
        position += len(run)


@unhurried
@given(cutters(), scripts)
def test_segments_are_stretches_of_the_source_that_never_overlap(chosen: SegmenterSettings, script: str) -> None:
    behind = 0
    for segment in segments(hear(Segmenter(chosen), script)):
        assert span(segment).start >= behind
        behind = span(segment).stop


@unhurried
@given(cutters(), scripts)
def test_nothing_exceeds_its_limit(chosen: SegmenterSettings, script: str) -> None:
    for segment in segments(hear(Segmenter(chosen), script)):
        sound, speech = span(segment), voiced_span(segment)
        assert len(sound) * FRAME_MS <= chosen.max_ms
        assert 0 <= (speech.start - sound.start) * FRAME_MS <= chosen.pre_roll_ms
        assert 0 <= (sound.stop - speech.stop) * FRAME_MS <= chosen.hangover_ms


@unhurried
@given(cutters(), scripts)
def test_times_grow_and_bound_voiced_frames(chosen: SegmenterSettings, script: str) -> None:
    heard = hear(Segmenter(chosen), script)
    starts = heard[::2]
    ends = heard[1::2]
    assert len(starts) == len(ends)
    behind = 0
    for start, end in zip(starts, ends, strict=True):
        assert isinstance(start, SpeechStarted)
        assert isinstance(end, Segment | Dropped)
        speech = voiced_span(end)
        assert behind <= speech.start < speech.stop
        assert (script[speech.start], script[speech.stop - 1]) == ("v", "v")
        assert start.start_s == end.start_s
        behind = speech.stop


@unhurried
@given(cutters(), scripts)
def test_flush_ends_what_is_open_once(chosen: SegmenterSettings, script: str) -> None:
    segmenter = Segmenter(chosen)
    hear(segmenter, script, flush=False)
    sketch = segmenter.so_far()
    ended = segmenter.flush()
    assert len(ended) == (sketch is not None)
    if ended and isinstance(ended[0], Segment):
        assert ended[0] == sketch
    assert segmenter.flush() == ()


@unhurried
@given(cutters(), scripts)
def test_reset_forgets(chosen: SegmenterSettings, script: str) -> None:
    segmenter = Segmenter(chosen)
    once = hear(segmenter, script)
    segmenter.reset()
    assert hear(segmenter, script) == once


@unhurried
@given(cutters(), scripts)
def test_an_uncut_segment_ends_in_silence(chosen: SegmenterSettings, script: str) -> None:
    for segment in segments(hear(Segmenter(chosen), script, flush=False)):
        after = script[voiced_span(segment).stop :]
        silence = -(-chosen.silence_ms // FRAME_MS)
        assert segment.cut or after.startswith("." * silence)


def test_what_is_skipped_is_forgotten_and_time_goes_on() -> None:
    segmenter = Segmenter(SHORT)
    hear(segmenter, "..vvvv", flush=False)
    assert segmenter.skip()
    assert not segmenter.skip()
    assert (segmenter.flush(), segmenter.position_s) == ((), 0.24)
    (segment,) = segments(hear(segmenter, ".vvvv...."))
    assert (segment.start_s, len(segment.pcm)) == (0.27, 4 * (1 + 4 + 1))
