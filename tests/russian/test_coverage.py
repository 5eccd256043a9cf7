"""The report of ``python -m tests.russian.coverage`` counts what it says."""

from __future__ import annotations

from tests.russian.coverage import Share, report


def test_shares_count_what_is_there_and_touched() -> None:
    there = {("включить", "зажечь"), ("включить", "врубить"), ("выключить", "погасить"), ("выключить", "тушить")}
    share = Share("verbs", there, {("включить", "зажечь"), ("gone",)}, {("выключить", "тушить")})
    assert share.missing == [("включить", "врубить"), ("выключить", "погасить"), ("выключить", "тушить")]
    assert str(share).split() == ["verbs", "4", "1", "25.0", "%", "2", "50.0", "%"]


def test_every_rule_and_action_is_touched_by_a_phrase() -> None:
    missing = {share.title: share.missing for share in report()}
    assert missing["rules"] == missing["actions"] == []


def test_every_key_of_the_lexicon_is_said_by_a_phrase() -> None:
    missing = {share.title: share.missing for share in report()}
    assert missing["lexicon.yaml: all keys"] == []
