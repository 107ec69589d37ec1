"""What the failures of python-telegram-bot mean for us."""

from datetime import timedelta

import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.channel import (
    AccountBlocked,
    AlreadyDone,
    ChannelError,
    PersonGone,
    RateLimited,
    RequestRefused,
    Unreachable,
)
from bot.telegram.errors import to_channel_error


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (Forbidden("Forbidden: bot was blocked by the user"), PersonGone, "403"),
        (Forbidden("Forbidden: user is deactivated"), PersonGone, "403"),
        (BadRequest("Chat not found"), PersonGone, "400"),
        (ChatMigrated(-100), PersonGone, "403"),
        (BadRequest("Message is not modified: specified new"), AlreadyDone, "400"),
        (BadRequest("Query is too old and response timeout expired"), AlreadyDone, "400"),
        (BadRequest("Message to edit not found"), AlreadyDone, "400"),
        (BadRequest("Can't parse entities: unsupported start tag"), RequestRefused, "markup"),
        (BadRequest("Button_data_invalid"), RequestRefused, "keyboard"),
        (BadRequest("Message is too long"), RequestRefused, "400"),
        (InvalidToken("Unauthorized"), AccountBlocked, "401"),
        (Conflict("terminated by other getUpdates request"), AccountBlocked, "409"),
        (RetryAfter(3), RateLimited, "429"),
        (NetworkError("Too Many Requests (429)"), RateLimited, "429"),
        (NetworkError("Bad Gateway"), Unreachable, "network"),
        (TimedOut(), Unreachable, "timeout"),
        (TelegramError("Invalid server response"), Unreachable, "network"),
    ],
)
def test_errors_carry_decisions(error: TelegramError, kind: type[ChannelError], code: str) -> None:
    """Each failure of the library is mapped, subclasses before `NetworkError`."""
    mapped = to_channel_error(error)
    assert type(mapped) is kind
    assert mapped.code == code


def test_wait_is_in_seconds() -> None:
    """However the library is told the wait, it reaches the outbox in seconds."""
    assert to_channel_error(RetryAfter(3)).retry_after == 3.0
    assert to_channel_error(RetryAfter(timedelta(minutes=1))).retry_after == 60.0
