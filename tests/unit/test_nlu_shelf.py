"""What was learnt is found again, and learnt anew when it is not what it should be."""

from pathlib import Path

import numpy as np
import pytest

from nlu.shelf import Arrays, Shelf, packed_texts, unpacked_texts


class Learnt:
    """Two arrays that count how often they were learnt."""

    times = 0

    def __init__(self, arrays: Arrays) -> None:
        self.words = unpacked_texts(arrays["words"])
        self.numbers = arrays["numbers"].tolist()

    def pack(self) -> Arrays:
        """Return both."""
        return {"words": packed_texts(self.words), "numbers": np.array(self.numbers)}


class Teacher:
    """Learns, and remembers how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> Learnt:
        self.times += 1
        return Learnt({"words": packed_texts(["ñandú", "b"]), "numbers": np.array([0.1, 1 / 3])})


def taken(folder: Path | None, key: str = "one") -> tuple[Learnt, int]:
    """Return what the shelf gives and how often it was learnt for that."""
    teach = Teacher()
    return Shelf(folder, key).take("thing", Learnt, teach), teach.times


def test_it_is_learnt_once(tmp_path: Path) -> None:
    """The second start finds exactly what the first one learnt."""
    first, times = taken(tmp_path / "new")
    again, times_again = taken(tmp_path / "new")
    assert (times, times_again) == (1, 0)
    assert (again.words, again.numbers) == (first.words, first.numbers) == (
        ["ñandú", "b"], [0.1, 1 / 3],
    )  # fmt: skip
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["thing.npz"]


def test_another_key_learns_anew(tmp_path: Path) -> None:
    """Other content, or another way of learning: what was kept does not count."""
    taken(tmp_path)
    assert taken(tmp_path, "two")[1] == 1
    assert taken(tmp_path, "two")[1] == 0


@pytest.mark.parametrize("at", range(0, 900, 37))
def test_a_damaged_file_learns_anew(tmp_path: Path, at: int) -> None:
    """Whichever byte is wrong, nothing wrong is ever used."""
    path = tmp_path / "thing.npz"
    taken(tmp_path)
    whole = path.read_bytes()
    at %= len(whole)
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x5A]) + whole[at + 1 :])
    assert taken(tmp_path)[0].numbers == [0.1, 1 / 3]
    path.write_bytes(whole[:at])
    assert taken(tmp_path)[1] == 1


def test_what_does_not_fit_learns_anew(tmp_path: Path) -> None:
    """A whole file without the expected arrays, or one that is no archive at all."""
    np.savez(tmp_path / "thing.npz", key=packed_texts(["one"]))
    assert taken(tmp_path)[1] == 1
    (tmp_path / "thing.npz").write_text("nothing of the kind")
    assert taken(tmp_path)[1] == 1


def test_where_nothing_can_be_kept_it_is_learnt_each_time(tmp_path: Path) -> None:
    """No folder, or a file where the folder should be."""
    assert taken(None)[1] == 1
    (tmp_path / "file").write_text("")
    assert taken(tmp_path / "file")[1] == 1
    assert taken(tmp_path / "file")[1] == 1


def test_texts_stay_what_they_are() -> None:
    """None is none."""
    assert unpacked_texts(packed_texts([])) == []
