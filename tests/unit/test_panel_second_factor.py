"""Codes of the second factor, attempts, and where requests come from."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from content.panel.auditing import safe_cell
from content.panel.entry import second_factor
from content.panel.entry.attempts import Senders, place_of, wait_after
from content.panel.entry.entrance import browser_name
from content.panel.entry.provider import is_safe

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "taken"), [(-60, 0), (-30, 1), (0, 1), (30, 1), (60, 0)])
def test_a_clock_may_be_half_a_minute_wrong(seconds: int, taken: int) -> None:
    """One step before and one after count; no more."""
    secret = second_factor.new_secret()
    code = pyotp.TOTP(secret).at(NOW + timedelta(seconds=seconds))
    assert (second_factor.step_of(secret, code, NOW, 0) is not None) is bool(taken)


def test_a_code_counts_once() -> None:
    """Nor does an older one after it."""
    secret = second_factor.new_secret()
    totp = pyotp.TOTP(secret)
    step = second_factor.step_of(secret, f" {totp.at(NOW)[:3]} {totp.at(NOW)[3:]} ", NOW, 0)
    assert step is not None
    assert second_factor.step_of(secret, totp.at(NOW), NOW, step) is None
    assert second_factor.step_of(secret, totp.at(NOW - timedelta(seconds=30)), NOW, step) is None
    later = NOW + timedelta(seconds=30)
    assert second_factor.step_of(secret, totp.at(later), later, step) == step + 1


@pytest.mark.parametrize("code", ["", "12345", "１２３４５６", "ñ", "0" * 1000])
def test_no_code_at_all(code: str) -> None:
    """Whatever else is typed is refused without an error."""
    assert second_factor.step_of(second_factor.new_secret(), code, NOW, 0) is None


def test_recovery_codes_are_found_as_people_type_them() -> None:
    """In capitals, without dashes; each differs from the others."""
    codes = second_factor.new_recovery_codes()
    assert len(set(codes)) == 10
    typed = codes[0].upper().replace("-", " ")
    assert second_factor.recovery_hash(typed) == second_factor.recovery_hash(codes[0])
    assert second_factor.recovery_hash("") not in map(second_factor.recovery_hash, codes)


def test_waits_grow_and_end() -> None:
    """Four failures are free; nobody is kept out for long by a stranger."""
    minutes = [wait_after(failed).total_seconds() / 60 for failed in range(1, 12)]
    assert minutes == [0, 0, 0, 0, 1, 2, 4, 8, 15, 15, 15]
    assert wait_after(10_000) == timedelta(minutes=15)


def test_one_place_may_not_try_without_end() -> None:
    """Its bucket fills again with time; others are not concerned."""
    senders = Senders(burst=3, per_minute=6)
    assert [bool(senders.take("a", NOW)) for _ in range(5)] == [False] * 3 + [True] * 2
    assert not senders.take("b", NOW)
    assert senders.take("a", NOW) == timedelta(seconds=10)
    assert not senders.take("a", NOW + timedelta(seconds=10))


@pytest.mark.parametrize(
    ("forwarded", "proxies", "place"),
    [
        ([], 0, "192.0.2.1"),
        (["203.0.113.9"], 0, "192.0.2.1"),
        (["6.6.6.6, 203.0.113.9"], 1, "203.0.113.9"),
        (["6.6.6.6", "203.0.113.9, 10.0.0.1"], 2, "203.0.113.9"),
        (["203.0.113.9"], 2, "192.0.2.1"),
        (["2001:db8:1:2:3:4:5:6"], 1, "2001:db8:1:2::/64"),
        (["2001:db8:1:2:ffff::1"], 1, "2001:db8:1:2::/64"),
        (["<script>" * 50], 1, ("<script>" * 50)[:64]),
    ],
)
def test_where_a_request_comes_from(forwarded: list[str], proxies: int, place: str) -> None:
    """Only our own proxies are believed; a customer's IPv6 network is one place."""
    assert place_of("192.0.2.1", forwarded, proxies) == place


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0",
         "Firefox, Windows"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 "
         "Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 "
         "Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 "
         "Mobile/15E148 Safari/604.1", "Safari, iPhone"),
        ("curl/8.5", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_browsers_have_names(agent: str, name: str) -> None:
    """As a person would say them."""
    assert browser_name(agent) == name


@pytest.mark.parametrize("text", ["=1+1", "+51 999", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    """An apostrophe stands before it."""
    assert safe_cell(text) == f"'{text}"
    assert safe_cell(f"a{text}") == f"a{text}"


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://login.example.org", True),
        ("http://127.0.0.1:8080/x", True),
        ("http://localhost:8080", True),
        ("http://login.example.org", False),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_providers_are_reached_safely(url: str, safe: bool) -> None:
    """By HTTPS, or on this machine."""
    assert is_safe(url) is safe
