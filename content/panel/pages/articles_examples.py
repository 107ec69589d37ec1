"""How people ask for an answer: what the model learns from, and what must stay answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from content import editing
from content.catalogue import LANGUAGES
from content.checks.examples import MINIMUM
from content.editing import Act, NotEditable, Outdated, Seen
from content.panel.permissions import Permission
from content.panel.routing import get, post
from content.panel.visit import Visit
from content.panel.writing import lookups, phrasing
from content.panel.writing.answers import Answer, document_state, load
from content.panel.writing.hints import Hint
from content.panel.writing.sections import read_seen
from content.publishing import EXAMPLES, GOLDEN
from content.workflow import Status

Phrases = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class _Form:
    """Both lists by language, as typed, and the states that they were filled in from."""

    examples: Phrases
    golden: Phrases
    seen: Mapping[str, Seen]
    status: int = 200
    wrong: Mapping[str, Hint] = field(default_factory=dict)
    theirs: Mapping[str, Phrases] = field(default_factory=dict)


async def _edit(visit: Visit) -> web.StreamResponse:
    async with visit.reading() as session:
        answer = await load(visit, session)
        _, examples, seen_examples = await document_state(session, EXAMPLES, answer.id)
        _, golden, seen_golden = await document_state(session, GOLDEN, answer.id)
    seen = {EXAMPLES: seen_examples, GOLDEN: seen_golden}
    by_language = phrasing.golden_by_language(golden)
    return await _page(visit, answer, _Form(examples or {}, by_language, seen))


async def _save(visit: Visit) -> web.StreamResponse:
    examples = {code: phrasing.lines(visit.field(f"examples-{code}")) for code in LANGUAGES}
    golden = {code: phrasing.lines(visit.field(f"golden-{code}")) for code in LANGUAGES}
    seen = {kind: read_seen(visit, f"{kind}-") for kind in (EXAMPLES, GOLDEN)}
    wrong = {
        f"{kind}-{code}": hint
        for kind, lists in ((EXAMPLES, examples), (GOLDEN, golden))
        for code, phrases in lists.items()
        if (hint := phrasing.refused(phrases))
    }
    async with visit.reading() as session:
        answer = await load(visit, session)
    if wrong:
        return await _page(visit, answer, _Form(examples, golden, seen, 422, wrong))
    try:
        async with visit.transaction() as session:
            await _store(visit, session, answer.id, EXAMPLES, examples, seen[EXAMPLES])
            await _store(visit, session, answer.id, GOLDEN, golden, seen[GOLDEN])
    except (Outdated, NotEditable):
        return await _conflict(visit, examples, golden)
    notice = visit.say("Guardado como borrador. El asistente las aprende cuando se publiquen.")
    return await visit.go(f"{answer.path}/examples", notice)


async def _store(
    visit: Visit, session: AsyncSession, article: str, kind: str, lists: Phrases, seen: Seen
) -> None:
    """Save one of the two lists where it changed."""
    _, stored, _ = await document_state(session, kind, article)
    if kind == GOLDEN:
        body: Any = phrasing.golden_body(article, lists)
        same = body == list(stored or [])
    else:
        body = {code: list(phrases) for code, phrases in lists.items() if phrases}
        same = body == (stored or {})
    if not same:
        act = Act(visit.member.email, visit.now)
        await editing.save_document(session, act, kind, article, body, seen)


async def _conflict(visit: Visit, examples: Phrases, golden: Phrases) -> web.StreamResponse:
    async with visit.reading() as session:
        answer = await load(visit, session)
        _, their_examples, seen_examples = await document_state(session, EXAMPLES, answer.id)
        _, their_golden, seen_golden = await document_state(session, GOLDEN, answer.id)
    seen = {EXAMPLES: seen_examples, GOLDEN: seen_golden}
    theirs: dict[str, Phrases] = {
        EXAMPLES: their_examples or {}, GOLDEN: phrasing.golden_by_language(their_golden),
    }  # fmt: skip
    return await _page(visit, answer, _Form(examples, golden, seen, 409, theirs=theirs))


def _only_theirs(form: _Form) -> dict[str, list[str]]:
    """Return what a colleague saved and hers lacks, by the name of the field."""
    mine = {EXAMPLES: form.examples, GOLDEN: form.golden}
    return {
        f"{kind}-{code}": missing
        for kind, lists in form.theirs.items()
        for code, phrases in lists.items()
        if (missing := [one for one in phrases if one not in mine[kind].get(code, [])])
    }


async def _page(visit: Visit, answer: Answer, form: _Form) -> web.StreamResponse:
    catalogue = visit.assistant.catalogue()
    known = await visit.panel.memory.nearly(*lookups.owners_of(catalogue))
    waiting = [row for row in answer.documents.values() if row.kind in (EXAMPLES, GOLDEN)]
    learned = [phrase for phrases in form.examples.values() for phrase in phrases]
    return await visit.page(
        "articles/examples.html",
        status=form.status,
        answer=answer,
        drafts=waiting,
        waits=next((row for row in waiting if row.status is not Status.DRAFT), None),
        form=form,
        only_theirs=_only_theirs(form),
        minimum=MINIMUM,
        hints={
            code: phrasing.of_examples(answer.id, code, form.examples.get(code, []), known)
            for code in LANGUAGES
        },
        golden_hints={
            code: phrasing.of_golden(form.golden.get(code, []), learned) for code in LANGUAGES
        },
    )


ROUTES = (
    get("/articles/{topic}/{slug}/examples", Permission.WRITE, _edit),
    post("/articles/{topic}/{slug}/examples", Permission.WRITE, _save, 1024 * 1024),
)
