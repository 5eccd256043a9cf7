"""The voice flow, top to bottom: frame → utterance → transcript → intents → commands → confirmation.

``Listener`` is pure: events and the time go in, effects come out. Everything that touches the world (microphone,
recogniser, broker, clock) is in ``daemon.py``.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from smarthome.bus.payloads import PayloadError as MessageError
from smarthome.bus.payloads import parse_feedback, parse_say
from smarthome.bus.topics import Topics
from smarthome.ears.guard import ghost
from smarthome.ears.segmenter import Dropped, Heard, Segmenter
from smarthome.events import (
    Connected,
    Disconnected,
    Effect,
    Event,
    FileDone,
    FileEnded,
    FileStarted,
    Frame,
    Message,
    Publish,
    Reply,
    Report,
    Said,
    Segment,
    SoundLost,
    Tick,
    Transcribe,
    Transcribed,
    Transcript,
    TranscriptionFailed,
    Utterance,
    Warn,
)
from smarthome.house.drivers import PayloadError
from smarthome.house.house import House, Plan, judged
from smarthome.house.shadow import Shadow
from smarthome.house.timers import TimerOutcome, Timers
from smarthome.intents import QUESTIONS, Intent, Parse
from smarthome.inventory import Device
from smarthome.record import counters_record, shadow_record, timer_record, unconfirmed_record
from smarthome.reply.answers import answer, problem, timer_ended, timer_reply
from smarthome.russian import Context, Parser

REMEMBERED = 20
"""Rejected utterances whose text is kept, in memory only."""

TOO_LATE_S = 15.0
"""What was said to a microphone longer ago moves nothing any more: whoever said it has given up."""

WAITING = 8
"""Utterances from a microphone that may wait for the recogniser; more are dropped, and counted."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An utterance on its way through the recogniser. ``ended_at`` is when its last voiced frame was captured."""

    utterance: Utterance
    ended_at: float
    endpoint_ms: float


class Listener:
    """One site's ears to commands.

    ``run`` makes utterance ids unique across restarts; ``wall`` tells the time of day for those who ask;
    ``stopwatch`` only measures how long a stage took. A ``dry_run`` plans as if a broker listened, and sends nothing.
    A ``quiet`` one lets no words out.
    """

    def __init__(  # noqa: PLR0913 (the parts of the flow)
        self,
        segmenter: Segmenter,
        parser: Parser,
        house: House,
        topics: Topics,
        *,
        area: str | None,
        run: str,
        wall: Callable[[], datetime],
        stopwatch: Callable[[], float],
        dry_run: bool = False,
        quiet: bool = False,
    ) -> None:
        self._segmenter = segmenter
        self._parser = parser
        self._house = house
        self._topics = topics
        self._area = area
        self._run = run
        self._wall = wall
        self._stopwatch = stopwatch
        self._dry_run = dry_run
        self._quiet = quiet
        self._timers = Timers()
        self._waiting: deque[Waiting] = deque()
        self._reading: Waiting | None = None
        self._file: str | None = None
        self._file_ended: FileEnded | None = None
        self._connected = False
        self._utterances = 0
        self.counters: Counter[str] = Counter()
        self.last: Report | None = None
        self.rejected: deque[Report] = deque(maxlen=REMEMBERED)

    @property
    def next_deadline(self) -> float | None:
        """When ``Tick`` is wanted."""
        return min(
            (at for at in (self._house.next_deadline, self._timers.next_deadline) if at is not None), default=None
        )

    @property
    def timers(self) -> int:
        """How many timers there are."""
        return len(self._timers)

    @property
    def idle(self) -> bool:
        """Whether nothing is being recognised and no device owes an echo."""
        return not self._waiting and self._house.next_deadline is None

    def handle(self, event: Event, now: float) -> list[Effect]:
        """What follows from an event."""
        return list(self._follow(event, now))

    def _follow(self, event: Event, now: float) -> Iterator[Effect]:  # noqa: C901 (a table)
        match event:
            case Frame():
                yield from self._hear(event)
            case Transcribed() | TranscriptionFailed():
                yield from self._read(event, now)
            case Said(text=text, area=area):
                yield from self._obey_text(text, self._area_id(area), now)
            case Message():
                yield from self._receive(event, now)
            case Tick():
                yield from self._expire(now)
            case FileStarted(path=path):
                self._segmenter.reset()
                self._file, self._file_ended = path, None
            case FileEnded():
                self._file_ended = event
                yield from self._cut(self._segmenter.flush(), now)
                yield from self._finish_file()
            case Connected():
                self._connected = True
                yield from self._publish_all()
            case Disconnected():
                self._connected = False
            case SoundLost(frames=frames):
                self.counters["frames_lost"] += frames
                yield Warn(f"{frames} frames of sound were lost: the machine is too busy to listen")

    # --- sound to words ----------------------------------------------------------------------------------------------

    def _hear(self, frame: Frame) -> Iterator[Effect]:
        yield from self._cut(self._segmenter.feed(frame.pcm, frame.voiced), frame.captured_at)

    def _cut(self, heard: Iterable[Heard], at: float) -> Iterator[Effect]:
        for segment in heard:
            if isinstance(segment, Dropped):
                self.counters["too_short"] += 1
            if not isinstance(segment, Segment):
                continue
            if self._file is None and len(self._waiting) >= WAITING:
                self.counters["dropped"] += 1
                yield Warn("the recogniser cannot keep up: an utterance was dropped; a smaller model is faster")
                continue
            self._utterances += 1
            utterance = Utterance(f"{self._run}-{self._utterances}", segment, self._file)
            silence_s = max(0.0, self._segmenter.position_s - segment.end_s)
            self._waiting.append(Waiting(utterance, at - silence_s, silence_s * 1000))
            yield Transcribe(utterance)

    def _read(self, heard: Transcribed | TranscriptionFailed, now: float) -> Iterator[Effect]:
        waiting = self._reading = self._waiting.popleft()
        if isinstance(heard, TranscriptionFailed):
            yield from self._settle(waiting, "", Parse(status="error", reason=heard.error), {}, now)
        else:
            transcript = heard.transcript
            ms = {"endpoint": waiting.endpoint_ms, "asr": transcript.compute_s * 1000}
            started = self._stopwatch()
            parse = self._understand(waiting, transcript, now)
            ms["parse"] = (self._stopwatch() - started) * 1000
            yield from self._settle(waiting, transcript.text, parse, ms, now)
        self._reading = None
        yield from self._finish_file()

    def _understand(self, waiting: Waiting, transcript: Transcript, now: float) -> Parse:
        if why := ghost(transcript):
            return Parse(status="rejected", reason=f"ghost: {why}")
        parse = self._parse(transcript.text, self._area)
        late = waiting.utterance.file is None and now - waiting.ended_at > TOO_LATE_S
        if late and parse.status == "ok" and any(intent.action not in QUESTIONS for intent in parse.intents):
            return Parse(status="error", reason="too_late")
        return parse

    def recover(self, event: Event, error: str) -> list[Effect]:
        """After ``handle`` failed by a fault of the program: the event's utterance is reported, the flow goes on."""
        self.counters["faults"] += 1
        waiting, self._reading = self._reading, None
        if waiting is None and not isinstance(event, Said):
            return []
        parse = Parse(status="error", reason=f"fault: {error}")
        report = self._report(waiting, "", parse, Plan(parse.status, parse.reason), None, {})
        self._count(report)
        return [report, *self._finish_file()]

    def _finish_file(self) -> Iterator[Effect]:
        if self._file_ended is not None and not self._waiting:
            yield FileDone(self._file_ended.path, self._file_ended.error)
            self._file_ended = None

    # --- words to commands -------------------------------------------------------------------------------------------

    def _parse(self, text: str, area: str | None) -> Parse:
        return self._parser.parse(text, Context(area=area))

    def _obey_text(self, text: str, area: str | None, now: float) -> Iterator[Effect]:
        self._utterances += 1
        started = self._stopwatch()
        parse = self._parse(text, area)
        ms = {"parse": (self._stopwatch() - started) * 1000}
        yield from self._settle(None, text, parse, ms, now, area)

    def _settle(
        self,
        waiting: Waiting | None,
        text: str,
        parse: Parse,
        ms: dict[str, float],
        now: float,
        area: str | None = None,
    ) -> Iterator[Effect]:
        """Carry a sentence out as far as it can be, and report it once."""
        area = area if waiting is None else self._area
        started = self._stopwatch()
        plan = self._plan(parse, area)
        replies = []
        if plan.status == "ok":
            outcomes = [(intent, self._timers.handle(intent, area, now)) for intent in parse.intents]
            plan = _with_problems(plan, [outcome for _, outcome in outcomes])
            replies = [self._answer(intent, outcome, area, now) for intent, outcome in outcomes]
        replies.insert(0, problem(plan, self._house.inventory))
        ms["resolve"] = (self._stopwatch() - started) * 1000
        if not self._dry_run:
            yield from self._send(plan, now)
        report = self._report(waiting, text, parse, plan, " ".join(filter(None, replies)) or None, ms)
        self._count(report)
        yield report
        if report.reply:
            yield Reply(report.reply)
        yield from self._publish_counters()

    def _send(self, plan: Plan, now: float) -> Iterator[Effect]:
        for command in plan.commands:
            yield Publish(command.topic, command.payload, command=True)
        yield from (self._shadow(device) for device in self._house.told(plan, now))

    def _plan(self, parse: Parse, area: str | None) -> Plan:
        plan = self._house.plan(parse, area, lambda text: self._parse(text, area))
        if plan.orders and not self._connected and not self._dry_run:
            return Plan("ok", "offline")
        return plan

    def _answer(self, intent: Intent, outcome: TimerOutcome | None, area: str | None, now: float) -> str | None:
        if outcome is not None:
            return timer_reply(intent, outcome, now)
        return answer(intent, self._house, area, self._wall()) if intent.action in QUESTIONS else None

    def _report(
        self, waiting: Waiting | None, text: str, parse: Parse, plan: Plan, reply: str | None, ms: dict[str, float]
    ) -> Report:
        intents, status, reason = judged(plan, parse)
        segment = waiting.utterance.segment if waiting else None
        return Report(
            id=waiting.utterance.id if waiting else f"{self._run}-{self._utterances}",
            file=waiting.utterance.file if waiting else None,
            start_s=segment.start_s if segment else None,
            end_s=segment.end_s if segment else None,
            text=text,
            intents=intents,
            status=status,
            reason=reason,
            commands=plan.commands,
            reply=reply,
            ms=ms,
            ended_at=waiting.ended_at if waiting else None,
        )

    def _count(self, report: Report) -> None:
        self.last = report
        self.counters[report.status] += 1
        if report.reason:
            self.counters[f"{report.status}/{report.reason.partition(':')[0]}"] += 1
        if report.status == "rejected":
            self.rejected.append(report)

    # --- the bus -----------------------------------------------------------------------------------------------------

    def _receive(self, message: Message, now: float) -> Iterator[Effect]:
        try:
            if message.topic == self._topics.say:
                said = parse_say(message.payload)
                yield from self._obey_text(said.text, self._area_id(said.area), now)
            elif message.topic == self._topics.feedback:
                self.counters[f"feedback/{parse_feedback(message.payload).verdict}"] += 1
                yield from self._publish_counters()
            else:
                yield from (self._shadow(device) for device in self._heard(message, now))
        except (MessageError, PayloadError) as error:
            self.counters["bad_payloads"] += 1
            yield Warn(f"{message.topic}: {error}")
            yield from self._publish_counters()

    def _heard(self, message: Message, now: float) -> tuple[Device, ...]:
        return self._house.heard(message.topic, message.payload, now, retained=message.retained)

    def _area_id(self, words: str | None) -> str | None:
        area = self._house.inventory.find_area(words) if words else None
        return area.id if area else self._area

    def _expire(self, now: float) -> Iterator[Effect]:
        for device in self._house.expire(now):
            self.counters["unconfirmed"] += 1
            yield self._shadow(device)
            yield Publish(self._topics.event, unconfirmed_record(device, self._house.shadow(device)))
            yield Warn(f"{device.id} did not confirm its new state")
        for timer in self._timers.ended(now):
            yield Publish(self._topics.event, timer_record(timer, quiet=self._quiet))
            if timer.command:
                yield from self._obey_text(timer.command, timer.area, now)
            else:
                yield Reply(timer_ended(timer.name))

    def _shadow(self, device: Device) -> Publish:
        return Publish(self._topics.device(device.id), shadow_record(self._house.shadow(device)), retain=True)

    def _publish_all(self) -> Iterator[Effect]:
        known = (device for device in self._house.inventory.devices if self._house.shadow(device) != Shadow())
        yield from map(self._shadow, known)
        yield from self._publish_counters()

    def _publish_counters(self) -> Iterator[Effect]:
        yield Publish(self._topics.counters, counters_record(self.counters), retain=True)


def _with_problems(plan: Plan, outcomes: list[TimerOutcome | None]) -> Plan:
    """A timer that could not be set, or is not there, is a reason too; what else was said is carried out."""
    found = next((outcome.problem for outcome in outcomes if outcome and outcome.problem), None)
    return plan if found is None or plan.reason else replace(plan, reason=found)
