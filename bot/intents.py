"""What a person can say besides asking, each with what follows from it."""

from collections.abc import Callable, Mapping

from actions.effects import Effect, RecordMiss
from actions.misses import scrub
from bot import forgetting, handover, paths, places, replies
from bot.languages import named_language
from bot.messages import Asked, Choice, Phrase, Reply
from bot.scene import OUT_OF_SCOPE, Scene, Turn


def _says(text: Phrase, *choices: Choice) -> Callable[[Scene, Asked], Turn]:
    """Return a handler that says one phrase."""

    def handler(scene: Scene, asked: Asked) -> Turn:
        return scene.say(asked.understanding.candidates[0].intent, text, *choices)

    return handler


def _change_language(scene: Scene, asked: Asked) -> Turn:
    wanted = named_language(asked.text)
    if wanted is None:
        return scene.turn("change_language", replies.languages(scene.language))
    return scene.in_language(wanted)


def _out_of_scope(scene: Scene, asked: Asked) -> Turn:
    text = Phrase(
        "Sobre eso no puedo informar. Puedo responder sobre papeles, salud, denuncias, trabajo, "
        "escuela, vivienda y convivencia de personas migrantes en el Perú."
    )
    miss = RecordMiss(scrub(asked.text, scene.catalogue.scrub), scene.language)
    reply = Reply(scene.language, (text,), (replies.TOPICS, replies.HUMAN, replies.MENU))
    return scene.turn(OUT_OF_SCOPE, reply, effects=(miss,))


def _not_helpful(scene: Scene, asked: Asked) -> Turn:
    effects: tuple[Effect, ...] = ()
    if scene.now.article is not None:
        effects = scene.opinion(scene.now.article, helped=False)
    sorry = Phrase("Gracias por avisar. Estas personas le pueden ayudar:")
    desk = scene.policy.desk_staffed
    reply = replies.human_channels(scene.language, scene.catalogue, sorry, desk=desk)
    return scene.turn("not_helpful", reply, effects=effects)


INTENTS: Mapping[str, Callable[[Scene, Asked], Turn]] = {
    "greet": lambda scene, _: scene.welcome(),
    "thanks": _says(Phrase("De nada. Si tiene otra pregunta, escríbala aquí."), replies.MENU),
    "goodbye": _says(
        Phrase("Que le vaya bien. Puede volver a escribir cuando quiera."), replies.MENU
    ),
    "menu": lambda scene, _: scene.menu(),
    "change_language": _change_language,
    "human_agent": lambda scene, _: handover.ask(scene),
    "nearest_office": places.wanted,
    "guided_path": lambda scene, _: paths.offer(scene),
    "delete_my_data": lambda scene, _: forgetting.ask(scene),
    "affirm": _says(
        Phrase("Bien. Escriba su pregunta o elija un tema."), replies.TOPICS, replies.MENU
    ),
    "deny": _says(
        Phrase("Está bien. Escriba su pregunta o elija un tema."), replies.TOPICS, replies.MENU
    ),
    "not_helpful": _not_helpful,
    "bot_challenge": _says(
        Phrase(
            "Soy un programa, no una persona. Las respuestas las escribe y aprueba el personal "
            "de la Unidad de Integración Migratoria."
        ),
        replies.TOPICS,
        replies.HUMAN,
    ),
    "abuse": _says(
        Phrase("Entiendo su molestia. Si quiere, le digo con quién puede hablar."),
        replies.HUMAN,
        replies.TOPICS,
    ),
    "out_of_scope": _out_of_scope,
}
