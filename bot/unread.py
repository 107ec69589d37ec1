"""What comes and is not read: voice, pictures, files, and more than anybody can read."""

from bot import replies
from bot.messages import Phrase, Reply
from bot.scene import Scene, Turn


def unsupported(scene: Scene, kind: str) -> Turn:
    """Say that something cannot be read here, and how to ask instead."""
    match kind:
        case "voice" | "audio":
            text = Phrase(
                "Todavía no puedo escuchar audios. Escriba su pregunta con pocas palabras, o elija "
                "un tema:"
            )
            reply = replies.topics(scene.language, scene.catalogue, text)
            return scene.turn("menu", reply)
        case "image" | "photo" | "document" | "video":
            text = Phrase(
                "No abro fotos ni archivos, y no los guardo. No me envíe documentos. "
                "Escriba su pregunta, o elija:"
            )
        case "reaction":
            return scene.silence()  # a thumb under a message asks nothing
        case _:
            text = Phrase("Solo puedo leer mensajes escritos. Escriba su pregunta, o elija:")
    return scene.say("menu", text, replies.TOPICS, replies.EMERGENCY, replies.HUMAN)


def flooded(scene: Scene) -> Turn:
    """Ask once to write more slowly, then keep silent until she does."""
    if scene.now.flood_told:
        return scene.silence()
    text = Phrase(
        "Me llegaron muchos mensajes seguidos y no los leí todos. Espere un minuto y escriba su "
        "pregunta en un solo mensaje. Si hay peligro ahora, llame al **105**."
    )
    told = scene.now.with_(flood_told=True)
    return Turn(told, (Reply(scene.language, (text,), (replies.EMERGENCY,)),), (), "menu")
