"""Hypothesis strategies: replies and JSON of every kind that a channel may meet."""

import string
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from bot.messages import Choice, Label, Passage, Phrase, Reply

LANGUAGES = ("es", "en", "pt", "fr", "ht", "qu")

_PIECES = st.sampled_from(
    (
        "¿Puedo ir al hospital si no tengo papeles? ",
        "They must treat you first. ",
        "Não peça desculpas; é seu direito. ",
        "Où dois-je aller ? À l'hôpital. ",
        "Mwen pa gen kat, ki kote pou m ale? ",
        "Mana rapiyniyuq kaspapas hampichikuyta atinki. ",
        "👩🏽‍⚕️🏥 emergencia 🚑 ",
        "🇵🇪🇻🇪",
        "مرحبا بكم ",
        "שלום ",
        "\u202eabc\u202c ",
        "**importante** ",
        "** suelto ** a*b_c~d`e ",
        "**S/**20 y *100# y *200# _x_ ",
        "<script>alert('x')</script> & <b>",
        "https://www.gob.pe/migraciones?a=1&b=2_3. ",
        "mesa_de_partes@example.org ",
        "\x00\x07\x1b[31m\ufeff\r",
        "\u2028",
        "e\u0301\u0323\u0301",
        "x" * 700,
        "palabra " * 90,
        "Una frase corta. " * 60,
        "\n",
        "\n\n",
        "\n- uno\n- **dos** dos\n",
        "\n1. primero\n2. segundo\n",
        " ",
    )
)
TEXTS = st.one_of(
    st.lists(_PIECES, max_size=14).map("".join),
    st.text(alphabet=st.characters(codec="utf-8"), max_size=200),
    st.just("\x00\x01\u200b"),
)
IDS = st.text(alphabet=string.ascii_letters + string.digits + ":/-_", min_size=1, max_size=64)
LABELS = st.one_of(
    st.sampled_from(("Salud", "Menú", "🏥 Salud y hospitales", "Mana yachanichu", "مرحبا")),
    st.text(alphabet=st.characters(codec="utf-8"), max_size=80),
)
CHOICES = st.builds(
    Choice, id=IDS, label=st.one_of(LABELS, st.builds(Label, LABELS)), detail=LABELS
)
PARTS = st.one_of(st.builds(Passage, TEXTS), st.builds(Phrase, TEXTS))
REPLIES = st.builds(
    Reply,
    language=st.sampled_from(LANGUAGES),
    parts=st.lists(PARTS, max_size=5).map(tuple),
    choices=st.lists(CHOICES, max_size=14, unique_by=lambda c: c.id).map(tuple),
    asks_location=st.booleans(),
    urgent=st.booleans(),
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from((10**400, -1, 2**63, "", "\x00", "\ud800", "private", "messages"))
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)

JUNK: tuple[Any, ...] = (
    None, True, 0, -1, 7, 10**400, 1e300, float("inf"), "", " ", "x", "7", "\x00", "\ud800",
    [], [[]], [{}], {}, {"": None},
)  # fmt: skip


def damages(genuine: Any) -> Iterator[Any]:
    """Yield a JSON value with each of its parts, one at a time, removed and replaced by junk."""
    yield from JUNK
    if isinstance(genuine, dict):
        for name, value in genuine.items():
            yield {key: other for key, other in genuine.items() if key != name}
            for damaged in damages(value):
                yield {**genuine, name: damaged}
    elif isinstance(genuine, list):
        for place, value in enumerate(genuine):
            for damaged in damages(value):
                yield [*genuine[:place], damaged, *genuine[place + 1 :]]


@st.composite
def mutations(draw: st.DrawFn, genuine: Any) -> Any:
    """Draw a genuine JSON value with one part of it replaced by any JSON, or removed."""
    if isinstance(genuine, dict) and genuine and draw(st.integers(0, 9)):
        key = draw(st.sampled_from(sorted(genuine)))
        if not draw(st.integers(0, 7)):
            return {name: value for name, value in genuine.items() if name != key}
        return {**genuine, key: draw(mutations(genuine[key]))}
    if isinstance(genuine, list) and genuine and draw(st.integers(0, 9)):
        place = draw(st.integers(0, len(genuine) - 1))
        return [*genuine[:place], draw(mutations(genuine[place])), *genuine[place + 1 :]]
    return draw(JSON)
