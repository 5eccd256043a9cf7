"""The pictures of ``smarthome ask`` in README: ``python -m tests.pictures``; two minutes.

Everything on them came over a real broker from a running ``smarthome work``. The models are those of the tests.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from PIL import Image, ImageDraw

from tests.mosquitto import Mosquitto, Observer, eventually
from tests.ollama import serve
from tests.trained import CORPUS, HELD_OUT, TRAINING, finetune, save_bert, save_t5
from tests.vision import save_mc3, save_resnet

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
NEWS = CORPUS.with_name("news_ru.jsonl")

COMMENTS = """Всё отлично, спасибо продавцу!
Ужасный брак, верните деньги
Провод длиной полтора метра
Очень довольна, рекомендую
Сломался через неделю
"""


def main() -> None:
    """Make them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models = _models(folder)
        with Mosquitto(folder) as broker, serve({}, here={"gemma3:latest": "a" * 64}) as ollama:
            environment = os.environ | {
                "SMARTHOME_MQTT__HOST": "127.0.0.1",
                "SMARTHOME_MQTT__PORT": str(broker.port),
                "SMARTHOME_TASKS__FOLDER": str(folder / "tasks"),
                "SMARTHOME_TASKS__DEVICE": "cpu",
                "SMARTHOME_WHISPER__MODEL": "whisper-base",
                "SMARTHOME_LLM__HOST": ollama.url,
                "SMARTHOME_DEVICES": str(ROOT / "smarthome" / "demo" / "devices.yaml"),
                **models,
            }
            work = subprocess.Popen([sys.executable, "-m", "smarthome", "work"], env=environment, cwd=ROOT)
            with Observer(broker.port, "smarthome/tasks/intake") as observer:
                assert eventually(lambda: "online" in observer.texts("smarthome/tasks/intake"), 60.0)
            try:
                _ask_all(folder, environment)
            finally:
                work.terminate()
                work.wait()


def _models(folder: Path) -> dict[str, str]:
    """Trained or random ones, and the variables that name them."""
    comments, news = folder / "comments", folder / "news"
    where = ("--data", CORPUS, "--test", HELD_OUT, "--out", comments, "--model", save_bert(folder / "bert"))
    _check(finetune("sentiment", *where, *TRAINING))
    blank = save_t5(folder / "t5", NEWS, width=128, vocabulary=256)
    how = ("--epochs", "150", "--rate", "3e-3", "--batch", "8", "--seed", "1")
    _check(finetune("shorten", "--data", NEWS, "--test", NEWS, "--out", news, "--model", blank, *how))
    for each in ("resnet", "mc3"):
        (folder / each).mkdir()
    return {
        "SMARTHOME_SENTIMENT__MODEL": str(comments),
        "SMARTHOME_SHORTEN__MODEL": str(news),
        "SMARTHOME_IMAGE__WEIGHTS": str(save_resnet(folder / "resnet")),
        "SMARTHOME_VIDEO__WEIGHTS": str(save_mc3(folder / "mc3")),
    }


def _ask_all(folder: Path, environment: Mapping[str, str]) -> None:
    (folder / "comments.txt").write_text(COMMENTS, encoding="utf-8")
    text = json.loads(NEWS.read_text(encoding="utf-8").splitlines()[0])["text"]
    (folder / "news.txt").write_text(text, encoding="utf-8")
    _draw(folder / "house.png")
    film = ["-f", "lavfi", "-i", "testsrc2=duration=4:size=320x240:rate=25"]
    subprocess.run(["ffmpeg", "-loglevel", "error", *film, str(folder / "film.mp4")], check=True)
    questions: dict[str, list[str]] = {
        "sentiment": ["--file", "comments.txt"],
        "shorten": ["--file", "news.txt", "--max", "70", "--seed", "1"],
        "transcribe": [str(ROOT / "smarthome" / "demo" / "recordings" / "05.flac")],
        "image": ["house.png"],
        "video": ["film.mp4"],
        "llm": ["Почему небо синее?"],
    }
    for kind, arguments in questions.items():
        picture = DOCS / f"ask-{kind}.svg"
        command = [sys.executable, "-m", "smarthome", "ask", kind, *arguments, "--picture", str(picture)]
        _check(subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False))
    sys.stdout.write((folder / "comments_result.txt").read_text(encoding="utf-8"))


def _draw(file: Path) -> None:
    """A house on a meadow."""
    image = Image.new("RGB", (400, 300), "skyblue")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 200, 400, 300), fill="green")
    draw.rectangle((120, 120, 280, 240), fill="brown")
    draw.polygon(((100, 120), (200, 50), (300, 120)), fill="darkred")
    image.save(file)


def _check(done: subprocess.CompletedProcess[str]) -> None:
    if done.returncode:
        sys.exit(f"{' '.join(done.args)}\n{done.stderr}")


if __name__ == "__main__":
    main()
