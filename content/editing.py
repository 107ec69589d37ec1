"""What staff do to texts and other contents, one function for each act.

Each takes the session of a transaction, which the caller commits, and writes its line of the audit
log there. Drafts answer nobody: what is approved waits for a release. Acts wait for each other, so
that of two persons who save at a time the second is told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from content import audit
from content.catalogue import LANGUAGES, SECTIONS, SOURCE_LANGUAGE
from content.documents import published_body
from content.drafts import (
    document_in_work,
    fingerprint,
    published_document,
    published_text,
    text_in_work,
)
from content.faults import ContentError
from content.models import ArticleRow, RevisionRow
from content.panel.tables import DocumentRevisionRow
from content.publishing import EXAMPLES, INTENT, lock_content
from content.sheets import writable
from content.workflow import Action, SecondPersonNeeded, Status, advance

AnyRevision: TypeAlias = RevisionRow | DocumentRevisionRow


class Outdated(ContentError):
    """Somebody else saved in between. `now_stored` is what she would overwrite.

    It belongs to no session any more, and can be read when the transaction is undone.
    """

    def __init__(self, now_stored: AnyRevision | None) -> None:
        super().__init__("Somebody else has changed this since it was opened.")
        self.now_stored = now_stored


class NotEditable(ContentError):
    """The text waits for a review or a release: it must be returned before it is changed."""

    def __init__(self, status: Status) -> None:
        super().__init__(f"A text that is {status} cannot be changed; return it first.")
        self.status = status


class NotThere(ContentError):
    """There is no such article, text or document."""


class Incomplete(ContentError):
    """Something that must be written is missing. `field` names it."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} is missing.")
        self.field = field


@dataclass(frozen=True, slots=True)
class Act:
    """Who acts, and when."""

    staff: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """The state from which a form was filled in.

    `revision` is the id of the draft, 0 if there was none; `edits` its count of savings. `base`
    tells what was published: for a text the id of the revision, for a document its
    `drafts.fingerprint`; 0 if there was none.
    """

    revision: int = 0
    edits: int = 0
    base: int = 0


@dataclass(frozen=True, slots=True)
class Fields:
    """What is written of one article in one language."""

    title: str
    label: str
    sections: Mapping[str, str]


async def save_text(
    session: AsyncSession,
    act: Act,
    article: str,
    language: str,
    fields: Fields,
    seen: Seen,
    *,
    renders: int | None = None,
) -> RevisionRow:
    """Save a draft; raise `Outdated`, `NotEditable`, `Incomplete` or `NotThere`.

    A translation renders the Spanish text of the number `renders`, which its translator saw; None:
    the newest there is, in work or published.
    """
    await lock_content(session)
    if language not in LANGUAGES or await session.get(ArticleRow, article) is None:
        raise NotThere(f"There is no article {article} in {language}.")
    clean = _clean(fields)
    if not clean.title:
        raise Incomplete("title")
    draft = await text_in_work(session, article, language)
    published = await published_text(session, article, language)
    _refuse_outdated(session, draft, seen, published.id if published else 0)
    if draft is None:
        draft = RevisionRow(
            article_id=article, language=language, status=Status.DRAFT, edits=0, editors=[],
            number=await _next_text(session, article, language), author=act.staff, note="",
            pending_review=published.pending_review if published else language != SOURCE_LANGUAGE,
            translates=1, created_at=act.at,
        )  # fmt: skip
        session.add(draft)
    elif language == SOURCE_LANGUAGE and await _is_rendered(session, draft, clean):
        draft = await _followed(session, draft, act)
    draft.title, draft.label, draft.sections = clean.title, clean.label, dict(clean.sections)
    if language == SOURCE_LANGUAGE:
        draft.translates, draft.pending_review = draft.number, False
    else:
        newest = await _newest_source(session, article)
        draft.translates = min(renders, newest) if renders else newest
        draft.pending_review = True  # somebody who speaks the language confirms it anew
    _saved(draft, act)
    await session.flush()
    await audit.record(session, act.staff, "text_saved", text_name(draft), act.at)
    return draft


def _clean(fields: Fields) -> Fields:
    return Fields(
        " ".join(writable(fields.title).split()),
        " ".join(writable(fields.label).split()),
        {name: text for name in SECTIONS if (text := writable(fields.sections.get(name, "")))},
    )


async def _is_rendered(session: AsyncSession, draft: RevisionRow, new: Fields) -> bool:
    """Say whether a draft that is about to change has been translated as it stands."""
    if (draft.title, draft.label, dict(draft.sections)) == (new.title, new.label, new.sections):
        return False
    query = select(RevisionRow.id).where(
        RevisionRow.article_id == draft.article_id,
        RevisionRow.language != SOURCE_LANGUAGE,
        RevisionRow.translates == draft.number,
    )
    return await session.scalar(query.limit(1)) is not None


async def _followed(session: AsyncSession, draft: RevisionRow, act: Act) -> RevisionRow:
    """Put a new revision in the place of a translated draft, which stays for comparing with."""
    draft.status = Status.ARCHIVED
    following = RevisionRow(
        article_id=draft.article_id, language=draft.language, status=Status.DRAFT,
        number=await _next_text(session, draft.article_id, draft.language), edits=draft.edits,
        editors=list(draft.editors), author=draft.author, note=draft.note, created_at=act.at,
    )  # fmt: skip
    session.add(following)
    return following


async def save_document(
    session: AsyncSession, act: Act, kind: str, document: str, body: Any, seen: Seen
) -> DocumentRevisionRow:
    """Save a change to a document; raise `Outdated` or `NotEditable`.

    Where there is no draft yet and `seen.base` is given, what is published must still be that.
    """
    await lock_content(session)
    draft = await document_in_work(session, kind, document)
    base = seen.base
    if draft is None and base:
        base = fingerprint(await published_body(session, kind, document))
    _refuse_outdated(session, draft, seen, base)
    if draft is None:
        last = await session.scalar(
            select(func.max(DocumentRevisionRow.number)).where(
                DocumentRevisionRow.kind == kind, DocumentRevisionRow.document == document
            )
        )
        draft = DocumentRevisionRow(
            kind=kind, document=document, number=(last or 0) + 1, status=Status.DRAFT, edits=0,
            editors=[], author=act.staff, note="", created_at=act.at,
        )  # fmt: skip
        session.add(draft)
    draft.body = body
    _saved(draft, act)
    await session.flush()
    await audit.record(session, act.staff, "document_saved", document_name(draft), act.at)
    return draft


def _refuse_outdated(
    session: AsyncSession, draft: AnyRevision | None, seen: Seen, base: int
) -> None:
    if (draft.id if draft else 0, draft.edits if draft else 0) != (seen.revision, seen.edits):
        raise _outdated(session, draft)
    if draft is None and base != seen.base:
        raise Outdated(None)
    if draft is not None and draft.status is not Status.DRAFT:
        raise NotEditable(draft.status)


def _outdated(session: AsyncSession, stored: AnyRevision | None) -> Outdated:
    if stored is not None:
        session.expunge(stored)
    return Outdated(stored)


def _saved(draft: AnyRevision, act: Act) -> None:
    draft.edits += 1
    draft.updated_at = act.at
    if act.staff not in draft.editors:
        draft.editors = [*draft.editors, act.staff]


async def _next_text(session: AsyncSession, article: str, language: str) -> int:
    last = await session.scalar(
        select(func.max(RevisionRow.number)).where(
            RevisionRow.article_id == article, RevisionRow.language == language
        )
    )
    return (last or 0) + 1


async def _newest_source(session: AsyncSession, article: str) -> int:
    """Return the number of the Spanish text that a translator has before her."""
    newest = await text_in_work(session, article, SOURCE_LANGUAGE)
    newest = newest or await published_text(session, article, SOURCE_LANGUAGE)
    return newest.number if newest else 1


async def step(
    session: AsyncSession,
    act: Act,
    draft: AnyRevision,
    action: Action,
    *,
    note: str = "",
    read_by_speaker: bool = False,
    edits: int | None = None,
) -> None:
    """Submit, return, approve or discard; raise `NotPossible`, `SecondPersonNeeded`, `Incomplete`.

    With `edits` raise `Outdated` if it was saved more often than that: approved is what was read.
    A return needs a `note` for the author. `read_by_speaker`: whoever approves a translation
    speaks its language and has read it, so readers need no warning any more.
    """
    if action in (Action.PUBLISH, Action.ARCHIVE):
        raise ContentError("Only a release publishes or archives.")
    await lock_content(session)
    await session.refresh(draft)
    if edits is not None and draft.edits != edits:
        raise _outdated(session, draft)
    if action is Action.RETURN and not note.strip():
        raise Incomplete("note")
    draft.status = advance(draft.status, action, authors=draft.editors, actor=act.staff)
    draft.note, draft.updated_at = note.strip(), act.at
    if action is Action.APPROVE:
        draft.approved_by = act.staff
        if isinstance(draft, RevisionRow) and draft.language != SOURCE_LANGUAGE:
            draft.pending_review = not read_by_speaker
    else:
        draft.approved_by = None
    await session.flush()
    subject = text_name(draft) if isinstance(draft, RevisionRow) else document_name(draft)
    await audit.record(session, act.staff, _DONE[action], subject, act.at)


_DONE = {
    Action.SUBMIT: "sent_to_review",
    Action.RETURN: "returned",
    Action.APPROVE: "approved",
    Action.DISCARD: "discarded",
}


async def confirm_read(session: AsyncSession, act: Act, article: str, language: str) -> RevisionRow:
    """Approve a published translation anew as read by a speaker.

    Raise `NotThere`, `Outdated` or `SecondPersonNeeded`. The text stays word for word; readers
    lose the warning with the next release.
    """
    await lock_content(session)
    published = await published_text(session, article, language)
    if published is None or language == SOURCE_LANGUAGE or not published.pending_review:
        raise NotThere("There is no published translation that waits for a speaker.")
    if act.staff in published.editors:
        raise SecondPersonNeeded(Action.APPROVE)
    if (draft := await text_in_work(session, article, language)) is not None:
        raise _outdated(session, draft)
    confirmed = RevisionRow(
        article_id=article, language=language, status=Status.APPROVED, edits=0,
        number=await _next_text(session, article, language), translates=published.translates,
        title=published.title, label=published.label, sections=dict(published.sections),
        pending_review=False, author=published.author, editors=list(published.editors),
        approved_by=act.staff, note="", created_at=act.at, updated_at=act.at,
    )  # fmt: skip
    session.add(confirmed)
    await session.flush()
    await audit.record(session, act.staff, "read_by_speaker", text_name(confirmed), act.at)
    return confirmed


async def new_article(
    session: AsyncSession, act: Act, article: str, *, audience: str, ask: str, owner: str = "uim"
) -> ArticleRow:
    """Make an article without any text; nobody sees it before its Spanish text is published.

    Raise `Incomplete("id")` where the id is taken; the caller has checked its form and its topic.
    """
    await lock_content(session)
    if await session.get(ArticleRow, article) is not None:
        raise Incomplete("id")
    last = await session.scalar(select(func.max(ArticleRow.position)))
    row = ArticleRow(
        id=article, position=(last or 0) + 1, status="published", audience=audience, ask=ask,
        related=[], emergency=None, ground=[], review_due=None, valid_until=None, owner=owner,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    await audit.record(session, act.staff, "article_made", article, act.at)
    return row


async def add_examples(
    session: AsyncSession, act: Act, article: str, language: str, examples: Sequence[str]
) -> DocumentRevisionRow:
    """Add ways of asking to the draft of an article's examples; raise `NotEditable`, `NotThere`."""
    if language not in LANGUAGES or await session.get(ArticleRow, article) is None:
        raise NotThere(f"There is no article {article}.")
    return await _add(session, act, EXAMPLES, article, language, examples)


async def add_intent_examples(
    session: AsyncSession, act: Act, intent: str, language: str, examples: Sequence[str]
) -> DocumentRevisionRow:
    """Add ways of saying something else ("out_of_scope"); raise `NotEditable` or `NotThere`."""
    if language not in LANGUAGES or await published_document(session, INTENT, intent) is None:
        raise NotThere(f"There is no intent {intent}.")
    return await _add(session, act, INTENT, intent, language, examples)


async def _add(
    session: AsyncSession, act: Act, kind: str, document: str, language: str, more: Sequence[str]
) -> DocumentRevisionRow:
    await lock_content(session)
    draft = await document_in_work(session, kind, document)
    body = draft.body if draft else await published_document(session, kind, document)
    by_language = dict(body["examples"] if kind == INTENT else body)
    had = list(by_language.get(language, []))
    known = {one.casefold() for one in had}
    for example in (" ".join(writable(one).split()) for one in more):
        if example and example.casefold() not in known:
            known.add(example.casefold())
            had.append(example)
    by_language[language] = had
    changed = {**body, "examples": by_language} if kind == INTENT else by_language
    seen = Seen(draft.id, draft.edits) if draft else Seen()
    return await save_document(session, act, kind, document, changed, seen)


def text_name(row: RevisionRow) -> str:
    """Name a text in the audit log: '<article> <language> <number>'."""
    return f"{row.article_id} {row.language} {row.number}"


def document_name(row: DocumentRevisionRow) -> str:
    """Name a change of a document in the audit log: '<kind> <id> <number>'."""
    return f"{row.kind} {row.document} {row.number}"
