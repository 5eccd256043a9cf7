"""The main job on a fresh machine: recordings through the whole flow to devices, with nothing installed beside it.

An embedded broker, a simulated house and the very daemon of ``smarthome listen`` share nothing but MQTT; the table's
state column is what an independent client sees the site publish.
"""

from __future__ import annotations

import io
import logging
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib import resources
from pathlib import Path

from rich.console import Console
from rich.live import Live

from smarthome.assembly import build_listener, leave_if_busy, open_bus, open_source, surroundings, wait_for_broker
from smarthome.bus.client import Bus
from smarthome.bus.embedded_broker import EmbeddedBroker
from smarthome.bus.inbox import Inbox, event_place
from smarthome.bus.topics import Topics
from smarthome.daemon import Daemon, new_inbox, stop_on_signals
from smarthome.demo.table import DemoTable
from smarthome.devices import load_inventory
from smarthome.ears.recognisers import open_recogniser
from smarthome.ears.whisper import Recogniser
from smarthome.events import Event, Message, Stop
from smarthome.inventory import Inventory
from smarthome.listen import Listener
from smarthome.recognition import Recognition
from smarthome.russian import Parser
from smarthome.settings import MqttSettings, Settings, WhisperSettings
from smarthome.simulate import SimulatedHome, Simulation

MUST_DO_NOTHING = frozenset({"14.flac", "15.flac", "24.flac"})
"""«не выключай свет в коридоре», «мама вчера забыла выключить свет на кухне», «к вечеру ожидается небольшой снег»."""

SITE = "demo"


def run_demo(picture: Path | None = None) -> int:
    """Show it; 0 when every recording went through every stage and none that must do nothing acted.

    ``picture`` also saves the table as SVG.
    """
    logging.getLogger("smarthome").setLevel(logging.ERROR)
    console = Console(width=None if sys.stdout.isatty() else 160)
    began = time.monotonic()
    with ExitStack() as stack:
        folder = stack.enter_context(resources.as_file(resources.files(__name__)))
        home = load_inventory(folder / "devices.yaml")
        recordings = sorted((folder / "recordings").glob("*.flac"))
        table = DemoTable(MUST_DO_NOTHING)
        with console.status("Loading Whisper, starting a broker and a simulated house…"):
            settings = stack.enter_context(_surrounding_house(home, table))
            parser = Parser(home)
            listener = build_listener(settings, home, parser, paced=False)
            recogniser = open_recogniser(settings.whisper, parser.suffices)
        with Live(table, console=console, refresh_per_second=8, vertical_overflow="visible"):
            code, recognition = _listen(settings, home, listener, table, recogniser, recordings)
            _settle(table)
        leave_if_busy(recognition, 1)  # Ctrl-C in the middle
    problems = table.problems(recordings)
    console.print()
    console.print(_summary(table, problems, len(recordings), time.monotonic() - began))
    if picture is not None:
        _save(table, picture)
    return 1 if problems else code


def _listen(
    settings: Settings,
    home: Inventory,
    listener: Listener,
    table: DemoTable,
    recogniser: Recogniser,
    recordings: Sequence[Path],
) -> tuple[int, Recognition]:
    """The daemon of ``smarthome listen``, fed with the recordings: its exit code, and its recognition, ended or not."""
    inbox = new_inbox()
    stop_on_signals(inbox.put)
    with (
        open_bus(settings, home, inbox) as bus,
        Recognition(recogniser, inbox.put) as recognition,
    ):
        wait_for_broker(bus)
        around = surroundings(settings, inbox, table, bus, recognition)
        with open_source(settings, inbox, [str(path) for path in recordings], fast=True) as source:
            code = Daemon(listener, around, source).run(len(recordings))
    return code, recognition


@contextmanager
def _surrounding_house(home: Inventory, table: DemoTable) -> Iterator[Settings]:
    """A broker, simulated devices and an observer of the site's states; yields settings that lead there."""
    topics = Topics(SITE)
    with EmbeddedBroker() as broker:
        mqtt = MqttSettings(host=broker.host, port=broker.port)
        # Constructed, not loaded: the owner's environment must not lead the demo to another broker.
        whisper = WhisperSettings(model="whisper-base")
        settings = Settings.model_construct(site=SITE, area="Гостиная", mqtt=mqtt, whisper=whisper)
        orders: Inbox[Event] = Inbox(event_place)
        house = threading.Thread(target=Simulation(SimulatedHome(home), mqtt, orders).run, name="house", daemon=True)
        house.start()

        def see(event: Event) -> None:
            if isinstance(event, Message) and event.payload:
                table.state(event.topic.removeprefix(topics.device("")), event.payload)

        with Bus(mqtt, see, client="demo-observer", states=tuple(topics.device(d.id) for d in home.devices)):
            yield settings
        orders.put(Stop())
        house.join(timeout=2)


def _settle(table: DemoTable) -> None:
    """The observer sees the last echo a moment after the daemon."""
    until = time.monotonic() + 1
    while table.waiting and time.monotonic() < until:
        time.sleep(0.02)


def _summary(table: DemoTable, problems: Sequence[str], recordings: int, seconds: float) -> str:
    commands = sum(len(row.report.commands) for row in table.rows)
    done = (
        f"{recordings} recordings, {len(table.rows)} utterances, {commands} commands published, {seconds:.0f} s in all."
    )
    heard = "What Whisper-base misheard is shown as it was heard."
    return "\n".join([f"{done} {heard}", *(f"problem: {problem}" for problem in problems)])


def _save(table: DemoTable, picture: Path) -> None:
    console = Console(record=True, width=170, file=io.StringIO())
    console.print(table)
    console.save_svg(str(picture), title="smarthome demo")
