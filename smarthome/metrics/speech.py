"""How much of what was said was heard otherwise: jiwer's word and character error rates."""

from __future__ import annotations

import re
from collections.abc import Sequence

from smarthome.metrics.libraries import needed


def plain(text: str) -> str:
    """As words are compared: lower case, ё as е, no punctuation, digits as they stand."""
    return " ".join(re.sub(r"[^\w\s]|_", " ", text.lower().replace("ё", "е")).split())


def error_rates(references: Sequence[str], heard: Sequence[str]) -> dict[str, float]:
    """WER and CER: all edits over all words, or characters, of the references."""
    needed("jiwer")
    import jiwer

    said, answered = [plain(text) for text in references], [plain(text) for text in heard]
    return {"wer": float(jiwer.wer(said, answered)), "cer": float(jiwer.cer(said, answered))}
