"""The inference thread: in order, whatever becomes of an utterance."""

from __future__ import annotations

import queue

from smarthome.ears.ghosts import Ghosts
from smarthome.ears.whisper import ScriptedRecogniser
from smarthome.events import Event, Loudness, NotSpeech, Segment, Transcribed, TranscriptionFailed, Utterance
from smarthome.recognition import Recognition

SOUND = Segment(bytes(32_000), 0.0, 1.0)


def test_what_is_no_speech_does_not_reach_the_recogniser() -> None:
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    loud, silent = (Loudness(speech, None, speech, 0.0, 900) for speech in (-20.0, -90.0))
    recogniser = ScriptedRecogniser(["включи свет", ValueError("broken"), "выключи свет"])
    with Recognition(recogniser, events.put, Ghosts()) as recognition:
        for number, loudness in enumerate((loud, silent, loud, loud)):
            recognition.transcribe(Utterance(str(number), SOUND, loudness=loudness))
        first, ghost, failed, last = (events.get(timeout=10) for _ in range(4))
    assert isinstance(first, Transcribed)
    assert ghost == NotSpeech("1", "energy", "hardly any sound")
    assert isinstance(failed, TranscriptionFailed)
    assert isinstance(last, Transcribed)
    assert last.transcript.text == "выключи свет"
