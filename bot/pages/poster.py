"""Pages to be printed and put up at a counter: what it is about, and a code that opens the chat."""

from dataclasses import dataclass
from io import BytesIO

from markupsafe import Markup

from bot.messages import Phrase
from bot.pages import texts
from bot.pages.site import Place
from locales import translate


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code with what stands beside it. `label` is a proper name, or a text of ours."""

    label: Phrase | str
    address: str
    typed: str
    svg: Markup


def codes(place: Place, telegram: str) -> tuple[Code, ...]:
    """Return the codes of a poster; `telegram` is the bot's name there, or ''.

    The typed address is that of the page that is read: it is short, and needs no script.
    """
    web = place.base + place.chat
    found = [_code(texts.POSTER_WEB, web, _bare(place.url), place.language)]
    if telegram:
        # Telegram's deep links allow no slash.
        start = f"?start={place.of.replace('/', '_', 1)}" if place.of else ""
        typed = f"t.me/{telegram}"
        found.append(_code("Telegram", f"https://{typed}{start}", typed, place.language))
    return tuple(found)


def _bare(url: str) -> str:
    return url.partition("://")[2].rstrip("/")


def _code(label: Phrase | str, address: str, typed: str, language: str) -> Code:
    import segno  # only here: nobody who asks in the chat waits for it at the start

    written = BytesIO()
    # Level M survives a finger mark or a fold; the quiet zone of four modules is in the picture.
    segno.make(address, error="m", micro=False).save(
        written, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=4, light="#fff"
    )
    alt = translate(texts.POSTER_CODE.text, language, {"address": typed})
    # The writer of the picture puts no text into it, so there is nothing to escape but `alt`.
    svg = Markup(written.getvalue().decode().strip())  # noqa: S704
    return Code(
        label, address, typed, Markup('<div role="img" aria-label="{}">{}</div>').format(alt, svg)
    )
