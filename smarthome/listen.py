"""The voice flow, top to bottom: frame → utterance → transcript → intents → commands → confirmation.

``Listener`` is pure: events and the time go in, effects come out. Everything that touches the world (microphone,
recogniser, broker, clock) is in ``daemon.py``.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from datetime import datetime

from smarthome.activation import Activation
from smarthome.attention import Attention
from smarthome.bus.payloads import Answer as ModelsAnswer
from smarthome.bus.payloads import PayloadError as MessageError
from smarthome.bus.payloads import parse_answer, parse_feedback, parse_say, parse_switch
from smarthome.bus.topics import TaskTopics, Topics
from smarthome.conversation import Conversation, Outcome, Words
from smarthome.ears.gate import Gate
from smarthome.ears.guard import vet
from smarthome.ears.segmenter import Segmenter
from smarthome.endpoint import Endpoint, Prospect
from smarthome.events import (
    Connected,
    Disconnected,
    Effect,
    Event,
    FileEnded,
    FileStarted,
    Frame,
    Message,
    NotSpeech,
    OutputEnded,
    OutputStarted,
    Publish,
    Reply,
    Report,
    Said,
    SoundLost,
    Tick,
    Transcribed,
    TranscriptionFailed,
    Warn,
)
from smarthome.house.drivers import PayloadError
from smarthome.house.house import House, Plan, judged
from smarthome.house.shadow import Shadow
from smarthome.intents import Parse
from smarthome.inventory import Device
from smarthome.questions import Questions
from smarthome.record import counters_record, shadow_record, timer_record, unconfirmed_record
from smarthome.reply.answers import timer_ended
from smarthome.russian import Parser
from smarthome.russian.address import Address
from smarthome.settings import OutputSettings
from smarthome.utterances import Answer, Utterances, Waiting

REMEMBERED = 20
"""Rejected utterances whose text is kept, in memory only."""

TOO_LATE_S = 15.0
"""What was said to a microphone longer ago moves nothing any more: whoever said it has given up."""

MICROPHONE, FILE, TEXT = "microphone", "file", "text"
"""Whose conversation it is."""


class Listener:
    """One site's ears to commands.

    ``run`` makes utterance ids unique across restarts; ``wall`` tells the time of day for those who ask;
    ``stopwatch`` only measures how long a stage took. A ``dry_run`` plans as if a broker listened, and sends nothing.
    A ``quiet`` one lets no words out. With an ``address`` it obeys only who calls it, see ``activation``.
    """

    def __init__(  # noqa: PLR0913 (the parts of the flow)
        self,
        segmenter: Segmenter,
        endpoint: Endpoint,
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
        address: Address | None = None,
        follow_up_s: float = 0.0,
        gate: Gate | None = None,
        questions: Questions | None = None,
    ) -> None:
        self.counters: Counter[str] = Counter()
        self._attention = Attention(gate or Gate(OutputSettings()), topics, self.counters)
        self._utterances = Utterances(segmenter, endpoint, self.counters, run, self._attention.meter.loudness)
        self._conversation = Conversation(parser, house, wall=wall, stopwatch=stopwatch)
        self._questions = questions
        self._activation = Activation(self._conversation, address, follow_up_s)
        self._house = house
        self._topics = topics
        self._replies = TaskTopics.replies(topics.site)
        self._area = area
        self._dry_run = dry_run
        self._quiet = quiet
        self._reading: Waiting | None = None
        self._connected = False
        self.last: Report | None = None
        self.rejected: deque[Report] = deque(maxlen=REMEMBERED)

    @property
    def next_deadline(self) -> float | None:
        """When ``Tick`` is wanted."""
        deadlines = [self._house.next_deadline, self._conversation.timers.next_deadline]
        if self._questions is not None:
            deadlines.append(self._questions.next_deadline)
        return min((at for at in deadlines if at is not None), default=None)

    @property
    def timers(self) -> int:
        """How many timers there are."""
        return len(self._conversation.timers)

    @property
    def idle(self) -> bool:
        """Whether nothing is being recognised and no device owes an echo."""
        return self._utterances.idle and self._house.next_deadline is None

    def handle(self, event: Event, now: float) -> list[Effect]:
        """What follows from an event."""
        return list(self._follow(event, now))

    def _follow(self, event: Event, now: float) -> Iterator[Effect]:  # noqa: C901 (a table)
        match event:
            case Frame():
                yield from self._listen(event, now)
            case Transcribed() | NotSpeech() | TranscriptionFailed():
                yield from self._answer(event, now)
            case Said(text=text, area=area):
                yield from self._obey_text(text, self._area_id(area), now)
            case Message():
                yield from self._receive(event, now)
            case Tick():
                yield from self._expire(now)
            case FileStarted(path=path):
                self._attention.begin_file()
                self._utterances.begin_file(path)
                self._activation.forget(FILE)
            case FileEnded():
                yield from self._utterances.end_file(event, now)
                yield from self._read_all(now)
            case Connected():
                self._connected = True
                yield from self._publish_all()
            case Disconnected():
                self._connected = False
                self._conversation.takes_questions = False
            case OutputStarted(output=output, at=at):
                self._attention.play(output, at, begins=True)
            case OutputEnded(output=output, at=at):
                self._attention.play(output, at, begins=False)
            case SoundLost(frames=frames):
                yield self._attention.lose(frames)

    # --- sound to words ----------------------------------------------------------------------------------------------

    def _listen(self, frame: Frame, now: float) -> Iterator[Effect]:
        yield from self._attention.overdue(frame.captured_at)
        if why := self._attention.closed(frame.captured_at):
            yield from self._utterances.miss(frame.captured_at, why)
        else:
            yield from self._attention.hear(frame)
            yield from self._utterances.hear(frame)
        yield from self._read_all(now)

    # --- words to commands -------------------------------------------------------------------------------------------

    def _answer(self, answer: Answer, now: float) -> Iterator[Effect]:
        """The recogniser's word on an utterance, or on one that may not be over yet."""
        guess = self._utterances.answered(answer)
        if guess is not None:
            yield from self._utterances.expect(self._prospect(guess, answer, now), now)
        yield from self._read_all(now)

    def _prospect(self, guess: Waiting, answer: Answer, now: float) -> Prospect:
        vetted = vet(answer.transcript) if isinstance(answer, Transcribed) else None
        if vetted is None or vetted.ghost:
            return Prospect.MAY_GO_ON
        return self._activation.prospect(self._words(guess, vetted.hypotheses, now))

    def _read_all(self, now: float) -> Iterator[Effect]:
        """Every utterance that is over and recognised."""
        for waiting in self._utterances.ready():
            self._reading = waiting
            if waiting.answer is not None:
                yield from self._read(waiting, waiting.answer, now)
            self._reading = None
            yield from self._utterances.finish_file()

    def _read(self, waiting: Waiting, heard: Answer, now: float) -> Iterator[Effect]:
        ms = {"endpoint": waiting.endpoint_ms}
        if isinstance(heard, TranscriptionFailed):
            yield from self._settle(waiting, "", _nothing(Parse(status="error", reason=heard.error)), {}, now)
        elif isinstance(heard, NotSpeech):
            self.counters[f"ghost/{heard.tier}"] += 1
            yield from self._settle(
                waiting, "", _nothing(Parse(status="rejected", reason=f"ghost: {heard.why}")), ms, now
            )
        else:
            transcript = heard.transcript
            ms["asr"] = transcript.compute_s * 1000
            vetted = vet(transcript)
            if vetted.ghost:
                self.counters["ghost/recogniser"] += 1
                outcome = _nothing(Parse(status="rejected", reason=f"ghost: {vetted.ghost}"))
            else:
                words = self._words(waiting, vetted.hypotheses, now)
                outcome = self._activation.hear(words, now, online=self._online)
            yield from self._settle(waiting, transcript.text, outcome, ms, now)

    def _words(self, waiting: Waiting, hypotheses: tuple[tuple[str, float], ...], now: float) -> Words:
        """A file's clock is its own: it may be fed faster than it was spoken."""
        segment = waiting.utterance.segment
        if waiting.utterance.file is not None:
            return Words(hypotheses, FILE, self._area, segment.start_s, segment.end_s, segment.end_s)
        late = now - waiting.ended_at > TOO_LATE_S
        return Words(hypotheses, MICROPHONE, self._area, waiting.began_at, waiting.ended_at, now, late=late)

    @property
    def _online(self) -> bool:
        return self._connected or self._dry_run

    def _obey_text(self, text: str, area: str | None, now: float) -> Iterator[Effect]:
        words = Words(((text, 0.0),), f"{TEXT} {area}", area, now, now, now)
        yield from self._settle(None, text, self._conversation.hear(words, now, online=self._online), {}, now)

    def _settle(
        self, waiting: Waiting | None, text: str, outcome: Outcome, ms: dict[str, float], now: float
    ) -> Iterator[Effect]:
        """Send what an utterance came to, and report it once."""
        if not self._dry_run:
            for command in outcome.plan.commands:
                yield Publish(command.topic, command.payload, command=True)
            yield from (self._shadow(device) for device in self._house.told(outcome.plan, now))
            if outcome.question and self._questions is not None:
                yield self._questions.ask(outcome.question, now)
        report = self._report(waiting, text, outcome, ms)
        self._count(report)
        yield report
        if report.reply:
            yield Reply(report.reply)
        if report.loudness and not (report.reason or "").startswith("ghost"):
            yield from self._attention.judge(report.loudness)
        yield from self._publish_counters()

    def _report(self, waiting: Waiting | None, text: str, outcome: Outcome, ms: dict[str, float]) -> Report:
        intents, status, reason = judged(outcome.plan, outcome.parse)
        segment = waiting.utterance.segment if waiting else None
        return Report(
            id=waiting.utterance.id if waiting else self._utterances.new_id(),
            file=waiting.utterance.file if waiting else None,
            start_s=segment.start_s if segment else None,
            end_s=segment.end_s if segment else None,
            text=text,
            intents=intents,
            status=status,
            reason=reason,
            commands=outcome.plan.commands,
            reply=outcome.reply,
            ms={**ms, **outcome.ms},
            ended_at=waiting.ended_at if waiting else None,
            loudness=waiting.utterance.loudness if waiting else None,
        )

    def recover(self, event: Event, error: str) -> list[Effect]:
        """After ``handle`` failed by a fault of the program: the event's utterance is reported, the flow goes on."""
        self.counters["faults"] += 1
        waiting, self._reading = self._reading, None
        if waiting is None and not isinstance(event, Said):
            return []
        report = self._report(waiting, "", _nothing(Parse(status="error", reason=f"fault: {error}")), {})
        self._count(report)
        return [report, *self._utterances.finish_file()]

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
            match message.topic:
                case self._topics.say:
                    said = parse_say(message.payload)
                    yield from self._obey_text(said.text, self._area_id(said.area), now)
                case self._topics.feedback:
                    self.counters[f"feedback/{parse_feedback(message.payload).verdict}"] += 1
                    yield from self._publish_counters()
                case self._topics.mute_set:
                    yield from self._attention.mute(message)
                case self._topics.speaking:
                    self._attention.play(message.topic, now, begins=parse_switch(message.payload))
                case TaskTopics.intake:
                    self._conversation.takes_questions = self._questions is not None and message.payload == b"online"
                case self._replies:
                    yield from self._tell(parse_answer(message.payload))
                case _:
                    yield from (self._shadow(device) for device in self._heard(message, now))
        except (MessageError, PayloadError) as error:
            self.counters["bad_payloads"] += 1
            yield Warn(f"{message.topic}: {error}")
            yield from self._publish_counters()

    def _tell(self, answer: ModelsAnswer) -> Iterator[Effect]:
        """What the language model says is spoken, and nothing else is done about it."""
        if self._questions is None or (said := self._questions.answered(answer)) is None:
            return
        if answer.text is None:
            yield Warn(f"the language model gave no answer: {answer.trouble}")
        yield Reply(said)

    def _heard(self, message: Message, now: float) -> tuple[Device, ...]:
        return self._house.heard(message.topic, message.payload, now, retained=message.retained)

    def _area_id(self, words: str | None) -> str | None:
        """The area that the words name, the microphone's without any. Raises PayloadError when there is none."""
        area = self._house.inventory.find_area(words) if words else None
        if words and area is None:
            raise MessageError(f"there is no area {words!r}; the text was not obeyed")
        return area.id if area else self._area

    def _expire(self, now: float) -> Iterator[Effect]:
        for device in self._house.expire(now):
            self.counters["unconfirmed"] += 1
            yield self._shadow(device)
            yield Publish(self._topics.event, unconfirmed_record(device, self._house.shadow(device)))
            yield Warn(f"{device.id} did not confirm its new state")
        if self._questions is not None and (said := self._questions.expired(now)):
            yield Reply(said)
        for timer in self._conversation.timers.ended(now):
            yield Publish(self._topics.event, timer_record(timer, quiet=self._quiet))
            if timer.command:
                outcome = self._conversation.obey(timer, now, online=self._online)
                yield from self._settle(None, timer.command, outcome, {}, now)
            else:
                yield Reply(timer_ended(timer.name))

    def _shadow(self, device: Device) -> Publish:
        return Publish(self._topics.device(device.id), shadow_record(self._house.shadow(device)), retain=True)

    def _publish_all(self) -> Iterator[Effect]:
        known = (device for device in self._house.inventory.devices if self._house.shadow(device) != Shadow())
        yield from map(self._shadow, known)
        yield self._attention.publish_mute()
        yield from self._publish_counters()

    def _publish_counters(self) -> Iterator[Effect]:
        yield Publish(self._topics.counters, counters_record(self.counters), retain=True)


def _nothing(parse: Parse) -> Outcome:
    """Nobody said a sentence: a parse that is told as it is."""
    return Outcome(parse, Plan(parse.status, parse.reason))
