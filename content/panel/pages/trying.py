"""The "try it" box: what the assistant understands of a text, and would answer."""

from aiohttp import web

from content.catalogue import LANGUAGES
from content.panel import spoken
from content.panel.permissions import Permission
from content.panel.ports import Trial
from content.panel.routing import get, post
from content.panel.visit import Visit

LONGEST = 1000


async def _try(visit: Visit) -> web.StreamResponse:
    return await _page(visit)


async def _ask(visit: Visit) -> web.StreamResponse:
    text, language = visit.field("text"), visit.field("language")
    language = language if language in LANGUAGES else ""
    if not text:
        wrong = visit.say("Escriba una pregunta, como la escribiría una persona en el chat.")
        return await _page(visit, text, language, wrong=wrong, status=422)
    if len(text) > LONGEST:
        wrong = visit.say("Escriba a lo más {most} caracteres.", most=LONGEST)
        return await _page(visit, text, language, wrong=wrong, status=422)
    trial = await visit.assistant.trying.ask(text, language, visit.language)
    return await _page(visit, text, language, trial=trial)


async def _page(
    visit: Visit,
    text: str = "",
    language: str = "",
    *,
    trial: Trial | None = None,
    wrong: str = "",
    status: int = 200,
) -> web.Response:
    card = visit.assistant.catalogue().cards.get(trial.emergency) if trial else None
    return await visit.page(
        "try/try.html",
        status=status,
        text=text,
        language=language,
        longest=LONGEST,
        trial=trial,
        decision=_decision(visit, trial.decision) if trial else "",
        danger=card.titles.get(visit.language, card.titles["es"]) if card else "",
        wrong=wrong,
        channel_name=lambda name: spoken.channel(visit, name),
        intent_name=lambda name: spoken.intent(visit, name),
    )


def _decision(visit: Visit, decision: str) -> str:
    return {
        "emergency": visit.say("Muestra primero la tarjeta de emergencia."),
        "rule": visit.say("Hace lo que el texto pide, sin buscar una respuesta."),
        "sure": visit.say("Responde directamente."),
        "offer": visit.say("Pregunta cuál de estos temas es."),
        "outside": visit.say("Dice que sobre eso no puede informar."),
        "unknown": visit.say("Dice que no entendió y muestra los temas."),
    }.get(decision, decision)


ROUTES = (
    get("/try", Permission.READ, _try),
    post("/try", Permission.READ, _ask),
)
