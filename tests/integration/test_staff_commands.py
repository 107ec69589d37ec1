"""`orienta staff` adds people and gives them the link by which they come into the panel."""

import asyncio
import re
from pathlib import Path

from sqlalchemy import text

from bot.core import opened
from bot.turns import utc_now
from content.panel.entry import links
from tests.fakes.program import run, settings

ANA = "ana@example.org"


async def whose(data: Path, token: str) -> str | None:
    """Return who comes in by a link."""
    async with opened(settings(data_dir=data), print) as core, core.reads() as session:
        member = await links.find(session, token, utc_now())
    return member.email if member else None


async def acts(data: Path) -> list[tuple[str, str]]:
    """Return what the audit log holds."""
    async with opened(settings(data_dir=data), print) as core, core.reads() as session:
        rows = await session.execute(text("SELECT staff, action FROM audit ORDER BY id"))
        return [(row.staff, row.action) for row in rows]


def test_the_first_administrator_comes_in_by_a_link(tmp_path: Path) -> None:
    """A lost one is replaced by a new one; the last administrator stays; the log tells all."""
    add = ("staff", "add", "Ana@Example.org", "--name", "Ana", "--role", "administrator")
    code, out, err = run(tmp_path, *add, ORIENTA_PORT="9321")
    assert code == 0, err
    assert "within 48 hours" in err
    found = re.search(r"^http://localhost:9321/panel/welcome/(\S{43})$", out, re.MULTILINE)
    assert found
    assert asyncio.run(whose(tmp_path, found[1])) == ANA
    given = {"ORIENTA_PUBLIC_URL": "https://orienta.example"}
    code, out, err = run(tmp_path, "staff", "link", ANA, **given)
    assert code == 0, err
    new = re.fullmatch(r"https://orienta\.example/panel/welcome/(\S{43})\n", out)
    assert new
    assert asyncio.run(whose(tmp_path, found[1])) is None
    assert asyncio.run(whose(tmp_path, new[1])) == ANA
    code, _, err = run(tmp_path, "staff", "deactivate", ANA)
    assert code == 1
    assert "last administrator" in err
    code, _, err = run(tmp_path, "staff", "link", "nobody@example.org")
    assert code == 1
    assert "no active member of staff" in err
    assert asyncio.run(acts(tmp_path)) == [
        ("command line", "staff_added"), ("command line", "link_made"),
        ("command line", "link_made"),
    ]  # fmt: skip
