"""Beam search over languages of three words."""

from __future__ import annotations

import math

import pytest

from smarthome.ears.decoding import BeamSearch, Candidate, Hypothesis

A, B, END = 0, 1, 2


def search(table: dict[tuple[int, ...], tuple[float, float, float]], size: int, longest: int = 9) -> BeamSearch:
    """Run a beam search over a language given as text → probabilities of A, B, END; elsewhere it ends."""
    beams = BeamSearch(size, END, longest)
    logprobs = [0.0]
    while not beams.done:
        candidates = [
            Candidate(before + (math.log(p) if p else -math.inf), origin, token)
            for origin, (text, before) in enumerate(zip(beams.texts, logprobs, strict=True))
            for token, p in enumerate(table.get(text, (0.0, 0.0, 1.0)))
        ]
        candidates += [Candidate(-math.inf, 0, A)] * beams.width  # no vocabulary is as small as ours
        going_on = beams.step(sorted(candidates, reverse=True)[: beams.width])
        logprobs = [each.logprob for each in going_on]
    return beams


GARDEN_PATH = {
    (): (0.6, 0.4, 0.0),
    (A,): (0.5, 0.5, 0.0),
    (B,): (0.95, 0.0, 0.05),
    (A, A): (0.3, 0.3, 0.4),
    (A, B): (0.3, 0.3, 0.4),
}
"""The likelier first word leads to the less likely text."""


def test_one_beam_takes_the_likeliest_token_each_time() -> None:
    table = {(): (0.6, 0.4, 0.0), (A,): (0.1, 0.5, 0.4)}
    assert search(table, size=1).best(1) == (Hypothesis((A, B), math.log(0.6) + math.log(0.5)),)


def test_two_beams_find_the_likelier_text() -> None:
    assert search(GARDEN_PATH, size=1).best(1)[0].tokens[0] == A
    assert search(GARDEN_PATH, size=2).best(1)[0].tokens == (B, A)


def test_hypotheses_come_best_first() -> None:
    best = search(GARDEN_PATH, size=3).best(3)
    assert len(best) == 3
    assert [each.score for each in best] == sorted((each.score for each in best), reverse=True)


def test_ends_at_the_longest_text() -> None:
    endless = {(A,) * n: (1.0, 0.0, 0.0) for n in range(10)}
    assert search(endless, size=1, longest=4).best(1)[0].tokens == (A,) * 4


def test_a_finished_text_leaves_its_place_to_the_next_best() -> None:
    beams = BeamSearch(2, END, 9)
    beams.step([Candidate(-0.1, 0, A), Candidate(-0.2, 0, B), Candidate(-9.0, 0, A), Candidate(-9.0, 0, B)])
    going_on = beams.step(
        [Candidate(-0.3, 0, END), Candidate(-0.4, 1, A), Candidate(-0.5, 0, B), Candidate(-0.6, 1, B)]
    )
    assert beams.finished == [Hypothesis((A,), -0.3)]
    assert going_on == [Candidate(-0.4, 1, A), Candidate(-0.5, 0, B)]
    assert beams.texts == [(B, A), (A, B)]


@pytest.mark.parametrize(
    ("hypothesis", "score", "average"),
    [
        (Hypothesis((A, B, A), -1.2), -0.4, -0.3),
        (Hypothesis((), -0.5), -math.inf, -0.5),
    ],
)
def test_scores(hypothesis: Hypothesis, score: float, average: float) -> None:
    assert hypothesis.score == pytest.approx(score)
    assert hypothesis.avg_logprob == pytest.approx(average)
