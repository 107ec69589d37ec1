"""Telling owners of texts that end or are overdue, by real mail and by Telegram."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from bot.panel.notices import Mail, Notices, Telegram, notices_of, told_by
from bot.settings import SettingsError, load
from content import encoding, staff
from content.catalogue import Catalogue
from content.panel.tables import ToldRow
from content.staff import Role
from tests.fakes import content as fake
from tests.fakes.faults import Fault
from tests.fakes.mail_server import running_mail_server
from tests.fakes.telegram_server import FakeTelegram

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
ADDRESS = "https://orienta.example.org"
SENDER = "orienta@example.org"


def catalogue(ends: date = date(2026, 12, 20)) -> Catalogue:
    """Return a text of Ana that ends, and one of nobody's that is overdue."""
    plain = fake.catalogue()
    articles = dict(plain.articles)
    hers, ours = articles["health/access"], articles["rights/overview"]
    articles[hers.id] = replace(hers, valid_until=ends, owner="ana@example.org")
    articles[ours.id] = replace(ours, review_due=date(2026, 11, 2))
    return encoding.with_articles(plain, list(articles.values()))


async def hire(engine: AsyncEngine) -> None:
    """Add an author, and two who review."""
    async with async_sessionmaker(engine).begin() as session:
        for email, role in (
            ("ana@example.org", Role.AUTHOR),
            ("rev@example.org", Role.REVIEWER),
            ("pub@example.org", Role.PUBLISHER),
        ):
            await staff.add(session, email, email, role, NOW)


def notices(
    engine: AsyncEngine, url: str = "", telegram: FakeTelegram | None = None, **changes: object
) -> Notices:
    """Return what tells them."""
    values: dict[str, object] = {
        "sessions": async_sessionmaker(engine, expire_on_commit=False),
        "catalogue": catalogue,
        "now": lambda: NOW,
        "address": ADDRESS,
        "mail": Mail(url, SENDER) if url else None,
        "telegram": Telegram(telegram.token, telegram.base_url) if telegram else None,
        "chat": "-100123",
        **changes,
    }
    return Notices(**values)  # type: ignore[arg-type]


async def told(engine: AsyncEngine) -> int:
    """Return how many notices are noted as sent."""
    async with async_sessionmaker(engine)() as session:
        return await session.scalar(select(func.count()).select_from(ToldRow)) or 0


async def test_each_is_told_once_of_what_is_hers(engine: AsyncEngine) -> None:
    """Ana of her text; whoever reviews of what belongs to nobody."""
    await hire(engine)
    async with running_mail_server() as box:
        tell = notices(engine, box.url)
        assert await tell.tell() == 3
        assert sorted(address for address, _ in box.mails) == [
            "ana@example.org", "pub@example.org", "rev@example.org",
        ]  # fmt: skip
        hers = next(mail for address, mail in box.mails if address == "ana@example.org")
        assert hers["From"] == SENDER
        assert hers["Subject"] == "Orienta: un texto por revisar"
        text = hers.get_content()
        assert "Título de access (es): vence el 20/12/2026." in text
        assert f"{ADDRESS}/panel/articles/health/access" in text
        assert "overview" not in text
        assert await tell.tell() == 0
        assert len(box.mails) == 3


async def test_a_nearer_day_is_a_new_notice(engine: AsyncEngine) -> None:
    """30 days before, and again 7 days before."""
    await hire(engine)
    async with running_mail_server() as box:
        await notices(engine, box.url).tell()
        later: Callable[[], datetime] = lambda: datetime(2026, 12, 14, 15, tzinfo=UTC)  # noqa: E731
        assert await notices(engine, box.url, now=later).tell() == 1
        assert [address for address, _ in box.mails].count("ana@example.org") == 2


async def test_two_processes_send_one_mail(engine: AsyncEngine) -> None:
    """Whoever notes it down first sends it."""
    await hire(engine)
    async with running_mail_server() as box:
        await asyncio.gather(*(notices(engine, box.url).tell() for _ in range(4)))
        assert len(box.mails) == 3


async def test_what_could_not_be_sent_is_tried_again(engine: AsyncEngine) -> None:
    """A refused address keeps nobody else from being told."""
    await hire(engine)
    async with running_mail_server() as box:
        box.refused = {"ana@example.org"}
        assert await notices(engine, box.url).tell() == 2
        box.refused = set()
        assert await notices(engine, box.url).tell() == 1
    assert await notices(engine, box.url).tell() == 0  # nothing is left, so nobody is asked


async def test_a_server_that_is_gone_is_no_disaster(engine: AsyncEngine) -> None:
    """Nothing is noted as sent."""
    await hire(engine)
    async with running_mail_server() as box:
        url = box.url
    assert await notices(engine, url).tell() == 0
    assert await told(engine) == 0


async def test_a_mail_server_may_want_a_password(engine: AsyncEngine) -> None:
    """With signs in it that an address writes in another way."""
    await hire(engine)
    async with running_mail_server(login=True) as box:
        right = box.url.replace("://", "://orienta:p%40ss%3Aword@")
        wrong = box.url.replace("://", "://orienta:no@")
        assert await notices(engine, wrong).tell() == 0
        assert await notices(engine, right).tell() == 3
        assert set(box.logins) == {"orienta"}


async def test_the_staff_chat_gets_all_in_one_message(engine: AsyncEngine) -> None:
    """Once; what Telegram refuses is tried again."""
    async with FakeTelegram() as telegram:
        tell = notices(engine, telegram=telegram)
        telegram.fail(Fault.FAILING)
        assert await tell.tell() == 0
        assert await told(engine) == 0
        assert await tell.tell() == 1
        assert await tell.tell() == 0
        call = telegram.calls[-1]
        assert call.method == "sendMessage"
        assert str(call.fields["chat_id"]) == "-100123"
        assert "vence el 20/12/2026" in call.fields["text"]
        assert "tocaba el 02/11/2026" in call.fields["text"]


async def test_nothing_is_noted_where_nothing_is_configured(engine: AsyncEngine) -> None:
    """So that all of it goes out once somebody configures it."""
    await hire(engine)
    assert await notices(engine).tell() == 0
    assert await told(engine) == 0


def test_the_settings_decide_the_ways() -> None:
    """By mail, by Telegram, by both or by none."""
    given = load(
        _env_file=None, smtp_url="smtps://a:b@mail.example.org:465", mail_from=SENDER,
        staff_telegram_chat="-100123", telegram_token="1:x", public_url=ADDRESS,
    )  # fmt: skip
    made = notices_of(given, async_sessionmaker(), catalogue, lambda: NOW)
    assert (made.chat, made.address) == ("-100123", ADDRESS)
    assert made.mail is not None
    assert made.telegram is not None
    assert told_by(given) == ("mail", "telegram")
    assert told_by(load(_env_file=None)) == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"smtp_url": "smtp://host"},
        {"mail_from": SENDER},
        {"smtp_url": "http://host", "mail_from": SENDER},
        {"smtp_url": "smtp://host:port", "mail_from": SENDER},
        {"smtp_url": "smtp://secret:word@host/path", "mail_from": SENDER},
        {"smtp_url": "smtp://host", "mail_from": "no address\nBcc: x@example.org"},
        {"staff_telegram_chat": "-100123"},
        {"staff_telegram_chat": "a b", "telegram_token": "1:x"},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, str]) -> None:
    """With a sentence that holds no secret."""
    with pytest.raises(SettingsError) as caught:
        load(_env_file=None, **wrong)
    assert "ORIENTA_" in str(caught.value)
    assert "secret" not in str(caught.value)
