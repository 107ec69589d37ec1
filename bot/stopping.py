"""STOP: hearing nothing any more that she did not ask for."""

from actions.effects import CloseCase, DropReminders
from bot.messages import Phrase, Reply
from bot.scene import Scene, Turn

LABEL = "stop"


def stopped(scene: Scene) -> Turn:
    """End reminders and the open case, say so once, and send nothing until she writes again."""
    text = Phrase(
        "Está bien: no le enviaré más mensajes ni avisos. Si un día lo necesita, escriba aquí y "
        "le respondo. Para borrar lo guardado, escriba «borrar»."
    )
    reply = Reply(scene.language, (text,))
    effects = (DropReminders(), CloseCase())
    return scene.turn(LABEL, reply, effects=effects, stopped=True, silent_until=None, reminders=())
