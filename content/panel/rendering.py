"""The templates of the panel."""

import hashlib
import mimetypes
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from content.catalogue import LANGUAGES
from content.panel.permissions import Permission

if TYPE_CHECKING:
    from content.panel.visit import Visit

_HERE = Path(__file__).parent
PERU = timezone(timedelta(hours=-5))
LANGUAGE_NAMES = {
    "es": "español", "en": "inglés", "pt": "portugués", "fr": "francés", "ht": "criollo haitiano",
    "qu": "quechua",
}  # fmt: skip

LANGUAGE_HEADINGS = {
    "es": "Español", "en": "Inglés", "pt": "Portugués", "fr": "Francés", "ht": "Criollo haitiano",
    "qu": "Quechua",
}  # fmt: skip


class Templates:
    """Renders templates with autoescape; an unknown name in a template is an error."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["moment"] = moment
        self._environment.filters["day"] = day
        self._static = {
            path.name: (path.read_bytes(), _type(path), _digest(path.read_bytes()))
            for path in sorted((_HERE / "static").iterdir())
            if path.is_file()
        }

    def render(self, visit: "Visit", template: str, values: Mapping[str, object]) -> str:
        """Return a page as text."""
        return self._environment.get_template(template).render(
            {
                "_": visit.say,
                "may": lambda name: visit.may(Permission(name)),
                "member": visit.found.member if visit.found and visit.found.complete else None,
                "path": visit.request.path,
                "static": self.address,
                "ui": visit.language,
                "now": visit.now,
                "languages": LANGUAGES,
                "language_name": lambda code: visit.say(LANGUAGE_NAMES.get(str(code), str(code))),
                "notice": "",
                **values,
            }
        )

    def address(self, name: str) -> Markup:
        """Return the address of a file, which changes with what is in it."""
        return Markup("/panel/static/{}?v={}").format(name, self._static[name][2])

    def static(self, name: str) -> tuple[bytes, str, str] | None:
        """Return a file's bytes, its type and its digest."""
        return self._static.get(name)


def moment(at: datetime | None) -> str:
    """Write a time as people in Peru read it: 23/11/2026 14:05."""
    return "" if at is None else at.astimezone(PERU).strftime("%d/%m/%Y %H:%M")


def day(at: datetime | date | str | None) -> str:
    """Write a day as people in Peru read it: 23/11/2026."""
    if at is None or isinstance(at, str):
        return at or ""
    if isinstance(at, datetime):
        at = at.astimezone(PERU) if at.tzinfo else at.replace(tzinfo=UTC)
    return at.strftime("%d/%m/%Y")


def _type(path: Path) -> str:
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]
