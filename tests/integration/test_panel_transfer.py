"""Everything out as a ZIP file, and in again as drafts."""

import asyncio
import io
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

import pytest
from aiohttp import ClientResponse, FormData
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from content import editing, encoding
from content.catalogue import Catalogue
from content.drafts import document_in_work, text_in_work
from content.editing import Act, Seen
from content.exchange import archive
from content.models import CatalogueVersionRow, RevisionRow
from content.panel.tables import AuditRow, DocumentRevisionRow
from content.publishing import Changes, load_catalogue
from content.rendering import render_tree
from content.staff import Role
from content.workflow import Status
from tests.fakes import content as fake
from tests.fakes.panel import Browser, Running, running_panel

PAGE = "/panel/transfer"
ARTICLE = "health/access"
XSS = "<script>alert(1)</script>"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def panel(engine: AsyncEngine) -> AsyncIterator[Running]:
    """A running panel."""
    async with running_panel(engine) as running:
        yield running


async def send(browser: Browser, data: bytes, path: str = f"{PAGE}/import") -> ClientResponse:
    """Upload a file as a browser does."""
    form = FormData()
    form.add_field("file", io.BytesIO(data), filename="../../etc/passwd", content_type="a/zip")
    headers = {"Cookie": f"{browser.cookie}={browser.token}", "Sec-Fetch-Site": "same-origin"}
    response = await browser.client.post(path, data=form, headers=headers, allow_redirects=False)
    await response.read()
    return response


def changed() -> Catalogue:
    """Return a catalogue with another title, a new example and a new article."""
    one = fake.changed(fake.catalogue(), ARTICLE, "fr", title="Un autre titre")
    es = one.articles[ARTICLE].texts["es"]
    two = fake.changed(one, ARTICLE, "es", examples=(*es.examples, "otra forma de preguntar"))
    new = fake.article("rights/new-one", (ARTICLE, "rights/overview"), {"answer": "Sí."})
    return encoding.with_articles(two, [*two.articles.values(), new])


def zipped(catalogue: Catalogue, more: Mapping[str, bytes] | None = None) -> bytes:
    """Return a catalogue as a ZIP file."""
    return archive.pack({**render_tree(catalogue), **(more or {})})


async def count(panel: Running) -> tuple[int, int, int]:
    """Return how many texts, documents and versions there are."""
    async with panel.panel.reads() as session:
        rows = [
            await session.scalar(select(func.count()).select_from(table))
            for table in (RevisionRow, DocumentRevisionRow, CatalogueVersionRow)
        ]
    return rows[0] or 0, rows[1] or 0, rows[2] or 0


async def test_an_export_can_be_imported_and_changes_nothing(panel: Running) -> None:
    """The same content, word for word."""
    async with panel.signed_in(Role.PUBLISHER) as browser:
        response = await browser.get(f"{PAGE}/export")
        assert response.content_type == "application/zip"
        data = await response.read()
        files = archive.unpack(data)
        assert f"articles/{ARTICLE}/es.yml" in files
        assert "glossary.yml" in files
        before = await count(panel)
        again = await send(browser, data)
        assert again.headers["Location"] == PAGE
        assert "no hay nada que importar" in await browser.text(PAGE)
        assert await count(panel) == before


async def test_an_import_is_shown_before_and_waits_for_a_review_after(panel: Running) -> None:
    """Nothing is stored by looking, and nothing is published by confirming."""
    before = await count(panel)
    async with panel.signed_in(Role.PUBLISHER) as browser:
        response = await send(browser, zipped(changed()))
        assert response.status == 303
        address = response.headers["Location"]
        page = await browser.text(address)
        assert "Un autre titre" in page
        assert "Textos de respuestas: 7" in page
        assert await count(panel) == before
        async with panel.signed_in(Role.PUBLISHER, "other@example.org") as other:
            assert (await other.get(address)).status == 404
            assert (await other.post(f"{address}/confirm")).status == 404
        done = await browser.post(f"{address}/confirm")
        assert "cambios quedaron en revisión" in await done.text()
        assert (await browser.post(f"{address}/confirm")).status == 404
    after = await count(panel)
    assert after[2] == before[2]
    async with panel.panel.reads() as session:
        french = await text_in_work(session, ARTICLE, "fr")
        examples = await document_in_work(session, "examples", ARTICLE)
        article = await document_in_work(session, "article", "rights/new-one")
        acts = list(await session.scalars(select(AuditRow.action)))
    assert french is not None
    assert examples is not None
    assert article is not None
    assert (french.status, french.title) == (Status.IN_REVIEW, "Un autre titre")
    assert french.editors == ["publisher@example.org"]
    assert "otra forma de preguntar" in examples.body["es"]
    assert examples.status is article.status is Status.IN_REVIEW
    assert acts.count("import_sent_to_review") == 1


async def test_what_was_imported_can_be_published(panel: Running) -> None:
    """The drafts make the very catalogue that the file holds."""
    async with panel.signed_in(Role.PUBLISHER) as browser:
        address = (await send(browser, zipped(changed()))).headers["Location"]
        await browser.post(f"{address}/confirm")
    async with panel.panel.reads() as session:
        texts = await session.scalars(
            select(RevisionRow.id).where(RevisionRow.status == Status.IN_REVIEW)
        )
        documents = await session.scalars(select(DocumentRevisionRow.id))
        made = await load_catalogue(session, Changes(list(texts), list(documents)))
    wanted = changed()
    assert made.articles.keys() == wanted.articles.keys()
    for identity, article in wanted.articles.items():
        mine = made.articles[identity]
        assert replace(mine, texts={}) == replace(article, texts={})
        for language, text in article.texts.items():
            assert mine.texts[language].examples == text.examples
            assert (mine.texts[language].title, mine.texts[language].sections) == (
                text.title, text.sections,
            )  # fmt: skip


async def test_translations_name_the_spanish_text_that_they_render(panel: Running) -> None:
    """Those that the file calls stale stay stale under the numbers of this database."""
    one = fake.changed(fake.catalogue(), ARTICLE, "es", title="Otro título", revision=2)
    two = fake.changed(one, ARTICLE, "fr", title="Ancien", translates=1)
    three = fake.changed(two, ARTICLE, "en", title="New", translates=2)
    async with panel.signed_in(Role.PUBLISHER) as browser:
        address = (await send(browser, zipped(three))).headers["Location"]
        await browser.post(f"{address}/confirm")
    async with panel.panel.reads() as session:
        drafts = [await text_in_work(session, ARTICLE, lang) for lang in ("es", "en", "fr")]
    assert [draft and (draft.number, draft.translates) for draft in drafts] == [
        (2, 2), (2, 2), (2, 1),
    ]  # fmt: skip


async def test_what_somebody_is_at_work_on_is_left_alone(panel: Running) -> None:
    """Her draft stays, and the importer is told."""
    async with panel.panel.sessions.begin() as session:
        act = Act("author@example.org", panel.clock())
        body = {"es": ["lo suyo"]}
        await editing.save_document(session, act, "examples", ARTICLE, body, Seen())
    async with panel.signed_in(Role.PUBLISHER) as browser:
        address = (await send(browser, zipped(changed()))).headers["Location"]
        page = await (await browser.post(f"{address}/confirm")).text()
        assert "No se tocaron 1" in page
    async with panel.panel.reads() as session:
        examples = await document_in_work(session, "examples", ARTICLE)
    assert examples is not None
    assert examples.body == {"es": ["lo suyo"]}


async def test_a_cancelled_import_is_gone(panel: Running) -> None:
    """Its page too."""
    async with panel.signed_in(Role.PUBLISHER) as browser:
        address = (await send(browser, zipped(changed()))).headers["Location"]
        assert (await browser.post(f"{address}/cancel")).status == 303
        assert (await browser.get(address)).status == 404


async def test_faults_are_listed_in_spanish_with_file_and_line(panel: Running) -> None:
    """And nothing is taken; what the file says is shown as text."""
    broken = fake.changed(fake.catalogue(), ARTICLE, "qu", title=XSS * 9)
    more = {"articles/health/access/pt.yml": b"title: [\n"}
    before = await count(panel)
    async with panel.signed_in(Role.PUBLISHER) as browser:
        response = await send(browser, zipped(broken, more))
        page = await response.text()
        assert response.status == 422
        assert "articles/health/access/qu.yml:1" in page
        assert "tiene 225 caracteres; caben 72" in page
        assert "Respuesta «Título de access (es)», quechua" in page
        assert XSS not in page
    assert await count(panel) == before


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "Elija primero"),
        (b"not a zip", "no es un ZIP"),
        (archive.pack({"readme.txt": b"x"}), "topics.yml"),
        (archive.pack({"topics.yml": b"", "../x": b"x"}), "../x"),
        (archive.pack({"topics.yml": b"", f"{XSS}\\": b"x"}), "&lt;script&gt;"),
    ],
)
async def test_what_is_no_content_is_refused(panel: Running, data: bytes, words: str) -> None:
    """With a sentence that says what to do."""
    async with panel.signed_in(Role.PUBLISHER) as browser:
        response = await send(browser, data)
        page = await response.text()
        assert response.status == 422
        assert words in page
        assert XSS not in page


async def test_a_larger_file_is_refused(panel: Running) -> None:
    """Before it is read whole."""
    async with panel.signed_in(Role.PUBLISHER) as browser:
        response = await send(browser, b"0" * (archive.PACKED + 200_000))
        assert response.status == 413


@pytest.mark.parametrize("role", [Role.AUTHOR, Role.REVIEWER, Role.DESK, Role.ADMINISTRATOR])
async def test_others_may_neither_export_nor_import(panel: Running, role: Role) -> None:
    """Not even look."""
    async with panel.signed_in(role) as browser:
        assert (await browser.get(PAGE)).status == 403
        assert (await browser.get(f"{PAGE}/export")).status == 403
        assert (await send(browser, b"x")).status == 403


async def test_nobody_else_makes_the_server_read_a_file(panel: Running) -> None:
    """A stranger's upload is answered while most of it has not arrived."""
    async with panel.browser() as browser:
        slow = asyncio.Event()

        async def body() -> AsyncIterator[bytes]:
            yield b"--x\r\n"
            await slow.wait()

        headers = {
            "Sec-Fetch-Site": "same-origin", "Content-Type": "multipart/form-data; boundary=x",
        }  # fmt: skip
        async with asyncio.timeout(10):
            response = await browser.client.post(
                f"{PAGE}/import", data=body(), headers=headers, allow_redirects=False
            )
        slow.set()
        assert response.status == 303
        assert response.headers["Location"].startswith("/panel/sign-in")


async def test_an_upload_of_another_site_is_refused(panel: Running) -> None:
    """As any other form."""
    async with panel.signed_in(Role.PUBLISHER) as browser:
        headers = {"Cookie": f"{browser.cookie}={browser.token}", "Sec-Fetch-Site": "cross-site"}
        response = await browser.client.post(f"{PAGE}/import", data=b"x", headers=headers)
        assert response.status == 403


async def test_an_unknown_import_is_not_found(panel: Running) -> None:
    """Nor is one that another page has kept."""
    async with panel.signed_in(Role.PUBLISHER) as browser:
        assert (await browser.get(f"{PAGE}/none")).status == 404
        assert (await browser.post(f"{PAGE}/none/confirm")).status == 404
