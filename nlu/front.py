"""The address of an NLU service for bots elsewhere: one port, whatever serves behind it."""

import hmac
import json

import structlog
from aiohttp import web

from nlu.answering import (
    LARGEST_BODY,
    NO_QUESTION,
    NOT_FOUND,
    TOO_LARGE,
    WRONG_TOKEN,
    Answer,
    question_text,
)
from nlu.client import NluClient, NluUnavailable
from nlu.training import rasa_name

logger = structlog.get_logger()

_UNAVAILABLE = Answer.refusal(503, "The NLU service cannot answer now: ask again in a moment.")


class Front:
    """Answers `POST /model/parse` as the servers do, by asking a client that knows them.

    Bots elsewhere keep one address and one token while models, processes and ports change.
    """

    def __init__(self, client: NluClient, token: str) -> None:
        """Keep both."""
        self._client = client
        self._token = token.encode()

    def app(self) -> web.Application:
        """Return the HTTP application."""
        app = web.Application(client_max_size=LARGEST_BODY, middlewares=[_in_json])
        app.router.add_post("/model/parse", self._parse)
        app.router.add_get("/status", self._status)
        return app

    async def _parse(self, request: web.Request) -> web.Response:
        if not self._is_known(request):
            return _sent(WRONG_TOKEN)
        text = question_text(await request.read())
        if text is None:
            return _sent(NO_QUESTION)
        try:
            candidates = await self._client.parse(text)
        except NluUnavailable as unavailable:
            logger.warning("nlu_unavailable", reason=str(unavailable))
            return _sent(_UNAVAILABLE)
        ranking = [
            {"name": rasa_name(candidate.intent), "confidence": candidate.confidence}
            for candidate in candidates
        ]
        known = {"intent": ranking[0] if ranking else None, "intent_ranking": ranking}
        return _sent(Answer(200, json.dumps(known).encode()))

    async def _status(self, request: web.Request) -> web.Response:
        return _sent(Answer(200, b"{}") if self._is_known(request) else WRONG_TOKEN)

    def _is_known(self, request: web.Request) -> bool:
        shown = request.query.get("token", "")
        return hmac.compare_digest(shown.encode("utf-8", "replace"), self._token)


@web.middleware
async def _in_json(request: web.Request, handler: object) -> web.StreamResponse:
    """Say in JSON, and in one sentence, what HTTP itself refuses."""
    try:
        answer = await handler(request)  # type: ignore[operator]
    except web.HTTPRequestEntityTooLarge:
        return _sent(TOO_LARGE)
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
        return _sent(NOT_FOUND)
    assert isinstance(answer, web.StreamResponse)  # noqa: S101 - all handlers are ours
    return answer


def _sent(answer: Answer) -> web.Response:
    return web.Response(body=answer.body, status=answer.status, content_type="application/json")
