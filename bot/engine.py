"""The bot as a function: a conversation and an input give what follows. Pure.

The engine reads no clock, no network and no database; the day, the published content and the
policy are arguments, and what is to be done besides answering is returned as effects.
"""

from dataclasses import replace
from datetime import date
from typing import assert_never

from actions.effects import RecordMiss
from actions.misses import scrub
from actions.nearest import Found, in_place, nearest
from bot import forgetting, replies
from bot.choices import OTHER_EMERGENCY, chose
from bot.followups import section_asked
from bot.intents import INTENTS
from bot.messages import (
    Asked,
    Chose,
    Commanded,
    Input,
    Label,
    Located,
    Phrase,
    Released,
    Reply,
    Unsupported,
)
from bot.policy import Policy, Sure, Unknown, Unsure, decide
from bot.scene import CHOICE, Scene, Turn
from bot.state import Conversation, Offered
from bot.typed import chosen_by, command_of
from content.catalogue import LANGUAGES, Catalogue
from locales import translate

# A text in another language changes the language of the replies from this confidence on; it takes
# more where she chose the language herself, so that one borrowed word does not undo her choice.
SWITCH = 0.7
SWITCH_FROM_CHOSEN = 0.95

LONGEST_PLACE = 5  # words: "vivo en san juan de lurigancho" says where, a longer text asks


def respond(
    conversation: Conversation, event: Input, catalogue: Catalogue, policy: Policy, today: date
) -> Turn:
    """Return what follows from one input: the new conversation, the replies and the effects."""
    scene = Scene(conversation, catalogue, policy, today)
    match event:
        case Asked():
            turn = _asked(scene, event)
        case Chose():
            turn = chose(scene, event.choice)
        case Located():
            turn = _located(scene, event)
        case Commanded():
            turn = _commanded(scene, event)
        case Unsupported():
            turn = _unsupported(scene, event.kind)
        case Released():
            turn = Turn(conversation, ())
        case _:
            assert_never(event)
    return _remember_offered(_introduced(turn))


def _asked(scene: Scene, asked: Asked) -> Turn:
    scene = replace(scene, now=_in_her_language(scene.now, asked))
    kind = asked.understanding.emergency
    if kind is not None and kind in scene.catalogue.cards:
        return _emergency(scene, asked, kind)
    if (choice := chosen_by(asked.text, scene.now.offered)) is not None:
        return chose(scene, choice)
    if (choice := command_of(asked.text)) is not None:
        return chose(scene, choice)
    if scene.now.awaiting == forgetting.AWAITING:
        return _answered_forget(scene, asked)
    if scene.now.awaiting == "place" and (placed := _placed(scene, asked)):
        return placed
    if (section := section_asked(asked.text)) is not None:
        return _followed_up(scene, section)
    return _decided(scene, asked)


def _placed(scene: Scene, asked: Asked) -> Turn | None:
    """Take a text for the name of a place, unless it is a question that happens to name one."""
    decision = decide(asked.understanding, scene.policy, scene.catalogue.articles)
    is_question = isinstance(decision, Sure) and decision.intent in scene.catalogue.articles
    if is_question and len(asked.text.split()) > LONGEST_PLACE:
        return None
    if found := in_place(scene.catalogue.offices, scene.now.detail, asked.text):
        return _offices(scene, found)
    if isinstance(decision, Sure) or len(asked.text.split()) > LONGEST_PLACE:
        return None
    unknown = Phrase("No conozco ese lugar. Escriba el distrito, la provincia o la región.")
    ask = Reply(scene.language, (unknown,), (replies.MENU,), asks_location=True)
    return scene.turn("nearest_office", ask, awaiting="place", detail=scene.now.detail)


def _followed_up(scene: Scene, section: str) -> Turn:
    """Answer from the last article, or ask what about."""
    article = scene.catalogue.articles.get(scene.now.article or "")
    if article is None:
        what = Phrase("¿Sobre qué tema? Elija uno, o escriba su pregunta completa.")
        return scene.turn(CHOICE, replies.topics(scene.language, scene.catalogue, what))
    return scene.article(article.id, section)


def _in_her_language(conversation: Conversation, asked: Asked) -> Conversation:
    guess = asked.understanding.language
    needed = SWITCH_FROM_CHOSEN if conversation.language_chosen else SWITCH
    if guess.language in LANGUAGES and guess.confidence >= needed:
        return conversation.with_(language=guess.language)
    return conversation


def _decided(scene: Scene, asked: Asked) -> Turn:
    catalogue, language = scene.catalogue, scene.language
    decision = decide(asked.understanding, scene.policy, catalogue.articles)
    question = scrub(asked.text)
    match decision:
        case Sure(intent) if intent in catalogue.articles:
            return scene.article(intent)
        case Sure(intent) if intent in INTENTS:
            return INTENTS[intent](scene, asked)
        case Unsure(articles):
            miss = RecordMiss(question, language, articles)
            reply = replies.unsure(articles, language, catalogue)
            turn = scene.turn(CHOICE, reply, effects=(miss,), awaiting="which", detail=question)
            return replace(turn, offered=articles)
        case Sure() | Unknown():
            return scene.not_understood(RecordMiss(question, language) if question else None)
        case _:
            assert_never(decision)


def _emergency(scene: Scene, asked: Asked, kind: str) -> Turn:
    """Show the card first, then the article she asked about or, failing that, the card's own."""
    articles = scene.catalogue.articles
    card = replies.card(kind, scene.language, scene.catalogue)
    decision = decide(asked.understanding, scene.policy, articles)
    asked_for = decision.intent if isinstance(decision, Sure) else ""
    article = asked_for if asked_for in articles else scene.catalogue.cards[kind].article
    if article in articles:
        turn = scene.article(article)
        turn = replace(turn, replies=(card, *turn.replies))
    else:
        turn = scene.turn(kind, replace(card, choices=(OTHER_EMERGENCY, replies.HUMAN)))
    return replace(turn, emergency=kind)


def _answered_forget(scene: Scene, asked: Asked) -> Turn:
    candidates = asked.understanding.candidates
    match candidates[0].intent if candidates else "":
        case "affirm" | "delete_my_data":
            return forgetting.confirmed(scene)
        case "deny":
            return forgetting.declined(scene)
        case _:
            return _decided(scene, asked)


def _located(scene: Scene, place: Located) -> Turn:
    """Use the place once: for the kind of office asked about, else for those that protect."""
    asked_about = scene.now.awaiting == "place"
    kinds = (scene.now.detail,) if asked_about else ("cem", "defensoria", "alegra")
    most = 3 if asked_about else 1
    offices = scene.catalogue.offices
    found = tuple(
        one for kind in kinds for one in nearest(offices, kind, place.lat, place.lon, most)
    )
    if not found:
        return scene.turn("nearest_office", replies.office_kinds(scene.language))
    return _offices(scene, found)


def _offices(scene: Scene, found: tuple[Found, ...]) -> Turn:
    return scene.turn("nearest_office", replies.offices(scene.language, found))


_COMMANDS = {
    "menu": "menu",
    "help": "menu",
    "temas": "topics",
    "topics": "topics",
    "emergencia": "emergency",
    "emergency": "emergency",
    "idioma": "languages",
    "language": "languages",
    "persona": "human",
    "human": "human",
    "oficina": "office",
    "office": "office",
    "borrar": "forget",
    "delete": "forget",
}


def _commanded(scene: Scene, command: Commanded) -> Turn:
    # Telegram's deep links allow no slash: t.me/<bot>?start=health_pregnancy
    article = command.argument.replace("_", "/", 1)
    if command.name != "start":
        return chose(scene, _COMMANDS.get(command.name, "menu"))
    if article in scene.catalogue.articles:
        return scene.article(article)
    return scene.turn("greet", replies.welcome(scene.language), welcomed=True)


def _unsupported(scene: Scene, kind: str) -> Turn:
    match kind:
        case "voice" | "audio":
            text = Phrase("Todavía no puedo escuchar audios. Escriba su pregunta, o elija:")
        case "image" | "photo" | "document" | "video":
            text = Phrase(
                "No abro fotos ni archivos, y no los guardo. No me envíe documentos. "
                "Escriba su pregunta, o elija:"
            )
        case _:
            text = Phrase("Solo puedo leer mensajes escritos. Escriba su pregunta, o elija:")
    return scene.say("menu", text, replies.TOPICS, replies.EMERGENCY, replies.HUMAN)


def _introduced(turn: Turn) -> Turn:
    """Say once, under her first answer, who speaks and that nothing is asked of her."""
    if turn.conversation.welcomed or not turn.replies:
        return turn
    who = Phrase("Soy Orienta, un programa. No le pido su nombre ni sus documentos.")
    last = turn.replies[-1]
    shown = (*turn.replies[:-1], replace(last, parts=(*last.parts, who)))
    return replace(turn, replies=shown, conversation=turn.conversation.with_(welcomed=True))


def label_text(label: Label | str, language: str) -> str:
    """Return the words on a button."""
    return label if isinstance(label, str) else translate(label.text, language)


def _remember_offered(turn: Turn) -> Turn:
    """Keep the options of the last reply, so that they can be typed."""
    if not turn.replies:
        return turn
    last = turn.replies[-1]
    offered = tuple(
        Offered(
            c.id, c.label if isinstance(c.label, str) else translate(c.label.text, last.language)
        )
        for c in last.choices
    )
    return replace(turn, conversation=turn.conversation.with_(offered=offered))
