"""Reminders that she asks for: a date, and nothing else."""

import re
from datetime import date, timedelta

from actions.effects import DropReminders, SetReminder
from bot import replies
from bot.dates import date_in, is_like_date
from bot.messages import Asked, Choice, Label, Passage, Phrase, Reply, Template
from bot.policy import Sure, decide
from bot.replies import human_date
from bot.scene import Scene, Turn
from nlu.normalise import plain

AWAITING = "reminder"
LABEL = "reminder"
TEMPLATE = "reminder"
MOST = 5
DAYS_BEFORE = (30, 7)
FARTHEST = timedelta(days=366 * 10)
LONGEST_DATE = 8  # words: whoever writes more without a date asks something else

SET = replies.REMIND
LIST = Choice("reminders", Label("Mis avisos"))
ON_RETURN = Phrase(
    "En esta página el aviso solo aparece si usted vuelve a abrir este chat en este navegador. "
    "Anote también la fecha."
)
DROP = Choice("remind:drop", Label("Borrar mis avisos"))

# How people ask for it, accents folded. The rule speaks before the model, which knows no such
# intent; the words of the first list ask by themselves, those of the second with a document.
_ALONE = re.compile(
    r"(?:recordatorios?|reminders?|lembretes?|rappels?|rapel|mis avisos|my reminders|"
    r"meus avisos|mes rappels|avi mwen yo|willayniykuna)"
)
_ASKS = re.compile(
    r"\b(?:avisame|avisenme|me avisas?|me avisen|me avise|recuerdame|recuerdeme|recordarme|"
    r"hazme acordar|remind me|let me know before|me lembr[ae]|me avisa|rappelle[zs]?[ -]moi|"
    r"previen[ts]?[ -]moi|fe m sonje|fem sonje|raple m|avize m|yuyachiway|willaway|"
    r"un recordatorio|a reminder|un rappel|um lembrete|yon rapel)\b"
)
_ENDS = re.compile(
    r"\b(?:venc\w*|venz\w*|caduc\w*|expir\w*|vence|ekspire|fini|tukukuptin|tukukunan\w*|"
    r"before|antes|avant|anvan|manaraq|renov\w*|renew\w*|fecha|date|data|dat)\b"
)


def wished(scene: Scene, text: str) -> Turn | None:
    """Follow a text that asks to be reminded, or for the reminders there are; else None."""
    words = plain(text).strip(' .!?¿¡/«»"')
    if _ALONE.fullmatch(words):
        return listed(scene)
    return ask(scene, text) if _ASKS.search(words) and _ENDS.search(words) else None


def ask(scene: Scene, text: str = "") -> Turn:
    """Ask for the date, or take it from the text; say honestly where no reminder can be sent."""
    if not scene.policy.reminds_in(scene.language):
        cannot = Phrase(
            "Por este canal no puedo enviarle avisos. Anote la fecha en su calendario: 30 días "
            "antes ya puede informarse aquí."
        )
        return scene.say(LABEL, cannot, *_about(scene), replies.MENU)
    if len(_ahead(scene)) >= MOST:
        return listed(scene, Phrase("Ya tiene {count} avisos.", {"count": str(MOST)}))
    if text and (due := date_in(text, scene.today)):
        return _set(scene, due)
    question = Phrase(
        "Le aviso 30 días y 7 días antes de que venza su documento. Guardo solo la fecha, y este "
        "chat hasta ese día. Escriba la fecha de vencimiento, así: 31/12/2027."
    )
    parts = (question, ON_RETURN) if scene.policy.reminds_on_return else (question,)
    ways = (LIST, replies.MENU) if _ahead(scene) else (replies.MENU,)
    return scene.turn(LABEL, Reply(scene.language, parts, ways), awaiting=AWAITING)


def answered(scene: Scene, asked: Asked) -> Turn | None:
    """Take the date she types; None if she asks something else."""
    if due := date_in(asked.text, scene.today):
        return _set(scene, due)
    decision = decide(asked.understanding, scene.policy, scene.catalogue.articles)
    asks = isinstance(decision, Sure) or len(asked.text.split()) > LONGEST_DATE
    if asks and not is_like_date(asked.text):
        return None
    again = Phrase("No entendí la fecha. Escríbala así: día/mes/año, por ejemplo 31/12/2027.")
    return scene.turn(LABEL, Reply(scene.language, (again,), (replies.MENU,)), awaiting=AWAITING)


def listed(scene: Scene, *lead: Phrase) -> Turn:
    """Show the dates that she will be reminded of."""
    ahead = _ahead(scene)
    if not ahead:
        return scene.say(LABEL, Phrase("No tiene avisos."), SET, replies.MENU)
    lines = "\n".join(f"- {human_date(day)}" for day in ahead)
    parts: tuple[Phrase | Passage, ...] = (
        *lead,
        Phrase("Le avisaré 30 días y 7 días antes de estas fechas:"),
        Passage(lines),
    )
    ways = (DROP, replies.MENU) if len(ahead) >= MOST else (SET, DROP, replies.MENU)
    return scene.turn(LABEL, Reply(scene.language, parts, ways))


def dropped(scene: Scene) -> Turn:
    """Delete all of them."""
    text = Phrase("Listo: borré sus avisos.")
    reply = Reply(scene.language, (text,), (replies.MENU,))
    return scene.turn(LABEL, reply, effects=(DropReminders(),), reminders=())


def due(day: str, language: str, articles: tuple[Choice, ...] = ()) -> Reply:
    """Return the reminder itself, for a day written as YYYY-MM-DD."""
    text = Phrase(
        "Usted me pidió este aviso: su documento vence el {date}. Infórmese antes de esa fecha.",
        {"date": human_date(day)},
    )
    ways = (*articles, DROP, replies.MENU)
    template = Template(TEMPLATE, text.values)
    return Reply(language, (text, replies.ENTRY_WARNING), ways, template=template)


def _set(scene: Scene, day: date) -> Turn:
    left = day - scene.today
    shown = {"date": human_date(day.isoformat())}
    if left < timedelta(days=0):
        text = Phrase("El {date} ya pasó. Aquí puede ver qué hacer ahora:", shown)
        return scene.say(LABEL, text, *_about(scene), SET, replies.MENU)
    if left <= timedelta(days=min(DAYS_BEFORE)):
        text = Phrase("El {date} está muy cerca: infórmese hoy mismo.", shown)
        return scene.say(LABEL, text, *_about(scene), replies.MENU)
    if left > FARTHEST:
        text = Phrase("Esa fecha está muy lejos. Revise el año y escríbala de nuevo.")
        reply = Reply(scene.language, (text,), (replies.MENU,))
        return scene.turn(LABEL, reply, awaiting=AWAITING)
    text = Phrase(
        "Listo: le avisaré 30 días y 7 días antes del {date}. Si borra este chat en su teléfono, "
        "el aviso llega igual. Para no recibirlo, escriba «mis avisos».",
        shown,
    )
    if left <= timedelta(days=max(DAYS_BEFORE)):
        text = Phrase(
            "Listo: le avisaré 7 días antes del {date}. Si borra este chat en su teléfono, el "
            "aviso llega igual. Para no recibirlo, escriba «mis avisos».",
            shown,
        )
    kept = tuple(sorted({*_ahead(scene), day.isoformat()}))
    told = scene.now.awaiting == AWAITING or not scene.policy.reminds_on_return
    parts = (text,) if told else (text, ON_RETURN)
    reply = Reply(scene.language, parts, (*_about(scene), LIST, replies.MENU))
    effect = SetReminder(day.isoformat(), scene.language)
    return scene.turn(LABEL, reply, effects=(effect,), reminders=kept, stopped=False)


def _ahead(scene: Scene) -> tuple[str, ...]:
    """Return her dates that are not past; ISO dates sort as text."""
    today = scene.today.isoformat()
    return tuple(day for day in scene.now.reminders if day >= today)


def _about(scene: Scene) -> tuple[Choice, ...]:
    """Return buttons to what can be done about a document that ends."""
    articles = scene.catalogue.articles
    return tuple(
        replies.article_choice(articles[i], scene.language)
        for i in replies.ENDING_DOCUMENTS
        if i in articles
    )
