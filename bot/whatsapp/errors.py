"""What WhatsApp's error codes mean for us.

Decided by the code and never by the HTTP status: limits of rate come as 400 without Retry-After.
https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
"""

from collections.abc import Iterable

from bot.bodies import mapping
from bot.channel import (
    AccountBlocked,
    ChannelError,
    PersonGone,
    RateLimited,
    RequestRefused,
    Throttled,
    Unreachable,
    WindowClosed,
)

_DAY = 86_400.0

_RATE = {4, 80007, 130429}  # of the whole account or number
_PAIR = {131056, 132069}  # of this person, of this flow
_FAILING = {1, 2, 131000, 131016, 131057}
_WINDOW = {131047}
_PERSON = {
    131026,  # not on WhatsApp, an old version, terms not accepted
    131021,  # the number itself
    131030,  # not on the list of a test number
    130472,  # in an experiment of Meta's
    130497,  # a barred country
    131050,  # stopped marketing messages
}
_REQUEST = {
    33, 100, 131008, 131009, 131051, 131062, 131052, 131053, 132000, 132001, 132005, 132007,
    132012, 132015, 132016, 132068, 137000,
}  # fmt: skip
_TOKEN = {0, 3, 10, 190, *range(200, 300), 131005}
_ACCOUNT = {368, 131031, 131042, 131045, 131048, 131064, 133010, 133016}
_LATER = {131049}  # too many marketing messages: not before a day has passed


def _table() -> dict[int, tuple[type[ChannelError], str]]:
    rows: tuple[tuple[Iterable[int], type[ChannelError], str], ...] = (
        (_RATE, Throttled, "WhatsApp asks to slow down."),
        (_PAIR, RateLimited, "WhatsApp asks to slow down with one person."),
        (_LATER, RateLimited, "WhatsApp asks to wait for a day."),
        (_FAILING, Unreachable, "WhatsApp is failing."),
        (_WINDOW, WindowClosed, "More than 24 hours have passed since the person wrote."),
        (_PERSON, PersonGone, "The person cannot be reached on WhatsApp."),
        (_REQUEST, RequestRefused, "WhatsApp refused a message as wrong."),
        (_TOKEN, AccountBlocked, "WhatsApp refuses the access token or its permissions."),
        (_ACCOUNT, AccountBlocked, "WhatsApp has barred the account or wants a payment."),
    )
    return {code: (kind, message) for codes, kind, message in rows for code in codes}


_DECISIONS = _table()


def error_of_code(code: int) -> ChannelError:
    """Map a code. An unknown one may be tried again; the outbox gives up after its last try."""
    kind, message = _DECISIONS.get(code, (Unreachable, "WhatsApp answered with an unknown error."))
    return kind(message, retry_after=_DAY if code in _LATER else None, code=str(code))


def error_of_answer(status: int, body: object, retry_after: str | None = None) -> ChannelError:
    """Map an HTTP answer that is no success. `retry_after` is the header of that name, if any."""
    code = mapping(mapping(body).get("error")).get("code")
    if isinstance(code, int) and code in _DECISIONS:
        return error_of_code(code)
    label = str(code) if isinstance(code, int) else str(status)
    match status:
        case 429:
            digits = retry_after if retry_after and retry_after.isdecimal() else None
            seconds = float(digits[:6]) if digits else None
            return RateLimited("WhatsApp asks to slow down.", retry_after=seconds, code=label)
        case 401 | 403:
            return AccountBlocked("WhatsApp refuses the access token.", code=label)
        case 400 | 404 | 413 | 422 if body is not None and code is None:
            return RequestRefused("WhatsApp refused a message as wrong.", code=label)
        case _:
            return Unreachable("WhatsApp is failing or answered something unknown.", code=label)
