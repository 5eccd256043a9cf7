"""Files of examples: what is read, and what is said about bad ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from smarthome.datasets import examples
from smarthome.datasets.examples import Comment, Summary
from smarthome.errors import ConfigurationError


def written(folder: Path, name: str, content: str | bytes) -> Path:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", 'text,label\nхорошо,positive\n"плохо, ""очень""\nда",NEGATIVE\n'),
        ("a.csv", '\ufefftext;label;id\r\nхорошо;positive;1\r\n"плохо, ""очень""\nда";negative;2\r\n'),
        (
            "a.jsonl",
            '{"text": "хорошо", "label": "Positive"}\n\n{"label": "negative", "text": "плохо, \\"очень\\"\\nда"}',
        ),
    ],
)
def test_rows_are_read(name: str, content: str, tmp_path: Path) -> None:
    assert examples.comments(written(tmp_path, name, content)) == [
        Comment(text="хорошо", label="positive"),
        Comment(text='плохо, "очень"\nда', label="negative"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "text,label\nда,positive\nнет,so-so\nну,bad\n", "a.csv, line 3: label: Input should be 'positive', "),
        ("a.csv", "text,label\nнет,so-so\nну,bad\n", "; and 1 more bad rows"),
        ("a.csv", "text,label\nда,positive,1\n", "a.csv, line 2: 3 columns where the header has 2"),
        ("a.csv", 'text,label\nда,positive\n"не,negative\n', "a.csv, line 3: no CSV: unexpected end of data"),
        ("a.csv", "comment,label\nда,positive\n", "a.csv, line 2: text: Field required"),
        ("a.csv", "text,label\n  ,positive\n", "a.csv, line 2: text: String should have at least 1 character"),
        ("a.jsonl", '{"text": "да", "label": "positive"}\n{"text": \n', "a.jsonl, line 2: no JSON: Expecting value"),
        ("a.jsonl", '["да"]\n', "a.jsonl, line 1: not an object with names and values"),
        ("a.jsonl", '{"text": 5, "label": "positive"}', "a.jsonl, line 1: text: Input should be a valid string"),
        ("a.jsonl", "\n", "a.jsonl: no rows in it"),
        ("a.csv", "", "a.csv: no rows in it"),
        ("a.csv", b"text,label\n\xef\xe5,positive\n", "a.csv, line 2: not UTF-8; save it as UTF-8"),
        ("a.txt", "да", "a.txt: neither .csv nor .jsonl"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(
    name: str, content: str | bytes, message: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        examples.comments(written(tmp_path, name, content))
    assert message in str(raised.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.csv: cannot be read: No such file"):
        examples.comments(tmp_path / "none.csv")


def test_choices_among_variants_are_summaries(tmp_path: Path) -> None:
    line = '{"text": "Длинный текст.", "summary": "Текст.", "max_chars": 6, "chosen": 2}\n'
    assert examples.summaries(written(tmp_path, "choices.jsonl", line)) == [
        Summary(text="Длинный текст.", summary="Текст.", max_chars=6)
    ]
    without = examples.summaries(written(tmp_path, "a.csv", "text,summary,max_chars\nДлинный,Д,\n"))
    assert without[0].max_chars is None


def test_recordings_are_looked_for_beside_the_file(tmp_path: Path) -> None:
    written(tmp_path, "one.wav", b"")
    assert examples.speeches(written(tmp_path, "a.csv", "file,text\none.wav,да\n"))[0].file == tmp_path / "one.wav"
    with pytest.raises(ConfigurationError, match=r"a\.csv: there is no recording .*two\.wav"):
        examples.speeches(written(tmp_path, "a.csv", "file,text\none.wav,да\ntwo.wav,нет\n"))
