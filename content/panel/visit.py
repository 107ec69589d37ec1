"""One request to the panel, with who sends it."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web
from multidict import MultiDict, MultiMapping
from sqlalchemy.ext.asyncio import AsyncSession

from content import audit
from content.panel import sessions
from content.panel.permissions import Permission, may
from content.panel.protection import cleaned
from content.panel.sessions import Member
from locales import translate_panel

if TYPE_CHECKING:
    from content.panel.app import Panel
    from content.panel.ports import Assistant

HOME = "/panel/"


@dataclass(slots=True)
class Visit:
    """What a handler is given. `found` is None on public pages where nobody is signed in.

    `sent` holds the fields of a form. They are text: control characters other than line breaks
    are gone, and line breaks are "\\n". `files` holds what was uploaded, by the field's name, on
    routes that take files as they are.
    """

    request: web.Request
    panel: "Panel"
    found: sessions.Found | None = None
    sent: MultiMapping[str] = field(default_factory=MultiDict)
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def member(self) -> Member:
        """Who is signed in; only on pages that need it."""
        if self.found is None:
            raise web.HTTPForbidden
        return self.found.member

    @property
    def assistant(self) -> "Assistant":
        """What the panel gets from the assistant around it."""
        return self.panel.assistant

    @property
    def language(self) -> str:
        """The language of the panel for her: 'es' or 'en'."""
        if self.found is not None:
            return self.found.member.language
        return "en" if self.request.cookies.get("orienta-panel-language") == "en" else "es"

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.panel.now()

    def may(self, permission: Permission) -> bool:
        """Say whether she may do something."""
        return self.found is not None and may(self.found.member.role, permission)

    def say(self, text: str, **values: object) -> str:
        """Return a text of the panel in her language. The msgid is Spanish."""
        given = {name: str(value) for name, value in values.items()}
        return translate_panel(text, self.language, given)

    def arg(self, name: str) -> str:
        """Return a part of the address; raise `HTTPNotFound` if no address of ours has such."""
        given = self.request.match_info[name]
        if cleaned(given) != given:  # PostgreSQL would take no NUL
            raise web.HTTPNotFound
        return given

    def asked(self, name: str, default: str = "") -> str:
        """Return a parameter of the address's query."""
        return cleaned(self.request.query.get(name, default))

    def field(self, name: str) -> str:
        """Return a field of the form, without blanks around it; '' where it is missing."""
        return self.sent.get(name, "").strip()

    def fields(self, name: str) -> list[str]:
        """Return all values of a field."""
        return list(self.sent.getall(name, []))

    def transaction(self) -> AbstractAsyncContextManager[AsyncSession]:
        """Return a transaction: committed at the end of the block, undone by an exception."""
        return self.panel.sessions.begin()

    def reading(self) -> AbstractAsyncContextManager[AsyncSession]:
        """Return a session that only reads, and so waits for nobody."""
        return self.panel.reads()

    async def record(self, session: AsyncSession, action: str, subject: str, **detail: Any) -> None:
        """Write a line of the audit log in the transaction of the act."""
        await audit.record(session, self.member.email, action, subject, self.now, **detail)

    async def page(self, template: str, /, *, status: int = 200, **values: object) -> web.Response:
        """Return a page of the panel, with the notice that waits for it."""
        notice = ""
        if self.found is not None and self.found.notice and status == 200:
            notice = self.found.notice
            async with self.transaction() as session:
                await sessions.tell(session, self.member, "")
        html = self.panel.pages.render(self, template, {"notice": notice, **values})
        return web.Response(text=html, status=status, content_type="text/html", charset="utf-8")

    def part(self, template: str, /, **values: object) -> web.Response:
        """Return a piece of a page, for a script that puts it in place."""
        html = self.panel.pages.render(self, template, values)
        return web.Response(text=html, content_type="text/html", charset="utf-8")

    async def go(self, path: str, notice: str = "") -> web.Response:
        """Lead to another page of the panel, which shows the notice. `path` begins with /panel."""
        if notice and self.found is not None:
            async with self.transaction() as session:
                await sessions.tell(session, self.member, notice)
        return web.Response(status=303, headers={"Location": inside(path)})


def inside(path: str) -> str:
    """Return a path if it leads into the panel, and the panel's first page if not."""
    plain = path.split("?", 1)[0].split("#", 1)[0]
    safe = (
        path.startswith(HOME)
        and "\\" not in path
        and "//" not in plain
        and "/.." not in plain
        and all(" " < sign < "\x7f" for sign in path)
    )
    return path if safe else HOME
