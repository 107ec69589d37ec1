"""Reading and writing content folders."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content import encoding
from content.checks import check
from content.faults import Fault, Severity, errors, format_faults
from content.files import read_tree
from content.rendering import render_tree
from content.sheets import parse, tidy, unprintable
from tests.fakes.content import OFFICES, PLACES, TODAY, catalogue, changed, files_of, path, write

ACCESS = "articles/health/access"


def spoil(root: Path, file: str, old: str, new: str) -> tuple[Fault, ...]:
    """Write a good folder, change one file, and return the errors."""
    write(catalogue(), root)
    path = root / file
    before = path.read_text()
    assert old in before
    path.write_text(before.replace(old, new, 1))
    return errors(read_tree(root).faults)


def test_a_folder_reads_as_the_value_it_was_written_from(tmp_path: Path) -> None:
    """Nothing is lost or changed between value and files, words of YAML included."""
    tree = read_tree(write(catalogue(), tmp_path))
    assert tree.faults == ()
    assert tree.catalogue == catalogue()
    assert tree.catalogue.intents["deny"].examples["es"][:3] == ("no", "null", "106")


def test_the_builder_has_no_fault_at_all(tmp_path: Path) -> None:
    """The other tests may count on it."""
    faults = check(read_tree(write(catalogue(), tmp_path)), today=TODAY)
    assert format_faults(errors(faults)) == "0 errors, 0 warnings"


def test_writing_is_stable(tmp_path: Path) -> None:
    """Read and written again, each file has the same bytes."""
    first = render_tree(catalogue())
    again = render_tree(read_tree(write(catalogue(), tmp_path)).catalogue)
    assert again == first


def test_sections_are_written_as_blocks(tmp_path: Path) -> None:
    """People can edit what is exported: blocks, accents and emoji as they are."""
    files = render_tree(catalogue())
    text = files[f"{ACCESS}/es.yml"].decode()
    assert "  answer: |\n    **Sí.** Llame al 0800-15-170.\n\n    - Uno\n" in text
    assert "related: [health/birth, rights/overview]" in files[f"{ACCESS}/article.yml"].decode()
    assert "🏥" in files["topics.yml"].decode()


def test_the_version_depends_on_every_part() -> None:
    """Equal versions answer equally, so any change makes another."""
    one = catalogue()
    others = [
        changed(one, "health/access", "qu", label="huk"),
        changed(one, "health/access", "es", examples=("a", "b")),
        catalogue(offices=OFFICES[:1]),
        catalogue(places=PLACES[:1]),
        catalogue(paths=(path(first="danger"),)),
    ]
    assert one.version == catalogue().version
    assert len({one.version, *(other.version for other in others)}) == 6


@pytest.mark.parametrize(
    ("file", "old", "new", "what"),
    [
        (f"{ACCESS}/article.yml", "audience: migrant", "audience: all #", "`all`"),
        (f"{ACCESS}/article.yml", "audience: migrant", "audiense: migrant #", "`audiense`"),
        (f"{ACCESS}/article.yml", "id: health/access", "id: ../../etc #", "own name"),
        (f"{ACCESS}/article.yml", "'2027-02-28'", "2027-02-30 #", "not a date"),
        (f"{ACCESS}/es.yml", "title: Tí", "title: !!python/object:os.system Tí #", "tag"),
        (f"{ACCESS}/es.yml", "revision: 1", "revision: many #", "number"),
        (f"{ACCESS}/es.yml", "  answer: |", "  anwser: | #", "`anwser`"),
        (f"{ACCESS}/es.yml", "label: ", "title: again #\nlabel: ", "twice"),
        (f"{ACCESS}/es.yml", "examples:\n", "examples:\n- [a] #\n", "not a text"),
        (f"{ACCESS}/es.yml", "examples:\n", 'examples:\n- "a\\u0007b" #\n', "U+0007"),
        (f"{ACCESS}/es.yml", "examples:\n", "examples: &a #\n", "References"),
        (f"{ACCESS}/ht.yml", "review: pending", "review: soon #", "`review`"),
        (f"{ACCESS}/es.yml", "label:", "  label: #\nlabel:", "not valid YAML"),
        ("offices.csv", "kind,name", "sort,name#", "columns"),
        ("offices.csv", "ngo,Casa", "ngo,Casa,#", "14 columns"),
        ("offices.csv", "-12.0464", "twelve#", "degrees"),
        ("places.csv", "ubigeo,", "code,#", "columns"),
        ("places.csv", "-18.0066,", "south,#", "degrees"),
        ("topics.yml", "id: rights", "id: health #", "twice"),
        ("topics.yml", "id: rights", "id: Rights! #", "cannot be a topic"),
        ("emergency/medical.yml", "  es: Emergencia", "  de: Notfall #", "`de`"),
    ],
)
def test_a_fault_names_file_line_and_remedy(
    tmp_path: Path, file: str, old: str, new: str, what: str
) -> None:
    """Whatever is wrong on one line (here the one with #) is said about it, with what to do."""
    faults = spoil(tmp_path, file, old, new)
    lines = (tmp_path / file).read_text().split("\n")
    line = next(number for number, words in enumerate(lines, 1) if "#" in words)
    assert any(f.file == file and f.line == line and what in f.what for f in faults), faults
    assert all(fault.remedy for fault in faults)


def test_a_missing_key_is_a_fault(tmp_path: Path) -> None:
    """The key is named; the value falls back without a second fault."""
    faults = spoil(tmp_path, f"{ACCESS}/article.yml", "ask: ¿access?\n", "")
    assert [fault.what for fault in faults] == ["The key `ask` is missing."]


def test_all_faults_are_gathered(tmp_path: Path) -> None:
    """One bad file does not hide the next."""
    write(catalogue(), tmp_path)
    (tmp_path / "help.yml").write_text("help: [")
    (tmp_path / "topics.yml").unlink()
    (tmp_path / "intents/greet.yml").write_bytes(b"intent: gr\xe9et\n")
    (tmp_path / f"{ACCESS}/article.yml").write_text("")
    files = {fault.file for fault in errors(read_tree(tmp_path).faults)}
    assert files == {"help.yml", "topics.yml", "intents/greet.yml", f"{ACCESS}/article.yml"}


def test_an_empty_folder_is_faults_and_no_crash(tmp_path: Path) -> None:
    """The three single files are named as missing."""
    faults = read_tree(tmp_path / "nothing").faults
    assert {fault.file for fault in faults} == {"topics.yml", "help.yml", "offices.csv"}


@pytest.mark.parametrize("name", ["notes.txt", "es.yaml", "de.yml", "ES.yml"])
def test_what_is_no_part_of_the_format_is_not_read(tmp_path: Path, name: str) -> None:
    """It is a warning, so that a wrong name is noticed."""
    write(catalogue(), tmp_path)
    (tmp_path / ACCESS / name).write_text("x")
    tree = read_tree(tmp_path)
    assert tree.catalogue == catalogue()
    assert [(f.file, f.severity) for f in tree.faults] == [(f"{ACCESS}/{name}", Severity.WARNING)]


@pytest.mark.parametrize(
    "link", ["help.yml", f"{ACCESS}/es.yml", ACCESS, "articles/health", "emergency", "intents"]
)
def test_links_are_refused(tmp_path: Path, link: str) -> None:
    """A link in the folder would read what lies outside it."""
    outside = tmp_path / "outside"
    root = write(catalogue(), tmp_path / "root")
    (root / link).rename(outside)
    (root / link).symlink_to(outside)
    tree = read_tree(root)
    assert any(f.file == link and "link" in f.what for f in errors(tree.faults)), tree.faults
    assert tree.catalogue != catalogue()


def test_odd_files_do_not_stop_the_reader(tmp_path: Path) -> None:
    """A pipe, a folder in the place of a file and a huge file are faults."""
    root = write(catalogue(), tmp_path)
    (root / "help.yml").unlink()
    os.mkfifo(root / "help.yml")
    (root / "topics.yml").unlink()
    (root / "topics.yml").mkdir()
    (root / "intents/greet.yml").write_text("#" * (1 << 20) + "\n")
    whats = {fault.file: fault.what for fault in errors(read_tree(root).faults)}
    assert "plain file" in whats["help.yml"]
    assert "plain file" in whats["topics.yml"]
    assert "1 MiB" in whats["intents/greet.yml"]


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 100_000,
        b"a: " * 50_000,
        b"- " * 100_000,
        b"a: &a [x]\nb: *a\n",
        b"--- 1\n--- 2\n",
        b"? [a]\n: b\n",
        b"\x00",
        b"a: \xff",
        b"%YAML 9.9\n--- a",
        b"key: \x07",
    ],
)
def test_hostile_yaml_is_a_fault(data: bytes) -> None:
    """Depth, references, second documents and bytes that are no text."""
    assert parse("f.yml", data).faults


@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_a_fault(data: bytes) -> None:
    """Reading never raises."""
    sheet = parse("f.yml", data)
    assert sheet.faults or sheet.value is not None or data.strip()


@given(st.text())
def test_tidying_twice_changes_nothing(text: str) -> None:
    """Texts have one form."""
    assert tidy(tidy(text)) == tidy(text)


_WORDS = (
    st.text(st.characters(codec="utf-8"), max_size=60)
    .map(tidy)
    .filter(lambda text: text and not unprintable(text))
)


@settings(max_examples=40, deadline=None)
@given(_WORDS, _WORDS.map(lambda text: " ".join(text.split())).filter(bool))
def test_any_words_survive_the_files(
    tmp_path_factory: pytest.TempPathFactory, words: str, line: str
) -> None:
    """Quotes, colons, dashes, emoji, right-to-left text: what is read is what was written."""
    one = changed(catalogue(), "health/access", "es", title=tidy(line), sections={"answer": words})
    root = tmp_path_factory.mktemp("tree")
    tree = read_tree(write(one, root))
    assert tree.faults == ()
    assert tree.catalogue == one
    assert files_of(root) == render_tree(tree.catalogue)


_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.text(
        st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=20
    )
    | st.floats(allow_nan=False, allow_infinity=False)
)


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["a", "strong", "yes", "1"]),
        st.recursive(
            _LEAVES,
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["x", "no"]), inner, max_size=2)
            ),
            max_leaves=6,
        ),
        min_size=1,
    )
)
def test_rules_are_kept_whole(
    tmp_path_factory: pytest.TempPathFactory, rules: dict[str, object]
) -> None:
    """Whatever the emergency layer keeps in its files comes back as it was."""
    one = catalogue()
    ruled = encoding.catalogue(
        articles=one.articles.values(),
        topics=one.topics.values(),
        intents=one.intents.values(),
        cards=one.cards.values(),
        paths=one.paths.values(),
        offices=one.offices,
        help=one.help,
        emergency_rules={"es": rules},
    )
    tree = read_tree(write(ruled, tmp_path_factory.mktemp("tree")))
    assert tree.catalogue.emergency_rules["es"] == rules
    assert tree.catalogue.version == ruled.version
