"""The Markdown subset is read once and written for every platform."""

import re

import nh3
import pytest
from hypothesis import given, settings

from bot.markup import Block, Span, parse, to_html, to_plain, to_telegram, to_whatsapp
from tests.contract.replies import TEXTS

ARTICLE = """**Sí. En una emergencia deben atenderle**, en cualquier hospital (Ley 26842).

Lleve:
- **DNI**, si tiene;
  o una copia
- su carné

1. Vaya a https://www.gob.pe/sis?a=1&b=2_3.
2. Pregunte "el precio" <antes>
Línea final"""


def test_article_as_plain_text() -> None:
    """Lists stand close under their text, paragraphs apart, markers without asterisks."""
    assert to_plain(parse(ARTICLE)) == (
        "Sí. En una emergencia deben atenderle, en cualquier hospital (Ley 26842).\n\n"
        "Lleve:\n• DNI, si tiene; o una copia\n• su carné\n\n"
        '1. Vaya a https://www.gob.pe/sis?a=1&b=2_3.\n2. Pregunte "el precio" <antes>\n\n'
        "Línea final"
    )


def test_article_as_telegram_html() -> None:
    """Bold becomes a tag; only &, < and > are escaped."""
    text = to_telegram(parse(ARTICLE))
    assert text.startswith("<b>Sí. En una emergencia deben atenderle</b>, en")
    assert "https://www.gob.pe/sis?a=1&amp;b=2_3.\n" in text
    assert '"el precio" &lt;antes&gt;' in text


def test_article_as_whatsapp_text() -> None:
    """Bold becomes asterisks; addresses stay as they are."""
    text = to_whatsapp(parse(ARTICLE))
    assert text.startswith("*Sí. En una emergencia deben atenderle*, en")
    assert "https://www.gob.pe/sis?a=1&b=2_3.\n" in text
    assert "<antes>" in text


def test_article_as_html() -> None:
    """The page gets real lists and links that can be touched, and the cleaner finds nothing."""
    html = to_html(parse(ARTICLE))
    assert html == (
        "<p><strong>Sí. En una emergencia deben atenderle</strong>, en cualquier hospital "
        "(Ley 26842).</p><p>Lleve:</p>"
        "<ul><li><strong>DNI</strong>, si tiene; o una copia</li><li>su carné</li></ul>"
        '<ol><li>Vaya a <a href="https://www.gob.pe/sis?a=1&amp;b=2_3" '
        'rel="noopener noreferrer">https://www.gob.pe/sis?a=1&amp;b=2_3</a>.</li>'
        "<li>Pregunte &quot;el precio&quot; &lt;antes&gt;</li></ol><p>Línea final</p>"
    )


def test_line_break_in_a_paragraph_stays() -> None:
    """What is to be said at the counter keeps its own line."""
    document = parse("Diga:\n«Es una emergencia».")
    assert to_plain(document) == "Diga:\n«Es una emergencia»."
    assert to_html(document) == "<p>Diga:<br>«Es una emergencia».</p>"


def test_list_that_starts_later_keeps_its_numbers() -> None:
    """A list that begins with 3 does so on the page as well."""
    assert to_html(parse("3. tres\n4. cuatro")) == (
        '<ol start="3"><li>tres</li><li>cuatro</li></ol>'
    )


@pytest.mark.parametrize(
    "text",
    ["** suelto **", "**", "****", "a ** b", "**abierto", "*uno*", "_x_", "# no", "1.sin", "-sin",
     "[a](b)", "https://", "`x`"],
)  # fmt: skip
def test_what_is_no_markup_is_text(text: str) -> None:
    """What the subset does not know is shown as it stands."""
    assert to_plain(parse(text)) == text


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Vea https://a.pe/b.", "https://a.pe/b"),
        ("(https://a.pe/b)", "https://a.pe/b"),
        ("«https://a.pe/b»", "https://a.pe/b"),
        ("**https://a.pe/b**", "https://a.pe/b"),
        ("http://a.pe/?x=1&y=2, y", "http://a.pe/?x=1&y=2"),
    ],
)
def test_links_end_before_the_sentence_does(text: str, address: str) -> None:
    """The full stop after an address is not part of it, and a link is never bold."""
    links = [span for block in parse(text) for span in block.spans if span.link]
    assert links == [Span(address, link=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**Sí**, puede", "*Sí*, puede"),
        ("S/**20**", "S/*20*"),
        ("x**20**", "x20"),
        ("**20**x", "20x"),
        ("marque *100#", "marque *100#"),
        ("marque *100# o *200#", "marque ∗100# o ∗200#"),
        ("**ya**: *100#", "*ya*: ∗100#"),
        ("a_b_c@x.pe y d_e@x.pe", "a_b_c@x.pe y d_e@x.pe"),
        ("_no_ ~no~ `no`", "＿no＿ ∼no∼ ˋnoˋ"),
        ("https://a.pe/_x_ y **b**", "https://a.pe/_x_ y *b*"),
    ],
)
def test_whatsapp_formats_what_is_meant_only(text: str, expected: str) -> None:
    """WhatsApp has no escape: literal markers that would pair up get look-alikes."""
    assert to_whatsapp(parse(text)) == expected


@settings(max_examples=200, deadline=None)
@given(text=TEXTS)
def test_html_is_safe_whatever_the_text(text: str) -> None:
    """An independent cleaner that allows only our tags takes nothing away."""
    html = to_html(parse(text.replace("\r", "").replace("\x00", "")))
    tags = {"p", "ul", "ol", "li", "strong", "br", "a"}
    cleaned = nh3.clean(html, tags=tags, attributes={"a": {"href"}, "ol": {"start"}})
    assert _as_read(cleaned) == _as_read(html)


@settings(max_examples=200, deadline=None)
@given(text=TEXTS)
def test_telegram_tags_are_balanced(text: str) -> None:
    """Every tag of the text is a pair of b, not nested, whatever the text holds."""
    html = to_telegram(parse(text))
    assert not re.search(r"[<>]", re.sub(r"<b>[^<>]+</b>", "", html))


def _as_read(html: str) -> str:
    """Return HTML with the freedoms that a writer has taken away: quotes, breaks, spaces."""
    return (
        html.replace("&quot;", '"')
        .replace("&#x27;", "'")
        .replace("&nbsp;", "\xa0")
        .replace("<br>", "\n")
    )


def test_items_keep_their_markers() -> None:
    """A block knows whether it is an item and which."""
    assert parse("- a\n2. b") == (
        Block((Span("a"),), "•"),
        Block((Span("b"),), "2."),
    )
