"""Replies as the platforms would show them: shaped by the code that sends them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from bot import replies
from bot.channel import Limits
from bot.markup import to_html
from bot.messages import Reply
from bot.shaping import Menu, Option, Shaped, shape
from bot.splitting import Measure
from bot.telegram.channel import LIMITS as TELEGRAM
from bot.webchat.channel import LIMITS as WEB
from bot.webchat.phones import link_phones
from bot.whatsapp.channel import BOLD as WHATSAPP_BOLD
from bot.whatsapp.channel import LIMITS as WHATSAPP
from content.catalogue import Article, Catalogue, Status
from content.panel.ports import Bubble, Preview
from locales import translate, translate_panel


@dataclass(frozen=True, slots=True)
class _Platform:
    name: str
    limits: Limits
    bold: int = 0


_PLATFORMS: Mapping[str, _Platform] = MappingProxyType(
    {
        "telegram": _Platform("Telegram", TELEGRAM),
        "whatsapp": _Platform("WhatsApp", WHATSAPP, WHATSAPP_BOLD),
        "web": _Platform("Web", WEB),
    }
)
CHANNELS = tuple(_PLATFORMS)


class ShapedPreviews:
    """`content.panel.ports.Previews`. `today` gives the day in Peru."""

    def __init__(self, today: Callable[[], date]) -> None:
        self._today = today

    def article(
        self,
        catalogue: Catalogue,
        article: Article,
        section: str,
        language: str,
        panel_language: str = "es",
    ) -> Sequence[Preview]:
        """Return one section of an article, published or not, on every channel."""
        text = article.texts.get(language)
        known = text.sections if text else {}
        if not known.get(section) and not known.get("answer"):
            empty = translate_panel("Esta parte todavía está vacía.", panel_language)
            return [Preview(channel, (), (empty,)) for channel in CHANNELS]
        written = replace(article, status=Status.PUBLISHED)
        if written.topic not in catalogue.topics:  # a draft whose topic is not published yet
            written = replace(written, review_due=None, valid_until=None)
        reply = replies.answer(written, section, language, catalogue, self._today())
        return [preview(channel, (reply,), panel_language) for channel in CHANNELS]


def preview(channel: str, shown: Sequence[Reply], panel_language: str = "es") -> Preview:
    """Return some replies in a row on a channel, with what staff should know of their look."""
    platform = _PLATFORMS[channel]
    bubbles: list[Bubble] = []
    problems: list[str] = []
    for reply in shown:
        messages = shape(reply, platform.limits, translate, bold=platform.bold)
        bubbles += [_bubble(message, channel) for message in messages]
        problems += _problems(messages, platform, panel_language)
    return Preview(channel, tuple(bubbles), tuple(dict.fromkeys(problems)))


def _bubble(message: Shaped, channel: str) -> Bubble:
    platform = _PLATFORMS[channel]
    html = to_html(message.text)  # escapes all but its own tags
    in_text = message.menu in (Menu.NONE, Menu.NUMBERS)
    limit = platform.limits.text if in_text else platform.limits.text_with_options
    return Bubble(
        html=link_phones(html) if channel == "web" else html,
        buttons=() if in_text else tuple(option.label for option in message.options),
        length=Measure(platform.limits.unit, platform.bold).document(message.text),
        limit=limit,
    )


def _problems(messages: Sequence[Shaped], platform: _Platform, panel_language: str) -> list[str]:
    def say(text: str, **values: str) -> str:
        return translate_panel(text, panel_language, {"channel": platform.name, **values})

    found = []
    if len(messages) > 1:
        found.append(
            say("Este texto se partirá en {count} mensajes en {channel}.", count=str(len(messages)))
        )
    last = messages[-1] if messages else Shaped(())
    if last.menu is Menu.NUMBERS:
        found.append(
            say(
                "Con este largo no caben botones en {channel}: las opciones salen como lista "
                "numerada."
            )
        )
    elif last.menu is Menu.ROWS:
        found.append(say("En {channel} las opciones salen en una lista que se abre con un botón."))
    for cut in filter(_is_cut, last.options):
        label = say("En {channel} esta opción sale cortada: «{label}».", label=cut.label)
        found.append(label)
    return found


def _is_cut(option: Option) -> bool:
    return option.label.endswith("…")
