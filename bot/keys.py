"""The one secret key of an installation, and what is derived from it."""

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken


class BadKey(Exception):
    """Stored data cannot be read with the present key. The message says what to do."""


class Keys:
    """Hash ids of persons and encrypt what must be read again, with keys derived from one secret.

    Encryption is Fernet (AES-CBC with HMAC); the hash is HMAC-SHA256, so that an id of a platform
    cannot be found by trying all phone numbers without the secret.
    """

    def __init__(self, secret: str) -> None:
        if len(secret) < 32:
            raise BadKey("ORIENTA_SECRET_KEY must have at least 32 characters: make a new one")
        self._hash_key = self._derive(secret, b"person")
        self._fernet = Fernet(base64.urlsafe_b64encode(self._derive(secret, b"store")))

    @staticmethod
    def _derive(secret: str, purpose: bytes) -> bytes:
        return hmac.digest(secret.encode(), b"orienta " + purpose, hashlib.sha256)

    def person(self, channel: str, person: str) -> str:
        """Return the key of a person's conversation: 64 hexadecimal digits."""
        return hmac.new(
            self._hash_key, f"{channel}\0{person}".encode("utf-8", "replace"), hashlib.sha256
        ).hexdigest()

    def seal(self, text: str) -> str:
        """Encrypt a text."""
        return self._fernet.encrypt(text.encode("utf-8", "surrogatepass")).decode()

    def open(self, sealed: str) -> str:
        """Decrypt a text; raise `BadKey` when it was sealed with another key."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode("utf-8", "surrogatepass")
        except InvalidToken:
            raise BadKey(
                "Stored data was sealed with another key: set ORIENTA_SECRET_KEY (or the file "
                "secret.key in the data folder) to the one used before"
            ) from None


def load_or_create(folder: Path) -> str:
    """Return the secret in `folder`/secret.key, made on first use, for its owner only."""
    path = folder / "secret.key"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text().strip()
