"""Settings and a house in, a running role out: how the parts are put together. Heavy imports wait inside functions."""

from __future__ import annotations

import gc
import json
import logging
import os
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime
from typing import TYPE_CHECKING

from smarthome.bus.topics import TaskTopics, Topics
from smarthome.errors import FailureError

if TYPE_CHECKING:
    from smarthome.bus.client import Bus
    from smarthome.bus.inbox import Inbox
    from smarthome.daemon import Item, Outlet, Source, Surroundings
    from smarthome.house.house import House
    from smarthome.inventory import Inventory
    from smarthome.listen import Listener
    from smarthome.recognition import Recognition
    from smarthome.russian import Parser
    from smarthome.settings import Settings

logger = logging.getLogger(__name__)

BROKER_WAIT_S = 10.0
"""How long a command that cannot do without the broker waits for it."""

STATES_WAIT_S = 0.3
"""Retained states follow a subscription at once; after this long they are taken to be in."""


def run_listen(
    settings: Settings, home: Inventory, files: Sequence[str], *, fast: bool, as_json: bool, dry_run: bool
) -> int:
    """The daemon; with ``files``, until they are done."""
    from smarthome.check import warnings
    from smarthome.daemon import Daemon, leave_on_signals, new_inbox, stop_on_signals
    from smarthome.ears.ghosts import Ghosts
    from smarthome.ears.recognisers import open_recogniser, warm_up
    from smarthome.ears.silero import second_opinion
    from smarthome.recognition import Recognition
    from smarthome.russian import Parser

    leave_on_signals()
    inbox = new_inbox()
    parser = Parser(home)
    for line in warnings(home, parser):
        logger.warning("%s", line)
    listener = build_listener(settings, home, parser, dry_run=dry_run, paced=not (files and fast))
    recogniser = open_recogniser(settings.whisper, parser.suffices)
    warm_up(recogniser)
    ghosts = Ghosts(second_opinion(settings.vad.second_opinion))
    gc.collect()
    gc.freeze()  # what is loaded stays; looking through it again and again would hold up sentences
    with ExitStack() as stack:
        bus = None if dry_run else stack.enter_context(open_bus(settings, home, inbox))
        if files and bus is not None:
            wait_for_broker(bus)
        stop_on_signals(inbox.put)
        recognition = stack.enter_context(Recognition(recogniser, inbox.put, ghosts))
        around = surroundings(settings, inbox, build_outlet(settings, as_json=as_json), bus, recognition)
        source = stack.enter_context(open_source(settings, inbox, files, fast=fast))
        code = Daemon(listener, around, source).run(len(files) or None)
    if listener.timers:
        logger.warning("%d timers ended with the process: they are kept in memory only", listener.timers)
    leave_if_busy(recognition, code)
    return code


def run_say(settings: Settings, home: Inventory, text: str, *, as_json: bool, dry_run: bool) -> int:
    """One command given as text, until the devices have echoed it; 1 when it was not, or not wholly, carried out."""
    from smarthome.daemon import Daemon, leave_on_signals, new_inbox, stop_on_signals
    from smarthome.events import Said
    from smarthome.russian import Parser

    leave_on_signals()
    inbox = new_inbox()
    listener = build_listener(settings, home, Parser(home), dry_run=dry_run)
    with ExitStack() as stack:
        bus = None if dry_run else stack.enter_context(open_bus(settings, home, inbox, client="say"))
        if bus is not None:
            wait_for_broker(bus)
        stop_on_signals(inbox.put)
        around = surroundings(settings, inbox, build_outlet(settings, as_json=as_json), bus, owns_site=False)
        inbox.put(Said(text))
        code = Daemon(listener, around).run(1)
    if listener.timers:
        topic = Topics(settings.site).say
        raise FailureError(f"timers live in a running `smarthome listen`, not here; send the text to its topic {topic}")
    done = listener.last is not None and listener.last.status == "ok" and listener.last.reason is None
    return code if done and not listener.counters["unconfirmed"] else 1


def build_listener(
    settings: Settings, home: Inventory, parser: Parser, *, dry_run: bool = False, paced: bool = True
) -> Listener:
    """The voice flow for one site; sound that is not ``paced`` tells no time. Raises ConfigurationError."""
    from smarthome.devices import area_called
    from smarthome.ears.gate import Gate
    from smarthome.ears.segmenter import Segmenter
    from smarthome.endpoint import Endpoint
    from smarthome.listen import Listener
    from smarthome.questions import Questions
    from smarthome.russian.address import Address

    area = area_called(home, settings.area) if settings.area else None
    activation = settings.activation
    return Listener(
        Segmenter(settings.segmenter),
        Endpoint(settings.endpoint, settings.segmenter.silence_ms, guesses=paced),
        parser,
        build_house(settings, home),
        Topics(settings.site),
        area=area.id if area else None,
        run=f"{time.time_ns() // 1_000_000:x}",
        wall=lambda: datetime.now().astimezone(),
        stopwatch=time.perf_counter,
        dry_run=dry_run,
        quiet=settings.privacy.publish_text == "none",
        address=Address(activation.names, parser.morphology) if activation.mode == "phrase" else None,
        follow_up_s=activation.follow_up_s,
        gate=Gate(settings.output),
        questions=Questions(settings.site, settings.tasks.timeout_s) if settings.llm.by_voice else None,
    )


def build_house(settings: Settings, home: Inventory) -> House:
    """The devices as the settings let them be driven."""
    from smarthome.house.house import House

    return House(home, settings.house.confirm_s, settings.house.base_topic, settings.house.zigbee2mqtt_topic)


def surroundings(
    settings: Settings,
    inbox: Inbox[Item],
    outlet: Outlet,
    bus: Bus | None,
    recognition: Recognition | None = None,
    *,
    owns_site: bool = True,
) -> Surroundings:
    """What a daemon works with."""
    from smarthome.daemon import Surroundings
    from smarthome.ears.conditioning import Conditioned
    from smarthome.ears.vad import WebRtcVad

    return Surroundings(
        inbox=inbox,
        topics=Topics(settings.site),
        outlet=outlet,
        bus=bus,
        publish_text=settings.privacy.publish_text,
        vad=Conditioned(WebRtcVad(settings.vad.aggressiveness)),
        recognition=recognition,
        owns_site=owns_site,
    )


def build_outlet(settings: Settings, *, as_json: bool) -> Outlet:
    """Standard output, for programs or for people."""
    from smarthome.outlet import JsonLines, Terminal

    return (JsonLines if as_json else Terminal)(settings.privacy.publish_text)


def open_bus(settings: Settings, home: Inventory, inbox: Inbox[Item], *, client: str = "listen") -> Bus:
    """The site's connection to the broker; only the daemon announces the site's availability and takes its orders."""
    from smarthome.bus.client import Bus

    topics = Topics(settings.site)
    daemon = client == "listen"
    asks = settings.llm.by_voice
    house_topics = build_house(settings, home).topics
    return Bus(
        settings.mqtt,
        inbox.put,
        client=settings.site if daemon else f"{settings.site}-{client}-{os.getpid()}",
        availability=topics.availability if daemon else None,
        commands=(*topics.commands, *([TaskTopics.replies(settings.site)] if asks else ())) if daemon else (),
        states=(*topics.states, *([TaskTopics.intake] if asks else ()), *house_topics) if daemon else house_topics,
    )


def open_source(
    settings: Settings, inbox: Inbox[Item], files: Sequence[str], *, fast: bool
) -> AbstractContextManager[Source]:
    """Files if there are any, else the microphone."""
    from smarthome.ears.file_source import FileSource
    from smarthome.ears.microphone import Microphone

    if files:
        return FileSource(files, inbox.put, fast=fast)
    return Microphone(settings.audio, inbox.put)


def run_simulate(settings: Settings, home: Inventory, *, delay_s: float, failure: float) -> int:
    """A simulated house, until it is told to stop."""
    from smarthome.bus.inbox import Inbox, event_place
    from smarthome.daemon import stop_on_signals
    from smarthome.events import Event
    from smarthome.simulate import SimulatedHome, Simulation

    inbox: Inbox[Event] = Inbox(event_place)
    stop_on_signals(inbox.put)
    simulated = SimulatedHome(home, settings.house.base_topic, settings.house.zigbee2mqtt_topic)
    return Simulation(simulated, settings.mqtt, inbox, delay_s=delay_s, failure=failure).run()


def run_transcribe(settings: Settings, files: Sequence[str], *, as_json: bool) -> int:
    """Plain recognition, without the prompt for commands, a line a file; 1 when one could not be read."""
    from smarthome.ears.recognisers import open_plain_recogniser
    from smarthome.transcribe import transcribe

    failed = False
    for done in transcribe(files, open_plain_recogniser(settings.whisper)):
        failed |= done.error is not None
        if as_json:
            print(json.dumps(done.record(), ensure_ascii=False), flush=True)
        else:
            print(done.error or f"{done.file}: {done.text}", flush=True)
    return 1 if failed else 0


def wait_for_broker(bus: Bus) -> None:
    """Commands are never kept for later, so what must be sent now needs it now. Raises BrokerUnreachableError."""
    bus.wait_connected(BROKER_WAIT_S)
    time.sleep(STATES_WAIT_S)


def leave_if_busy(recognition: Recognition, code: int) -> None:
    """An inference that is still running cannot be interrupted, and must neither hold up nor crash the end."""
    if recognition.busy:
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
