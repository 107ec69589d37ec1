"""Guided paths: a few questions with buttons, an answer at the end, and nothing kept of it.

A button names its question, so that one pressed late, or after a restart, still leads on.
"""

from rapidfuzz import fuzz, process

from bot import replies
from bot.messages import Asked, Choice, Label, Passage, Phrase, Reply
from bot.policy import Sure, decide
from bot.scene import CHOICE, Scene, Turn
from bot.state import PathPosition
from content.catalogue import End, Entry, Option, Path, Question
from nlu.normalise import plain

BACK = Choice("path:back", Label("Atrás"))
STOP = Choice("path:stop", Label("Salir"))
RESTART = Choice("path:restart", Label("Empezar de nuevo"))
GO_ON = Choice("path:on", Label("Seguir"))

LABEL = "guided_path"
LIKENESS = 85  # of 100: "prefiero no desir" is meant, "no" for "no sé" is not
LONGEST_ANSWER = 6  # words: whoever writes more asks or tells something

# Single words that steer, accents folded; STOP itself belongs to `bot/typed.py`.
_STEERS = {
    "back": "atras volver regresar back voltar retour tounen retounen kutiy qipaman",
    "restart": "reiniciar empezar restart recomecar recommencer rekomanse qallariy",
    "stop": "salir parar terminar cancelar exit quit sair arreter sortir soti kite lluqsiy saqiy",
}
_STEER_OF = {word: way for way, words in _STEERS.items() for word in words.split()}


def offer(scene: Scene) -> Turn:
    """Offer the guided paths, or the topics where there are none."""
    paths = scene.catalogue.paths
    if not paths:
        return scene.turn(CHOICE, replies.topics(scene.language, scene.catalogue))
    choices = tuple(
        Choice(f"p:{p.id}", p.labels[scene.language], p.titles[scene.language])
        for p in paths.values()
    )
    text = Phrase("Le hago unas preguntas con botones y le digo qué hacer. ¿Qué necesita?")
    reply = Reply(scene.language, (text,), (*choices, replies.MENU))
    return scene.turn(LABEL, reply)


def start(scene: Scene, path_id: str) -> Turn | None:
    """Ask the first question of a path; None if the path is gone."""
    path = scene.catalogue.paths.get(path_id)
    return _ask(scene, path, (path.first,)) if path else None


def answered(scene: Scene, rest: str) -> Turn | None:
    """Follow a pressed answer, `<path>:<question>:<option>`; None if it is gone."""
    path_id, _, rest = rest.partition(":")
    question_id, _, option_id = rest.partition(":")
    path = scene.catalogue.paths.get(path_id)
    question = path.questions.get(question_id) if path else None
    if path is None or question is None:
        return None
    option = next((o for o in question.options if o.id == option_id), None)
    return _follow(scene, path, question, option) if option else None


def steered(scene: Scene, way: str) -> Turn | None:
    """Go back, stop, start again or go on; None where no path is open."""
    now = scene.now.path
    path = scene.catalogue.paths.get(now.path) if now else None
    if now is None or path is None or any(q not in path.questions for q in now.asked):
        return None
    match way:
        case "back" if len(now.asked) > 1:
            return _ask(scene, path, now.asked[:-1])
        case "back" | "restart":
            return _ask(scene, path, (path.first,))
        case "on":
            return _ask(scene, path, now.asked)
        case "stop":
            text = Phrase("Dejamos las preguntas. No guardé sus respuestas.")
            return scene.say(LABEL, text, replies.TOPICS, replies.MENU)
        case _:
            return None


def typed(scene: Scene, asked: Asked) -> Turn | None:
    """Take a text written in place of a button; None where no path is open.

    A question of her own is answered, and the path waits; anything else brings the open question
    again.
    """
    now = scene.now.path
    path = scene.catalogue.paths.get(now.path) if now else None
    if now is None or path is None or now.asked[-1] not in path.questions:
        return None
    question = path.questions[now.asked[-1]]
    words = plain(asked.text).strip(" .!?¿¡")
    if (way := _STEER_OF.get(words)) is not None:
        return steered(scene, way)
    if option := _meant(question, words, asked, scene.language):
        return _follow(scene, path, question, option)
    decision = decide(asked.understanding, scene.policy, scene.catalogue.articles)
    if isinstance(decision, Sure) and decision.intent in scene.catalogue.articles:
        return _aside(scene, decision.intent, now)
    # A plain "yes" where no option is a yes is asked again, not taken for small talk.
    other = isinstance(decision, Sure) and decision.intent not in ("affirm", "deny")
    if other or len(words.split()) > LONGEST_ANSWER:
        return None
    again = Phrase("No entendí su respuesta. Elija una opción, o escriba «salir».")
    return _ask(scene, path, now.asked, again)


def _meant(question: Question, words: str, asked: Asked, language: str) -> Option | None:
    """Return the option that a short text names, in any language, or says yes or no to."""
    if not words or len(words.split()) > LONGEST_ANSWER:
        return None
    by_id = {o.id: o for o in question.options}
    candidates = asked.understanding.candidates
    said = candidates[0].intent if candidates else ""
    if said == "affirm" and (option := by_id.get("yes")):
        return option
    if said == "deny" and (option := by_id.get("no") or by_id.get("none")):
        return option
    labels = {
        (o.id, spoken): plain(label) for o in question.options for spoken, label in o.labels.items()
    }
    match = process.extractOne(words, labels, scorer=fuzz.ratio, score_cutoff=LIKENESS)
    if match is None:
        return None
    meant = by_id[match[2][0]]
    # A slip of one letter can turn "I passed" round: whoever passed control says so exactly.
    exact = match[1] == 100
    return meant if exact or meant.entry is not Entry.CONTROLLED else None


def _aside(scene: Scene, article: str, now: PathPosition) -> Turn:
    """Answer a question asked on the way, with a button that leads back to the path."""
    reply = replies.answer(
        scene.catalogue.articles[article], "answer", scene.language, scene.catalogue, scene.today
    )
    asked_for = [c for c in reply.choices if not c.id.startswith("fb")]  # no room for thumbs
    choices = (GO_ON, *asked_for[: replies.MOST_CHOICES - 1])
    shown = Reply(reply.language, reply.parts, choices)
    return scene.turn(article, shown, article=article, path=now)


def _follow(scene: Scene, path: Path, question: Question, option: Option) -> Turn:
    now = scene.now.path
    before = now.asked if now and now.path == path.id else ()
    # An older button leads on from its own question: what came after it is taken back.
    kept = before[: before.index(question.id)] if question.id in before else ()
    if option.to in path.ends:
        return _end(scene, path, path.ends[option.to])
    return _ask(scene, path, (*kept, question.id, option.to))


def _ask(scene: Scene, path: Path, asked: tuple[str, ...], *lead: Phrase) -> Turn:
    question = path.questions[asked[-1]]
    options = [
        Choice(f"q:{path.id}:{question.id}:{o.id}", o.labels[scene.language])
        for o in question.options
    ]
    ways = [BACK, STOP] if len(asked) > 1 else [STOP]
    room = replies.MOST_CHOICES - len(options)
    parts: list[Phrase | Passage] = [*lead, Passage(question.texts[scene.language])]
    if len(asked) == 1 and scene.language in path.pending_review:
        parts.append(replies.PENDING)
    # Where not all fit, STOP stays: back can be typed.
    shown = ways if len(ways) <= room else [STOP][:room]
    reply = Reply(scene.language, tuple(parts), (*options, *shown))
    return scene.turn(LABEL, reply, path=PathPosition(path.id, asked))


def _end(scene: Scene, path: Path, end: End) -> Turn:
    """Show where the path leads; from here on nothing tells how she came."""
    catalogue, language = scene.catalogue, scene.language
    shown: list[Reply] = []
    if end.emergency in catalogue.cards:
        shown.append(replies.card(str(end.emergency), language, catalogue))
    article = catalogue.articles.get(end.article or "")
    again = Choice(f"p:{path.id}", RESTART.label)
    if end.verdicts:
        ways = (replies.article_choice(article, language),) if article else ()
        parts: tuple[Phrase | Passage, ...] = (Passage(end.verdicts[language]),)
        if language in path.pending_review:
            parts = (*parts, replies.PENDING)
        shown.append(Reply(language, parts, (*ways, again, replies.HUMAN, replies.MENU)))
    elif article:
        reply = replies.answer(article, "answer", language, catalogue, scene.today)
        shown.append(reply)
    elif shown:
        shown[-1] = Reply(
            language, shown[-1].parts, (again, replies.HUMAN, replies.MENU), urgent=True
        )
    turn = scene.turn(LABEL, *shown, article=article.id if article else scene.now.article)
    return turn if end.emergency is None else Turn(
        turn.conversation, turn.replies, turn.effects, turn.label, turn.offered, end.emergency
    )  # fmt: skip
