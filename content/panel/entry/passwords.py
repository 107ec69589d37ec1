"""Passwords: what one must be like, and how it is kept."""

import asyncio
import re
import unicodedata
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12  # characters
LONGEST = 256
AT_ONCE = 2  # hashes in work, each with the memory that argon2 takes
WAITING = 32  # more than that are turned away

# Three passes over 32 MiB: about 70 ms here, far above the least that OWASP names (19 MiB, two).
_HASHER = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)

# What is left of a password without these, digits and signs must still be hard to guess.
_COMMON = (
    "administrador", "administrator", "contrasenya", "contrasena", "bienvenido", "bienvenida",
    "password", "passwort", "passw", "orienta", "migracion", "migraciones", "migrante", "refugio",
    "personal", "usuario", "secreto", "clave", "acceso", "admin", "welcome", "letmein", "iloveyou",
    "tequiero", "teamo", "qwertyuiop", "qwerty", "asdfghjkl", "asdfgh", "zxcvbnm", "abcdefghijkl",
    "abcdefgh", "abcdef", "abc", "alianzalima", "universitario", "peru", "lima", "unidad", "uim",
    "seguro", "segura", "hola", "dios", "jesus", "amor", "enero", "febrero", "marzo", "abril",
    "mayo", "junio", "julio", "agosto", "setiembre", "septiembre", "octubre", "noviembre",
    "diciembre", "lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo",
)  # fmt: skip
_LEFT = 5  # different letters that must be left
_WORD = re.compile("[a-z]{3,}")


class TooBusy(Exception):
    """So many passwords are being checked that this one was turned away."""


class Passwords:
    """Hashes and verifies, few at once: a flood of sign-ins cannot take all memory."""

    def __init__(
        self, hasher: PasswordHasher = _HASHER, *, at_once: int = AT_ONCE, waiting: int = WAITING
    ) -> None:
        self._hasher = hasher
        self._turns = asyncio.Semaphore(at_once)
        self._most = at_once + waiting
        self._there = 0
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """Return what is stored of a password; raise `TooBusy`."""
        return await self._work(_plain(password))

    async def verify(self, password: str, stored: str | None) -> bool:
        """Say whether a password is the stored one; raise `TooBusy`.

        Without a stored one the same work is done, so that time does not tell who is staff.
        """
        if self._nobodys is None:
            self._nobodys = await self._work("the password of nobody")
        right = await self._work(_plain(password), stored or self._nobodys)
        return right == "right" and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Say whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    async def _work(self, password: str, stored: str | None = None) -> str:
        if self._there >= self._most:
            raise TooBusy
        self._there += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(self._blocking, password, stored)
        finally:
            self._there -= 1

    def _blocking(self, password: str, stored: str | None) -> str:
        if stored is None:
            return self._hasher.hash(password)
        try:
            self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return "wrong"
        return "right"


def fault(password: str, email: str, name: str) -> str:
    """Say what is wrong with a new password: '', 'short', 'long' or 'easy' to guess."""
    if len(_plain(password)) < SHORTEST:
        return "short"
    if len(_plain(password)) > LONGEST:
        return "long"
    letters = _letters(password)
    own = _WORD.findall(_letters(f"{email} {name}"))
    for word in sorted({*_COMMON, *own}, key=len, reverse=True):
        letters = letters.replace(word, "")
    return "easy" if len(set(_only(letters))) < _LEFT else ""


def _plain(password: str) -> str:
    """Return the same characters whatever keyboard wrote them."""
    return unicodedata.normalize("NFKC", password)[: LONGEST + 1]


def _letters(text: str) -> str:
    """Return a text without accents, in small letters."""
    return "".join(
        sign for sign in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(sign)
    )  # fmt: skip


def _only(letters: str) -> Iterable[str]:
    return (sign for sign in letters if sign.isalpha())
