"""Words that several pages need: channels, intents, spans of time."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from content.panel.visit import Visit

CHANNELS: Mapping[str, str] = MappingProxyType(
    {"telegram": "Telegram", "whatsapp": "WhatsApp", "web": "Web", "console": "Terminal"}
)


def channel(visit: "Visit", name: str) -> str:
    """Return the name of a channel."""
    return visit.say("desconocido") if not name else CHANNELS.get(name, name)


def intent(visit: "Visit", name: str) -> str:
    """Return in words what somebody says who asks nothing of the content."""
    known = {
        "abuse": visit.say("Insulto"),
        "affirm": visit.say("Dice que sí"),
        "bot_challenge": visit.say("Pregunta si es un programa"),
        "change_language": visit.say("Quiere otro idioma"),
        "delete_my_data": visit.say("Quiere que se borren sus datos"),
        "deny": visit.say("Dice que no"),
        "goodbye": visit.say("Se despide"),
        "greet": visit.say("Saluda"),
        "guided_path": visit.say("Quiere la guía con preguntas"),
        "human_agent": visit.say("Quiere hablar con una persona"),
        "menu": visit.say("Quiere ver el menú"),
        "nearest_office": visit.say("Busca una oficina cercana"),
        "not_helpful": visit.say("Dice que la respuesta no le sirvió"),
        "out_of_scope": visit.say("Pregunta por algo que no es de este servicio"),
        "thanks": visit.say("Agradece"),
    }
    return known.get(name, name)


def span(visit: "Visit", time: timedelta) -> str:
    """Return a span in its largest one or two units: '2 d 3 h', '5 h 20 min', '8 min'."""
    minutes = max(0, int(time.total_seconds()) // 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return visit.say("{days} d {hours} h", days=days, hours=hours)
    if hours:
        return visit.say("{hours} h {minutes} min", hours=hours, minutes=rest)
    return visit.say("{minutes} min", minutes=rest)
