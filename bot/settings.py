"""All settings, read from the environment (prefix ORIENTA_) or from a file .env, in one place."""

import re
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_POSTGRESQL = ("postgresql://", "postgres://", "postgresql+asyncpg://")
_SQLITE = "sqlite+aiosqlite:///"
_FRAMING = re.compile(r"https?://(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:\d{1,5})?")
_LOOPBACK = ("127.0.0.1", "[::1]", "localhost")
_USUAL_PORTS = {"http": 80, "https": 443}


class SettingsError(Exception):
    """The settings are wrong; the message holds one line for each fault, without any value."""


class Settings(BaseSettings):
    """What an operator may set. The defaults run everything on one machine without any secret."""

    model_config = SettingsConfigDict(
        env_prefix="ORIENTA_", env_file=".env", extra="ignore", frozen=True
    )

    data_dir: Path = Path("var")
    database_url: str = ""
    secret_key: SecretStr | None = None

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = ""
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    embed_origins: str = ""

    nlu_url: str = ""
    nlu_token: SecretStr | None = None
    nlu_timeout: float = Field(default=1.5, gt=0, le=30)
    nlu_workers: int = Field(default=1, ge=1, le=8)
    rasa_python: str = ""

    telegram_token: SecretStr | None = None
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_webhook_secret: SecretStr | None = None
    telegram_base_url: str = "https://api.telegram.org/bot"

    whatsapp_phone_number_id: str = ""
    whatsapp_access_token: SecretStr | None = None
    whatsapp_app_secret: SecretStr | None = None
    whatsapp_verify_token: SecretStr | None = None
    whatsapp_account_id: str = Field(default="", pattern=r"^\d{0,32}$")
    whatsapp_graph_version: str = Field(default="v25.0", pattern=r"^v\d{2,3}\.\d$")
    whatsapp_base_url: str = "https://graph.facebook.com"

    speech_url: str = ""
    speech_token: SecretStr | None = None
    speech_model: str = "whisper-1"
    speech_timeout: float = Field(default=20.0, gt=0, le=35)

    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr | None = None

    smtp_url: SecretStr | None = None
    mail_from: str = ""
    staff_telegram_chat: str = Field(default="", pattern=r"^(-?\d{1,20}|@[A-Za-z0-9_]{4,40})?$")

    metrics_token: SecretStr | None = None
    retention_days: int = Field(default=30, ge=1, le=365)
    run_outbox: bool = True
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("public_url")
    @classmethod
    def _origin(cls, value: str) -> str:
        """Return the address as browsers name it in the Origin header."""
        if not value:
            return value
        wanted = "must be http:// or https:// with a host and perhaps a port, without a path"
        try:
            url = urlsplit(value.strip())
            host = (url.hostname or "").encode("idna").decode()
            port = url.port
        except ValueError:  # no such port, half an IPv6 address, an impossible host
            raise ValueError(wanted) from None
        bare = (
            url.path in ("", "/") and not url.query and not url.fragment and "@" not in url.netloc
        )
        if url.scheme not in _USUAL_PORTS or not host or not bare or " " in host:
            raise ValueError(wanted)
        shown = f"[{host}]" if ":" in host else host
        usual = port is None or port == _USUAL_PORTS[url.scheme]
        return f"{url.scheme}://{shown}" if usual else f"{url.scheme}://{shown}:{port}"

    @field_validator("embed_origins")
    @classmethod
    def _frame_ancestors(cls, value: str) -> str:
        """Return the origins with one space between: they stand in a header as they are."""
        origins = value.replace(",", " ").split()
        if any(one != "*" and not _FRAMING.fullmatch(one) for one in origins):
            raise ValueError(
                "must be origins such as https://muni.example or https://*.gob.pe, with spaces "
                "between, or * for every site"
            )
        return " ".join(origins)

    @field_validator("speech_url")
    @classmethod
    def _http(cls, value: str) -> str:
        """Refuse what is no address of a server."""
        if value and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", value):
            raise ValueError("must be http:// or https:// with a host, e.g. http://127.0.0.1:8000")
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer(cls, value: str) -> str:
        """Refuse an identity provider whose answers anybody on the way could change."""
        if not value:
            return value
        url = re.fullmatch(r"(https?)://(\[[0-9a-f:]+\]|[^\s/?#@:]+)(:\d{1,5})?(/[^\s?#]*)?", value)
        if not url or (url[1] == "http" and url[2] not in _LOOPBACK):
            raise ValueError(
                "must be https:// with a host, exactly as the provider names itself, e.g. "
                "https://login.example.org/realms/staff (http:// only on this machine)"
            )
        return value

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, value: SecretStr | None) -> SecretStr | None:
        """Refuse what is no address of a mail server."""
        if not value or not value.get_secret_value():
            return None
        try:
            url = urlsplit(value.get_secret_value())
            good = url.scheme in ("smtp", "smtps") and url.hostname and url.path in ("", "/")
            _ = url.port
        except ValueError:
            good = None
        if not good or url.query or url.fragment:
            raise ValueError(
                "must be smtp://user:password@host:587 or smtps://…:465; in a password write "
                "@ : / as %40 %3A %2F"
            )
        return value

    @field_validator("mail_from")
    @classmethod
    def _address(cls, value: str) -> str:
        """Refuse what no mail can come from."""
        if value and not re.fullmatch(r"[^\s@<>]{1,64}@[^\s@<>.]+(\.[^\s@<>.]+)*", value):
            raise ValueError("must be an e-mail address such as orienta@example.org")
        return value

    @field_validator("telegram_webhook_secret")
    @classmethod
    def _as_telegram_takes_it(cls, value: SecretStr | None) -> SecretStr | None:
        """Refuse a secret that Telegram would refuse."""
        if value and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value.get_secret_value()):
            raise ValueError("must be 1 to 256 of A-Z a-z 0-9 _ -")
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        """Refuse what the two drivers cannot open, before they say so less clearly."""
        if not value or value.startswith(_SQLITE):
            return value
        if value.startswith("sqlite"):
            raise ValueError("SQLite's address must begin with sqlite+aiosqlite:///")
        if not value.startswith(_POSTGRESQL):
            raise ValueError(
                "this kind of database is unknown: use postgresql://user:password@host/name "
                "or sqlite+aiosqlite:///path"
            )
        try:
            url = urlsplit(value)
            _ = url.port
        except ValueError:
            raise ValueError(
                "host or port cannot be read; in a password write @ : / as %40 %3A %2F"
            ) from None
        if any(name.startswith("ssl") and name != "ssl" for name in parse_qs(url.query)):
            raise ValueError("the driver knows only ssl=: write ?ssl=require for ?sslmode=require")
        return value

    @model_validator(mode="after")
    def _complete(self) -> "Settings":
        """Refuse half-configured channels: a webhook without its secret would let anybody in."""
        whatsapp = {
            "ORIENTA_WHATSAPP_PHONE_NUMBER_ID": self.whatsapp_phone_number_id,
            "ORIENTA_WHATSAPP_ACCESS_TOKEN": self.whatsapp_access_token,
            "ORIENTA_WHATSAPP_APP_SECRET": self.whatsapp_app_secret,
            "ORIENTA_WHATSAPP_VERIFY_TOKEN": self.whatsapp_verify_token,
        }
        missing = [name for name, value in whatsapp.items() if not value]
        if missing and len(missing) < len(whatsapp):
            raise ValueError(f"WhatsApp needs all four settings; missing: {', '.join(missing)}")
        if self.telegram_token and self.telegram_mode == "webhook":
            if not self.telegram_webhook_secret:
                raise ValueError("Telegram's webhook mode needs ORIENTA_TELEGRAM_WEBHOOK_SECRET")
            if not self.public_url.startswith("https://"):
                raise ValueError(
                    "Telegram's webhook mode needs ORIENTA_PUBLIC_URL, an https:// address"
                )
        provider = {
            "ORIENTA_OIDC_ISSUER": self.oidc_issuer,
            "ORIENTA_OIDC_CLIENT_ID": self.oidc_client_id,
            "ORIENTA_OIDC_CLIENT_SECRET": self.oidc_client_secret
            and self.oidc_client_secret.get_secret_value(),
        }
        missing = [name for name, value in provider.items() if not value]
        if missing and len(missing) < len(provider):
            raise ValueError(
                f"The identity provider needs all three settings; missing: {', '.join(missing)}"
            )
        if bool(self.smtp_url) != bool(self.mail_from):
            raise ValueError("notices by mail need both ORIENTA_SMTP_URL and ORIENTA_MAIL_FROM")
        if self.staff_telegram_chat and not self.telegram_token:
            raise ValueError("ORIENTA_STAFF_TELEGRAM_CHAT needs ORIENTA_TELEGRAM_TOKEN")
        if self.nlu_url and not self.nlu_token:
            raise ValueError("ORIENTA_NLU_URL needs ORIENTA_NLU_TOKEN")
        return self

    @property
    def database(self) -> str:
        """The address of the database: the setting, or SQLite in the data folder."""
        if not self.database_url:
            return f"sqlite+aiosqlite:///{self.data_dir / 'orienta.db'}"
        for plain in ("postgresql://", "postgres://"):
            if self.database_url.startswith(plain):
                return "postgresql+asyncpg://" + self.database_url.removeprefix(plain)
        return self.database_url

    @property
    def telegram_webhook(self) -> str:
        """The address to which Telegram shall deliver, or '' where updates are fetched."""
        wanted = self.telegram_mode == "webhook"
        return f"{self.public_url}/hooks/telegram" if wanted and self.public_url else ""

    @property
    def panel_address(self) -> str:
        """Where staff reach the panel's host, for links that the command line prints."""
        return self.public_url or f"http://localhost:{self.port}"

    @property
    def whatsapp_on(self) -> bool:
        """Whether WhatsApp is configured."""
        return bool(self.whatsapp_phone_number_id)


def load(**overrides: object) -> Settings:
    """Read the settings; raise `SettingsError` with all faults at once and no secret in it."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        faults = []
        for fault in error.errors(include_input=False, include_url=False):
            name = "_".join(str(part) for part in fault["loc"]).upper()
            where = f"ORIENTA_{name}: " if name else ""
            faults.append(f"- {where}{fault['msg'].removeprefix('Value error, ')}")
        raise SettingsError("Wrong settings (environment or .env):\n" + "\n".join(faults)) from None


__all__ = ["Settings", "SettingsError", "load"]
