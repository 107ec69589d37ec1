"""Clicking through a guided path as a person would, draft or not."""

from aiohttp import web
from markupsafe import Markup, escape

from content.panel.documents.kinds import KINDS
from content.panel.documents.opening import opened
from content.panel.permissions import Permission
from content.panel.routing import get
from content.panel.visit import Visit
from content.publishing import PATH

_LONGEST_WAY = 20


async def _walk(visit: Visit) -> web.StreamResponse:
    async with visit.reading() as session:
        shown = await opened(visit, session, KINDS[PATH], visit.arg("document"))
    body = shown.body
    if not body:
        raise web.HTTPNotFound
    questions = {q.get("id"): q for q in body.get("questions") or ()}
    ends = {e.get("id"): e for e in body.get("ends") or ()}
    language = visit.asked("language", "es")
    at, way = body.get("first", ""), []
    for index in visit.asked("way").split("-")[:_LONGEST_WAY]:
        options = questions.get(at, {}).get("options") or []
        if not index.isascii() or not index.isdigit() or int(index[:3]) >= len(options):
            break
        chosen = options[int(index[:3])]
        way.append(
            (_said(questions[at], "text", language), _said(chosen, "label", language), index)
        )
        at = chosen.get("to", "")
    end = ends.get(at)
    catalogue = visit.assistant.catalogue()
    article = catalogue.articles.get((end or {}).get("article") or "")
    card = catalogue.cards.get((end or {}).get("emergency") or "")
    return await visit.page(
        "documents/walk.html",
        shown=shown,
        language=language,
        way=way,
        taken="-".join(index for _, _, index in way),
        question=questions.get(at),
        end=end,
        said=lambda row, key: _said(row, key, language),
        marked=marked,
        article=article,
        text=article.texts.get(language) if article else None,
        card=card,
    )


def _said(row: object, key: str, language: str) -> str:
    texts = row.get(key) if isinstance(row, dict) else None
    found = texts.get(language) if isinstance(texts, dict) else None
    return str(found or "")


def marked(text: str) -> Markup:
    """Return a text with **bold** shown as such; line breaks are kept by the style."""
    parts = text.split("**")
    return Markup("").join(
        Markup("<strong>{}</strong>").format(part) if index % 2 else escape(part)
        for index, part in enumerate(parts)
    )


ROUTES = (get("/documents/path/{document}/walk", Permission.READ, _walk),)
