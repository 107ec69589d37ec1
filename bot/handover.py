"""Handing the conversation to a person at the desk, and keeping silent while she answers."""

from dataclasses import replace
from datetime import datetime, timedelta

from actions.effects import CloseCase, OpenCase, WriteToCase
from actions.misses import scrub
from bot import replies
from bot.messages import (
    Asked,
    Choice,
    Input,
    Label,
    Passage,
    Phrase,
    Released,
    Reply,
    StaffWrote,
    Template,
    Unsupported,
)
from bot.scene import PERU, Scene, Turn
from bot.state import Conversation

SILENCE = timedelta(hours=24)
# She is told that nobody answered while WhatsApp still takes free text.
BEFORE_THE_END = timedelta(minutes=30)
RESUME = Choice("resume", Label("Seguir con Orienta"))
LABEL = "human_agent"
TEMPLATE = "answered"
NOBODY_YET = Phrase(
    "Disculpe: nadie del equipo pudo responderle todavía. Su pedido sigue abierto y le "
    "responderán aquí."
)
READ = "read"  # the button under that template: it says nothing, but now we may write to her


def ask(scene: Scene) -> Turn:
    """Open a case where somebody reads it; name the persons who can be called in any case.

    While the desk is open the bot falls silent; while it is closed it goes on answering, and the
    staff find the case when they come back.
    """
    if not scene.policy.desk_staffed:
        lead = Phrase("Aquí le atienden personas:")
        return scene.turn(LABEL, replies.human_channels(scene.language, scene.catalogue, lead))
    opened = OpenCase(scene.now.question, scene.language)
    desk, local = scene.catalogue.desk, scene.at.astimezone(PERU)
    if desk.open_at(local):
        text = Phrase(
            "Avisé al equipo de la UIM: una persona le responderá aquí. Puede escribirle ya; no "
            "ponga su nombre ni sus números de documento. Mientras tanto yo no respondo. "
            "Si hay peligro ahora, llame al **105**."
        )
        reply = Reply(scene.language, (text,), (RESUME,))
        until = scene.at + SILENCE
        return scene.turn(LABEL, reply, effects=(opened,), silent_until=until, unanswered=True)
    closed = Phrase("Guardé su pedido, pero ahora el equipo no atiende.")
    parts = [closed]
    if (opens := desk.next_opening(local)) is not None:
        when = {"date": f"{opens:%d/%m}", "time": f"{opens:%H:%M}"}
        parts.append(Phrase("Atiende de nuevo el {date} a las {time} (hora de Perú).", when))
    parts.append(Phrase("Estas personas le pueden ayudar por teléfono:"))
    reply = replies.human_channels(scene.language, scene.catalogue, *parts)
    return scene.turn(LABEL, reply, effects=(opened,))


def is_silent(scene: Scene) -> bool:
    """Say whether a person answers her now; nobody does once the desk has no staff left."""
    until = scene.now.silent_until
    return scene.policy.desk_staffed and until is not None and scene.at < until


def kept_silent(scene: Scene, event: Input) -> Turn:
    """Pass on what she writes to the person who answers her, without a word."""
    match event:
        case Asked(text=text):
            written = scrub(text, scene.catalogue.scrub)
        case Unsupported(kind=kind, caption=caption):
            written = f"[{kind}] {scrub(caption, scene.catalogue.scrub)}".strip()
        case _:
            return scene.silence()
    return Turn(scene.now.with_(unanswered=True), (), (WriteToCase(written),))


def is_unanswered(conversation: Conversation, at: datetime) -> bool:
    """Say whether her silence is about to end, or has ended, without an answer to her."""
    until = conversation.silent_until
    return until is not None and conversation.unanswered and at >= until - BEFORE_THE_END


def unanswered(scene: Scene) -> Turn:
    """Tell her once that nobody could answer yet, name those who do, and answer again."""
    if not is_unanswered(scene.now, scene.at):
        return scene.silence()  # meanwhile somebody did answer, or she went on with the assistant
    then = Phrase("Desde ahora respondo yo, Orienta. Si no puede esperar, aquí le atienden:")
    reply = replies.human_channels(scene.language, scene.catalogue, NOBODY_YET, then)
    return scene.turn(LABEL, reply, silent_until=None, unanswered=False)


def owned_up(turn: Turn) -> Turn:
    """Say first, once she writes again, that nobody answered her; danger still comes before it."""
    if not turn.replies:
        return turn
    urgent = tuple(reply for reply in turn.replies if reply.urgent)
    others = [reply for reply in turn.replies if not reply.urgent]
    if others:
        others[0] = replace(others[0], parts=(NOBODY_YET, *others[0].parts))
    return replace(turn, replies=(*urgent, *others))


def resumed(scene: Scene) -> Turn:
    """Answer again, because she wants it."""
    text = Phrase("Vuelvo a responder yo, Orienta. Escriba su pregunta, o elija:")
    reply = Reply(scene.language, (text,), (replies.TOPICS, replies.HUMAN, replies.MENU))
    ended = {"silent_until": None, "unanswered": False}
    return scene.turn("menu", reply, effects=(CloseCase(),), **ended)


def staff_wrote(scene: Scene, event: StaffWrote) -> Turn:
    """Give her what a member of staff wrote, and keep silent for another day.

    She may have closed the case at the same moment: then it is opened again, for nobody shall be
    met with silence while no case waits for an answer.
    """
    parts = (Phrase("Le escribe una persona del equipo:"), Passage(event.text))
    notice = Template(TEMPLATE, waits=True)
    reply = Reply(scene.language, parts, (RESUME,), template=notice)
    opened = OpenCase("", scene.language)
    until = scene.at + SILENCE
    return scene.turn(LABEL, reply, effects=(opened,), silent_until=until, unanswered=False)


def taken_up(conversation: Conversation, at: datetime) -> Conversation:
    """Keep silent from now on, when she gets late what staff wrote: she will answer them."""
    if conversation.silent_until is None:  # they have finished meanwhile
        return conversation
    return conversation.with_(silent_until=at + SILENCE)


def released(scene: Scene, _: Released) -> Turn:
    """Answer again, because staff have finished."""
    if scene.now.silent_until is None:
        return scene.silence()
    text = Phrase("La persona del equipo terminó de atenderle. Desde ahora respondo yo, Orienta.")
    reply = Reply(scene.language, (text,), (replies.TOPICS, replies.HUMAN, replies.MENU))
    return scene.turn("menu", reply, silent_until=None, unanswered=False)
