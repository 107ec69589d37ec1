"""A tiny scripted bot behind the real web chat: it knows three questions and six languages."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channel import PersonGone, Unreachable, WebhookRequest
from bot.languages import OWN_NAMES
from bot.messages import Choice, Chose, Commanded, Inbound, Located, Passage, Reply, Said
from bot.webchat.channel import WebChatChannel
from bot.webchat.http import WebChatSettings, webchat_routes
from bot.webchat.session import SessionCookie
from bot.webchat.stream import MessageStream
from locales import translate

GREETING = {
    "es": "Hola. Soy **Orienta**, un programa. Escriba su pregunta.",
    "en": "Hello. I am **Orienta**, a program. Write your question.",
    "pt": "Olá. Sou a **Orienta**, um programa. Escreva sua pergunta.",
    "fr": "Bonjour. Je suis **Orienta**, un programme. Écrivez votre question.",
    "ht": "Bonjou. Mwen se **Orienta**, yon pwogram. Ekri kesyon w lan.",
    "qu": "Rimaykullayki. **Orienta** kani, huk programa. Tapukuyniykita qillqay.",
}
CARD = (
    "**¿Peligro ahora? Llame al 105**\n\nSi hay golpes o amenazas: **105** (Policía) o "
    "**Línea 100** (violencia, gratis, 24 horas).\n\n- Emergencia médica: **106** (SAMU)\n"
    "- Defensoría: **0800-15-170**"
)
ANSWER = (
    "Sí. En una **emergencia** le deben atender aunque no tenga carné.\n\n"
    "- Vaya a *Emergencia* del hospital <más> cercano.\n- No tiene que pagar antes.\n\n"
    "Fuente: Ley 26842, art. 3 https://www.gob.pe/ Si le niegan la atención, llame a SUSALUD: "
    "**113, opción 7**, o a la Defensoría: **0800-15-170** o (01) 311-0300."
)
ANSWER_WAYS = (
    Choice("s:cost:health/emergency", "Costo"),
    Choice("s:rights:health/emergency", "Mis derechos"),
    Choice("s:refused:health/emergency", "¿Y si me rechazan?"),
    Choice("a:health/pregnancy", "Embarazo y parto", "Atención del embarazo y el parto sin carné"),
)


class ScriptedBot:
    """Stores nothing and answers at once. `heard` are all messages; `broken` refuses them."""

    def __init__(self) -> None:
        self.heard: list[Inbound] = []
        self.broken = False
        self.left = asyncio.Event()
        self._languages: dict[str, str] = {}

    async def accept(self, channel: WebChatChannel, request: WebhookRequest) -> None:
        """Read a request as the lead's inbox does, each message once, and answer it."""
        if self.broken:
            raise OSError("The store is away.")
        for inbound in channel.receive(request).messages:
            if inbound.message_id in {known.message_id for known in self.heard}:
                continue
            self.heard.append(inbound)
            if inbound.event == Chose("forget:yes"):
                self.left.set()
            for n, reply in enumerate(self.answers(inbound)):
                for m, payload in enumerate(channel.render(reply)):
                    outbox_id = f"{inbound.message_id}.{n}.{m}"
                    # Nothing is sent again: what a page has missed, it reads when it opens.
                    with contextlib.suppress(Unreachable, PersonGone):
                        await channel.send(inbound.person, payload, outbox_id=outbox_id)

    async def tell(self, channel: WebChatChannel, person: str, words: str) -> None:
        """Say something unasked; a person who is not there reads it when she is back."""
        for payload in channel.render(Reply("es", (Passage(words),))):
            with contextlib.suppress(Unreachable):
                await channel.send(person, payload, outbox_id=f"told {words}")

    def answers(self, inbound: Inbound) -> tuple[Reply, ...]:
        """Return the scripted replies."""
        language = self._languages.get(inbound.person) or inbound.language_hint or "es"
        match inbound.event:
            case Commanded(name="start") | Chose(choice="menu"):
                return (self._greeting(language),)
            case Chose(choice=choice) if choice.startswith("lang:"):
                self._languages[inbound.person] = choice[5:]
                return (self._greeting(choice[5:]),)
            case Chose():
                return (Reply(language, (Passage("La atención **no cuesta** nada."),)),)
            case Located():
                return (Reply(language, (Passage("**CEM Ate**\n\nAv. Central 1, Ate"),)),)
            case Said(text) if "pega" in text:
                return (Reply(language, (Passage(CARD),), urgent=True), self._answer(language))
            case Said(text) if "oficina" in text:
                ask = Passage("Escriba su distrito o comparta su ubicación.")
                return (Reply(language, (ask,), (Choice("menu", "Menú"),), asks_location=True),)
            case _:
                return (self._answer(language),)

    def _greeting(self, language: str) -> Reply:
        ways = tuple(Choice(f"lang:{code}", name) for code, name in OWN_NAMES.items())
        return Reply(language, (Passage(GREETING[language]),), ways)

    def _answer(self, language: str) -> Reply:
        return Reply(language, (Passage(ANSWER),), ANSWER_WAYS)


class ServedWebChat:
    """The real web chat on a loopback port, with the scripted bot behind it.

    `add_more` adds further routes to the application, such as the pages.
    """

    def __init__(
        self,
        settings: WebChatSettings | None = None,
        add_more: Callable[[web.Application], None] = lambda _: None,
    ) -> None:
        self.bot = ScriptedBot()
        self._add_more = add_more
        self.channel = _channel()
        self._settings = settings
        self._server: TestServer | None = None

    async def start(self, port: int = 0) -> str:
        """Serve, and return the address."""
        self.channel = _channel()
        application = web.Application()
        application.add_routes(webchat_routes(self.channel, self.bot.accept, self._settings))
        application.on_shutdown.append(self._close)
        self._add_more(application)
        self._server = TestServer(application, host="127.0.0.1", port=port or None)
        await self._server.start_server()
        return f"http://127.0.0.1:{self._server.port}"

    async def stop(self) -> None:
        """Stop serving, as a restart does: what was in memory is gone."""
        if self._server is not None:
            await self._server.close()

    async def _close(self, _: web.Application) -> None:
        await self.channel.aclose()


def _channel() -> WebChatChannel:
    return WebChatChannel(MessageStream(), SessionCookie(secure=False), translate)


@asynccontextmanager
async def served_webchat(
    settings: WebChatSettings | None = None,
) -> AsyncIterator[tuple[ServedWebChat, str]]:
    """Give a served web chat and its address."""
    served = ServedWebChat(settings)
    address = await served.start()
    try:
        yield served, address
    finally:
        await served.stop()
