"""What WhatsApp's error codes and answers mean for us."""

import pytest

from bot.channel import (
    AccountBlocked,
    ChannelError,
    PersonGone,
    RateLimited,
    RequestRefused,
    Unreachable,
    WindowClosed,
)
from bot.whatsapp_errors import error_of_answer, error_of_code


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        ((4, 80007, 130429, 131056, 132069, 131049), RateLimited),
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
