"""The recogniser: what it loads, what it refuses, and that it speaks to nobody."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import jiwer
import numpy as np
import pytest

from smarthome.ears.audio_files import decode
from smarthome.ears.decoding import RecognitionError
from smarthome.ears.vocabulary import LONGEST
from smarthome.ears.whisper import Expected, Recogniser, ScriptedRecogniser, open_recogniser, warm_up
from smarthome.errors import ConfigurationError
from tests.recordings import plain
from tests.whisper import settings

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "smarthome" / "demo" / "recordings"
SOUND = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)

IMPORTS = """
import sys
import smarthome.ears.whisper
print(sorted({"torch", "ctranslate2", "transformers", "tokenizers"} & set(sys.modules)))
"""

OFFLINE = """
import sys
from pathlib import Path
from smarthome.settings import WhisperSettings
contacts = []
sys.addaudithook(
    lambda event, args: contacts.append((event, args))
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname") else None
)
from smarthome.ears.whisper import open_recogniser
from tests.recordings import plain, selection
cache = Path(sys.argv[1])
mine = Path(sys.argv[2])
for values in (
    {}, {"engine": "transformers"}, {"model": str(mine), "cache": mine.parent}, {"model": "openai/whisper-tiny"}
):
    try:
        recogniser = open_recogniser(WhisperSettings(**{"cache": cache, "beam": 1, **values}))
        print(recogniser.engine, recogniser.model, recogniser.transcribe(selection()[2].samples()).tokens > 3)
    except Exception as error:
        print(type(error).__name__)
print(contacts)
"""

IDLE = """
import sys, time
from pathlib import Path
import jiwer
import numpy as np
from smarthome.ears.whisper import open_recogniser, warm_up
from smarthome.settings import WhisperSettings
warm_up(open_recogniser(WhisperSettings(model="whisper-base", cache=Path(sys.argv[1]), beam=1)))
before = time.process_time()
time.sleep(2)
print(time.process_time() - before)
"""

STARVED = """
import resource, sys
from pathlib import Path
import jiwer
import numpy as np
from smarthome.ears.audio_files import decode
from smarthome.ears.decoding import RecognitionError
from smarthome.ears.whisper import open_recogniser
from smarthome.settings import WhisperSettings
recogniser = open_recogniser(WhisperSettings(model="whisper-base", cache=Path(sys.argv[1]), beam=1))
sound = np.zeros(11 * 16_000, np.float32)  # encoded with the whole window
recogniser.transcribe(sound)  # every thread is started
pages = int(Path("/proc/self/statm").read_text().split()[0])
resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + (16 << 20), resource.RLIM_INFINITY))
try:
    recogniser.transcribe(sound)
except RecognitionError as error:
    print("failed:", error)
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(recogniser.transcribe(sound).tokens > 0)
"""


def run(code: str, *arguments: str, **variables: str) -> list[str]:
    """The lines that a process of its own prints."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, env=os.environ | variables, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_importing_it_imports_no_engine() -> None:
    assert run(IMPORTS) == ["[]"]


def test_finding_converting_and_recognising_open_no_connection(
    model_cache: Path, tiny_whisper: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    shutil.copytree(tiny_whisper, mine)  # not converted yet
    assert run(OFFLINE, str(model_cache), str(mine), HF_HOME=str(tmp_path), PYTHONPATH=str(ROOT)) == [
        "ctranslate2 whisper-base True",
        "transformers whisper-base True",
        f"ctranslate2 {mine} True",
        "ConfigurationError",
        "[]",
    ]


def test_threads_that_wait_use_no_processor(model_cache: Path) -> None:
    [seconds] = run(IDLE, str(model_cache))
    assert float(seconds) < 0.2


def test_want_of_memory_fails_one_sound_and_not_the_next(model_cache: Path) -> None:
    failed, after = run(STARVED, str(model_cache))
    assert failed.startswith("failed: ctranslate2: ")
    assert after == "True"


@pytest.mark.parametrize("engine", ["ctranslate2", "transformers"])
@pytest.mark.parametrize("beam", [1, 5])
def test_a_model_that_never_ends_is_stopped(engine: str, beam: int, tiny_whisper: Path, tmp_path: Path) -> None:
    recogniser = open_recogniser(settings(tmp_path, model=str(tiny_whisper), engine=engine, beam=beam))
    transcript = recogniser.transcribe(SOUND)
    assert transcript.tokens == LONGEST
    assert (recogniser.engine, recogniser.model, recogniser.beam) == (engine, str(tiny_whisper), beam)


def test_no_sound_is_still_an_answer(model_cache: Path) -> None:
    recogniser = open_recogniser(settings(model_cache, beam=1))
    warm_up(recogniser)
    transcript = recogniser.transcribe(np.zeros(0, np.float32))
    assert transcript.no_speech_prob is not None
    assert 0.0 < transcript.no_speech_prob < 1.0
    assert transcript.compute_s > 0.0


def test_only_the_first_30_s_are_heard(model_cache: Path) -> None:
    recogniser = open_recogniser(settings(model_cache, beam=1, splice=False))
    speech = decode(DEMO / "06.flac")
    silence = np.zeros(30 * 16_000 - len(speech), np.float32)
    longer = recogniser.transcribe(np.concatenate([speech, silence, SOUND]))
    assert longer.text == recogniser.transcribe(speech).text != ""


@pytest.mark.parametrize("engine", ["ctranslate2", "transformers"])
def test_a_splice_is_heard_nearly_as_the_whole_window_is(engine: str, model_cache: Path) -> None:
    spliced = open_recogniser(settings(model_cache, engine=engine, beam=1))
    whole = open_recogniser(settings(model_cache, engine=engine, beam=1, splice=False))
    sounds = [decode(each) for each in sorted(DEMO.glob("*.flac"))[:8]]
    heard, expected = ([plain(by.transcribe(each).text) for each in sounds] for by in (spliced, whole))
    assert jiwer.wer(expected, heard) < 0.2  # half of the sentences differ, each in the ending of one word


def test_of_a_sound_over_10_s_both_hear_the_same(model_cache: Path) -> None:
    sound = np.concatenate([decode(each) for each in sorted(DEMO.glob("*.flac"))[:5]])
    spliced, whole = (open_recogniser(settings(model_cache, beam=1, splice=splice)) for splice in (True, False))
    assert spliced.transcribe(sound).text == whole.transcribe(sound).text != ""


def test_what_runs_away_is_decoded_again_as_a_whole(tiny_whisper: Path, tmp_path: Path) -> None:
    recogniser = open_recogniser(settings(tmp_path, model=str(tiny_whisper), beam=1))
    transcript = recogniser.transcribe(SOUND)  # random weights never find an end
    assert transcript.redone == "run-on"
    assert transcript.tokens == LONGEST
    believed = open_recogniser(settings(tmp_path, model=str(tiny_whisper), beam=1), once=True).transcribe(SOUND)
    assert believed.redone is None
    assert believed.tokens < LONGEST


def test_hypotheses_come_with_their_probabilities_the_likeliest_first(model_cache: Path) -> None:
    recogniser = open_recogniser(settings(model_cache), Expected("Включи свет на кухне.", hypotheses=5))
    transcript = recogniser.transcribe(decode(DEMO / "05.flac"))
    texts = [text for text, _ in transcript.hypotheses]
    assert texts[0] == transcript.text
    assert 2 <= len(texts) == len(set(texts)) <= 5
    assert all(score < 0 for _, score in transcript.hypotheses)


def test_a_text_that_is_enough_needs_no_beams(model_cache: Path) -> None:
    asked: list[str] = []

    def enough(text: str) -> bool:
        asked.append(text)
        return "музыку" in text

    sound = decode(DEMO / "05.flac")
    greedy = open_recogniser(settings(model_cache, beam=1), Expected("Включи свет на кухне.")).transcribe(sound)
    quick = open_recogniser(settings(model_cache), Expected("Включи свет на кухне.", 5, enough)).transcribe(sound)
    assert asked == [quick.text] == [greedy.text]
    assert len(quick.hypotheses) == 1


def test_a_text_that_is_not_enough_is_one_of_several(model_cache: Path) -> None:
    expected = Expected("Включи свет на кухне.", 5, enough=lambda _: False)
    assert len(open_recogniser(settings(model_cache), expected).transcribe(decode(DEMO / "05.flac")).hypotheses) > 1


@pytest.mark.parametrize("engine", ["ctranslate2", "transformers"])
def test_doubtful_words_are_searched_for_with_more_beams(engine: str, model_cache: Path) -> None:
    noise = np.random.default_rng(3).normal(0, 0.02, 3 * 16_000).astype(np.float32)
    hidden = decode(DEMO / "05.flac")[: len(noise)] * np.float32(0.02) + noise[: len(decode(DEMO / "05.flac"))]
    transcript = open_recogniser(settings(model_cache, engine=engine, beam=1)).transcribe(hidden)
    assert transcript.redone == "doubtful"


def test_other_sound_than_float32_is_refused(model_cache: Path) -> None:
    with pytest.raises(ValueError, match=r"sound is float32 \[n\], not int16 \[160\]"):
        open_recogniser(settings(model_cache)).transcribe(np.zeros(160, np.int16))


@pytest.mark.parametrize("kept", [0, 3, 1_000, 1_000_000])
def test_a_cut_off_model_bin_is_refused(kept: int, whisper_base: Path, tmp_path: Path) -> None:
    model = tmp_path / "mine"
    shutil.copytree(whisper_base, model, copy_function=os.link)
    content = (model / "model.bin").read_bytes()[:kept]
    (model / "model.bin").unlink()
    (model / "model.bin").write_bytes(content)
    with pytest.raises(ConfigurationError, match=rf"{model}: cannot be loaded by ctranslate2"):
        open_recogniser(settings(tmp_path, model=str(model), engine="ctranslate2"))


def test_weights_of_other_shapes_are_refused(tiny_whisper: Path, tmp_path: Path) -> None:
    model = tmp_path / "mine"
    shutil.copytree(tiny_whisper, model)
    config = (model / "config.json").read_text()
    (model / "config.json").write_text(config.replace('"d_model": 16', '"d_model": 32'))
    for engine, complaint in (("transformers", "cannot be loaded"), ("ctranslate2", "cannot be converted")):
        with pytest.raises(ConfigurationError, match=complaint):
            open_recogniser(settings(tmp_path, model=str(model), engine=engine))


def test_a_precision_that_the_processor_lacks_is_named(model_cache: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"precision = float16: this cpu computes float32, int8 with ctrans"):
        open_recogniser(settings(model_cache, device="cpu", engine="ctranslate2", precision="float16"))


def test_the_fake_follows_its_script() -> None:
    fake: Recogniser = ScriptedRecogniser(["включи свет", RecognitionError("out of memory"), "выключи свет"])
    assert fake.transcribe(SOUND).text == "включи свет"
    with pytest.raises(RecognitionError, match="out of memory"):
        fake.transcribe(SOUND)
    assert fake.transcribe(SOUND).tokens == 2
    with pytest.raises(RecognitionError, match="the script has ended"):
        fake.transcribe(SOUND)
