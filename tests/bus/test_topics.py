"""Every declared topic is documented, and none is declared twice."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from smarthome.bus.topics import Topics

DOCUMENTED = (Path(__file__).parents[2] / "docs" / "topics.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("topic", Topics("<site>").all())
def test_every_topic_has_a_section_in_the_documentation(topic: str) -> None:
    assert re.search(rf"^### `{re.escape(topic)}`", DOCUMENTED, re.MULTILINE)


def test_the_documentation_names_no_other_topic() -> None:
    sections = re.findall(r"^### `(smarthome/[^`]+)`", DOCUMENTED, re.MULTILINE)
    assert sorted(sections) == sorted(Topics("<site>").all())


def test_all_is_all() -> None:
    topics = Topics("kitchen")
    declared = {getattr(topics, name) for name, value in vars(Topics).items() if isinstance(value, property)}
    assert {topic for topic in declared if isinstance(topic, str)} | {topics.device("<id>")} == set(topics.all())


def test_sites_do_not_share_topics() -> None:
    assert not set(Topics("kitchen").all()) & set(Topics("bedroom").all())


def test_what_a_site_obeys() -> None:
    assert Topics("home").commands == ("smarthome/home/say", "smarthome/home/feedback", "smarthome/home/speaking")
    assert Topics("home").states == ("smarthome/home/mute/set",)
    assert Topics("home").device("light.kitchen") == "smarthome/home/device/light.kitchen"
