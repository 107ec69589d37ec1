"""Telephone numbers and web addresses in texts."""

import pytest

from content import contacts
from tests.fakes import content as fake

KNOWN = contacts.known(fake.catalogue())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Llame al **0800-15-170**, gratis.", ["080015170"]),
        ("WhatsApp: +51 999 888 777 o (01) 200-1000", ["51999888777", "012001000"]),
        ("Llame al 113, opción 7. Línea 100.", ["113", "100"]),
        ("Ley 26842, art. 3; DL 1582-2023-IN; RM 123456-2021; S/ 1,250.00; 21/12/2025; 2025-12-21;"
         " 08:30-16:30; https://x.pe/123456789", []),
        ("Tiene 15 días y 3 copias. Artículo 230.", []),
    ],
)  # fmt: skip
def test_numbers_to_call(text: str, expected: list[str]) -> None:
    """Norms, amounts, dates, hours and addresses are none; short ones only where one calls."""
    assert contacts.phones(text) == expected


@pytest.mark.parametrize(
    ("number", "known"),
    [("080015170", True), ("106", True), ("012001000", True), ("2001000", True), ("113", True),
     ("080015171", False), ("0015170", False), ("15170", False), ("999888777", False),
     ("10", False)],
)  # fmt: skip
def test_known_numbers(number: str, known: bool) -> None:
    """Those of cards, offices, channels and texts, with or without the code of the region."""
    assert KNOWN.has_phone(number) is known


@pytest.mark.parametrize(
    ("host", "known"),
    [("example.org", True), ("example.or", False), ("xample.org", False),
     ("example.org.evil", False)],
)  # fmt: skip
def test_known_hosts(host: str, known: bool) -> None:
    """Those of sources and texts, whole."""
    assert KNOWN.has_host(host) is known


@pytest.mark.parametrize(
    ("address", "host"),
    [("https://www.gob.pe/x", "gob.pe"), ("https://", ""), ("https://localhost", ""),
     ("https://[::1", ""), ("https://a@b.pe:99/x", "b.pe")],
)  # fmt: skip
def test_hosts_of_addresses(address: str, host: str) -> None:
    """Broken addresses have none."""
    assert contacts.host(address) == host


def test_addresses_in_a_text() -> None:
    """Without the punctuation that follows them, each once."""
    assert contacts.addresses("Vea https://x.pe/a. O https://x.pe/a, (http://y.pe).") == [
        "https://x.pe/a", "http://y.pe",
    ]  # fmt: skip
