"""`orienta evaluate` measures parts of the reading without any NLU service."""

import json
from pathlib import Path

from tests.fakes.program import run


def test_phrases_alone_need_no_service(tmp_path: Path) -> None:
    """Danger and language are measured, printed, and written as a page and as JSON."""
    folder = tmp_path / "phrases"
    folder.mkdir()
    (folder / "es.jsonl").write_text(
        '{"text": "mi esposo me está pegando ahora mismo, ayuda", '
        '"kind": "partner-family-violence", "split": "held_out"}\n'
        '{"text": "cuánto cuesta el carné", "kind": null, "split": "held_out"}\n'
    )
    short = tmp_path / "short.jsonl"
    short.write_text('{"text": "bonjou", "lang": ["ht"], "split": "development"}\n')
    page, figures = tmp_path / "page.html", tmp_path / "figures.json"
    code, out, err = run(
        tmp_path, "evaluate", "--emergencies", str(folder), "--languages", str(short),
        "--html", str(page), "--figures", str(figures),
    )  # fmt: skip
    assert code == 0, err
    assert "held_out" in out
    known = json.loads(figures.read_text())
    assert known["emergencies"]["held_out"]["any_card"]["all"]["es"]["value"] == 1
    assert known["languages"]["development"]["groups"]["ht"]["all"]["value"] == 1
    assert known["questions"] is None
    assert "Me pegan en casa" in page.read_text()


def test_what_is_missing_or_bad_is_said(tmp_path: Path) -> None:
    """Nothing to measure, a bad line, and a page that cannot be written."""
    code, _, err = run(tmp_path, "evaluate")
    assert code == 2
    assert "--emergencies" in err
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{}\n")
    code, _, err = run(tmp_path, "evaluate", "--languages", str(bad))
    assert code == 1
    assert "bad.jsonl, line 1" in err
    bad.write_text('{"text": "hola", "lang": ["es"], "split": "held_out"}\n')
    target = str(tmp_path / "none" / "page.html")
    code, _, err = run(tmp_path, "evaluate", "--languages", str(bad), "--html", target)
    assert code == 1
    assert "page.html cannot be written" in err.splitlines()[-1]
