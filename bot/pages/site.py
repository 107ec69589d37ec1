"""The frame of every page: its address, its head in all languages, its templates."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot import replies
from bot.languages import OWN_NAMES
from bot.markup import parse, to_html
from bot.messages import Label, Phrase
from bot.pages import texts
from bot.webchat.page import Asset, asset, file_addresses, static_files
from bot.webchat.phones import link_phones
from bot.webchat.texts import ASK, PAGE
from content.catalogue import LANGUAGES, SOURCE_LANGUAGE
from locales import translate

_TEMPLATES = Path(__file__).parents[1] / "webchat" / "templates"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page lies. `base` is the site's origin; `of` is '', a topic or an article's id.

    Addresses never change: posters and messages that people handed on hold them.
    """

    base: str
    language: str
    of: str = ""

    @property
    def path(self) -> str:
        """The page that is read, such as /fr/health/pregnancy, /fr/health/ or /fr/."""
        end = "" if "/" in self.of or not self.of else "/"
        return f"/{self.language}/{self.of}{end}"

    @property
    def url(self) -> str:
        """The whole address of the page that is read."""
        return self.base + self.path

    @property
    def poster(self) -> str:
        """The path of the page that is printed."""
        return f"/poster{self.path}"

    @property
    def chat(self) -> str:
        """The path of the chat in this language, with this answer or topic opened."""
        query = {"lang": self.language} | ({"open": self.of} if self.of else {})
        return f"/?{urlencode(query, quote_via=quote, safe='/')}"

    def at(self, of: str) -> "Place":
        """Return another page of the same site and language."""
        return replace(self, of=of)

    def in_(self, language: str) -> "Place":
        """Return the same page in another language."""
        return replace(self, language=language)


@dataclass(frozen=True, slots=True)
class Head:
    """What search engines and messengers read. `linked` is JSON-LD, None for nothing."""

    title: str
    description: str = ""
    indexed: bool = True
    linked: Mapping[str, object] | None = None


def prose(markdown: str) -> Markup:
    """Return approved Markdown as HTML: all else is escaped, numbers to call are links."""
    return Markup(link_phones(to_html(parse(markdown))))  # noqa: S704 - to_html escapes


def says(text: Phrase | Label, language: str) -> str:
    """Return an interface text in a language."""
    values = text.values if isinstance(text, Phrase) else {}
    return translate(text.text, language, values)


class Site:
    """Renders templates into pages. `leave_to` is where "leave quickly" leads."""

    def __init__(self, leave_to: str) -> None:
        self._leave_to = leave_to
        self._files = file_addresses(static_files())
        self._environment = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}

    def plain(self, template: str, content_type: str, addresses: list[str]) -> Asset:
        """Return a list of addresses in the format of a template."""
        made = self._environment.get_template(template).render(addresses=addresses)
        return asset(content_type, made)

    def render(self, template: str, place: Place, head: Head, **values: object) -> Asset:
        """Return a page, ready to send."""
        language = place.language

        def words(text: Phrase | Label) -> str:
            return says(text, language)

        alternates = {code: place.in_(code).url for code in LANGUAGES}
        html = self._environment.get_template(template).render(
            place=place,
            head=head,
            language=language,
            names=OWN_NAMES,
            alternates=alternates,
            default=alternates[SOURCE_LANGUAGE],
            locale=texts.LOCALES[language],
            files=self._files,
            leave_to=self._leave_to,
            texts=texts,
            page=PAGE,
            ask=ASK,
            replies=replies,
            words=words,
            prose=prose,
            danger=prose(words(texts.DANGER)),
            **values,
        )
        return asset("text/html", html)
