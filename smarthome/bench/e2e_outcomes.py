"""What was said and what the program did about it in, one outcome for every sentence out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smarthome.bench.e2e_program import TOPICS, Arrival, Line, Session
from smarthome.bench.e2e_recording import Recording, Span
from smarthome.bench.sentences import Sentence
from smarthome.bench.verdict import Judge, Verdict, read_answers

TOLERANCE_S = 0.3
"""An utterance that ends this much before the sentence does was cut off: the quiet end of a word is shorter."""
_NO_ACTION = frozenset({"ask", "rejected", "error"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """One sentence, and what became of it.

    ``texts`` are those of the utterances that were heard while it was said. ``verdict`` is None for a sentence whose
    meaning is not known. ``latency_s``: from its true end to the arrival of the first message about it.
    """

    span: Span
    texts: tuple[str, ...]
    verdict: Verdict | None
    acted: bool
    cut_off: bool
    latency_s: float | None
    ms: Mapping[str, float]

    @property
    def heard(self) -> bool:
        """Whether anything of it was."""
        return bool(self.texts)


@dataclass(frozen=True, slots=True)
class Heard:
    """Every sentence of a recording. ``elsewhere`` counts commands of utterances where nobody spoke.

    ``clock_ms`` is how far the program's lines disagree about when the file began: it bounds the error of the times.
    """

    outcomes: tuple[Outcome, ...]
    elsewhere: int
    clock_ms: float


def outcomes(recording: Recording, session: Session, wanted: Mapping[str, Sentence], judge: Judge) -> Heard:
    """Utterances belong to the sentence that they share most time with."""
    zeros = [_zero(line) for line in session.utterances if _is_timed(line)]
    zero = min(zeros, default=session.began_at)
    belonging: dict[int, list[Line]] = {}
    elsewhere = 0
    for line in session.utterances:
        place = _place(line.record, recording.spans)
        if place is None:
            elsewhere += _acts(line.record)
        else:
            belonging.setdefault(place, []).append(line)
    told = [
        _outcome(span, belonging.get(place, []), session, zero, wanted.get(span.id), judge)
        for place, span in enumerate(recording.spans)
    ]
    return Heard(tuple(told), elsewhere, 1000 * (max(zeros, default=zero) - zero))


def _outcome(
    span: Span, lines: Sequence[Line], session: Session, zero: float, sentence: Sentence | None, judge: Judge
) -> Outcome:
    records = [line.record for line in lines]
    intents = [intent for record in records if record["status"] not in _NO_ACTION for intent in record["intents"]]
    arrived = min(_arrivals(records, session.arrivals), default=None)
    return Outcome(
        span=span,
        texts=tuple(str(record["text"]) for record in records),
        verdict=judge.verdict(sentence, read_answers(intents)) if sentence else None,
        acted=any(_acts(record) for record in records),
        cut_off=bool(records) and _is_cut_off(span, records),
        latency_s=None if arrived is None else arrived - (zero + span.end_s),
        ms=records[-1]["ms"] if records else {},
    )


def _is_cut_off(span: Span, records: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the first utterance that begins with the sentence ends before it does."""
    return float(records[0]["end_s"]) < span.end_s - TOLERANCE_S


def _place(record: Mapping[str, Any], spans: Sequence[Span]) -> int | None:
    shared = [min(record["end_s"], span.end_s) - max(record["start_s"], span.start_s) for span in spans]
    best = max(range(len(spans)), key=lambda place: shared[place], default=None)
    return best if best is not None and shared[best] > 0 else None


def _acts(record: Mapping[str, Any]) -> bool:
    """Whether a device was told something."""
    return bool(record["commands"])


def _arrivals(records: Sequence[Mapping[str, Any]], arrivals: Sequence[Arrival]) -> Iterator[float]:
    """When the commands came; of what needs none (a question, a timer) when the event did."""
    for record in records:
        mark = f'"id": "{record["id"]}"'
        event = next((each.at for each in arrivals if each.topic == TOPICS.event and mark in each.payload), None)
        if event is None or record["status"] not in {"ok", "confirm"}:
            continue
        if not record["commands"]:
            yield event
        for command in record["commands"]:
            same = [
                each.at for each in arrivals if (each.topic, each.payload) == (command["topic"], command["payload"])
            ]
            # The same may be told several times in an hour: ours is the one next to its event.
            yield from sorted(same, key=lambda at: abs(at - event))[:1]


def _is_timed(line: Line) -> bool:
    return line.record["ms"].get("total") is not None and line.record["end_s"] is not None


def _zero(line: Line) -> float:
    """When the file began: the line comes ``total`` after the last voiced sound, which is at ``end_s`` of the file."""
    return line.at - float(line.record["ms"]["total"]) / 1000 - float(line.record["end_s"])
