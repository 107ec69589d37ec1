"""Public intent sets are read in their own formats and scored as their papers do."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from nlu.public.scores import best_threshold, figures, matthews
from nlu.public.sets import OUTSIDE, BadSet, read_clinc, read_hint3

CLINC: dict[str, Any] = {
    "train": [["what is my balance", "balance"], ["pay my bill", "pay_bill"]],
    "val": [["balance please", "balance"]],
    "test": [["my balance", "balance"], ["pay it", "pay_bill"]],
    "oos_train": [["who won the game", "oos"]],
    "oos_val": [["a show on broadway", "oos"]],
    "oos_test": [["tell me a joke", "oos"]],
}


def clinc(tmp_path: Path, **changed: Any) -> Path:
    """Write a file in CLINC150's format."""
    path = tmp_path / "data_full.json"
    path.write_text(json.dumps({**CLINC, **changed}))
    return path


def hint3(tmp_path: Path, train: str, test: str = "sentence,label\nhi,A\n") -> Path:
    """Write a folder in HINT3's format."""
    for name, text in (("train", train), ("test", test)):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"shop_{name}.csv").write_text(text)
    return tmp_path


def test_clinc(tmp_path: Path) -> None:
    """The six lists become four; what lies outside has the one label for it."""
    read = read_clinc(clinc(tmp_path))
    assert read.train == (("what is my balance", "balance"), ("pay my bill", "pay_bill"))
    assert read.outside == (("who won the game", OUTSIDE),)
    assert read.validation == (("balance please", "balance"), ("a show on broadway", OUTSIDE))
    assert read.test[-1] == ("tell me a joke", OUTSIDE)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"train": [["a", "b"], ["only one"]]}, 'entry 2 of "train"'),
        ({"test": [["a", 5]]}, 'entry 1 of "test"'),
        ({"val": "text"}, '"val" is missing or no list'),
        ({"oos_test": None}, '"oos_test" is missing or no list'),
        ({"train": [["a", "oos"]]}, 'entry 1 of "train"'),
        ({"oos_val": [["a", "balance"]]}, 'entry 1 of "oos_val"'),
        ({"test": []}, "must hold texts"),
    ],
)
def test_a_broken_clinc_names_the_place(tmp_path: Path, changed: Any, said: str) -> None:
    """One sentence with the file and the entry."""
    with pytest.raises(BadSet, match=said) as failed:
        read_clinc(clinc(tmp_path, **changed))
    assert "data_full.json" in str(failed.value)
    assert "\n" not in str(failed.value)


def test_what_is_no_json_names_the_line(tmp_path: Path) -> None:
    """A comma too many on the second line; a list; nothing; no text."""
    path = tmp_path / "data.json"
    for content, said in (
        (b'{"train": [],\n,}', "line 2"),
        (b"[]", "line 1"),
        (b"", "line 1"),
        (b"\xff\xfe", "UTF-8"),
        (b"[" * 200_000, "not JSON"),
    ):
        path.write_bytes(content)
        with pytest.raises(BadSet, match=said):
            read_clinc(path)
    with pytest.raises(BadSet, match="cannot be read"):
        read_clinc(tmp_path / "none.json")


def test_hint3(tmp_path: Path) -> None:
    """Quoted commas and line ends are part of the sentence; a subset shares the test file."""
    folder = hint3(
        tmp_path,
        'sentence,label\n"hello, you",GREET\n"two\nlines",TALK\n',
        "sentence,label\nhi,GREET\nwhat,NO_NODES_DETECTED\n",
    )
    (folder / "train" / "shop_subset_train.csv").write_text("sentence,label\na,GREET\nb,TALK\n")
    subset, full = sorted(read_hint3(folder), key=lambda one: len(one.name), reverse=True)
    assert full.train == (("hello, you", "GREET"), ("two\nlines", "TALK"))
    assert full.test == subset.test == (("hi", "GREET"), ("what", OUTSIDE))
    assert subset.train == (("a", "GREET"), ("b", "TALK"))


@pytest.mark.parametrize(
    ("train", "said"),
    [
        ("text,intent\na,b\n", r"shop_train\.csv, line 1: the columns must be"),
        ("", r"shop_train\.csv, line 1"),
        ("sentence,label\na,A\nb\n", r"shop_train\.csv, line 3"),
        ("sentence,label\na,A\n,B\n", r"shop_train\.csv, line 3"),
        ("sentence,label\na,A,x\n", r"shop_train\.csv, line 2"),
        ("sentence,label\n", "holds no sentences"),
        ("sentence,label\na,A\nb,A\n", "fewer than two intents"),
    ],
)
def test_a_broken_hint3_names_the_line(tmp_path: Path, train: str, said: str) -> None:
    """One sentence with the file and the line."""
    with pytest.raises(BadSet, match=said) as failed:
        read_hint3(hint3(tmp_path, train))
    assert "\n" not in str(failed.value)


def test_a_folder_without_sets_is_said(tmp_path: Path) -> None:
    """An empty folder, and a training file without its test file."""
    with pytest.raises(BadSet, match="holds no train/NAME_train"):
        read_hint3(tmp_path)
    folder = hint3(tmp_path, "sentence,label\na,A\nb,B\n")
    (folder / "test" / "shop_test.csv").unlink()
    with pytest.raises(BadSet, match="cannot be read"):
        read_hint3(folder)


def test_figures_by_hand() -> None:
    """Five texts at a threshold of one half."""
    gold = ["a", "a", "b", OUTSIDE, OUTSIDE]
    answers = [("a", 0.9), ("b", 0.8), ("b", 0.2), ("a", 0.1), ("b", 0.7)]
    found = figures(gold, answers, 0.5)
    assert found.accuracy == pytest.approx(2 / 5)
    assert found.in_scope == pytest.approx(1 / 3)
    assert found.recall == pytest.approx(1 / 2)
    assert found.precision == pytest.approx(1 / 2)
    assert math.isnan(figures(["a"], [("a", 1.0)], 0.5).recall)


def test_the_threshold_is_the_one_of_highest_accuracy() -> None:
    """Between the unsure foreign text and the unsure right one."""
    gold = [OUTSIDE, "a", "a"]
    assert 0.2 < best_threshold(gold, [("a", 0.2), ("a", 0.4), ("a", 0.9)]) <= 0.4


def test_matthews_against_the_formula_of_two_classes() -> None:
    """Six true positives, one false, three true negatives, two false: (6*3-1*2)/sqrt(7*8*4*5)."""
    gold = ["p"] * 6 + ["n"] + ["n"] * 3 + ["p"] * 2
    said = ["p"] * 6 + ["p"] + ["n"] * 3 + ["n"] * 2
    assert matthews(gold, said) == pytest.approx(16 / math.sqrt(7 * 8 * 4 * 5))
    assert matthews(["a", "a"], ["a", "a"]) == 0
