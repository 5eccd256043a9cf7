"""What must never happen: acting against «не», letting somebody in, failing on strange text, working long."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smarthome.intents import Action, Intent
from smarthome.russian import Context, data, lexicon
from smarthome.russian.frames import Matcher
from smarthome.russian.morphology import Morphology
from smarthome.russian.pieces import cut
from smarthome.russian.sentence import Sentence
from smarthome.russian.tokens import MAX_CHARACTERS, MAX_WORDS, tokenise
from tests.russian.houses import HERE, home, parser
from tests.russian.phrases import Phrase, phrases

LEXICON = lexicon.read(data.load("lexicon.yaml"))
MORPHOLOGY = Morphology()
COMMANDS = tuple(phrase for phrase in phrases() if not isinstance(phrase.meaning, str) and phrase.file != "misheard")
TELLING = {
    form
    for infinitives in LEXICON.verbs.values()
    for infinitive in infinitives
    for form, role in MORPHOLOGY.verb_forms(infinitive.split()[0]).items()
    if role in {"command", "infinitive", "future"}
}
WAYS_IN = {Action.UNLOCK, Action.DISARM}


def acting(intents: tuple[Intent, ...]) -> list[str]:
    return [
        f"{intent.action} {sorted(intent.slots.items())}" for intent in intents if intent.action.value[:4] != "get_"
    ]


@pytest.mark.parametrize("phrase", COMMANDS, ids=lambda phrase: phrase.text)
def test_not_before_the_verb_never_carries_out_its_command(phrase: Phrase) -> None:
    words = phrase.text.split()
    verbs = [place for place, word in enumerate(words) if tokenise(word) and tokenise(word)[0].word in TELLING]
    if len(verbs) != 1 or re.search(r"\bне\b", phrase.text):
        return
    refused = " ".join([*words[: verbs[0]], "не", *words[verbs[0] :]])
    assert acting(parser().parse(refused, Context(HERE)).intents) == [], refused


FORBIDDING = ("нельзя", "не надо", "не сейчас", "но не сейчас", "пока не надо", "не стоит", "запрещено", "никогда")
GENERATED = tuple(sentence.text for sentence in parser().generator.sentences())


def disobeyed(text: str, forbidding: str) -> list[str]:
    """What is done all the same; words to be repeated later may well forbid something."""
    return [acts for acts in acting(parser().parse(text, Context(HERE)).intents) if f"{forbidding}'" not in acts]


def test_a_forbidding_word_after_a_command_stops_it() -> None:
    wrong = []
    for place, text in enumerate([*(phrase.text for phrase in COMMANDS), *GENERATED]):
        forbidding = FORBIDDING[place % len(FORBIDDING)]
        wrong += disobeyed(f"{text.rstrip('.!?…')} {forbidding}", forbidding)
    assert wrong == []


def test_a_forbidding_word_before_the_only_verb_stops_it() -> None:
    wrong = []
    for place, text in enumerate(GENERATED):
        if sum(token.word in TELLING for token in tokenise(text)) == 1:
            forbidden = f"{FORBIDDING[place % len(FORBIDDING)]} {text}"
            wrong += acting(parser().parse(forbidden, Context(HERE)).intents)
    assert wrong == []


OPENING = re.compile(
    r"откр|отопр|отпир|отомкн|отвор|разблок|снять|сними|сним|выкл|откл|подним|поднять|раздви|распах|расштор"
    r"|раскро|раскрыв|разд[её]р|отд[её]р"
)


@pytest.mark.parametrize("phrase", COMMANDS, ids=lambda phrase: phrase.text)
def test_only_unlocking_and_opening_verbs_unlock_and_open(phrase: Phrase) -> None:
    intents = parser().parse(phrase.text, Context(HERE)).intents
    if any(intent.action in WAYS_IN | {Action.OPEN} for intent in intents):
        assert OPENING.search(phrase.text)


@pytest.mark.parametrize(
    "text",
    ["атопри заднюю дверь", "откро входную дверь", "отопри зднюю дверь", "отопри заднюю тверь", "сними сахраны",
     "откой гаражные ворота", "открой гаражнае варота", "открой мансарное окно", "отключи сигнализацыю"],
)  # fmt: skip
def test_nothing_that_lets_somebody_in_is_guessed_by_sound(text: str) -> None:
    assert acting(parser().parse(text, Context(HERE)).intents) == []


@pytest.mark.parametrize("text", ["запри заднюю двер", "зопри входную дверь", "закрой гаражные варота"])
def test_locking_and_closing_may_be_guessed_by_sound(text: str) -> None:
    (intent,) = parser().parse(text, Context(HERE)).intents
    assert intent.action in {Action.LOCK, Action.CLOSE}


ONE_WAY = {
    form: way
    for way, keys in {"more": ("открыть", "отпереть", "приоткрыть"), "less": ("закрыть", "запереть")}.items()
    for key in keys
    for infinitive in LEXICON.verbs[key]
    for form, role in MORPHOLOGY.verb_forms(infinitive).items()
    if role in {"command", "infinitive"}
}
FORBIDDEN_WAY = {"more": {Action.CLOSE, Action.LOCK}, "less": WAYS_IN | {Action.OPEN}}


@pytest.mark.parametrize("thing", ["гаражные варота", "мансарное окно", "входную двер", "што ры"])
def test_a_verb_that_was_heard_plainly_is_never_turned_round(thing: str) -> None:
    for verb, way in ONE_WAY.items():
        intents = parser().parse(f"{verb} {thing}", Context(HERE)).intents
        assert not {intent.action for intent in intents} & FORBIDDEN_WAY[way], f"{verb} {thing}"


WORDS = sorted({token.word for phrase in phrases() for token in tokenise(phrase.text)})


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join))
def test_any_words_in_any_order_are_read_without_failing(text: str) -> None:
    parse = parser().parse(text, Context(HERE))
    assert (parse.reason is None) == (parse.status == "ok")
    assert bool(parse.intents) == (parse.status == "ok")


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=80))
def test_any_text_is_read_without_failing(text: str) -> None:
    parser().parse(text, Context(HERE))
    str(parser().explain(text, Context(HERE)))


def test_too_long_is_refused_before_it_costs_anything() -> None:
    assert parser().parse("свет " * (MAX_WORDS + 1)).reason == "too_long"
    assert parser().parse("я" * (MAX_CHARACTERS + 1)).reason == "too_long"


@pytest.mark.parametrize(
    "unit", ["включи свет и ", "в спальне и на кухне ", "люстру торшер ", "не надо ", "10 минут ", "все "]
)
def test_work_grows_in_proportion_to_the_words(unit: str) -> None:
    steps = []
    for count in (10, 20, 38):
        text = " ".join((unit * 40).split()[:count])
        matcher = Matcher(parser()._language.rules)
        Sentence(matcher).read(cut(parser()._language.reader.read(tokenise(text))))
        steps.append(matcher.steps / count)
    assert max(steps) < 8_000


def test_names_that_collide_in_some_form_are_known() -> None:
    assert parser().collisions() == []
    assert home().devices
