"""What the failures of python-telegram-bot mean for us, as decisions."""

from collections.abc import Awaitable
from datetime import timedelta
from typing import TypeVar

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

_T = TypeVar("_T")


async def ask(call: Awaitable[_T]) -> _T:
    """Await a call; raise `ChannelError`, never chained to an error that may hold the token."""
    failure: ChannelError
    try:
        return await call
    except TelegramError as error:
        failure = to_channel_error(error)
    except (AttributeError, KeyError, TypeError, ValueError):
        failure = Unreachable("Telegram's answer could not be read.", code="answer")
    raise failure


def to_channel_error(error: TelegramError) -> ChannelError:
    """Map an error of python-telegram-bot to the decision that it means.

    Subclasses come first: `BadRequest` and `TimedOut` are `NetworkError`s.
    """
    match error:
        case RetryAfter():
            after = error.retry_after
            seconds = after.total_seconds() if isinstance(after, timedelta) else float(after)
            return RateLimited("Telegram asks to wait.", retry_after=seconds, code="429")
        case Forbidden() | ChatMigrated():
            return PersonGone("The person cannot be reached on Telegram any more.", code="403")
        case InvalidToken():
            return AccountBlocked(
                "Telegram refuses the token: check it, or get a new one from @BotFather.",
                code="401",
            )
        case Conflict():
            return AccountBlocked(
                "Another program polls with this Telegram token, or a webhook is set: stop the"
                " other program, or remove the webhook.",
                code="409",
            )
        case BadRequest():
            return _refusal(error.message.lower())
        case TimedOut():
            return Unreachable("Telegram did not answer in time.", code="timeout")
        case NetworkError() if "Too Many Requests" in error.message:
            return RateLimited("Telegram asks to wait.", code="429")
        case _:
            return Unreachable("Telegram cannot be reached or is failing.", code="network")


def _refusal(reason: str) -> ChannelError:
    """Map the words of a 400: Telegram gives no codes."""
    if any(words in reason for words in ("chat not found", "user not found", "peer_id_invalid")):
        return PersonGone("The chat does not exist on Telegram.", code="400")
    done = (
        "message is not modified",
        "query is too old",
        "query id is invalid",
        "to edit not found",
    )
    if any(words in reason for words in done):
        return AlreadyDone("Nothing is left to do on Telegram.", code="400")
    if "parse entities" in reason:
        return RequestRefused("Telegram refused the formatting of a message.", code="markup")
    if "button" in reason or "keyboard" in reason or "reply markup" in reason:
        return RequestRefused("Telegram refused the buttons of a message.", code="keyboard")
    return RequestRefused("Telegram refused a message as wrong.", code="400")
