"""Settings of the tasks that read and write: comments, short forms, answers."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from smarthome.settings.section import Section


class SentimentSettings(Section):
    """Comments: ruBERT."""

    model: str = Field(
        default="blanchefort/rubert-base-cased-sentiment-rurewiews",
        description="a name on the hub (fetch it: smarthome models pull), or a directory",
    )
    batch: int = Field(default=32, ge=1, le=1_024, description="how many stretches of text the model sees at once")
    requests: int = Field(default=16, ge=1, le=256, description="how many waiting requests are read together")
    comments: int = Field(default=100_000, ge=1, le=10_000_000, description="how many comments a request may have")


class LlmSettings(Section):
    """Answers: a local language model of Ollama."""

    model: str = Field(default="gemma3", min_length=1, description="of ollama.com/library: gemma3, qwen2.5vl:7b")
    host: str | None = Field(
        default=None, description="where Ollama serves, http://HOST:PORT; none: $OLLAMA_HOST, else this machine"
    )
    pull: bool = Field(default=True, description="fetch the model when Ollama does not have it, if it fits")
    system: str = Field(
        default="Отвечай по-русски, коротко и по делу.", description="what the model is told before every question"
    )
    tokens: int = Field(default=1_024, ge=1, le=131_072, description="longest answer; tokens")
    silent_s: float = Field(
        default=300.0, gt=0, le=3_600, description="how long the model may be silent: it is while it loads; seconds"
    )
    by_voice: bool = Field(default=True, description="«спроси …» asks the model, when there is somebody to take it")


class ShortenSettings(Section):
    """Short forms of texts: ruT5."""

    model: str = Field(
        default="sarahai/ruT5-base-summarizer",
        description="a name on the hub (fetch it: smarthome models pull), or a directory",
    )
    chars: int = Field(default=100_000, ge=100, le=10_000_000, description="longest text; characters")
    rounds: int = Field(
        default=3, ge=1, le=10, description="how often the model is asked again for what is too long or the same"
    )
    choices: Path | None = Field(
        default=None,
        description="file that choices among variants are added to, for `finetune shorten`; none: they are not kept",
    )
