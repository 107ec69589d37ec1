"""The "try it" box: the real reader and the real engine on a conversation that nobody has."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot import reminders
from bot.engine import respond
from bot.followups import section_asked
from bot.languages import wished_language
from bot.messages import Asked
from bot.panel.previews import CHANNELS, preview
from bot.policy import Policy, Sure, Unknown, Unsure, decide
from bot.scene import Scene
from bot.state import Conversation
from bot.turns import TextReader
from bot.typed import command_of
from content.catalogue import LANGUAGES, SOURCE_LANGUAGE, Catalogue
from content.panel.ports import Guess, Trial
from locales import translate_panel
from nlu.evaluate import OUT_OF_SCOPE
from nlu.understanding import LanguageGuess, Source, Understanding

_SOURCES = {Source.RASA: "model", Source.KEYWORDS: "keywords", Source.NOTHING: "nothing"}


class RealTrying:
    """`content.panel.ports.Trying`. Nothing of a text is kept: effects are not carried out."""

    def __init__(
        self,
        reader: Callable[[], TextReader],
        catalogue: Callable[[], Catalogue],
        policy: Callable[[str], Policy],
        clock: Callable[[], datetime],
    ) -> None:
        self._reader = reader
        self._catalogue = catalogue
        self._policy = policy
        self._clock = clock

    async def ask(self, text: str, language: str, panel_language: str) -> Trial:
        """Read a text as the bot would; '' lets it find the language."""
        chosen = language if language in LANGUAGES else ""
        read = await self._reader().read(text, chosen or None)
        if chosen:
            read = replace(read, language=LanguageGuess(chosen, 1.0))
        catalogue, now = self._catalogue(), self._clock()
        start = Conversation(chosen or SOURCE_LANGUAGE, language_chosen=bool(chosen))
        turns = {
            channel: respond(start, Asked(text, read), catalogue, self._policy(channel), now)
            for channel in CHANNELS
        }
        turn, policy = turns["telegram"], self._policy("telegram")
        answered = turn.conversation.language
        decision = decide(read, policy, catalogue.articles)
        scene = Scene(start.with_(language=answered), catalogue, policy, now)
        kind = "emergency" if turn.emergency else _kind(decision)
        if not turn.emergency and _follows_rule(scene, text):
            kind = "rule"
        return Trial(
            language=answered,
            emergency=turn.emergency or "",
            source=_SOURCES[read.source],
            decision=kind,
            guesses=tuple(
                Guess(c.intent, _title(catalogue, c.intent, panel_language), c.confidence)
                for c in read.candidates[:5]
            ),
            why=_reasons(kind, decision, read, policy, panel_language),
            previews=tuple(
                preview(channel, turns[channel].replies, panel_language) for channel in CHANNELS
            ),
            sure=policy.sure_in(read.language.language),
            possible=policy.possible_in(read.language.language),
        )


def _kind(decision: Sure | Unsure | Unknown) -> str:
    match decision:
        case Sure(intent):
            return "outside" if intent == OUT_OF_SCOPE else "sure"
        case Unsure():
            return "offer"
        case Unknown():
            return "unknown"


def _follows_rule(scene: Scene, text: str) -> bool:
    """Say whether the engine follows the words themselves, as those of a button."""
    return bool(
        command_of(text)
        or wished_language(text)
        or section_asked(text)
        or reminders.wished(scene, text)
    )


def _title(catalogue: Catalogue, name: str, panel_language: str) -> str:
    article = catalogue.articles.get(name)
    if article is None:
        return ""
    text = article.texts.get(panel_language) or article.texts[SOURCE_LANGUAGE]
    return text.title


def _reasons(
    kind: str,
    decision: Sure | Unsure | Unknown,
    read: Understanding,
    policy: Policy,
    panel_language: str,
) -> tuple[str, ...]:
    """Say in plain words what led to the decision."""

    def say(text: str, **values: float) -> str:
        shares = {name: f"{100 * share:.0f}" for name, share in values.items()}
        return translate_panel(text, panel_language, shares)

    language = read.language.language
    ranked = [c for c in read.candidates if c.intent != OUT_OF_SCOPE]
    best = ranked[0].confidence if ranked else 0.0
    outside = sum(c.confidence for c in read.candidates if c.intent == OUT_OF_SCOPE)
    sure, least = policy.sure_in(language), policy.possible_in(language)
    reasons = []
    if kind == "emergency":
        reasons.append(
            say("El texto habla de un peligro presente: primero sale la tarjeta de emergencia.")
        )
    if kind == "rule":
        reasons.append(say("Son palabras que el asistente sigue tal cual, como las de un botón."))
    if read.source is not Source.RASA:
        reasons.append(
            say(
                "El modelo no respondió: se buscó por palabras, y así nunca se afirma una "
                "respuesta."
            )
        )
    elif kind == "outside" or (kind == "emergency" and decision == Sure(OUT_OF_SCOPE)):
        reasons.append(
            say(
                "El modelo cree con {outside} % que la pregunta no es de sus temas; desde "
                "{limit} % el asistente lo dice.",
                outside=outside,
                limit=policy.outside_in(language),
            )
        )
    elif isinstance(decision, Sure) and best >= sure:
        reasons.append(
            say("El modelo está {best} % seguro; hace falta {sure} %.", best=best, sure=sure)
        )
    elif isinstance(decision, Unsure):
        reasons.append(
            say(
                "El modelo está {best} % seguro; para responder hace falta {sure} %. Desde "
                "{least} % pregunta cuál de estos temas es.",
                best=best,
                sure=sure,
                least=least,
            )
        )
    else:
        reasons.append(
            say(
                "El modelo está solo {best} % seguro; desde {least} % ofrecería temas.",
                best=best,
                least=least,
            )
        )
    return tuple(reasons)
