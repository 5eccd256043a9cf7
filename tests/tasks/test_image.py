"""Pictures of every kind through Pillow in its sandbox and a real ResNet-50."""

from __future__ import annotations

import base64
import io
import struct
import threading
import zlib
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from torchvision.models import ResNet50_Weights, resnet50

from smarthome.settings import ImageSettings, InputsSettings, Settings, TasksSettings
from smarthome.tasks.image import ImageResult, ImageTask
from smarthome.tasks.inputs.media import PictureRequest, spool
from smarthome.tasks.registry import make_task
from smarthome.tasks.task import Stopped, TaskError
from tests.tasks.reports import Notes, jobs, only


@pytest.fixture(scope="module")
def settings(resnet_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = Settings(
        tasks=TasksSettings(folder=tmp_path_factory.mktemp("tasks"), device="cpu"),
        inputs=InputsSettings(urls="allowlist", url_hosts=("127.0.0.1",), decode_s=20, decode_memory_mb=300),
        image=ImageSettings(weights=resnet_folder, pixels_mp=4.0, batch=4),
    )
    spool(made).mkdir()
    return made


@pytest.fixture(scope="module")
def task(settings: Settings) -> Iterator[ImageTask]:
    made = ImageTask(settings)
    made.load()
    yield made
    made.unload()


def drawn(size: tuple[int, int] = (320, 240), seed: int = 0) -> Image.Image:
    """A picture with shapes that differ left and right, top and bottom."""
    rng = np.random.default_rng(seed)
    image = Image.fromarray(rng.integers(0, 255, (size[1] // 16, size[0] // 16, 3), dtype=np.uint8)).resize(size)
    draw = ImageDraw.Draw(image)
    draw.ellipse((10, 20, 90, 110), fill=(220, 30, 40))
    draw.rectangle((size[0] - 80, 30, size[0] - 20, 90), fill=(20, 60, 230))
    return image


def stored(image: Image.Image, form: str, **how: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **how)
    return file.getvalue()


def given(content: bytes) -> PictureRequest:
    return PictureRequest(data=base64.b64encode(content).decode())


def reference(image: Image.Image, resnet_folder: Path) -> list[tuple[int, float]]:
    """torchvision alone, as its documentation shows."""
    model = resnet50().eval()
    model.load_state_dict(torch.load(resnet_folder / "resnet50-11ad3fa6.pth", weights_only=True))
    with torch.inference_mode():
        best = model(ResNet50_Weights.IMAGENET1K_V2.transforms()(image).unsqueeze(0)).softmax(1)[0].topk(5)
    return list(zip(best.indices.tolist(), best.values.tolist(), strict=True))


def test_the_registry_knows_it(settings: Settings) -> None:
    assert isinstance(make_task("image", settings), ImageTask)


def test_the_answer_is_torchvisions_own(task: ImageTask, resnet_folder: Path, tmp_path: Path) -> None:
    image = drawn()
    found: ImageResult = only(task, given(stored(image, "PNG")), tmp_path)
    wanted = reference(image, resnet_folder)
    assert [guess.index for guess in found.top5] == [index for index, _ in wanted]
    np.testing.assert_allclose([g.probability for g in found.top5], [p for _, p in wanted], atol=1e-4)
    assert found.top1 == found.top5[0]
    assert (found.width, found.height, found.format) == (320, 240, "PNG")
    assert all(guess.ru and guess.en for guess in found.top5)


def test_what_the_model_gets_equals_torchvisions_preprocessing(task: ImageTask) -> None:
    transforms = task._ready().transforms
    reference_transforms = ResNet50_Weights.IMAGENET1K_V2.transforms()
    for size in ((320, 240), (200, 501), (33, 40), (1000, 1000)):
        image = drawn(size)
        for content in (stored(image, "PNG"), stored(image, "JPEG", quality=90)):
            seen = task._see(given(content), transforms)
            assert not isinstance(seen, TaskError)
            wanted = reference_transforms(Image.open(io.BytesIO(content)).convert("RGB"))
            np.testing.assert_allclose(seen[0].numpy(), wanted.numpy(), atol=1e-5)


def seen(task: ImageTask, content: bytes) -> np.ndarray:
    image, _ = task._pictures.read(given(content))
    return np.asarray(image)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "BMP"])
def test_formats(form: str, task: ImageTask) -> None:
    image = drawn()
    pixels = seen(task, stored(image, form))
    assert pixels.shape == (240, 320, 3)
    assert np.abs(pixels.astype(int) - np.asarray(image)).mean() < 12


@pytest.mark.parametrize("form", ["TIFF", "ICO", "PPM", "TGA"])
def test_other_formats_are_refused(form: str, task: ImageTask, tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="not a picture in one of the formats JPEG") as error:
        only(task, given(stored(drawn((64, 64)), form)), tmp_path)
    assert error.value.code == "unreadable"


def test_turned_by_exif(task: ImageTask) -> None:
    image = drawn()
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned by 90° clockwise
    pixels = seen(task, stored(image, "PNG", exif=exif))
    np.testing.assert_array_equal(pixels, np.rot90(np.asarray(image), -1))


def test_transparency_is_white_and_palettes_are_colours(task: ImageTask) -> None:
    clear = drawn().convert("RGBA")
    clear.putalpha(0)
    assert (seen(task, stored(clear, "PNG")) == 255).all()
    half = Image.new("LA", (8, 8), (0, 128))
    assert np.abs(seen(task, stored(half, "PNG")).astype(int) - 127).max() <= 1
    palette = drawn().quantize(16)
    palette.info["transparency"] = 3
    pixels = seen(task, stored(palette, "PNG", transparency=3))
    assert (pixels[np.asarray(palette) == 3] == 255).all()
    np.testing.assert_array_equal(
        seen(task, stored(drawn().quantize(16), "GIF")), np.asarray(drawn().quantize(16).convert("RGB"))
    )


def test_grey_black_and_white_cmyk_and_16_bits(task: ImageTask) -> None:
    grey = drawn().convert("L")
    assert (seen(task, stored(grey, "PNG"))[..., 0] == np.asarray(grey)).all()
    assert set(np.unique(seen(task, stored(grey.convert("1"), "PNG")))) == {0, 255}
    cmyk = seen(task, stored(drawn().convert("CMYK"), "JPEG", quality=95))
    assert np.abs(cmyk.astype(int) - np.asarray(drawn())).mean() < 12
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    assert (seen(task, stored(deep, "PNG"))[..., 1] == np.asarray(grey)).all()


def test_the_first_frame_of_an_animation(task: ImageTask) -> None:
    first, second = Image.new("RGB", (20, 20), "red"), Image.new("RGB", (20, 20), "blue")
    pixels = seen(task, stored(first, "GIF", save_all=True, append_images=[second]))
    assert tuple(pixels[0, 0]) == (255, 0, 0)


def bomb(width: int, height: int) -> bytes:
    """A PNG that promises so many pixels in a few bytes."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(1_000))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


@pytest.mark.parametrize(
    ("content", "code", "part"),
    [
        (bomb(2_001, 2_000), "too_large", "at most 4 million pixels"),
        (bomb(60_000, 60_000), "too_large", "at most 4 million pixels"),
        (bomb(1_000, 1_000), "unreadable", "damaged or cut off"),
        (b"not a picture at all", "unreadable", "not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unreadable", "not a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "unreadable", "not a picture"),
        (b"\xff\xd8\xff\xe0", "unreadable", "not a picture|damaged"),
    ],
)
def test_bombs_and_damage(content: bytes, code: str, part: str, task: ImageTask, tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=part) as error:
        only(task, given(content), tmp_path)
    assert error.value.code == code
    assert str(error.value).startswith("data: ")


def test_cut_off_files(task: ImageTask, tmp_path: Path) -> None:
    for form in ("JPEG", "PNG", "WEBP"):
        whole = stored(drawn(), form)
        with pytest.raises(TaskError) as error:
            only(task, given(whole[: len(whole) // 2]), tmp_path)
        assert error.value.code == "unreadable"


def test_a_batch_answers_in_order_and_bad_ones_leave_the_others_alone(
    task: ImageTask, settings: Settings, resnet_folder: Path, tmp_path: Path
) -> None:
    pictures = [drawn(seed=seed) for seed in range(6)]
    pictures[0].save(spool(settings) / "a.png")
    requests = [PictureRequest(path="a.png"), given(b"bad"), PictureRequest(path="../a.png")]
    requests += [given(stored(each, "PNG")) for each in pictures[1:]]
    results = task.run(jobs(requests, tmp_path))
    errors = [each for each in results if isinstance(each, TaskError)]
    assert [error.code for error in errors] == ["unreadable", "refused"]
    assert results[1] is errors[0]
    good = [each for each in results if isinstance(each, ImageResult)]
    wanted = [reference(each, resnet_folder)[0][0] for each in pictures]
    assert [each.top1.index for each in good] == wanted
    assert len(set(wanted)) > 1


def test_a_url_is_fetched_by_the_worker_if_the_settings_let_it(
    task: ImageTask, settings: Settings, tmp_path: Path
) -> None:
    drawn().save(tmp_path / "a.png")

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(tmp_path))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        request = PictureRequest(url=f"http://127.0.0.1:{server.server_address[1]}/a.png")
        assert only(task, request, tmp_path).width == 320
        closed = ImageTask(settings.model_copy(update={"inputs": InputsSettings()}))
        with pytest.raises(TaskError) as error:
            only(closed, request, tmp_path)
        server.shutdown()
        thread.join()
    assert error.value.code == "refused"


def test_stopped_while_it_runs(task: ImageTask, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        only(task, given(stored(drawn(), "PNG")), tmp_path, Notes(stop_after=2))


@pytest.mark.parametrize("content", [b"", b"not weights", b"pickle"])
def test_weights_that_are_not_there_or_none(content: bytes, settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "resnet50-11ad3fa6.pth"
    if content == b"pickle":
        torch.save({"run": Path}, file)
    elif content:
        file.write_bytes(content)
    task = ImageTask(settings.model_copy(update={"image": ImageSettings(weights=file)}))
    with pytest.raises(TaskError, match="smarthome models pull") as error:
        task.load()
    assert error.value.code == "no_model"


def test_by_default_weights_are_looked_for_where_torch_keeps_them(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    task = ImageTask(settings.model_copy(update={"image": ImageSettings()}))
    with pytest.raises(TaskError, match=r"resnet50-11ad3fa6\.pth is not in .*checkpoints"):
        task.load()


def test_it_can_be_unloaded_and_used_again(settings: Settings, tmp_path: Path) -> None:
    task = ImageTask(settings)
    request = given(stored(drawn(), "PNG"))
    first = only(task, request, tmp_path)
    task.unload()
    assert only(task, request, tmp_path) == first
    task.unload()
