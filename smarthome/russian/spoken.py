"""Mentions in, the speaker's own words out: for free words and for commands that are said again later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smarthome.russian.mentions import Mention
from smarthome.russian.tokens import Token


@dataclass(frozen=True)
class Spoken:
    """The sentence as it was written, by mentions."""

    text: str
    tokens: Sequence[Token]

    def between(self, mentions: Sequence[Mention], *, bare: bool = False) -> str:
        """From the first word of the first to the last of the last; ``bare`` without a preposition before them."""
        if not mentions:
            return ""
        if mentions[0].said:
            return " ".join(mention.said for mention in mentions)
        first = mentions[0].start + (1 if bare and mentions[0].preposition else 0)
        return self.text[self.tokens[first].start : self.tokens[mentions[-1].end - 1].end]

    def words(self, mentions: Sequence[Mention]) -> str:
        """The mentions' words as written, with the punctuation between neighbours; those of earlier sentences first."""
        runs: list[list[int]] = []
        for mention in (each for each in mentions if not each.said):
            for place in range(mention.start, mention.end):
                if runs and runs[-1][-1] == place - 1:
                    runs[-1].append(place)
                else:
                    runs.append([place])
        here = (self.text[self.tokens[run[0]].start : self.tokens[run[-1]].end] for run in runs)
        return " ".join([*(mention.said for mention in mentions if mention.said), *here])
