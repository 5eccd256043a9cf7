"""A program that listens to the microphone until its standard input ends, and tells what it heard.

PortAudio looks for sound servers when it is loaded, so every environment needs a process of its own.
``python -m tests.ears.hearing SETTINGS PCM BUSY``: SETTINGS as JSON, the sound goes to the file PCM; BUSY is how far to
count after the first frame without letting any other Python code run. Standard output: ``listening``, then one line of
JSON.
"""

from __future__ import annotations

import json
import logging
import queue
import select
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from smarthome.ears.captured import Captured
from smarthome.ears.microphone import Microphone, MicrophoneError
from smarthome.events import SoundLost, Stop
from smarthome.settings import AudioSettings


@dataclass
class Heard:
    frames: int = 0
    lost: int = 0
    stopped: str | None = None
    error: str | None = None
    first_at: float = 0.0
    last_at: float = 0.0


def hear(settings: AudioSettings, pcm: Path, busy: int) -> Heard:
    inbox: queue.SimpleQueue[Captured | SoundLost | Stop] = queue.SimpleQueue()
    heard = Heard()
    with pcm.open("wb") as file, Microphone(settings, inbox.put):
        while heard.stopped is None and not select.select([sys.stdin], [], [], 0)[0]:
            match inbox.get(timeout=30):
                case Captured(pcm=sound, captured_at=at):
                    if not heard.frames:
                        heard.first_at = at
                        sum(range(busy))
                        tell("listening")
                    heard.frames += 1
                    heard.last_at = at
                    file.write(sound)
                case SoundLost(frames=frames):
                    heard.lost += frames
                case Stop(error=error):
                    heard.stopped = error
    return heard


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    logging.basicConfig(level=logging.INFO)
    settings, pcm, busy = sys.argv[1:]
    try:
        heard = hear(AudioSettings(**json.loads(settings)), Path(pcm), int(busy))
    except MicrophoneError as error:
        heard = Heard(error=str(error))
    tell(json.dumps(asdict(heard)))


if __name__ == "__main__":
    main()
