"""What a decoder wrote in, the reason to distrust it out: after a splice it may repeat itself or not find its end."""

from __future__ import annotations

import zlib

from smarthome.events import SAMPLE_RATE

TOKENS_PER_S = 11
TOKENS_MORE = 10
"""Nobody says more: of 195 clips of fast and slow speech the densest has 7.9 tokens per second."""

COMPRESSION_RATIO = 2.4
"""Text that shrinks more than this says the same again and again (Radford et al. 2022, section 4.5)."""

SURE = -0.4
"""What is said as it was expected has a mean log-probability per token of -0.1 or -0.2, an echo -0.8."""

DOUBTFUL = -1.0
"""A mean log-probability per token from which on Whisper's own decoding tries again (section 4.5)."""

_SHORTEST_REPEAT = 2
_ECHO = 3
"""So many words of the prompt in a row are no accident."""


def most_tokens(samples: int) -> int:
    """How many tokens can be said in so many samples."""
    return TOKENS_MORE + TOKENS_PER_S * samples // SAMPLE_RATE


def runaway(text: str, tokens: int, limit: int) -> str | None:
    """Why a text should be decoded again; None when nothing is strange about it."""
    if tokens >= limit:
        return "run-on"
    if compression_ratio(text) > COMPRESSION_RATIO:
        return "compression"
    if _says_all_twice(text) or goes_round(text):
        return "repeat"
    return None


def compression_ratio(text: str) -> float:
    """Bytes of the text over bytes of its zlib compression, as Whisper's own decoding measures it."""
    data = text.encode()
    return len(data) / len(zlib.compress(data))


def goes_round(text: str) -> bool:
    """Whether the same words come twice in a row and begin a third time, as a decoder's do that is caught in a loop.

    Who speaks may say a command twice, or begin anew («выключи свет, выключи свет на кухне»), or a word many times.
    """
    words = _words(text)
    return any(
        words[start : start + period + _SHORTEST_REPEAT]
        == words[start + period : start + 2 * period + _SHORTEST_REPEAT]
        for period in range(_SHORTEST_REPEAT, (len(words) - _SHORTEST_REPEAT) // 2 + 1)
        for start in range(len(words) - 2 * period - _SHORTEST_REPEAT + 1)
    )


def echoes(text: str, before: str, avg_logprob: float) -> bool:
    """Whether a text that nobody may have said begins as the prompt ``before`` does, or ends with a stretch of it.

    When it understands nothing, the decoder writes down what it was told to expect: from the beginning however sure it
    is (of many voices at once), a stretch without being sure of it.
    """
    said, expected = _words(text), _words(before)
    if len(said) < _ECHO:
        return False
    if said[:_ECHO] == expected[:_ECHO]:
        return True
    stretches = [expected[place : place + _ECHO] for place in range(len(expected) - _ECHO + 1)]
    return avg_logprob <= SURE and said[-_ECHO:] in stretches


def _words(text: str) -> list[str]:
    letters = (letter if letter.isalnum() else " " for letter in text.casefold().replace("ё", "е"))
    return "".join(letters).split()


def _says_all_twice(text: str) -> bool:
    words = _words(text)
    half, odd = divmod(len(words), 2)
    return half >= _SHORTEST_REPEAT and not odd and words[:half] == words[half:]
