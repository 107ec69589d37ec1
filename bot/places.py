"""Finding the nearest office from a shared place, from the name of one, or from a question.

A place is used for the reply and forgotten. Where its name is that of several, the buttons that
ask which one is meant are remembered like all buttons, until the next reply.
"""

from collections import Counter

from actions.gazetteer import Gazetteer, Spot, gazetteer
from actions.nearest import Found, around, nearest
from bot import office_replies as replies
from bot.messages import Asked, Located
from bot.office_words import CONSULATE, HEALTH, POLICE, country_in, kind_in, without_kinds
from bot.policy import Sure, decide
from bot.scene import Scene, Turn

AWAITING = "place"
LABEL = "nearest_office"
LONGEST = 5  # words: "vivo en san juan de lurigancho" says where, a longer text asks
PROTECTING = ("cem", "defensoria", "alegra")
ANY = "any"  # in place of a kind, in the id of a choice: one office of each that protects
A_LIST = 10  # offices of a kind; with fewer, "the nearest" would be far from the truth


def located(scene: Scene, place: Located) -> Turn:
    """Use the place once: for the kind of office asked about, else for those that protect."""
    kind = scene.now.detail if scene.now.awaiting == AWAITING else ""
    if kind == CONSULATE or _is_told(scene, kind):
        return chosen(scene, kind) or kinds(scene)
    offices = scene.catalogue.offices
    most = 3 if kind else 1
    found = tuple(
        one
        for each in ((kind,) if kind else PROTECTING)
        for one in nearest(offices, each, place.lat, place.lon, most)
    )
    return _shown(scene, kind, found) if found else kinds(scene)


def wanted(scene: Scene, asked: Asked) -> Turn:
    """Answer a question for an office, with what it says of the kind and of the place."""
    kind = kind_in(asked.text) or ""
    if turn := _found(scene, kind, asked.text):
        return turn
    return (kind and chosen(scene, kind)) or kinds(scene)


def named(scene: Scene, asked: Asked) -> Turn | None:
    """Take a text for the name of a place, unless it is a question that happens to name one."""
    decision = decide(asked.understanding, scene.policy, scene.catalogue.articles)
    is_question = isinstance(decision, Sure) and decision.intent in scene.catalogue.articles
    is_short = len(asked.text.split()) <= LONGEST
    if is_question and not is_short:
        return None
    other = kind_in(asked.text)
    kind = other or scene.now.detail
    if turn := _found(scene, kind, asked.text):
        return turn
    if other and not is_question and (turn := chosen(scene, other)):
        return turn
    if isinstance(decision, Sure) or not is_short:
        return None
    if kind == CONSULATE:
        return scene.turn(LABEL, replies.consulates(scene.language, (), scene.catalogue))
    ask = replies.unknown_place(scene.language)
    return scene.turn(LABEL, ask, awaiting=AWAITING, detail=kind)


def chosen(scene: Scene, choice: str) -> Turn | None:
    """Follow a button: a kind, or a kind with the country or the place that was meant."""
    kind, _, which = choice.partition(":")
    if kind not in (*replies.OFFICE_KINDS, POLICE, ANY):
        return None
    if _is_told(scene, kind):
        told = replies.police if kind == POLICE else replies.health
        return scene.turn(LABEL, told(scene.language, scene.catalogue))
    if kind == CONSULATE and which:
        return _of_country(scene, which)
    if kind == CONSULATE:
        ask = replies.ask_country(scene.language)
        return scene.turn(LABEL, ask, awaiting=AWAITING, detail=kind)
    if which:
        spot = _places(scene).spot(which)
        return _near(scene, "" if kind == ANY else kind, spot) if spot else None
    ask = replies.ask_place(scene.language)
    return scene.turn(LABEL, ask, awaiting=AWAITING, detail="" if kind == ANY else kind)


def _found(scene: Scene, kind: str, text: str) -> Turn | None:
    """Answer from the country or the place that a text names; None if it names none."""
    if kind == CONSULATE:
        country = country_in(text)
        return _of_country(scene, country) if country else None
    if _is_told(scene, kind):
        return None
    spots = _places(scene).spots_in(without_kinds(text))
    if len(spots) == 1:
        return _near(scene, kind, spots[0])
    if not spots:
        return None
    # Places with more offices are where more people live.
    known = Counter((o.district, o.province, o.region) for o in scene.catalogue.offices)
    ranked = sorted(spots, key=lambda s: (-known[s.district, s.province, s.region], s.region))
    ask = replies.which_place(scene.language, kind or ANY, ranked)
    return scene.turn(LABEL, ask, awaiting=AWAITING, detail=kind)


def _near(scene: Scene, kind: str, spot: Spot) -> Turn:
    sought, most = ((kind,), 3) if kind else (PROTECTING, 1)
    offices = scene.catalogue.offices
    found = tuple(one for each in sought for one in around(offices, each, spot, most))
    return _shown(scene, kind, found, spot) if found else kinds(scene)


def _of_country(scene: Scene, country: str) -> Turn:
    # An entry may name a second country that stands in for the first.
    offices = [o for o in scene.catalogue.offices if o.kind == CONSULATE]
    found = tuple(Found(o, None) for o in offices if country_in(o.name) == country)
    return scene.turn(LABEL, replies.consulates(scene.language, found[:3], scene.catalogue))


def _is_told(scene: Scene, kind: str) -> bool:
    """Say whether the directory has no list of a kind, so that a channel is named in its place."""
    if kind == HEALTH:
        return sum(office.kind == HEALTH for office in scene.catalogue.offices) < A_LIST
    return kind == POLICE


def _places(scene: Scene) -> Gazetteer:
    return gazetteer(scene.catalogue.places, scene.catalogue.offices)


def kinds(scene: Scene) -> Turn:
    """Ask which kind of office is looked for."""
    return scene.turn(LABEL, replies.office_kinds(scene.language))


def _shown(scene: Scene, kind: str, found: tuple[Found, ...], spot: Spot | None = None) -> Turn:
    return scene.turn(LABEL, replies.offices(scene.language, found, kind, spot))
