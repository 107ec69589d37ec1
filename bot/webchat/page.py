"""The pages of the web chat and their files: rendered, hashed and compressed at the start."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.languages import OWN_NAMES
from bot.webchat.texts import ASK, NEEDS_JAVASCRIPT, TOPICS, page_texts
from content.catalogue import LANGUAGES
from locales import translate

STATIC_PATH = "/webchat/static/"

_HERE = Path(__file__).parent
_FILES = {
    "chat.css": "text/css",
    "view.js": "text/javascript",
    "chat.js": "text/javascript",
    "line.js": "text/javascript",
    "page.css": "text/css",
    "page.js": "text/javascript",
    "poster.css": "text/css",
    "icon.svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A text file, ready to send. `digest` is of the content: equal digests are equal files."""

    content_type: str
    body: bytes
    zipped: bytes
    digest: str


def asset(content_type: str, text: str) -> Asset:
    """Return a text as an asset; the same text always gives the same bytes."""
    body = text.encode()
    digest = hashlib.sha256(body).hexdigest()[:16]
    return Asset(content_type, body, gzip.compress(body, 9, mtime=0), digest)


def static_files() -> dict[str, Asset]:
    """Return the files of all pages by their hashed names, such as `chat.0f3a….js`."""
    files = {}
    for name, content_type in _FILES.items():
        made = asset(content_type, (_HERE / "static" / name).read_text(encoding="utf-8"))
        stem, _, suffix = name.partition(".")
        files[f"{stem}.{made.digest}.{suffix}"] = made
    return files


def file_addresses(files: Mapping[str, Asset]) -> dict[str, str]:
    """Return where each file lies, by names that a template can use, such as `chat_js`."""
    return {_plain_name(name): STATIC_PATH + name for name in files}


def pages(files: Mapping[str, Asset], leave_to: str, *, embedded: bool = False) -> dict[str, Asset]:
    """Return the page in each language; it holds the texts of all of them, to change in place.

    `embedded` is the page that stands in a frame of somebody else's page.
    """
    environment = _environment()
    # Texts such as "n'est" stay readable: tojson escapes what could end the data block anyway.
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "sort_keys": True}
    template = environment.get_template("chat.html")
    texts = {language: page_texts(language) for language in LANGUAGES}
    return {
        language: asset(
            "text/html",
            template.render(
                language=language,
                texts=texts[language],
                names=OWN_NAMES,
                files=file_addresses(files),
                embedded=embedded,
                without_script=[
                    (one, translate(NEEDS_JAVASCRIPT.text, one), translate(TOPICS.text, one))
                    for one in (language, *(other for other in LANGUAGES if other != language))
                ],
                data={"leave_to": leave_to, "texts": texts, "embedded": embedded},
            ),
        )
        for language in LANGUAGES
    }


def embed_script() -> Asset:
    """Return the script that other sites put on their pages."""
    words = {language: translate(ASK.text, language) for language in LANGUAGES}
    return asset("text/javascript", _environment().get_template("embed.js").render(words=words))


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _plain_name(hashed: str) -> str:
    stem, _, suffix = hashed.split(".")
    return f"{stem}_{suffix}"
