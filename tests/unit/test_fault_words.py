"""What the checks find, as staff read it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import content
from content.checks import check
from content.faults import Fault, Severity
from content.files import read_tree
from content.panel.fault_words import in_spanish, spanish, told

_ROOT = Path(content.__file__).parent
_SPEAKERS = {"fault", "error", "warn", "note", "Fault", "_Refused"}
_FILES = sorted(
    [
        *(_ROOT / "checks").glob("*.py"),
        *(_ROOT / f"{name}.py" for name in ("cursor", "decoding", "files", "folder", "sheets")),
        _ROOT / "storing.py",
    ]
)


def _sentences(file: Path) -> Iterator[tuple[int, str]]:
    """Return every sentence that code says of a fault; values are 'X'."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        said = _assigned(function)
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and _called(call) in _SPEAKERS:
                for argument in call.args:
                    for text in _texts(argument, said):
                        if " " in text and text[-1:] in ".?)/: X0123456789":
                            yield call.lineno, text


def _called(call: ast.Call) -> str:
    target = call.func
    return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")


def _assigned(function: ast.AST) -> dict[str, list[str]]:
    """Return what the variables of a function may hold, with what is added to them."""
    said: dict[str, list[str]] = {}
    nodes = [n for n in ast.walk(function) if isinstance(n, ast.Assign | ast.AugAssign)]
    for node in sorted(nodes, key=lambda n: n.lineno):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if not isinstance(target, ast.Name):
            continue
        if isinstance(node, ast.AugAssign):
            if before := said.get(target.id):
                more = _texts(node.value, said)
                said[target.id] = [*before[:-1], *(before[-1] + end for end in more)]
        else:
            said.setdefault(target.id, []).extend(_texts(node.value, said))
    return said


def _texts(node: ast.AST, said: dict[str, list[str]]) -> list[str]:
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        whole = ""
        for part in node.values:
            if isinstance(part, ast.Constant):
                whole += str(part.value)
            elif isinstance(part, ast.FormattedValue):
                whole += (_texts(part.value, said) or ["X"])[-1]
        return [whole]
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body, said), *_texts(node.orelse, said)]
    return list(said.get(node.id, [])) if isinstance(node, ast.Name) else []


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.name)
def test_every_sentence_of_the_checks_has_a_spanish_one(file: Path) -> None:
    """Whoever adds a check adds its words to `content/panel/fault_words.yml`."""
    unknown = [(line, text) for line, text in _sentences(file) if spanish(text) is None]
    assert unknown == []


def test_the_walk_finds_the_sentences() -> None:
    """Those of variables, of conditions and of texts made of two lines, too."""
    found = {text for file in _FILES for _, text in _sentences(file)}
    assert "Did you mean `X`?" in found
    assert "Use only: X." in found
    assert "The median INFLESZ of the Spanish texts is X; X or more is wanted." in found
    assert len(found) > 150


@pytest.mark.parametrize(
    ("english", "read"),
    [
        ("`steps` has 95 characters; at most 90 fit.", "«Pasos» tiene 95 caracteres; caben 90."),
        ("`qu` has 30 characters; at most 20 fit.", "«quechua» tiene 30 caracteres; caben 20."),
        ("The text in `ht` is missing.", "Falta el texto en criollo haitiano."),
        ("ground.1.norm is empty.", "«fuentes, n.º 1, norma o nota» está vacío."),
        ("The text holds a table.", "El texto tiene una tabla."),
        ("The region `15` has another name above.", "La región «15» tiene otro nombre más arriba."),
        ("`means` has 9 characters; at most 8 fit.", "La explicación tiene 9 caracteres; caben 8."),
        ("Something that no check says.", "Something that no check says."),
    ],
)  # fmt: skip
def test_values_are_named_as_staff_know_them(english: str, read: str) -> None:
    """Keys of files and codes of languages become words."""
    assert in_spanish(english) == read


@pytest.mark.parametrize(
    ("file", "line", "where"),
    [
        ("articles/health/sis/qu.yml", 3, "Respuesta «health/sis», quechua"),
        ("articles/health/sis/article.yml", 1, "Respuesta «health/sis»"),
        ("health/sis (qu)", 1, "Respuesta «health/sis», quechua"),
        ("offices.csv", 7, "Directorio de oficinas, fila 7"),
        ("emergency/rules/fr.yml", 1, "Reglas de emergencia, francés"),
        ("paths/first-steps.yml", 1, "Guía con preguntas «first-steps»"),
        ("strange/thing", 1, "strange/thing"),
    ],
)
def test_a_place_is_no_path_of_a_file(file: str, line: int, where: str) -> None:
    """Without the tree, ids stand for titles."""
    assert told(Fault(file, line, "x", "y"), "es").where == where


def test_with_the_tree_the_title_and_the_section_are_named() -> None:
    """A fault of a section says which section of which answer."""
    tree = read_tree(_ROOT)
    article = next(iter(tree.catalogue.articles.values()))
    file = f"articles/{article.id}/qu.yml"
    fault = Fault(file, tree.line(file, "sections", "steps"), "x", "y", Severity.WARNING)
    read = told(fault, "es", tree)
    assert read.where == f"Respuesta «{article.texts['es'].title}», quechua, sección «Pasos»"
    assert not read.is_error


def test_english_stays_as_the_checks_say_it() -> None:
    """The panel in English shows the checks' own sentences."""
    assert told(Fault("a", 1, "The review is due.", "Do it."), "en")[1:3] == (
        "The review is due.",
        "Do it.",
    )


def test_what_the_seed_content_has_is_all_told_in_spanish() -> None:
    """No fault of the content that comes with the program is shown in English."""
    tree = read_tree(_ROOT)
    faults = check(tree)
    assert [f for f in faults if spanish(f.what) is None or spanish(f.remedy) is None] == []
