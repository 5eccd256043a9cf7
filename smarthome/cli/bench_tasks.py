"""The command that measures the task workers: bench tasks."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from smarthome.cli.options import JsonFileOption, SeedOption

app = typer.Typer()

PARTS = ("sentiment", "image", "workers", "video")


@app.command("tasks")
def bench_tasks(
    parts: Annotated[str, typer.Option("--parts", metavar="NAME,…", help=f"Of {', '.join(PARTS)}.")] = ",".join(PARTS),
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="How often; medians.")] = 3,
    count: Annotated[int, typer.Option("--count", min=2, help="How many pictures, and comments times ten.")] = 24,
    length: Annotated[int, typer.Option("--video-seconds", min=2, help="How long the video is.")] = 60,
    seed: SeedOption = 1,
    json_file: JsonFileOption = None,
) -> None:
    """The task workers beside the naive loop: batches, two workers, sought frames. Random weights of the real size."""
    from smarthome.bench.machine import check_folder, machine, write_json
    from smarthome.bench.tables import console
    from smarthome.bench.tasks.tables import tasks_table

    wanted = [part.strip() for part in parts.split(",")]
    if unknown := [part for part in wanted if part not in PARTS]:
        raise typer.BadParameter(f"--parts knows {', '.join(PARTS)}, not {', '.join(unknown)}")
    check_folder(json_file)
    figures: dict[str, object] = {"machine": machine()}
    if "sentiment" in wanted:
        from smarthome.bench.tasks.comments import bench_sentiment

        figures["sentiment"] = bench_sentiment(10 * count, rounds, seed)
    if "image" in wanted:
        from smarthome.bench.tasks.pictures import bench_image

        figures["image"] = bench_image(count, rounds, seed)
    if "workers" in wanted:
        from smarthome.bench.tasks.pictures import bench_workers

        figures["workers"] = bench_workers(count, rounds, seed)
    if "video" in wanted:
        from smarthome.bench.tasks.clips import bench_video

        figures["video"] = bench_video(length, (25, 50, 250), rounds)
    console(is_terminal=sys.stdout.isatty()).print(tasks_table(figures))
    if json_file:
        write_json(json_file, figures)
