"""Several hypotheses of one utterance, and sentences half heard: which reading wins, and when the system asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from smarthome.intents import Action, Intent, Parse
from smarthome.russian import Context
from tests.russian.houses import HERE, parser

ON, OFF = "включи свет", "выключи свет"


def nbest(*hypotheses: tuple[str, float], changes: Callable[[Intent], bool | None] | None = None) -> Parse:
    return parser().parse_nbest(hypotheses, Context(HERE, changes=changes))


def actions(parse: Parse) -> list[str]:
    return [intent.action.value for intent in parse.intents]


def test_the_first_hypothesis_wins_when_others_are_much_less_likely() -> None:
    assert actions(nbest((ON, -0.1), (OFF, -1.5))) == ["on"]


def test_hypotheses_about_as_likely_that_contradict_each_other_become_a_question() -> None:
    parse = nbest((ON, -0.4), (OFF, -0.5))
    assert (parse.status, parse.reason, parse.intents) == ("ask", "ambiguous", ())


def test_a_hypothesis_that_forbids_contradicts_one_that_wants() -> None:
    assert nbest((ON, -0.4), ("не включай свет", -0.5)).status == "ask"


def test_a_hypothesis_that_is_not_understood_contradicts_nothing() -> None:
    assert actions(nbest((ON, -0.4), ("выручи сват", -0.4))) == ["on"]


def test_hypotheses_that_mean_the_same_support_each_other() -> None:
    assert actions(nbest((ON, -0.4), ("включите свет", -0.5), (OFF, -0.6))) == ["on"]


def test_a_later_hypothesis_is_taken_when_the_first_means_nothing() -> None:
    assert actions(nbest(("выходи цвет", -0.1), (ON, -0.9))) == ["on"]


def test_a_hypothesis_that_is_far_less_likely_is_not_listened_to() -> None:
    assert actions(nbest(("мы пошли гулять", -0.1), (ON, -5.0))) == []


@pytest.mark.parametrize("text", ["отопри входную дверь", "открой гаражные ворота", "сними с охраны"])
def test_only_the_likeliest_hypothesis_lets_anybody_in(text: str) -> None:
    assert actions(nbest(("мы пошли гулять", -0.1), (text, -0.2))) == []


def test_what_several_hypotheses_sound_like_is_nearer() -> None:
    alone = nbest(("выключи бро", 0.0))
    assert actions(alone) == actions(nbest(("выключи бро", 0.0), ("выключи брат", -0.1)))


class Live:
    """A house in which only some actions change anything."""

    def __init__(self, *useful: Action, unknown: Sequence[Action] = ()) -> None:
        self._useful = useful
        self._unknown = unknown

    def __call__(self, intent: Intent) -> bool | None:
        return None if intent.action in self._unknown else intent.action in self._useful


@pytest.mark.parametrize(("useful", "expected"), [(Action.ON, ["on"]), (Action.OFF, ["off"])])
def test_live_state_settles_what_was_half_heard(useful: Action, expected: list[str]) -> None:
    assert actions(nbest((ON, -0.4), (OFF, -0.5), changes=Live(useful))) == expected


@pytest.mark.parametrize(
    "live",
    [Live(), Live(Action.ON, Action.OFF), Live(Action.ON, unknown=[Action.OFF])],
    ids=["none", "both", "unknown"],
)
def test_live_state_that_proves_nothing_leaves_the_question(live: Live) -> None:
    assert nbest((ON, -0.4), (OFF, -0.5), changes=live).status == "ask"


def test_live_state_never_overrules_what_was_heard_clearly() -> None:
    assert actions(nbest((ON, -0.1), (OFF, -1.5), changes=Live(Action.OFF))) == ["on"]


@pytest.mark.parametrize("useful", [Action.LOCK, Action.UNLOCK])
def test_live_state_never_decides_about_a_way_in(useful: Action) -> None:
    hypotheses = ("запри входную дверь", -0.4), ("отопри входную дверь", -0.5)
    assert nbest(*hypotheses, changes=Live(useful)).status == "ask"


def test_live_state_settles_two_sentences_that_sound_alike() -> None:
    half_heard = ("ыключи свет в спальне", 0.0)
    assert actions(nbest(half_heard)) == []
    assert actions(nbest(half_heard, changes=Live(Action.ON))) == ["on"]
    assert actions(nbest(half_heard, changes=Live(Action.OFF))) == ["off"]


def test_what_lets_somebody_in_and_only_nearly_was_heard_is_asked_about() -> None:
    parse = nbest(("открой гаражные вороты", -0.1), ("открой гаражные ворота", -0.3))
    assert (actions(parse), parse.unsure) == (["open"], True)
    assert not nbest(("открой гаражные ворота", -0.1), ("открой гаражные вороты", -0.3)).unsure


def test_a_question_may_begin_with_what_sounds_like_a_condition() -> None:
    assert actions(nbest(("если движение во дворе", -0.1))) == actions(nbest(("есть ли движение во дворе", -0.1)))
    assert actions(nbest(("если включен свет", -0.1), (ON, -0.3))) != ["on"]


def test_what_is_to_be_played_is_never_made_up() -> None:
    misheard = "переключители визор на перла канал"
    assert actions(nbest((misheard, -0.1), ("переключи телевизор на первый канал", -0.6))) == ["play"]
    assert actions(nbest((misheard, -0.1))) == []


def test_what_is_to_be_played_is_heard_beside_what_is_misheard() -> None:
    (play,) = nbest(("переключители визор на первый канал", -0.1)).intents
    assert play.slots["search_query"] == "первый канал"


def test_endings_that_do_not_agree_make_a_name_all_the_same() -> None:
    (intent,) = nbest(("выключи ночной лампу", -0.1)).intents
    assert intent.slots == {"name": "Ночная лампа"}
    assert nbest(("выключи ночной музыку", -0.1)).intents == ()


def test_an_and_that_is_heard_twice_makes_no_plural() -> None:
    first, second = nbest(("выключи телевизоры и включи чайник", -0.1)).intents
    assert first.slots == {"name": "Телевизор"}
    assert nbest(("выключи телевизоры", -0.1)).intents[0].slots != first.slots
    assert second.slots["name"] == "Чайник"


def test_blinds_are_known_by_what_recognisers_make_of_them() -> None:
    (said,) = nbest(("опусти жалюзи наполовину", -0.1)).intents
    assert nbest(("опусти же, люди, наполовину", -0.1)).intents == (said,)
