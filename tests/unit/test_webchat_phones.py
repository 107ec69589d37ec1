"""Telephone numbers in approved text can be called; amounts, articles and dates cannot."""

import re

import pytest

from bot.markup import parse, to_html
from bot.webchat.phones import link_phones


def called(markdown: str) -> list[str]:
    return re.findall(r'href="tel:([^"]*)"', link_phones(to_html(parse(markdown))))


@pytest.mark.parametrize(
    ("markdown", "numbers"),
    [
        ("**105**", ["105"]),
        ("**Llame al 105**", ["105"]),
        ("**105man qayay**", []),
        ("**Kunan piligruchu? 105man.**", ["105"]),
        ("**105 o Línea 100.**", ["105", "100"]),
        ("**Rele 105 (lapolis) oswa Línea 100 (vyolans)**", ["105", "100"]),
        ("la línea 100 y la Línea 1818", ["100", "1818"]),
        ("**113, opción 7**", ["113"]),
        ("Defensoría: 0800-15-170 o 0800-15170.", ["080015170", "080015170"]),
        ("**0800 76 888**", ["080076888"]),
        ("central (01) 200-1000, (084) 245-370", ["+5112001000", "+5184245370"]),
        ("WhatsApp 942 841 978 o +51 942 841 978", ["+51942841978", "+51942841978"]),
    ],
)
def test_numbers_to_call_become_links(markdown: str, numbers: list[str]) -> None:
    """Long numbers anywhere; short ones after "Línea", or in bold where a phrase ends."""
    assert called(markdown) == numbers


@pytest.mark.parametrize(
    "markdown",
    [
        "paga 100 soles, art. 106, 105 días",
        "**S/ 100**",
        "**100 soles**",
        "**100 %**",
        "**105 días**",
        "**art. 106**",
        "**artículo 105.**",
        "**Ley 105**",
        "**S/ 1,105.00**",
        "**12/105**",
        "**2105**",
        "Ley 26842, DL 1350, 20/09/2025, RUC 20131370645",
        "https://example.org/105/0800-15-170",
    ],
)
def test_other_numbers_stay_text(markdown: str) -> None:
    """Amounts, articles, lengths of time, dates and addresses are left alone."""
    assert called(markdown) == []


def test_only_the_number_changes() -> None:
    """Tags, entities and what is already a link stay as they are."""
    html = '<p>a &lt; b <a href="https://x.pe/">0800-15-170</a></p><ol start="105"><li>x</li></ol>'
    assert link_phones(html) == html
    assert link_phones("<p><strong>Al 105.</strong> &amp; ya</p>") == (
        '<p><strong>Al <a href="tel:105">105</a>.</strong> &amp; ya</p>'
    )
