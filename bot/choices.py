"""What follows from each button or row, by the first part of its id."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from actions.effects import RecordMiss
from bot import forgetting, handover, paths, places, reminders, replies, stopping
from bot.messages import Choice, Label, Phrase, Reply
from bot.scene import CHOICE, Scene, Turn
from content.catalogue import LANGUAGES

OTHER_EMERGENCY = Choice("emergency", Label("Otra emergencia"))


def chose(scene: Scene, choice: str) -> Turn:
    """Return what follows from a choice; an old button whose target is gone says so."""
    name, _, rest = choice.partition(":")
    handler = _CHOICES.get(name)
    turn = handler(scene, rest) if handler is not None else None
    if turn is None:
        gone = Phrase("Esa opción ya no está. Elija un tema, o escriba su pregunta.")
        turn = scene.turn(CHOICE, replies.topics(scene.language, scene.catalogue, gone))
    return turn


def _article(scene: Scene, article_id: str) -> Turn | None:
    if article_id not in scene.catalogue.articles:
        return None
    turn = scene.article(article_id)
    if scene.now.awaiting == "which" and scene.now.detail:
        # She told which topic her question meant: staff may make it an example.
        picked = RecordMiss(scene.now.detail, scene.language, chosen=article_id)
        turn = replace(turn, effects=(picked,))
    return turn


def _section(scene: Scene, rest: str) -> Turn | None:
    section, _, article_id = rest.partition(":")
    if article_id not in scene.catalogue.articles or section not in replies.SECTION_LABELS:
        return None
    return scene.article(article_id, section)


def _topic(scene: Scene, rest: str) -> Turn | None:
    topic, _, page = rest.partition(":")
    if topic not in scene.catalogue.topics:
        return None
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 4 else 1
    reply = replies.topic(scene.language, scene.catalogue, topic, number)
    ids = tuple(c.id[2:] for c in reply.choices if c.id.startswith("a:"))
    return replace(scene.turn(CHOICE, reply), offered=ids)


def _related(scene: Scene, article_id: str) -> Turn | None:
    article = scene.catalogue.articles.get(article_id)
    if article is None:
        return None
    if replies.is_withheld(article, scene.today):
        return scene.article(article_id)
    reply = replies.sources_and_related(article, scene.language, scene.catalogue)
    return scene.turn(article_id, reply, article=article_id)


def _share(scene: Scene, article_id: str) -> Turn | None:
    article = scene.catalogue.articles.get(article_id)
    if article is None:
        return None
    url = scene.policy.public_url
    page = f"{url}/{scene.language}/{article_id}" if url else ""
    reply = replies.share(article, scene.language, scene.today, page)
    if reply is None:
        return scene.article(article_id)
    return scene.turn(article_id, reply, article=article_id)


def _card(scene: Scene, kind: str) -> Turn | None:
    if kind not in scene.catalogue.cards:
        return None
    own = scene.catalogue.articles.get(scene.catalogue.cards[kind].article)
    ways = (replies.article_choice(own, scene.language),) if own else ()
    card = replies.card(kind, scene.language, scene.catalogue)
    shown = replace(card, choices=(*ways, OTHER_EMERGENCY, replies.HUMAN))
    return replace(scene.turn(own.id if own else kind, shown), emergency=kind)


def _language(scene: Scene, code: str) -> Turn | None:
    return scene.in_language(code) if code in LANGUAGES else None


def _feedback(scene: Scene, article_id: str, helped: bool) -> Turn | None:
    if article_id not in scene.catalogue.articles:
        return None
    if helped:
        text = Phrase("Gracias. Me alegra haber ayudado.")
        reply = Reply(scene.language, (text,), (replies.TOPICS, replies.MENU))
    else:
        sorry = Phrase("Gracias por avisar. Estas personas le pueden ayudar:")
        desk = scene.policy.desk_staffed
        reply = replies.human_channels(scene.language, scene.catalogue, sorry, desk=desk)
    return scene.turn(article_id, reply, effects=scene.opinion(article_id, helped=helped))


_CHOICES: Mapping[str, Callable[[Scene, str], Turn | None]] = {
    "a": _article,
    "s": _section,
    "t": _topic,
    "r": _related,
    "e": _card,
    "lang": _language,
    "sh": _share,
    "share": lambda scene, _: _share(scene, scene.now.article or ""),
    "p": paths.start,
    "q": paths.answered,
    "path": paths.steered,
    "fb+": lambda scene, rest: _feedback(scene, rest, helped=True),
    "fb-": lambda scene, rest: _feedback(scene, rest, helped=False),
    "o": places.chosen,
    "none": lambda scene, _: scene.not_understood(None),
    "menu": lambda scene, _: scene.menu(),
    "topics": lambda scene, _: scene.turn(CHOICE, replies.topics(scene.language, scene.catalogue)),
    "emergency": lambda scene, _: scene.turn(
        "services/emergency-numbers", replies.emergency_kinds(scene.language, scene.catalogue)
    ),
    "languages": lambda scene, _: scene.turn("change_language", replies.languages(scene.language)),
    "paths": lambda scene, _: paths.offer(scene),
    "human": lambda scene, _: handover.ask(scene),
    "desk": lambda scene, _: handover.ask(scene),
    "resume": lambda scene, _: handover.resumed(scene),
    handover.READ: lambda scene, _: scene.silence(),
    "remind": lambda scene, rest: {"drop": reminders.dropped}.get(rest, reminders.ask)(scene),
    "reminders": lambda scene, _: reminders.listed(scene),
    "stop": lambda scene, _: stopping.stopped(scene),
    "office": lambda scene, _: places.kinds(scene),
    "forget": lambda scene, rest: {"yes": forgetting.confirmed, "no": forgetting.declined}.get(
        rest, forgetting.ask
    )(scene),
}
