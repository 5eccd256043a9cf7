"""The whole program against the clock: ``smarthome bench e2e``.

Recordings are fed as fast as they sound, commands are taken at the broker, and every sentence is judged by what was
meant and by the time from its true end.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from smarthome.bench.e2e_outcomes import Heard, Outcome, outcomes
from smarthome.bench.e2e_program import Listening
from smarthome.bench.e2e_recording import Recording
from smarthome.bench.machine import machine
from smarthome.bench.sentences import Sentence, read_sentences
from smarthome.bench.verdict import Judge
from smarthome.devices import load_inventory
from smarthome.russian.morphology import Morphology

HOUR_S = 3600.0
SHARES = (50, 95)
ALL = "all"


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that was heard in all recordings."""

    heard: tuple[Heard, ...]
    counters: Mapping[str, int]
    duration_s: float
    beside: str | None

    @property
    def outcomes(self) -> list[Outcome]:
        """Sentence by sentence."""
        return [outcome for heard in self.heard for outcome in heard.outcomes]


def read_wanted(path: Path | None) -> dict[str, Sentence]:
    """What is meant by the sentences, by id (the format of ``bench nlu``). Raises ConfigurationError."""
    return {} if path is None else {sentence.key: sentence for sentence in read_sentences(path)}


def bench_e2e(recordings: Sequence[Recording], wanted: Mapping[str, Sentence], listening: Listening) -> Run:
    """Let ``smarthome listen`` hear each recording in real time. Raises ConfigurationError, FailureError."""
    judge = Judge(load_inventory(listening.devices), Morphology())
    heard, counters = [], dict[str, int]()
    for recording in recordings:
        session = listening.run([recording.path])
        heard.append(outcomes(recording, session, wanted, judge))
        for name, count in session.counters.items():
            counters[name] = counters.get(name, 0) + count
    return Run(tuple(heard), counters, sum(each.duration_s for each in recordings), listening.beside)


def figures(run: Run) -> dict[str, object]:
    """Everything, ready for JSON."""
    commands = [each for each in run.outcomes if each.span.is_command]
    variants = dict.fromkeys(each.span.variant for each in commands)
    groups = {ALL: commands} | {name: [c for c in commands if c.span.variant == name] for name in variants}
    return {
        "machine": machine(),
        "load_average": round(os.getloadavg()[0], 1),
        "beside": run.beside,
        "duration_s": round(run.duration_s, 1),
        "clock_ms": round(max((heard.clock_ms for heard in run.heard), default=0.0), 1),
        "commands": {name: group_figures(group) for name, group in groups.items()},
        "talk": talk_figures(run),
        "speculation": speculation(run.counters),
        "counters": dict(run.counters),
        "sentences": [asdict(each) for each in run.outcomes],
    }


def group_figures(commands: Sequence[Outcome]) -> dict[str, object]:
    """How many commands were heard, right, wrong and cut off, and the times of those that were carried out."""
    judged = [each.verdict for each in commands if each.verdict]
    done = [each for each in commands if each.latency_s is not None and each.verdict and each.verdict.slots]
    stages = dict.fromkeys(stage for each in done for stage in each.ms)
    return {
        "n": len(commands),
        "heard": sum(each.heard for each in commands),
        "judged": len(judged),
        "right": sum(each.slots for each in judged),
        "wrong": sum(each.wrong for each in judged),
        "cut_off": sum(each.cut_off for each in commands),
        "timed": len(done),
        "latency_ms": spread([1000 * (each.latency_s or 0.0) for each in done]),
        "all_latency_ms": spread([1000 * each.latency_s for each in commands if each.latency_s is not None]),
        "stages_ms": {stage: spread([each.ms[stage] for each in done if stage in each.ms]) for stage in stages},
    }


def talk_figures(run: Run) -> dict[str, object]:
    """Sentences that ask for nothing, and what was done all the same, also where nobody spoke."""
    talk = [each for each in run.outcomes if not each.span.is_command]
    seconds = sum(each.span.end_s - each.span.start_s for each in talk)
    acted = sum(each.acted for each in talk)
    return {
        "n": len(talk),
        "seconds": round(seconds, 1),
        "acted": acted,
        "per_hour": round(acted * HOUR_S / seconds, 2) if seconds else None,
        "acted_elsewhere": sum(heard.elsewhere for heard in run.heard),
    }


def speculation(counters: Mapping[str, int]) -> dict[str, int]:
    """What the site counted about transcriptions that began before the end of speech was sure."""
    return {name: count for name, count in counters.items() if name.startswith("specul")}


def spread(values: Sequence[float]) -> dict[str, float]:
    """Their p50 and p95; empty when there are none."""
    ordered = sorted(values)
    return {f"p{share}": round(ordered[-(-share * len(ordered) // 100) - 1], 1) for share in SHARES if ordered}
