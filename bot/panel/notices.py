"""Telling owners by e-mail, and the staff's chat on Telegram, of texts that end or are overdue."""

import hashlib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiohttp
import aiosmtplib
import structlog
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.scene import PERU
from bot.settings import Settings
from content import notices, staff
from content.catalogue import Catalogue
from content.notices import Matter, Notice
from content.panel.tables import ToldRow

log = structlog.get_logger()

_TIMEOUT = 20.0  # seconds for one message
_LONGEST = 4000  # characters of one Telegram message, below its limit
_HERE = ("localhost", "127.0.0.1", "::1")


class CannotSend(Exception):
    """A notice did not go out. The message says why, without any address or secret."""


class Sender(Protocol):
    """Sends a text to one place."""

    async def send(self, to: str, subject: str, text: str) -> None:
        """Send a text; raise `CannotSend`."""


@dataclass(frozen=True, slots=True)
class Mail:
    """Sends by an SMTP server: smtp(s)://user:password@host:port. `sender` is the From address."""

    url: str
    sender: str

    async def send(self, to: str, subject: str, text: str) -> None:
        """Send a plain text; raise `CannotSend`. A password goes out only encrypted."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, to, subject
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        address = urlsplit(self.url)
        name = unquote(address.username) if address.username else None
        secure = address.scheme == "smtps"
        must_encrypt = bool(name) and not secure and address.hostname not in _HERE
        try:
            await aiosmtplib.send(
                message,
                hostname=address.hostname,
                port=address.port or (465 if secure else 587),
                username=name,
                password=unquote(address.password) if address.password else None,
                use_tls=secure,
                start_tls=True if must_encrypt else None,
                timeout=_TIMEOUT,
            )
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError, ValueError) as error:
            raise CannotSend(
                f"The mail server refused or did not answer ({_kind(error)})."
            ) from None


@dataclass(frozen=True, slots=True)
class Telegram:
    """Sends by the bot's own token. `base_url` ends where the token begins."""

    token: str
    base_url: str

    async def send(self, to: str, subject: str, text: str) -> None:
        """Send a plain text to a chat; raise `CannotSend`."""
        body = {"chat_id": to, "text": f"{subject}\n\n{text}"[:_LONGEST]}
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, trust_env=True) as client,
                client.post(f"{self.base_url}{self.token}/sendMessage", data=body) as answer,
            ):
                status = answer.status
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            # Not the error itself: it holds the address, and that the token.
            raise CannotSend(f"Telegram did not answer ({_kind(error)}).") from None
        if status != 200:
            raise CannotSend(f"Telegram refused it ({status}): is the bot a member of the chat?")


def _kind(error: BaseException) -> str:
    return type(error).__name__


@dataclass(frozen=True, slots=True)
class Notices:
    """Tells each person once. `chat` is the staff's chat; both ways may be missing.

    A notice is noted down before it is sent, so that two processes do not both send it, and taken
    back if it could not be sent.
    """

    sessions: async_sessionmaker[AsyncSession]
    catalogue: Callable[[], Catalogue]
    now: Callable[[], datetime]
    address: str
    mail: Sender | None = None
    telegram: Sender | None = None
    chat: str = ""

    async def tell(self) -> int:
        """Send what is due and has not been sent; return how many messages went out."""
        if self.mail is None and self.telegram is None:
            return 0
        found = notices.due(self.catalogue(), self.now().astimezone(PERU).date())
        sent = 0
        if self.mail is not None and found:
            async with self.sessions() as session:
                members = await staff.everyone(session)
            for person, hers in notices.by_receiver(found, members).items():
                sent += await self._once(self.mail, person, f"mail:{_digest(person)}", hers)
        if self.telegram is not None and found:
            sent += await self._once(self.telegram, self.chat, "telegram", found)
        return sent

    async def _once(self, sender: Sender, to: str, way: str, found: Sequence[Notice]) -> bool:
        new = await self._claim(way, found)
        if not new:
            return False
        try:
            await sender.send(to, _subject(new), _text(new, self.address))
        except CannotSend as error:
            log.error("notices_not_sent", way=way.partition(":")[0], why=str(error))
            async with self.sessions.begin() as session:
                await notices.forget(session, [_key(way, notice) for notice in new])
            return False
        return True

    async def _claim(self, way: str, found: Sequence[Notice]) -> list[Notice]:
        """Note down what has not been sent, and return it; nothing if another process does."""
        try:
            async with self.sessions.begin() as session:
                keys = await notices.untold(session, [_key(way, notice) for notice in found])
                new = [notice for notice in found if _key(way, notice) in keys]
                if new:
                    rows = [{"key": _key(way, one), "at": self.now()} for one in new]
                    await session.execute(insert(ToldRow), rows)
        except IntegrityError:
            return []
        return new


def _key(way: str, notice: Notice) -> str:
    return f"{way}:{notice.key}"


def _digest(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:16]


def _subject(found: Sequence[Notice]) -> str:
    one = len(found) == 1
    return "Orienta: un texto por revisar" if one else f"Orienta: {len(found)} textos por revisar"


def _text(found: Sequence[Notice], address: str) -> str:
    ends = [one for one in found if one.matter is Matter.ENDS_SOON]
    overdue = [one for one in found if one.matter is Matter.REVIEW_OVERDUE]
    parts = []
    if ends:
        parts.append("Vencen pronto. Después de ese día las personas ya no verán su texto:")
        parts += [_line(one, "vence el", address) for one in ends]
    if overdue:
        parts += ["", "Su revisión está atrasada:"] if ends else ["Su revisión está atrasada:"]
        parts += [_line(one, "tocaba el", address) for one in overdue]
    parts += ["", f"Todas las fechas: {address}/panel/calendar"]
    return "\n".join(parts)


def _line(notice: Notice, when: str, address: str) -> str:
    return f"- {notice.title}: {when} {notice.day:%d/%m/%Y}. {address}{notice.path}"


def told_by(settings: Settings) -> tuple[str, ...]:
    """Return the ways by which owners are told: 'mail', 'telegram'."""
    ways = ("mail" if settings.smtp_url else "", "telegram" if settings.staff_telegram_chat else "")
    return tuple(way for way in ways if way)


def notices_of(
    settings: Settings,
    sessions: async_sessionmaker[AsyncSession],
    catalogue: Callable[[], Catalogue],
    now: Callable[[], datetime],
) -> Notices:
    """Return what tells owners, by the ways that are configured."""
    token = settings.telegram_token
    url = settings.smtp_url.get_secret_value() if settings.smtp_url else ""
    return Notices(
        sessions,
        catalogue,
        now,
        settings.public_url.rstrip("/") or f"http://localhost:{settings.port}",
        Mail(url, settings.mail_from) if url else None,
        Telegram(token.get_secret_value(), settings.telegram_base_url)
        if token and settings.staff_telegram_chat
        else None,
        settings.staff_telegram_chat,
    )
