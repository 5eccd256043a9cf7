"""How near short forms are to those of people: ROUGE by rouge-score, BLEU by sacrebleu."""

from __future__ import annotations

import re
from collections.abc import Sequence

from smarthome.metrics.libraries import needed

ROUGES = ("rouge1", "rouge2", "rougeL")
_WORD = re.compile(r"\w+(?:-\w+)*")


class RussianWords:
    """Words for rouge-score, whose own tokeniser drops every letter that is not Latin.

    Lower case, ё as е, hyphenated words whole, no punctuation; forms as they stand, not lemmas.
    """

    def tokenize(self, text: str) -> list[str]:
        """The words of ``text``."""
        return _WORD.findall(text.lower().replace("ё", "е"))


def rouge(references: Sequence[str], answers: Sequence[str]) -> dict[str, float]:
    """F1 of ROUGE-1, -2 and -L (Lin 2004), mean over the examples."""
    needed("rouge_score")
    from rouge_score.rouge_scorer import RougeScorer

    scorer = RougeScorer(list(ROUGES), tokenizer=RussianWords())
    scores = [scorer.score(reference, answer) for reference, answer in zip(references, answers, strict=True)]
    return {name: sum(score[name].fmeasure for score in scores) / len(scores) for name in ROUGES}


def bleu(references: Sequence[str], answers: Sequence[str]) -> dict[str, object]:
    """Corpus BLEU of 0–100 and sacrebleu's signature, with the international tokeniser (Russian punctuation)."""
    needed("sacrebleu")
    from sacrebleu.metrics.bleu import BLEU

    metric = BLEU(tokenize="intl", effective_order=False)
    score = metric.corpus_score(list(answers), [list(references)])
    return {"bleu": float(score.score), "bleu_signature": str(metric.get_signature())}
