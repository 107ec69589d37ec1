"""Erasing everything on request, after one confirmation."""

from actions.effects import ForgetPerson
from bot import replies
from bot.messages import Choice, Label, Phrase, Reply
from bot.scene import Scene, Turn
from bot.state import Conversation

AWAITING = "forget"
_LABEL = "delete_my_data"


def ask(scene: Scene) -> Turn:
    """Ask once whether to erase."""
    choices = (Choice("forget:yes", Label("Sí, borrar")), Choice("forget:no", Label("No borrar")))
    text = Phrase("¿Borro todo lo que guardo de esta conversación?")
    return scene.turn(_LABEL, Reply(scene.language, (text,), choices), awaiting=AWAITING)


def confirmed(scene: Scene) -> Turn:
    """Erase, say so, and say what is left to do on the phone itself."""
    done = Phrase(
        "Listo: borré todo. Para que no quede en su teléfono, borre también este chat en la "
        "aplicación."
    )
    fresh = Conversation(language=scene.language, welcomed=True)
    return Turn(fresh, (Reply(scene.language, (done,)),), (ForgetPerson(),), _LABEL)


def declined(scene: Scene) -> Turn:
    """Keep everything and say so."""
    return scene.say(_LABEL, Phrase("Está bien, no borré nada."), replies.MENU)
