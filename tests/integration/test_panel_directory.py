"""The directory of offices in the panel: search, one row, tables out and in."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from content.staff import Role
from tests.fakes.forms import filled
from tests.fakes.panel import Running, running_panel
from tests.fakes.panel_documents import changed, draft, form

OFFICES = "/panel/documents/offices/offices"


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty SQLite database."""
    return f"sqlite+aiosqlite:///{tmp_path / 'orienta.db'}"


@pytest.fixture
async def panel(engine: AsyncEngine) -> AsyncIterator[Running]:
    """A running panel."""
    async with running_panel(engine) as running:
        yield running


async def test_the_directory_is_searched(panel: Running) -> None:
    """By words without accents, by kind and by region."""
    async with panel.signed_in(Role.DESK) as browser:
        assert "CEM" in await browser.text(OFFICES)
        assert "Ninguna oficina es así" in await browser.text(f"{OFFICES}?q=nadie")
        tacna = await browser.text(f"{OFFICES}?region=Tacna&page=0")
        assert "Casa" in tacna
        assert "CEM &#34;Centro&#34;" not in tacna
        assert "Tacna" in await browser.text("/panel/documents/places/places?q=tacna")


async def test_a_row_is_edited_with_its_pin(panel: Running) -> None:
    """A pin far from its district is told; a row without a source is refused, and kept typed."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        fields = changed(
            await form(browser, f"{OFFICES}/row/0"), latitude="-16.4", name="CEM nuevo"
        )
        looked = await browser.post(f"{OFFICES}/row/0", [*fields, ("op", "look")])
        assert "km del distrito Lima" in await looked.text()
        faulty = changed(fields, source_date="")
        response = await browser.post(f"{OFFICES}/row/0", faulty)
        assert response.status == 422
        assert "CEM nuevo" in await response.text()
        assert (await browser.post(f"{OFFICES}/row/0", fields)).status == 303
        page = await browser.text(OFFICES)
        assert "cambia" in page
        late = await browser.post(f"{OFFICES}/row/0", changed(fields, name="CEM tardío"))
        assert late.status == 409
        assert "CEM tardío" in await late.text()
        assert "CEM nuevo" in await late.text()
        gone = [*await form(browser, f"{OFFICES}/row/1"), ("op", "drop")]
        assert (await browser.post(f"{OFFICES}/row/1", gone)).status == 303
        new = changed(await form(browser, f"{OFFICES}/row/new"), **NEW)
        assert (await browser.post(f"{OFFICES}/row/new", new)).status == 303
    body = (await draft(panel, "offices")).body
    assert [row["name"] for row in body] == ["CEM nuevo", "Casa nueva"]


NEW = {
    "kind": "ngo", "name": "Casa nueva", "region": "Lima", "source_url": "https://example.org/",
    "source_date": "2026",
}  # fmt: skip


async def test_a_table_comes_out_and_in(panel: Running) -> None:
    """Nothing is saved before she confirms; cells are no formulas."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        out = await browser.text(f"{OFFICES}/offices.csv")
        assert "-12.0464" in out
        table = out.replace("Casa", "Casa <b>nueva</b>").replace("(01) 200-1000", "=1+1")
        fields = changed(await form(browser, f"{OFFICES}/import"), table=table)
        checked = await (await browser.post(f"{OFFICES}/import", fields)).text()
        assert "Confirmar" in checked
        assert "<b>nueva</b>" not in checked
        async with panel.panel.reads() as session:
            assert await session.scalar(text("SELECT count(*) FROM document_revisions")) == 0
        confirmed = [*filled(checked), ("op", "confirm")]
        assert (await browser.post(f"{OFFICES}/import", confirmed)).status == 303
        assert ",'=1+1," in await browser.text(f"{OFFICES}/offices.csv")
    body = (await draft(panel, "offices")).body
    assert [row["name"] for row in body] == ['CEM "Centro", Lima', "Casa <b>nueva</b>"]
    assert body[0]["phone"] == "=1+1"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "Elija un archivo"),
        ("kind,name\nx,y\n", "Falta esta columna"),
        ("{header}\nx,y\n", "La fila tiene 2 columnas"),
        ("{header}\ncem,Uno,Lima,Lima,Lima,,999,1,address,,,https://a.org,2026\n", "Latitud"),
        ("{header}\ncem,Uno,Lima,Lima,Lima,,,,moon,,,https://a.org,2026\n", "línea"),
        ('{header}\ncem,"Uno,Lima\n', "No se puede"),
        ("{header}\ncem,Uno,Lima,Lima,Lima,,,,address,,,javascript:x,2026\n", "2"),
    ],
)
async def test_faulty_tables_are_told_by_line_and_column(
    panel: Running, table: str, said: str
) -> None:
    """Nothing of them is saved, and the table stays in the form."""
    from content.decoding import OFFICE_COLUMNS

    async with panel.signed_in(Role.AUTHOR) as browser:
        sent = table.replace("{header}", ",".join(OFFICE_COLUMNS))
        fields = changed(await form(browser, f"{OFFICES}/import"), table=sent, op="confirm")
        response = await browser.post(f"{OFFICES}/import", fields)
        assert response.status == 422
        page = await response.text()
        assert said in page or "Línea" in page
        assert quote(sent[:5]) in quote(page)
    async with panel.panel.reads() as session:
        assert await session.scalar(text("SELECT count(*) FROM document_revisions")) == 0
