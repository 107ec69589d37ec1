"""What only the bot can tell of contents other than articles: cards, rules, templates, texts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from actions.misses import scrub
from bot import replies
from bot.panel.previews import CHANNELS, preview
from bot.whatsapp.templates import Templates
from content import decoding
from content.catalogue import LANGUAGES, Catalogue
from content.cursor import Cursor
from content.panel.ports import Preview, ProgramPhrase, Sign
from content.sheets import Sheet
from locales import translate, translate_panel
from nlu.emergency import EmergencyRules
from nlu.emergency_data import EmergencyRulesError, compile_rules, words_of

REMINDER_PHRASES: Mapping[str, str] = MappingProxyType(
    {
        "ask-date": "Le aviso 30 días y 7 días antes de que venza su documento. Guardo solo la "
        "fecha, y este chat hasta ese día. Escriba la fecha de vencimiento, así: 31/12/2027.",
        "not-understood": "No entendí la fecha. Escríbala así: día/mes/año, por ejemplo "
        "31/12/2027.",
        "set-two": "Listo: le avisaré 30 días y 7 días antes del {date}. Si borra este chat en su "
        "teléfono, el aviso llega igual. Para no recibirlo, escriba «mis avisos».",
        "set-one": "Listo: le avisaré 7 días antes del {date}. Si borra este chat en su teléfono, "
        "el aviso llega igual. Para no recibirlo, escriba «mis avisos».",
        "due": "Usted me pidió este aviso: su documento vence el {date}. Infórmese antes de esa "
        "fecha.",
        "past": "El {date} ya pasó. Aquí puede ver qué hacer ahora:",
        "near": "El {date} está muy cerca: infórmese hoy mismo.",
        "far": "Esa fecha está muy lejos. Revise el año y escríbala de nuevo.",
        "full": "Ya tiene {count} avisos.",
        "list": "Le avisaré 30 días y 7 días antes de estas fechas:",
        "none": "No tiene avisos.",
        "dropped": "Listo: borré sus avisos.",
        "on-return": "En esta página el aviso solo aparece si usted vuelve a abrir este chat en "
        "este navegador. Anote también la fecha.",
        "cannot": "Por este canal no puedo enviarle avisos. Anote la fecha en su calendario: 30 "
        "días antes ya puede informarse aquí.",
    }
)
"""The texts of `bot.reminders` that staff may word otherwise, by an id of their own."""


class RealWorkshop:
    """`content.panel.ports.Workshop`."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    def card(
        self, catalogue: Catalogue, body: Mapping[str, Any], language: str
    ) -> Sequence[Preview]:
        """Return an emergency card on every channel; nothing while it has no text."""
        card = decoding.card(Cursor(Sheet("card"), body))
        if not card.texts.get(language):
            return []
        shown = replace(catalogue, cards={card.kind: card})
        reply = replies.card(card.kind, language, shown)
        return [preview(channel, (reply,)) for channel in CHANNELS]

    def phrases(self) -> Sequence[ProgramPhrase]:
        """Return the texts of reminders as the program words them."""
        return [
            ProgramPhrase(name, msgid, {lang: translate.own(msgid, lang) for lang in LANGUAGES})
            for name, msgid in REMINDER_PHRASES.items()
        ]

    def problems(self, kind: str, document: str, body: Any, panel_language: str) -> Sequence[str]:
        """Return why the emergency layer could not use some rules."""
        if kind != "rules" or not isinstance(body, Mapping):
            return ()
        try:
            compile_rules(document, body, frozenset(words_of(body)))
        except EmergencyRulesError as error:
            lead = translate_panel("El asistente no puede usar estas reglas:", panel_language)
            return (f"{lead} {error}",)
        return ()

    def states(self, purpose: str) -> Sequence[tuple[str, str, str]]:
        """Return what Meta said last of each wording."""
        wordings = self._templates.wordings.get(purpose, {})
        return [
            (language, wording.name, self._templates.state(wording))
            for language, wording in wordings.items()
        ]

    def scrubbed(self, text: str, words: Sequence[str]) -> str:
        """Return what would be stored of a question."""
        return scrub(text, words)

    def sign(
        self, catalogue: Catalogue, language: str, rules: Mapping[str, Any], text: str
    ) -> Sign:
        """Return what a text tells of; '' under rules that cannot be used."""
        try:
            alone = EmergencyRules.from_data({language: rules}).detect(text)
            data = {**catalogue.emergency_rules, language: rules}
            everything = EmergencyRules.from_data(data).detect(text)
        except EmergencyRulesError:
            return Sign("", "")
        return Sign(alone or "", everything or "")
