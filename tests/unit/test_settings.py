"""Wrong settings are named at once, in sentences without values."""

from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, load


@pytest.fixture(autouse=True)
def no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the environment nor a .env of the developer reaches these tests."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"ORIENTA_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", ""),
        ("https://Orienta.Example.ORG/", "https://orienta.example.org"),
        ("https://example.org:443", "https://example.org"),
        ("http://example.org:8080/", "http://example.org:8080"),
        ("HTTPS://niño.example", "https://xn--nio-8ma.example"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_the_public_address_is_kept_as_browsers_name_it(given: str, kept: str) -> None:
    """Case, a last slash and the usual port make no other origin."""
    assert load(public_url=given).public_url == kept


@pytest.mark.parametrize(
    "given",
    [
        "example.org", "ftp://example.org", "https://", "https://example.org/chat",
        "https://example.org?x=1", "https://example.org#x", "https://u:hush@example.org",
        "https://example.org:99999", "https://[::1", "https://a b",
    ],
)  # fmt: skip
def test_a_public_address_that_is_no_origin_is_refused(given: str) -> None:
    """The fault names the setting and what it must be, not what it is."""
    with pytest.raises(SettingsError, match=r"ORIENTA_PUBLIC_URL: must be http") as caught:
        load(public_url=given)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", ""),
        ("*", "*"),
        ("https://muni.example,  https://*.gob.pe", "https://muni.example https://*.gob.pe"),
        ("http://localhost:8000", "http://localhost:8000"),
    ],
)
def test_sites_that_may_embed_the_chat_are_kept_apart(given: str, kept: str) -> None:
    """Commas or spaces between them; one star stands for every site."""
    assert load(embed_origins=given).embed_origins == kept


@pytest.mark.parametrize(
    "given", ["muni.example", "https://muni.example/", "https://a; script-src *", "'self'", "**"]
)
def test_what_is_no_origin_may_not_embed(given: str) -> None:
    """Nothing reaches the policy's header that could end it."""
    with pytest.raises(SettingsError, match="ORIENTA_EMBED_ORIGINS: must be origins"):
        load(embed_origins=given)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("mysql://u:hush@h/x", "unknown"),
        ("foo", "unknown"),
        ("postgresql+psycopg2://u:hush@h/x", "unknown"),
        ("sqlite:///orienta.db", "sqlite+aiosqlite:///"),
        ("postgresql://u:hush@h/x?sslmode=require", "ssl=require"),
        ("postgresql://u:hush/1@h/x", "%2F"),
    ],
)
def test_a_database_that_cannot_be_opened_is_refused(given: str, said: str) -> None:
    """The fault names the setting and the remedy, and no password."""
    with pytest.raises(SettingsError, match="ORIENTA_DATABASE_URL: ") as caught:
        load(database_url=given)
    assert said in str(caught.value)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgresql://u:p@h/x?ssl=require", "postgresql+asyncpg://u:p@h/x?ssl=require"),
        ("postgres://u:p@h:5433/x", "postgresql+asyncpg://u:p@h:5433/x"),
        ("sqlite+aiosqlite:///a b.db", "sqlite+aiosqlite:///a b.db"),
    ],
)
def test_good_databases_are_taken(given: str, used: str) -> None:
    """Both kinds, with the driver filled in."""
    assert load(database_url=given).database == used


def test_all_wrong_settings_are_named_at_once() -> None:
    """Nobody has to mend them one start at a time."""
    with pytest.raises(SettingsError) as caught:
        load(public_url="x", database_url="y", port=-1)
    for name in ("ORIENTA_PUBLIC_URL", "ORIENTA_DATABASE_URL", "ORIENTA_PORT"):
        assert name in str(caught.value)


PROVIDER = {
    "oidc_issuer": "https://login.example.org/realms/staff",
    "oidc_client_id": "orienta",
    "oidc_client_secret": "hush",
}


def test_an_identity_provider_is_whole_or_absent() -> None:
    """The fault names what is missing, and no secret."""
    assert load(**PROVIDER).oidc_issuer == PROVIDER["oidc_issuer"]
    for name in PROVIDER:
        with pytest.raises(SettingsError, match=f"missing: ORIENTA_{name.upper()}") as caught:
            load(**{**PROVIDER, name: ""})
        assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("http://127.0.0.1:9000", True),
        ("http://[::1]:9000", True),
        ("http://localhost", True),
        ("https://login.example.org", True),
        ("http://login.example.org", False),
        ("login.example.org", False),
        ("https://u:hush@login.example.org", False),
        ("https://login.example.org?x=1", False),
        ("http://localhost.evil.example", False),
    ],
)
def test_an_identity_provider_is_reached_safely(given: str, taken: bool) -> None:
    """By HTTPS, or on this machine."""
    if taken:
        assert load(**{**PROVIDER, "oidc_issuer": given}).oidc_issuer == given
    else:
        with pytest.raises(SettingsError, match="ORIENTA_OIDC_ISSUER: must be https"):
            load(**{**PROVIDER, "oidc_issuer": given})


def test_links_to_the_panel_lead_somewhere() -> None:
    """To the public address, or to this machine."""
    assert load(public_url="https://a.example", port=9).panel_address == "https://a.example"
    assert load(port=9).panel_address == "http://localhost:9"
