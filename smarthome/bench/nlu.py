"""Understanding beside a peer's, on the same sentences: ``smarthome bench nlu``.

Both run as programs of their own and are asked in turn, so that whatever else the machine does hits both.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from smarthome.bench.machine import machine
from smarthome.bench.peer_names import peer_names
from smarthome.bench.program import Program
from smarthome.bench.sentences import Sentence, read_sentences
from smarthome.bench.verdict import Judge, Verdict, read_answers
from smarthome.devices import load_inventory
from smarthome.errors import ConfigurationError
from smarthome.russian.morphology import Morphology

PEER_PACKAGES = ("hassil", "home-assistant-intents")
MEASURES = ("intents", "slots", "wrong", "silent")


@dataclass(slots=True)
class Result:
    """One program's answers to all sentences."""

    name: str
    command: Sequence[str]
    verdicts: list[Verdict] = field(default_factory=list)
    answers: list[list[dict[str, object]]] = field(default_factory=list)
    took_s: list[float] = field(default_factory=list)
    load_s: float = 0.0
    peak_mb: float = 0.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Ours and the peer's, sentence by sentence."""

    sentences: Sequence[Sentence]
    results: tuple[Result, Result]
    devices: int

    def figures(self) -> dict[str, object]:
        """All figures, ready for JSON."""
        return {
            "machine": machine(),
            "load_average": os.getloadavg()[0],
            "sentences": len(self.sentences),
            "devices": self.devices,
            "results": [_figures(self.sentences, result) for result in self.results],
        }

    def mistakes(self) -> Iterator[tuple[str, Sentence, list[dict[str, object]], Verdict]]:
        """(whose, sentence, what was answered, verdict) of everything that was not right."""
        for result in self.results:
            for sentence, answers, verdict in zip(self.sentences, result.answers, result.verdicts, strict=True):
                if not verdict.slots or verdict.wrong:
                    yield result.name, sentence, answers, verdict


def bench_nlu(sentences: Path, devices: Path, *, peer: Sequence[str] | None = None, forms: bool = False) -> Comparison:
    """Ask ``smarthome parse`` and the peer every sentence about the house of ``devices``.

    ``peer`` is a command that speaks the line protocol of ``smarthome parse --jsonl``; None takes Home Assistant's
    packages, fed with this house, with ``forms`` in every case form. Raises ConfigurationError for files that cannot
    be used and for packages that are missing, FailureError when a program fails.
    """
    asked, home = read_sentences(sentences), load_inventory(devices)
    name = " ".join(peer) if peer else versions(PEER_PACKAGES) + (", every case form typed" if forms else "")
    morphology = Morphology()
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as names:
        if peer is None:
            json.dump(peer_names(home, morphology if forms else None), names, ensure_ascii=False)
            names.flush()
            peer = [sys.executable, "-m", "smarthome.bench.peer", names.name]
        ours = [sys.executable, "-m", "smarthome", "parse", "--devices", str(devices), "--jsonl"]
        results = Result("smarthome", ours), Result(name, peer)
        _ask_in_turn(results, asked, Judge(home, morphology))
    return Comparison(asked, results, len(home.devices))


def _ask_in_turn(results: Sequence[Result], sentences: Sequence[Sentence], judge: Judge) -> None:
    with ExitStack() as running:
        programs = [(result, running.enter_context(Program(result.command))) for result in results]
        for place, sentence in enumerate(sentences):
            for result, program in programs if place % 2 else reversed(programs):
                answer, took_s = program.ask(sentence.request)
                intents = [each for each in answer.get("intents") or [] if isinstance(each, dict)]
                result.took_s.append(took_s)
                result.answers.append(intents)
                result.verdicts.append(judge.verdict(sentence, read_answers(intents)))
        for result, program in programs:
            result.load_s, result.peak_mb = program.load_s, program.peak_mb


def versions(packages: Sequence[str]) -> str:
    """«hassil 3.12.1 with …»; raises ConfigurationError for a package that is not installed."""
    try:
        return " with ".join(f"{package} {version(package)}" for package in packages)
    except PackageNotFoundError as error:
        raise ConfigurationError(
            f"the peer needs {' and '.join(packages)}, and there is no {error.name}: "
            "pip install 'smarthome[dev]', or name another program with --peer COMMAND"
        ) from None


def _figures(sentences: Sequence[Sentence], result: Result) -> dict[str, object]:
    kinds = dict.fromkeys(sentence.kind for sentence in sentences)
    took_ms = sorted(1000 * took for took in result.took_s)
    return {
        "name": result.name,
        "load_s": round(result.load_s, 2),
        "median_ms": round(statistics.median(took_ms), 3),
        "p95_ms": round(took_ms[-(-95 * len(took_ms) // 100) - 1], 3),
        "worst_ms": round(took_ms[-1], 3),
        "peak_mb": round(result.peak_mb, 1),
        "all": count(result.verdicts),
        "kinds": {
            kind: count([v for s, v in zip(sentences, result.verdicts, strict=True) if s.kind == kind])
            for kind in kinds
        },
    }


def count(verdicts: Sequence[Verdict]) -> Mapping[str, int]:
    """How many there are, and how many of them have each property."""
    return {"n": len(verdicts)} | {each: sum(getattr(v, each) for v in verdicts) for each in MEASURES}
