"""What staff do to drafts, in real databases: nothing reaches a reader, nobody loses a word."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from content import comments, editing, encoding, switching
from content.catalogue import Catalogue
from content.drafts import (
    document_in_work,
    fingerprint,
    published_document,
    published_text,
    text_in_work,
)
from content.editing import (
    Act,
    Fields,
    Incomplete,
    NotEditable,
    NotThere,
    Outdated,
    Seen,
    save_document,
    save_text,
    step,
)
from content.exchange.transfer import export_folder
from content.faults import ContentError, FaultyTree
from content.models import DocumentRow, RevisionRow
from content.panel.tables import AuditRow, DocumentRevisionRow
from content.publishing import (
    ARTICLE,
    EXAMPLES,
    GOLDEN,
    INTENT,
    LONG_AGO,
    Changes,
    current_version,
    load_catalogue,
    lock_content,
)
from content.rendering import render_tree
from content.storing import FILES_AUTHOR, store_catalogue
from content.workflow import Action, NotPossible, SecondPersonNeeded, Status
from tests.fakes import content as fake

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ANA, BEA, CLARA = (Act(f"{name}@example.org", NOW) for name in ("ana", "bea", "clara"))
ARTICLE_ID = "health/access"

Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
async def sessions(engine: AsyncEngine) -> Sessions:
    """Sessions on a database with the small catalogue published."""
    maker = async_sessionmaker(engine, expire_on_commit=False)
    async with maker.begin() as session:
        await store(session, fake.catalogue())
    return maker


async def store(
    session: AsyncSession, catalogue: Catalogue, author: str = FILES_AUTHOR, origin: str = "seed"
) -> None:
    """Publish a whole catalogue."""
    await lock_content(session)
    await store_catalogue(session, catalogue, author=author, origin=origin, now=NOW)


def fields(answer: str = "**No.** Llame.", **sections: str) -> Fields:
    """Return a text with an answer."""
    return Fields("Otro título", "Otro", {"answer": answer, **sections})


async def seen(session: AsyncSession, language: str = "es", article: str = ARTICLE_ID) -> Seen:
    """Return the state that a form would be filled in from now."""
    draft = await text_in_work(session, article, language)
    published = await published_text(session, article, language)
    base = published.id if published else 0
    return Seen(draft.id, draft.edits, base) if draft else Seen(base=base)


async def saved(session: AsyncSession, act: Act, text: Fields, language: str = "es") -> RevisionRow:
    """Save a text from its present state."""
    return await save_text(session, act, ARTICLE_ID, language, text, await seen(session, language))


async def taken(session: AsyncSession, act: Act, action: Action, language: str = "es") -> None:
    """Take a step with the text in work."""
    draft = await text_in_work(session, ARTICLE_ID, language)
    assert draft is not None
    await step(session, act, draft, action, note="Falta la norma.")


async def acts(session: AsyncSession) -> list[tuple[str, str, str]]:
    """Return the lines of the audit log."""
    rows = await session.execute(
        select(AuditRow.staff, AuditRow.action, AuditRow.subject).order_by(AuditRow.id)
    )
    return [(row.staff, row.action, row.subject) for row in rows]


async def test_a_draft_answers_nobody(sessions: Sessions) -> None:
    """It stands beside what is published, and the audit log says who saved it."""
    async with sessions.begin() as session:
        before = (await load_catalogue(session)).version
        draft = await saved(session, ANA, fields())
    async with sessions() as session:
        assert (await load_catalogue(session)).version == before
        assert (draft.number, draft.status, draft.edits) == (2, Status.DRAFT, 1)
        assert await acts(session) == [("ana@example.org", "text_saved", "health/access es 2")]


async def test_a_draft_can_be_tried(sessions: Sessions) -> None:
    """With its examples and dates, in a catalogue of its own version."""
    async with sessions.begin() as session:
        draft = await saved(session, ANA, fields())
        body = await published_document(session, ARTICLE, ARTICLE_ID)
        dated = await save_document(
            session, ANA, ARTICLE, ARTICLE_ID, {**body, "valid_until": "2027-01-31"}, Seen()
        )
        asked = await editing.add_examples(session, ANA, ARTICLE_ID, "fr", ["  une  question "])
    async with sessions() as session:
        published = await load_catalogue(session)
        tried = await load_catalogue(session, Changes([draft.id], [dated.id, asked.id]))
    article = tried.articles[ARTICLE_ID]
    assert article.texts["es"].sections["answer"] == "**No.** Llame."
    assert article.texts["es"].revision == 2
    assert str(article.valid_until) == "2027-01-31"
    assert article.texts["fr"].examples[-1] == "une question"
    assert article.texts["es"].examples == published.articles[ARTICLE_ID].texts["es"].examples
    assert tried.version != published.version


async def test_an_article_can_be_taken_away(sessions: Sessions) -> None:
    """By a change to nothing."""
    async with sessions.begin() as session:
        gone = await save_document(session, ANA, ARTICLE, "health/birth", None, Seen())
    async with sessions() as session:
        tried = await load_catalogue(session, Changes(documents=[gone.id]))
    assert "health/birth" not in tried.articles


async def test_the_second_of_two_writers_is_told(sessions: Sessions) -> None:
    """She gets what the first one saved, and nothing of either is lost."""
    async with sessions() as session:
        opened = await seen(session)
    async with sessions.begin() as session:
        await save_text(session, ANA, ARTICLE_ID, "es", fields("De Ana."), opened)
    with pytest.raises(Outdated) as told:
        async with sessions.begin() as session:
            await save_text(session, BEA, ARTICLE_ID, "es", fields("De Bea."), opened)
    assert isinstance(told.value.now_stored, RevisionRow)
    assert told.value.now_stored.sections == {"answer": "De Ana."}


async def test_two_who_save_at_the_same_moment(sessions: Sessions) -> None:
    """One saves, and each of the others is told: no draft is made twice or overwritten."""
    async with sessions() as session:
        opened = await seen(session)

    async def save(act: Act) -> bool:
        try:
            async with sessions.begin() as session:
                await save_text(session, act, ARTICLE_ID, "es", fields(act.staff), opened)
        except Outdated:
            return False
        return True

    assert sorted(await asyncio.gather(*(save(act) for act in (ANA, BEA, CLARA)))) == [
        False, False, True,
    ]  # fmt: skip
    async with sessions() as session:
        opened = await seen(session)
    assert sorted(await asyncio.gather(*(save(act) for act in (ANA, BEA)))) == [False, True]


async def test_two_who_step_at_the_same_moment(sessions: Sessions) -> None:
    """A text that is being returned is not approved."""
    async with sessions.begin() as session:
        await saved(session, ANA, fields())
        await taken(session, ANA, Action.SUBMIT)

    async def take(act: Act, action: Action) -> bool:
        try:
            async with sessions.begin() as session:
                await taken(session, act, action)
        except NotPossible:
            return False
        return True

    both = await asyncio.gather(take(BEA, Action.APPROVE), take(BEA, Action.APPROVE))
    assert sorted(both) == [False, True]


async def test_what_was_published_meanwhile_is_not_undone(sessions: Sessions) -> None:
    """A text opened before a release cannot be saved over what the release brought."""
    async with sessions() as session:
        opened = await seen(session)
        body = await published_document(session, ARTICLE, ARTICLE_ID)
        of_body = Seen(base=fingerprint(body))
    async with sessions.begin() as session:
        old = fake.catalogue()
        was = old.articles[ARTICLE_ID].texts["es"]
        new = fake.changed(old, ARTICLE_ID, "es", title="Nuevo", revision=was.revision + 1)
        articles = [replace(article, owner="otra") for article in new.articles.values()]
        await store(session, encoding.with_articles(new, articles), "import", "import")
    with pytest.raises(Outdated):
        async with sessions.begin() as session:
            await save_text(session, ANA, ARTICLE_ID, "es", fields(), opened)
    with pytest.raises(Outdated):
        async with sessions.begin() as session:
            await save_document(session, ANA, ARTICLE, ARTICLE_ID, body, of_body)


async def test_two_persons(sessions: Sessions) -> None:
    """Nobody who wrote in a text approves it, not even one word, not even long ago."""
    async with sessions.begin() as session:
        await saved(session, ANA, fields("Uno."))
        await saved(session, BEA, fields("Dos."))
        await taken(session, ANA, Action.SUBMIT)
    for writer in (ANA, BEA):
        with pytest.raises(SecondPersonNeeded):
            async with sessions.begin() as session:
                await taken(session, writer, Action.APPROVE)
    async with sessions.begin() as session:
        await taken(session, CLARA, Action.RETURN)
        await saved(session, ANA, fields("Tres."))
        await taken(session, ANA, Action.SUBMIT)
    with pytest.raises(SecondPersonNeeded):
        async with sessions.begin() as session:
            await taken(session, BEA, Action.APPROVE)
    async with sessions.begin() as session:
        await taken(session, CLARA, Action.APPROVE)
        draft = await text_in_work(session, ARTICLE_ID, "es")
    assert draft is not None
    assert (draft.status, draft.approved_by) == (Status.APPROVED, "clara@example.org")


async def test_documents_need_two_persons_as_well(sessions: Sessions) -> None:
    """Whoever added an example with one click is among the writers."""
    async with sessions.begin() as session:
        await editing.add_examples(session, ANA, ARTICLE_ID, "es", ["una"])
        draft = await editing.add_examples(session, BEA, ARTICLE_ID, "es", ["otra"])
        await step(session, ANA, draft, Action.SUBMIT)
    with pytest.raises(SecondPersonNeeded):
        async with sessions.begin() as session:
            await step(
                session, BEA, await session.get_one(DocumentRevisionRow, draft.id), Action.APPROVE
            )


async def test_a_return_says_why(sessions: Sessions) -> None:
    """Without a note the author would not know what to do."""
    async with sessions.begin() as session:
        draft = await saved(session, ANA, fields())
        await taken(session, ANA, Action.SUBMIT)
    with pytest.raises(Incomplete, match="note"):
        async with sessions.begin() as session:
            await step(
                session, BEA, await session.get_one(RevisionRow, draft.id), Action.RETURN, note=" "
            )
    async with sessions.begin() as session:
        await taken(session, BEA, Action.RETURN)
        returned = await text_in_work(session, ARTICLE_ID, "es")
    assert returned is not None
    assert (returned.status, returned.note) == (Status.DRAFT, "Falta la norma.")


async def test_approved_is_what_was_read(sessions: Sessions) -> None:
    """A text that was returned, changed and sent again since then is not approved."""
    async with sessions.begin() as session:
        await saved(session, ANA, fields())
        await taken(session, ANA, Action.SUBMIT)
        read = await seen(session)
        await taken(session, BEA, Action.RETURN)
        await saved(session, ANA, fields("Algo muy distinto."))
        await taken(session, ANA, Action.SUBMIT)
    async with sessions.begin() as session:
        draft = await session.get_one(RevisionRow, read.revision)
        with pytest.raises(Outdated):
            await step(session, BEA, draft, Action.APPROVE, edits=read.edits)


async def test_what_waits_is_not_changed(sessions: Sessions) -> None:
    """In review and approved, a text must be returned before anybody writes in it."""
    async with sessions.begin() as session:
        await saved(session, ANA, fields())
        await taken(session, ANA, Action.SUBMIT)
    with pytest.raises(NotEditable):
        async with sessions.begin() as session:
            await saved(session, ANA, fields("Más."))
    async with sessions.begin() as session:
        await taken(session, BEA, Action.APPROVE)
    with pytest.raises(NotEditable):
        async with sessions.begin() as session:
            await saved(session, ANA, fields("Más."))


async def test_a_discarded_draft_is_gone_from_work_and_kept(sessions: Sessions) -> None:
    """The next draft begins anew with the next number."""
    async with sessions.begin() as session:
        await saved(session, ANA, fields())
        await taken(session, ANA, Action.DISCARD)
        assert await text_in_work(session, ARTICLE_ID, "es") is None
        assert (await saved(session, ANA, fields())).number == 3
    async with sessions() as session:
        assert await session.scalar(select(func.count()).where(RevisionRow.number == 2)) == 1


@pytest.mark.parametrize("action", [Action.PUBLISH, Action.ARCHIVE])
async def test_only_a_release_publishes(sessions: Sessions, action: Action) -> None:
    """No step leads past the gate."""
    async with sessions.begin() as session:
        await saved(session, ANA, fields())
        with pytest.raises(ContentError):
            await taken(session, BEA, action)


async def test_translations_carry_the_number_that_they_render(sessions: Sessions) -> None:
    """The newest Spanish text there is, or the one that the translator had before her."""
    async with sessions.begin() as session:
        assert (await saved(session, BEA, fields(), "fr")).translates == 1
        await saved(session, ANA, fields("Nuevo."))
        assert (await saved(session, BEA, fields(), "fr")).translates == 2
        opened = await seen(session, "en")
        behind = await save_text(session, BEA, ARTICLE_ID, "en", fields(), opened, renders=1)
        assert behind.translates == 1
        assert behind.pending_review


async def test_a_draft_that_was_translated_is_kept_as_it_was(sessions: Sessions) -> None:
    """Else a translation would pass for one of words that its translator never saw."""
    async with sessions.begin() as session:
        first = await saved(session, ANA, fields("Uno."))
        await saved(session, BEA, fields("Un."), "fr")
        assert (await saved(session, ANA, fields("Uno."))).id == first.id
        second = await saved(session, CLARA, fields("Dos."))
        assert (second.number, second.editors) == (3, ["ana@example.org", "clara@example.org"])
        french = await text_in_work(session, ARTICLE_ID, "fr")
        assert french is not None
        assert french.translates == 2
        kept = await session.get_one(RevisionRow, first.id)
        assert (kept.status, kept.sections) == (Status.ARCHIVED, {"answer": "Uno."})


async def test_a_speaker_takes_the_warning_away(sessions: Sessions) -> None:
    """The words stay, and the release is still to come; nobody confirms her own text."""
    async with sessions.begin() as session:
        confirmed = await editing.confirm_read(session, CLARA, ARTICLE_ID, "qu")
        tried = await load_catalogue(session, Changes([confirmed.id]))
        before = (await load_catalogue(session)).articles[ARTICLE_ID].texts["qu"]
    after = tried.articles[ARTICLE_ID].texts["qu"]
    assert before.pending_review
    assert after == replace(before, pending_review=False)
    async with sessions.begin() as session:
        published = await published_text(session, ARTICLE_ID, "ht")
        assert published is not None
        published.editors = ["clara@example.org"]
    refusals = {"qu": Outdated, "es": NotThere, "en": NotThere, "ht": SecondPersonNeeded}
    for language, refusal in refusals.items():
        with pytest.raises(refusal):
            async with sessions.begin() as session:
                await editing.confirm_read(session, CLARA, ARTICLE_ID, language)


async def test_an_approved_translation_says_whether_a_speaker_read_it(sessions: Sessions) -> None:
    """Only if the reviewer says so."""
    async with sessions.begin() as session:
        for language, read in (("qu", True), ("ht", False)):
            draft = await saved(session, BEA, fields(), language)
            await step(session, BEA, draft, Action.SUBMIT)
            await step(session, CLARA, draft, Action.APPROVE, read_by_speaker=read)
            assert draft.pending_review is not read


@pytest.mark.parametrize(
    ("article", "language", "text", "refusal"),
    [
        ("health/none", "es", fields(), NotThere),
        (ARTICLE_ID, "de", fields(), NotThere),
        (ARTICLE_ID, "es", Fields("  ", "", {}), Incomplete),
    ],
)
async def test_what_cannot_be_saved(
    sessions: Sessions, article: str, language: str, text: Fields, refusal: type[Exception]
) -> None:
    """Texts of nothing, in no known language, or without a title."""
    with pytest.raises(refusal):
        async with sessions.begin() as session:
            await save_text(session, ANA, article, language, text, Seen())


async def test_what_people_paste_becomes_text(sessions: Sessions) -> None:
    """Tabs and separators of word processors would keep the text from being published."""
    pasted = Fields("Un\ttítulo", "Botón\u2028", {"answer": "Uno\u2028dos\ttres\ue000 .  \r\n"})
    async with sessions.begin() as session:
        draft = await saved(session, ANA, pasted)
        tried = await load_catalogue(session, Changes([draft.id]))
    text = tried.articles[ARTICLE_ID].texts["es"]
    assert (text.title, text.label) == ("Un título", "Botón")
    assert text.sections["answer"] == "Uno\ndos tres ."


async def test_a_draft_without_an_answer_cannot_be_tried(sessions: Sessions) -> None:
    """It can be saved, as work goes on, but no catalogue is made of it."""
    async with sessions.begin() as session:
        draft = await saved(session, ANA, Fields("Título", "", {"cost": "Es gratis."}))
    with pytest.raises(FaultyTree):
        async with sessions() as session:
            await load_catalogue(session, Changes([draft.id]))


async def test_a_new_article_appears_with_its_text(sessions: Sessions) -> None:
    """Before, nobody sees it; its id cannot be taken twice."""
    async with sessions.begin() as session:
        await editing.new_article(session, ANA, "health/teeth", audience="migrant", ask="¿Dientes?")
        draft = await save_text(session, ANA, "health/teeth", "es", fields(), Seen())
        asked = await editing.add_examples(session, ANA, "health/teeth", "es", ["me duele"])
    async with sessions() as session:
        assert "health/teeth" not in (await load_catalogue(session)).articles
        tried = await load_catalogue(session, Changes([draft.id], [asked.id]))
        assert tried.articles["health/teeth"].texts["es"].examples == ("me duele",)
    with pytest.raises(Incomplete):
        async with sessions.begin() as session:
            await editing.new_article(session, BEA, "health/teeth", audience="host", ask="¿?")


async def test_examples_are_added_once(sessions: Sessions) -> None:
    """Whatever their capitals; and to what is said besides asking as well."""
    async with sessions.begin() as session:
        draft = await editing.add_examples(
            session, ANA, ARTICLE_ID, "en", ["Where?", "where?", " "]
        )
        assert draft.body["en"][-1] == "Where?"
        assert len(draft.body["en"]) == 21
        again = await editing.add_examples(session, BEA, ARTICLE_ID, "en", ["WHERE?", "When?"])
        assert (again.id, len(again.body["en"])) == (draft.id, 22)
        said = await editing.add_intent_examples(session, ANA, "greet", "en", ["hiya"])
        tried = await load_catalogue(session, Changes(documents=[draft.id, said.id]))
    assert tried.articles[ARTICLE_ID].texts["en"].examples[-1] == "When?"
    assert tried.intents["greet"].examples["en"][-1] == "hiya"
    async with sessions() as session:
        with pytest.raises(NotThere):
            await editing.add_examples(session, ANA, "no/where", "en", ["x"])
        with pytest.raises(NotThere):
            await editing.add_intent_examples(session, ANA, "nothing", "en", ["x"])


async def off(sessions: Sessions) -> Catalogue:
    """Return the catalogue as processes load it."""
    async with sessions() as session:
        assert await current_version(session) == (await load_catalogue(session)).version
        return await load_catalogue(session)


async def test_an_answer_is_taken_back_at_once(sessions: Sessions) -> None:
    """Its text is withheld, every process hears of it, and it can come back."""
    before = await off(sessions)
    async with sessions.begin() as session:
        await switching.switch_off(session, BEA, ARTICLE_ID, " Cambió la norma. ")
        await switching.switch_off(session, CLARA, ARTICLE_ID, "Otra vez.")
    withheld = await off(sessions)
    assert withheld.articles[ARTICLE_ID].valid_until == LONG_AGO
    assert withheld.version != before.version
    async with sessions.begin() as session:
        await switching.switch_on(session, CLARA, ARTICLE_ID)
    assert (await off(sessions)).version == before.version
    async with sessions() as session:
        assert [act[1] for act in await acts(session)] == ["switched_off", "switched_on"]
    with pytest.raises(NotThere):
        async with sessions.begin() as session:
            await switching.switch_on(session, CLARA, ARTICLE_ID)
    for article, reason in ((ARTICLE_ID, " "), ("no/where", "x")):
        with pytest.raises(ContentError):
            async with sessions.begin() as session:
                await switching.switch_off(session, CLARA, article, reason)


async def test_switching_is_not_exported_and_survives_an_import(
    sessions: Sessions, tmp_path: Path
) -> None:
    """What is off stays off until somebody switches it on."""
    async with sessions.begin() as session:
        await switching.switch_off(session, BEA, ARTICLE_ID, "Cambió la norma.")
        exported = await export_folder(session, tmp_path / "out")
        assert exported.version == fake.catalogue().version
        assert render_tree(exported) == render_tree(fake.catalogue())
        new = fake.changed(fake.catalogue(), ARTICLE_ID, "fr", title="Autre")
        await store(session, new, "import", "import")
    withheld = await off(sessions)
    assert withheld.articles[ARTICLE_ID].valid_until == LONG_AGO
    assert withheld.articles[ARTICLE_ID].texts["fr"].title == "Autre"


async def test_other_kinds_survive_an_import(sessions: Sessions) -> None:
    """Golden questions and what else no file holds."""
    async with sessions.begin() as session:
        for kind in (GOLDEN, "something-new"):
            session.add(DocumentRow(kind=kind, id="global", position=0, body=[kind]))
        await store(session, fake.catalogue(), "import", "import")
        for kind in (GOLDEN, "something-new"):
            assert await published_document(session, kind, "global") == [kind]


async def test_drafts_survive_an_import_with_the_same_number(sessions: Sessions) -> None:
    """An import is not refused for the sake of a draft, nor does it publish or hide one."""
    async with sessions.begin() as session:
        draft = await saved(session, ANA, fields("En trabajo."))
        french = await saved(session, BEA, fields("En cours."), "fr")
        assert (draft.number, french.translates) == (2, 2)
        new = fake.changed(
            fake.catalogue(), ARTICLE_ID, "es", title="Nuevo", revision=2, translates=2
        )
        await store(session, new, "import", "import")
    async with sessions() as session:
        loaded = (await load_catalogue(session)).articles[ARTICLE_ID].texts
        assert (loaded["es"].title, loaded["es"].revision) == ("Nuevo", 2)
        kept = await text_in_work(session, ARTICLE_ID, "es")
        assert kept is not None
        assert (kept.id, kept.number, kept.translates) == (draft.id, 3, 3)
        still = await text_in_work(session, ARTICLE_ID, "fr")
        assert still is not None
        assert (still.id, still.translates) == (french.id, 3)
        tried = await load_catalogue(session, Changes([kept.id]))
    assert tried.articles[ARTICLE_ID].texts["es"].sections["answer"] == "En trabajo."


async def test_an_approved_text_becomes_the_published_one(sessions: Sessions) -> None:
    """The very revision that was approved, under its author's name; the older one is archived."""
    async with sessions.begin() as session:
        draft = await saved(session, ANA, fields("Nuevo."))
        await taken(session, ANA, Action.SUBMIT)
        await taken(session, BEA, Action.APPROVE)
        tried = await load_catalogue(session, Changes([draft.id]), switched=False)
        await store(session, tried, "clara@example.org", "staff")
    async with sessions() as session:
        rows = await session.scalars(
            select(RevisionRow)
            .where(RevisionRow.article_id == ARTICLE_ID, RevisionRow.language == "es")
            .order_by(RevisionRow.number)
        )
        found = [(row.id == draft.id, row.status, row.author) for row in rows]
        assert found == [
            (False, Status.ARCHIVED, FILES_AUTHOR),
            (True, Status.PUBLISHED, "ana@example.org"),
        ]
        assert (await load_catalogue(session)).version == tried.version


async def test_remarks(sessions: Sessions) -> None:
    """They stay in order, are settled by name, and are never empty."""
    subject = f"text:{ARTICLE_ID}:es"
    async with sessions.begin() as session:
        first = await comments.comment(session, ANA, subject, "¿Y la norma?")
        await comments.comment(session, BEA, subject, "Está en la fuente 2.")
        await comments.resolve(session, BEA, first.id)
        with pytest.raises(Incomplete):
            await comments.comment(session, ANA, subject, " \n ")
        with pytest.raises(NotThere):
            await comments.resolve(session, ANA, 999)
    async with sessions() as session:
        found = [(row.text, row.resolved_by) for row in await comments.comments(session, subject)]
    assert found == [("¿Y la norma?", "bea@example.org"), ("Está en la fuente 2.", None)]


async def test_the_log_holds_no_words(sessions: Sessions) -> None:
    """Neither of texts nor of remarks: only what was done to what."""
    secret = "palabras muy propias"
    async with sessions.begin() as session:
        await saved(session, ANA, fields(secret))
        await comments.comment(session, ANA, f"text:{ARTICLE_ID}:es", secret)
        await editing.add_examples(session, ANA, ARTICLE_ID, "es", [secret])
        details: list[Mapping[str, object]] = list(await session.scalars(select(AuditRow.detail)))
        lines = [*await acts(session), *details]
    assert len(lines) == 6
    assert not [line for line in lines if secret in str(line)]


async def test_what_has_no_draft(sessions: Sessions) -> None:
    """And a document that does not exist has no draft."""
    async with sessions() as session:
        assert await document_in_work(session, INTENT, "greet") is None
        assert await published_document(session, EXAMPLES, "no/where") == {}
        assert await published_document(session, ARTICLE, "no/where") is None
