"""The reviewed table of who reaches which address of the panel.

`python -m tests.fakes.panel_permissions` writes it anew from the routes; read the difference.
"""

from pathlib import Path

from content.panel.permissions import Permission, may
from content.panel.routes import ROUTES
from content.panel.routing import Route
from content.staff import Role

FILE = Path(__file__).parents[1] / "house" / "panel_permissions.txt"
COMMAND = ".venv/bin/python -m tests.fakes.panel_permissions"
EVERYBODY, EACH_ROLE = "everybody", "each role"
_HEAD = f"""\
# Who reaches which address of the panel. Written by
#   {COMMAND}
# Read the difference before you keep it: a line says who may do a thing, and tests hold it true.
"""


def roles_of(route: Route) -> str:
    """Return who reaches a route, in words."""
    if route.permission is Permission.PUBLIC:
        return EVERYBODY
    roles = [role.value for role in Role if may(role, route.permission)]
    return EACH_ROLE if len(roles) == len(Role) else " ".join(roles)


def written() -> str:
    """Return the table as the routes would have it."""
    lines = sorted((route.path, route.method, roles_of(route)) for route in ROUTES)
    return _HEAD + "".join(f"{method:4} {path:44} {roles}\n" for path, method, roles in lines)


def reviewed() -> dict[tuple[str, str], frozenset[Role] | None]:
    """Return the table as it was reviewed; None stands for everybody, signed in or not."""
    table: dict[tuple[str, str], frozenset[Role] | None] = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            method, path, words = line.split(None, 2)
            named = frozenset(Role) if words == EACH_ROLE else None
            if words not in (EACH_ROLE, EVERYBODY):
                named = frozenset(Role(word) for word in words.split())
            table[method, path] = named
    return table


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
