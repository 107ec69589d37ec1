"""Files of phrases are read, or refused in one sentence that names the line."""

from pathlib import Path

import pytest

from nlu.report.rows import BadFile, DangerPhrase, read_dangers, read_short_messages


def test_the_language_of_a_phrase_is_its_files_name(tmp_path: Path) -> None:
    """Each file of the folder is read; empty lines do not count."""
    (tmp_path / "es.jsonl").write_text(
        '{"text": "auxilio", "kind": "medical", "split": "held_out"}\n\n'
    )
    (tmp_path / "fr.jsonl").write_text('{"text": "ça va", "kind": null, "split": "development"}\n')
    assert read_dangers(tmp_path) == (
        DangerPhrase("auxilio", "es", "medical", "held_out"),
        DangerPhrase("ça va", "fr", None, "development"),
    )


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "7",
        '{"text": "", "kind": null, "split": "held_out"}',
        '{"text": "x", "kind": 1, "split": "held_out"}',
        '{"text": "x", "split": "held_out"}',
        '{"text": "x", "kind": null, "split": "elsewhere"}',
    ],
)
def test_a_bad_phrase_is_named_by_its_line(tmp_path: Path, line: str) -> None:
    """File, line and what it needs."""
    (tmp_path / "es.jsonl").write_text(
        '{"text": "x", "kind": null, "split": "held_out"}\n' + line + "\n"
    )
    with pytest.raises(BadFile, match=r"es\.jsonl, line 2: "):
        read_dangers(tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        '{"text": "x", "lang": "es", "split": "held_out"}',
        '{"text": "x", "lang": [], "split": "held_out"}',
        '{"text": "x", "lang": ["es", 1], "split": "held_out"}',
        '{"text": "x", "lang": ["es"]}',
        '{"text": "x", "lang": ["es"], "split": "held_out", "prior": 5}',
    ],
)
def test_a_bad_message_is_named_by_its_line(tmp_path: Path, line: str) -> None:
    """File, line and what it needs."""
    path = tmp_path / "short.jsonl"
    path.write_text(line)
    with pytest.raises(BadFile, match=r'short\.jsonl, line 1: it needs "text"'):
        read_short_messages(path)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    """No file, an empty folder, an empty file, and bytes that are no text."""
    with pytest.raises(BadFile, match="cannot be read"):
        read_short_messages(tmp_path / "none.jsonl")
    with pytest.raises(BadFile, match=r"holds no <language>\.jsonl"):
        read_dangers(tmp_path)
    (tmp_path / "es.jsonl").write_text("\n")
    with pytest.raises(BadFile, match="holds no phrases"):
        read_dangers(tmp_path)
    (tmp_path / "es.jsonl").write_bytes(b"\xff\xfe{}")
    with pytest.raises(BadFile, match="cannot be read"):
        read_dangers(tmp_path)
