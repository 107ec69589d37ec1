"""What WhatsApp's error codes and answers mean for us."""

import pytest

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
from bot.whatsapp.errors import error_of_answer, error_of_code


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        ((4, 80007, 130429), Throttled),
        ((131056, 132069, 131049), RateLimited),
        ((1, 2, 131000, 131016, 131057), Unreachable),
        ((131047,), WindowClosed),
        ((131026, 131021, 131030, 130472, 130497, 131050), PersonGone),
        ((33, 100, 131008, 131009, 131051, 131062, 132000, 132001, 132005, 132007, 132012, 132015,
          132016, 131052, 131053, 137000, 132068), RequestRefused),
        ((0, 3, 10, 190, 200, 250, 299, 131005, 368, 131031, 131042, 131045, 133010, 133016,
          131048, 131064), AccountBlocked),
        ((199, 300, 999999), Unreachable),
    ],
)  # fmt: skip
def test_codes_carry_decisions(codes: tuple[int, ...], kind: type[ChannelError]) -> None:
    """Each code of Meta's table has its decision; an unknown one may be tried again."""
    for code in codes:
        error = error_of_code(code)
        assert type(error) is kind, code
        assert error.code == str(code)


def _answer(
    code: int, message: str, details: str, kind: str = "OAuthException"
) -> dict[str, object]:
    """Return the body of a failure in the form in which Meta answers."""
    data = {"messaging_product": "whatsapp", "details": details}
    return {"error": {"message": f"(#{code}) {message}", "type": kind, "code": code,
                      "error_data": data, "fbtrace_id": "AXvEpX1mFUDYmBkcdpUMkBu"}}  # fmt: skip


# Failures as Meta words them: status, body, then whether it is tried again, whether she is gone,
# whether the operator is called, whether it stops all messages.
FAILURES = {
    "window closed": (400, _answer(131047, "Re-engagement message",
        "Message failed to send because more than 24 hours have passed since the customer last "
        "replied to this number."), (False, False, False, False)),
    "cannot be reached": (400, _answer(131026, "Message undeliverable",
        "Message Undeliverable."), (False, True, False, False)),
    "too fast for one person": (400, _answer(131056,
        "(Business Account, Consumer Account) pair rate limit hit",
        "Message failed to send because there were too many messages sent from this phone number "
        "to the same phone number in a short period of time."), (True, False, False, False)),
    "too fast for the number": (400, _answer(130429, "Rate limit hit",
        "Message failed to send because there were too many messages sent from this phone number "
        "in a short period of time"), (True, False, False, True)),
    "token": (401, {"error": {"message": "Error validating access token: Session has expired",
        "type": "OAuthException", "code": 190, "error_subcode": 463, "fbtrace_id": "A"}},
        (True, False, True, True)),
    "policy": (403, _answer(368, "Temporarily blocked for policies violations",
        "The account is temporarily blocked."), (True, False, True, True)),
    "payment": (400, _answer(131042, "Business eligibility payment issue",
        "Message failed to send because there were one or more errors related to your payment "
        "method."), (True, False, True, True)),
    "template missing": (404, _answer(132001, "Template name does not exist in the translation",
        "template name (orienta_document_reminder_1) does not exist in es"),
        (False, False, True, False)),
    "template paused": (400, _answer(132015, "Template is paused", "Template is paused"),
        (False, False, True, False)),
    "parameter": (400, _answer(131009, "Parameter value is not valid",
        "Button title length invalid. Min length: 1, Max length: 20"), (False, False, True, False)),
    "their fault": (500, _answer(131000, "Something went wrong", "Something went wrong."),
        (True, False, False, False)),
    "marketing": (400, _answer(131049,
        "This message was not delivered to maintain healthy ecosystem engagement.", "…"),
        (True, False, False, False)),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILURES)
def test_failures_as_meta_words_them(name: str) -> None:
    """The same code decides alike, as an answer and as a status that comes later."""
    status, body, expected = FAILURES[name]
    code = body["error"]["code"]  # type: ignore[index]
    for error in (error_of_answer(status, body), error_of_code(code)):
        told = (error.retryable, error.person_gone, error.alarm, error.for_all)
        assert told == expected
        assert "orienta" not in str(error)
        assert error.code == str(code)


@pytest.mark.parametrize(
    ("status", "body", "header", "kind", "after"),
    [
        (400, {"error": {"code": 131056}}, None, RateLimited, None),
        (503, {"error": {"code": 131047}}, None, WindowClosed, None),
        (429, None, "12", RateLimited, 12.0),
        (429, None, "Wed, 21 Oct 2026 07:28:00 GMT", RateLimited, None),
        (429, None, "²", RateLimited, None),
        (403, None, None, AccountBlocked, None),
        (401, {"error": "odd"}, None, AccountBlocked, None),
        (400, {"error": {"code": 424242}}, None, Unreachable, None),
        (400, {"error": {}}, None, RequestRefused, None),
        (400, None, None, Unreachable, None),
        (500, [], None, Unreachable, None),
        (302, None, None, Unreachable, None),
    ],
)
def test_answers_without_a_known_code(
    status: int, body: object, header: str | None, kind: type[ChannelError], after: float | None
) -> None:
    """The code decides; without one the HTTP status does, and what is no JSON is tried again."""
    error = error_of_answer(status, body, header)
    assert type(error) is kind
    assert error.retry_after == after
