"""The bot as a function: a conversation and an input give what follows. Pure.

The engine reads no clock, no network and no database; the moment, the published content and the
policy are arguments, and what is to be done besides answering is returned as effects.
"""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from actions.effects import RecordMiss
from actions.misses import scrub
from bot import forgetting, handover, languages, paths, places, reminders, replies, unread
from bot.choices import OTHER_EMERGENCY, chose
from bot.followups import goes_on, section_asked
from bot.intents import INTENTS
from bot.messages import (
    Asked,
    Choice,
    Chose,
    Commanded,
    Flooded,
    Input,
    Label,
    Located,
    Phrase,
    Released,
    StaffWrote,
    Unanswered,
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
# A word or two in the middle of a conversation are often a name or borrowed: "santa rosa".
FEW_WORDS = 2
# From this confidence and length on the other language is offered as a button.
MAYBE = 0.3
LEAST_WORDS = 2

# What she may do while a person answers her and the bot keeps silent.
THROUGH_SILENCE = ("resume", "forget", "stop", "e", "emergency")


def respond(
    conversation: Conversation, event: Input, catalogue: Catalogue, policy: Policy, at: datetime
) -> Turn:
    """Return what follows from one input: the new conversation, the replies and the effects.

    `at` is the moment of the input, aware.
    """
    scene = Scene(conversation, catalogue, policy, at)
    if isinstance(event, Unanswered):  # also where the silence has ended meanwhile
        return _remember_offered(handover.unanswered(scene))
    over = conversation.silent_until is not None and not handover.is_silent(scene)
    if over:
        scene = replace(scene, now=conversation.with_(silent_until=None, unanswered=False))
    turn = _silent(scene, event) if handover.is_silent(scene) else _answered(scene, event)
    if isinstance(event, StaffWrote | Released):
        return _remember_offered(turn)
    if over and conversation.unanswered:
        turn = handover.owned_up(turn)
    return _remember_offered(_introduced(_language_offered(turn, event)))


def _answered(scene: Scene, event: Input) -> Turn:
    if scene.now.stopped and not isinstance(event, StaffWrote | Released):
        scene = replace(scene, now=scene.now.with_(stopped=False))  # she writes again
    match event:
        case Asked():
            return _asked(scene, event)
        case Chose():
            return chose(scene, event.choice)
        case Located():
            return places.located(scene, event)
        case Commanded():
            return _commanded(scene, event)
        case Unsupported():
            return unread.unsupported(scene, event.kind)
        case StaffWrote():
            return handover.staff_wrote(scene, event)
        case Released():
            return handover.released(scene, event)
        case Unanswered():
            return handover.unanswered(scene)
        case Flooded():
            return unread.flooded(scene)
        case _:
            assert_never(event)


def _silent(scene: Scene, event: Input) -> Turn:
    """Keep silent while a person answers her, but for danger and for what she may always do."""
    match event:
        case StaffWrote():
            return handover.staff_wrote(scene, event)
        case Released():
            return handover.released(scene, event)
        case Asked():
            return _silent_asked(scene, event)
        case Chose(choice):  # a button asks nobody at the desk, least of all one under a card
            return chose(scene, choice)
        case Commanded(name=name) if _COMMANDS.get(name) in THROUGH_SILENCE:
            return _commanded(scene, event)
        case _:
            return handover.kept_silent(scene, event)


def _silent_asked(scene: Scene, asked: Asked) -> Turn:
    pressed = chosen_by(asked.text, scene.now.offered)
    wish = pressed or command_of(asked.text) or ""
    if pressed or wish.partition(":")[0] in THROUGH_SILENCE:
        return chose(scene, wish)
    told = handover.kept_silent(scene, asked)
    kind = asked.understanding.emergency
    if kind is not None and kind in scene.catalogue.cards:
        scene = replace(scene, now=_in_her_language(scene.now, asked))
        turn = _emergency(scene, asked, kind)
        return replace(turn, effects=(*turn.effects, *told.effects))
    return _answered_forget(scene, asked) if scene.now.awaiting == forgetting.AWAITING else told


def _asked(scene: Scene, asked: Asked) -> Turn:
    # A number, the words of a button or a command say what is meant: no rule needs to guess, and
    # they say little of the language.
    choice = chosen_by(asked.text, scene.now.offered) or command_of(asked.text)
    if choice is not None and scene.now.welcomed:
        return chose(scene, choice)
    scene = replace(scene, now=_in_her_language(scene.now, asked))
    if choice is not None:
        return chose(scene, choice)
    kind = asked.understanding.emergency
    if kind is not None and kind in scene.catalogue.cards:
        return _emergency(scene, asked, kind)
    if (language := languages.wished_language(asked.text)) is not None:
        return scene.in_language(language)
    if waited_for := _awaited(scene, asked):
        return waited_for
    if wished := reminders.wished(scene, asked.text):
        return wished
    if (section := section_asked(asked.text)) is not None:
        return _followed_up(scene, section)
    if goes_on(asked.text) and (turn := _gone_on(scene, asked)):
        return turn
    return _decided(scene, asked)


def _awaited(scene: Scene, asked: Asked) -> Turn | None:
    """Take a text as the answer to the bot's open question; None if it is none."""
    match scene.now.awaiting:
        case forgetting.AWAITING:
            return _answered_forget(scene, asked)
        case places.AWAITING:
            return places.named(scene, asked)
        case reminders.AWAITING:
            return reminders.answered(scene, asked)
        case _:
            return paths.typed(scene, asked)


def _followed_up(scene: Scene, section: str) -> Turn:
    """Answer from the last article, or ask what about."""
    article = scene.catalogue.articles.get(scene.now.article or "")
    if article is None:
        what = Phrase("¿Sobre qué tema? Elija uno, o escriba su pregunta completa.")
        return scene.turn(CHOICE, replies.topics(scene.language, scene.catalogue, what))
    return scene.article(article.id, section)


def _gone_on(scene: Scene, asked: Asked) -> Turn | None:
    """Read "and for my kids?" as a question beside the last article; None if it is not."""
    last = scene.catalogue.articles.get(scene.now.article or "")
    if last is None:
        return None
    least = scene.policy.possible_in(scene.language)
    near = [
        c.intent
        for c in asked.understanding.candidates
        if c.intent in last.related and c.confidence >= least
    ]
    best = asked.understanding.candidates[:1]
    if near and (best[0].intent in last.related or isinstance(_decision(scene, asked), Unsure)):
        return scene.article(near[0])
    if isinstance(_decision(scene, asked), Unknown) and last.related:
        ids = [i for i in last.related if i in scene.catalogue.articles][: scene.policy.offers]
        miss = RecordMiss(scrub(asked.text, scene.catalogue.scrub), scene.language, tuple(ids))
        return _choice_of(scene, tuple(ids), miss)
    return None


def _in_her_language(conversation: Conversation, asked: Asked) -> Conversation:
    guess = asked.understanding.language
    few = conversation.welcomed and len(asked.text.split()) <= FEW_WORDS
    if few and conversation.awaiting is not None:
        return conversation  # the name of a place, a date, a yes: it answers the bot's question
    needed = SWITCH_FROM_CHOSEN if few or conversation.language_chosen else SWITCH
    if guess.language in LANGUAGES and guess.confidence >= needed:
        return conversation.with_(language=guess.language)
    return conversation


def _decision(scene: Scene, asked: Asked) -> Sure | Unsure | Unknown:
    return decide(asked.understanding, scene.policy, scene.catalogue.articles)


def _decided(scene: Scene, asked: Asked) -> Turn:
    catalogue, language = scene.catalogue, scene.language
    question = scrub(asked.text, scene.catalogue.scrub)
    match _decision(scene, asked):
        case Sure(intent) if intent in catalogue.articles:
            return _with_question(scene.article(intent), question)
        case Sure(intent) if intent in INTENTS:
            return INTENTS[intent](scene, asked)
        case Unsure(articles):
            turn = _choice_of(scene, articles, RecordMiss(question, language, articles))
            return _with_question(turn, question)
        case Sure() | Unknown():
            turn = scene.not_understood(RecordMiss(question, language) if question else None)
            return _with_question(turn, question)
        case decision:
            assert_never(decision)


def _choice_of(scene: Scene, articles: tuple[str, ...], miss: RecordMiss) -> Turn:
    """Ask which of a few articles was meant."""
    reply = replies.unsure(articles, scene.language, scene.catalogue)
    turn = scene.turn(CHOICE, reply, effects=(miss,), awaiting="which", detail=miss.question)
    return replace(turn, offered=articles)


def _with_question(turn: Turn, question: str) -> Turn:
    """Remember her question, for the staff if she asks for a person next."""
    return replace(turn, conversation=turn.conversation.with_(question=question))


def _emergency(scene: Scene, asked: Asked, kind: str) -> Turn:
    """Show the card first, then the article she asked about or, failing that, the card's own.

    Where the model wavers about what else she asks, it asks her: the card may be a mistake.

    A path or an open question goes on afterwards: danger interrupts, it does not undo.
    """
    articles = scene.catalogue.articles
    card = replies.card(kind, scene.language, scene.catalogue)
    decision = _decision(scene, asked)
    asked_for = decision.intent if isinstance(decision, Sure) else ""
    own = scene.catalogue.cards[kind].article
    article = asked_for if asked_for in articles else own
    if isinstance(decision, Unsure) and own in articles and decision.articles[0] != own:
        others = [other for other in decision.articles if other != own]
        ids = (own, *others)[: scene.policy.offers]
        turn = _choice_of(scene, ids, RecordMiss(scrub(asked.text), scene.language, ids))
        turn = replace(turn, replies=(card, *turn.replies))
    elif article in articles:
        turn = scene.article(article)
        turn = replace(turn, replies=(card, *turn.replies))
    else:
        turn = scene.turn(kind, replace(card, choices=(OTHER_EMERGENCY, replies.HUMAN)))
    kept = turn.conversation.with_(
        path=scene.now.path,
        awaiting=scene.now.awaiting,
        detail=scene.now.detail,
        flood_told=scene.now.flood_told,
    )
    return replace(turn, conversation=kept, emergency=kind)


def _answered_forget(scene: Scene, asked: Asked) -> Turn:
    candidates = asked.understanding.candidates
    match candidates[0].intent if candidates else "":
        case "affirm" | "delete_my_data":
            return forgetting.confirmed(scene)
        case "deny":
            return forgetting.declined(scene)
        case _ if handover.is_silent(scene):
            return handover.kept_silent(scene, asked)
        case _:
            return _decided(scene, asked)


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
    "guia": "paths",
    "guide": "paths",
    "avisos": "reminders",
    "reminders": "reminders",
    "borrar": "forget",
    "delete": "forget",
    "stop": "stop",
    "baja": "stop",
}


def _commanded(scene: Scene, command: Commanded) -> Turn:
    # Telegram's deep links allow no slash: t.me/<bot>?start=health_pregnancy
    article = command.argument.replace("_", "/", 1)
    if command.name != "start":
        return chose(scene, _COMMANDS.get(command.name, "menu"))
    if article in scene.catalogue.articles:
        return scene.article(article)
    if article in scene.catalogue.topics:
        return chose(scene, f"t:{article}")
    return scene.welcome()


def _language_offered(turn: Turn, event: Input) -> Turn:
    """Put the other language one button away where her text may be in it."""
    if not isinstance(event, Asked) or not turn.replies:
        return turn
    guess = event.understanding.language
    if len(event.text.split()) < LEAST_WORDS:
        return turn
    last = turn.replies[-1]
    offer = f"lang:{guess.language}"
    if (
        guess.language not in LANGUAGES
        or guess.language == last.language
        or guess.confidence < MAYBE
        or len(last.choices) >= replies.MOST_CHOICES
        or any(choice.id == offer for choice in last.choices)
    ):
        return turn
    choices = (*last.choices, Choice(offer, languages.OWN_NAMES[guess.language]))
    return replace(turn, replies=(*turn.replies[:-1], replace(last, choices=choices)))


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
    offered = tuple(Offered(c.id, label_text(c.label, last.language)) for c in last.choices)
    return replace(turn, conversation=turn.conversation.with_(offered=offered))
