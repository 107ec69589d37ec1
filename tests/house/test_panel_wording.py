"""The panel names what the program calls by a word."""

import ast
from pathlib import Path

from content.panel.wording import ACTIONS, ROLES, detail
from content.questions import Decision
from content.staff import Role

ROOT = Path(__file__).parents[2]


def recorded() -> set[str]:
    """Return the acts that the code records, where it names them in place."""
    found = set()
    for path in [*(ROOT / "content").rglob("*.py"), *(ROOT / "bot").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "record"
            ):
                of_visit = not (
                    isinstance(node.func.value, ast.Name) and node.func.value.id == "audit"
                )
                action = node.args[1 if of_visit else 2 :][:1]
                found |= {
                    one.value for one in action
                    if isinstance(one, ast.Constant) and isinstance(one.value, str)
                }  # fmt: skip
    return found


def test_each_act_has_a_name() -> None:
    """The audit log is read by lawyers: add the act to `ACTIONS` in content/panel/wording.py."""
    assert len(recorded()) > 15, "the search found nothing"
    assert not recorded() - ACTIONS.keys()
    assert not {f"questions_{decision.value}" for decision in Decision} - ACTIONS.keys()


def test_each_role_has_a_name() -> None:
    """And a sentence that says what it may do."""
    assert set(ROLES) == set(Role)
    assert len({called.name for called in ROLES.values()}) == len(Role)


def test_details_are_words() -> None:
    """Roles by their names, lists with commas, what is unknown as it is, and nothing empty."""
    given = {
        "before": "author",
        "role": "desk",
        "texts": [1, 2],
        "x": 3,
        "none": None,
        "by": "totp",
    }
    assert detail(given, lambda text: text) == (
        "antes: Redacción; rol: Mesa de atención; textos: 1, 2; x: 3; con: código del teléfono"
    )
    assert detail([], str) == "[]"
