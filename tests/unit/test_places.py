"""Finding an office: what is asked back, what is shown, and what is forgotten."""

import json
from dataclasses import replace

import pytest

from actions.gazetteer import Level, Spot
from bot import office_replies
from bot.channel import Limits
from bot.engine import respond
from bot.messages import Chose, Input, Located, Phrase, Reply
from bot.office_words import country_in, kind_in, without_kinds
from bot.policy import Policy
from bot.scene import Turn
from bot.shaping import shape
from bot.state import Conversation, from_json, to_json
from bot.whatsapp.channel import LIMITS
from content.catalogue import LANGUAGES, Catalogue, District
from locales import translate
from tests.fakes.catalogue import article, catalogue, office
from tests.unit.test_engine import TODAY, asked, choice_ids, words

KNOWN = Conversation(welcomed=True)
DISTRICTS = (
    District("040110", "Miraflores", "Arequipa", "Arequipa", -16.39, -71.52, "district"),
    District("140101", "Chiclayo", "Chiclayo", "Lambayeque", -6.77, -79.84, "district"),
    District("140106", "La Victoria", "Chiclayo", "Lambayeque", -6.77, -79.84, "province"),
    District("150101", "Lima", "Lima", "Lima", -12.05, -77.03, "district"),
    District("150110", "Comas", "Lima", "Lima", -11.93, -77.05, "district"),
    District("150115", "La Victoria", "Lima", "Lima", -12.07, -77.02, "district"),
    District("150122", "Miraflores", "Lima", "Lima", -12.12, -77.03, "district"),
)
COLOMBIA = office("consulate", "Embajada de Colombia en Lima", "San Isidro", -12.1, -77.04)
OFFICES = (
    office("cem", "CEM Comas", "Comas", -11.95, -77.05),
    office("cem", "CEM Lima", "Lima", -12.05, -77.03),
    replace(office("cem", "CEM Chiclayo", "Chiclayo", -6.77, -79.84), region="Lambayeque"),
    office("cem", "CEM Breña", "Breña", -12.06, -77.05),
    office("migraciones", "Sede Breña", "Breña", -12.06, -77.05),
    office("defensoria", "Defensoría Lima", "Lima", -12.04, -77.03),
    COLOMBIA,
    office("consulate", "Venezuela: suspendido (a cargo de Brasil)", "Lima", -12.05, -77.03),
)
CATALOGUE = replace(
    catalogue(
        article("health/sis"), article("complaints/violence"), article("services/consulates"),
        offices=OFFICES,
    ),
    places=DISTRICTS,
)  # fmt: skip


def take(now: Conversation, event: Input, content: Catalogue = CATALOGUE) -> Turn:
    """Respond, with the state through JSON before and after."""
    before = from_json(json.loads(json.dumps(to_json(now))))
    return respond(before, event, content, Policy(), TODAY)


def wants(text: str, now: Conversation = KNOWN) -> Turn:
    """Respond to a question that the model takes for one about an office."""
    return take(now, asked(text, ("nearest_office", 0.9)))


def kept(turn: Turn) -> str:
    """Return everything that outlives a turn."""
    return json.dumps(to_json(turn.conversation), ensure_ascii=False) + str(turn.effects)


def near(reply: Reply) -> dict[str, str]:
    """Return the values of the line that says where was looked."""
    return dict(
        next(p for p in reply.parts if isinstance(p, Phrase) and "centre" in p.values).values
    )


def test_kind_and_place_in_one_question_are_answered_at_once() -> None:
    """Nobody is asked what she has said, and nothing of it is kept."""
    turn = wants("cem en comas por favor")
    shown = words(turn.replies[0])
    assert turn.label == "nearest_office"
    assert shown.index("CEM Comas") < shown.index("CEM Breña")
    assert "CEM Chiclayo" not in shown
    assert near(turn.replies[0]) == {"place": "Comas, Lima", "centre": "Comas"}
    assert "omas" not in kept(turn)


def test_an_office_comes_with_distance_map_and_date() -> None:
    """A point that is the office's own is linked; a vague one is searched by its address."""
    shown = words(wants("cem comas").replies[0])
    assert "(2 km)" in shown
    assert "https://www.google.com/maps/search/?api=1&query=-11.95,-77.05" in shown
    vague = replace(OFFICES[0], precision="district", address="Jr. Ñandú 5")
    content = replace(CATALOGUE, offices=(vague,))
    shown = words(take(KNOWN, asked("cem comas", ("nearest_office", 0.9)), content).replies[0])
    assert "query=Jr.+Nandu+5,+Comas,+Lima,+Peru" in shown
    content = replace(CATALOGUE, offices=(replace(vague, address=""),))
    shown = words(take(KNOWN, asked("cem comas", ("nearest_office", 0.9)), content).replies[0])
    assert "https://" not in shown
    assert "calle exacta" in shown


@pytest.mark.parametrize("answer", [Chose("o:cem:d140106"), asked("Lambayeque"), asked("1")])
def test_an_ambiguous_name_is_asked_back(answer: Input) -> None:
    """The choice may be pressed or typed; afterwards no place is left in the state."""
    now = take(KNOWN, Chose("o:cem")).conversation
    turn = take(now, asked("la victoria"))
    assert choice_ids(turn.replies[0]) == ["o:cem:d140106", "o:cem:d150115", "menu"]
    found = take(turn.conversation, answer)
    assert "CEM Chiclayo" in words(found.replies[0]).split("\n")[1]
    assert near(found.replies[0]) == {"place": "La Victoria, Lambayeque", "centre": "Chiclayo"}
    assert "ambayeque" not in kept(found)
    assert "140106" not in kept(found)


def test_a_place_without_a_kind_shows_who_protects() -> None:
    """One office of each kind that is no danger to anybody."""
    shown = words(wants("vivo en comas, adónde me acerco").replies[0])
    assert "CEM Comas" in shown
    assert "Defensoría Lima" in shown
    assert "Sede Breña" not in shown


def test_migraciones_warns_first() -> None:
    """Also where kind and place came in one question."""
    shown = words(wants("migraciones en comas").replies[0])
    assert shown.index("expulsión") < shown.index("Sede Breña")


def test_another_kind_may_be_named_in_place_of_a_place() -> None:
    """The open question turns to it."""
    now = take(KNOWN, Chose("o:migraciones")).conversation
    assert take(now, asked("mejor la defensoría")).conversation.detail == "defensoria"
    assert "Defensoría Lima" in words(take(now, asked("defensoría en comas")).replies[0])


def test_an_unknown_place_is_asked_again() -> None:
    """The kind is not lost."""
    now = take(KNOWN, Chose("o:cem")).conversation
    again = take(now, asked("xyzzy"))
    assert "No conozco ese lugar" in words(again.replies[0])
    assert again.replies[0].asks_location
    assert "CEM Comas" in words(take(again.conversation, asked("comas")).replies[0])


def test_a_long_question_is_no_place() -> None:
    """A question about an article is answered, whatever place it names."""
    now = take(KNOWN, Chose("o:cem")).conversation
    event = asked("cómo saco el sis si vivo ahora en comas", ("health/sis", 0.9))
    assert take(now, event).label == "health/sis"


@pytest.mark.parametrize(
    "text", ["Colombia", "el de kolonbi", "soy colombiana", "Kulumbyamanta", "consulat de Colombie"]
)
def test_a_consulate_is_found_by_its_country(text: str) -> None:
    """In all languages; with the warning for whoever flees, and without the nearest of others."""
    now = take(KNOWN, Chose("o:consulate")).conversation
    turn = take(now, asked(text))
    shown = words(turn.replies[0])
    assert "Embajada de Colombia" in shown
    assert "Venezuela" not in shown
    assert shown.index("refugio") < shown.index("Embajada")
    assert "olom" not in kept(turn)


def test_the_consulate_of_a_country_is_not_that_of_its_stand_in() -> None:
    """Brazil is named in Venezuela's row, and has none of its own here."""
    assert "Venezuela:" in words(wants("consulado de venezuela en lima").replies[0])
    shown = take(KNOWN, Chose("o:consulate:br")).replies[0]
    assert "No tengo la dirección" in words(shown)
    assert "a:services/consulates" in choice_ids(shown)
    place = take(take(KNOWN, Chose("o:consulate")).conversation, Located(-12.0, -77.0))
    assert "país" in words(place.replies[0])


@pytest.mark.parametrize(
    "text", ["hospital más cercano", "lopital ki pi pre", "hampina wasi maypi"]
)
def test_health_names_the_channel(text: str) -> None:
    """The directory has no list, and says so; with one, the nearest are found."""
    assert "No tengo las direcciones" in words(wants(text).replies[0])
    assert "health" in words(wants(text).replies[0])
    many = tuple(office("health", f"Posta {n}", "Comas", -11.9, -77.0) for n in range(10))
    content = replace(CATALOGUE, offices=many)
    turn = take(KNOWN, asked(f"{text} comas", ("nearest_office", 0.9)), content)
    assert "Posta 0" in words(turn.replies[0])


def test_the_police_is_named_by_number() -> None:
    """There is no list of stations."""
    shown = wants("qué comisaría me queda más cerca").replies[0]
    assert "105" in words(shown)
    assert "emergency" in choice_ids(shown)


@pytest.mark.parametrize("choice", ["o:", "o:bank", "o:cem:d999999", "o:consulate:zz", "o:any:x"])
def test_unknown_choices_do_no_harm(choice: str) -> None:
    """Old or forged buttons get an answer."""
    assert take(KNOWN, Chose(choice)).replies


@pytest.mark.parametrize(
    ("text", "kind", "country"),
    [
        ("consulado de colombia", "consulate", "co"),
        ("Haitian consulate in Lima", "consulate", "ht"),
        ("konsila ayisyen", "consulate", "ht"),
        ("embaixada da Bolívia", "consulate", "bo"),
        ("ambassade d'Haïti", "consulate", "ht"),
        ("kunsuladu Winisuyla", "consulate", "ve"),
        ("CEM más cercano", "cem", None),
        ("women's centre near me", "cem", None),
        ("comisaría?", "police", None),
        ("delegacia mais próxima", "police", None),
        ("defensoria pública perto", "alegra", None),
        ("la defensoría del pueblo", "defensoria", None),
        ("bureau de l'immigration", "migraciones", None),
        ("biwo migrasyon", "migraciones", None),
        ("où est le commissariat", "police", None),
        ("estoy en comas", None, None),
    ],
)
def test_kinds_and_countries_are_understood(
    text: str, kind: str | None, country: str | None
) -> None:
    """In six languages, by the first that is named."""
    assert kind_in(text) == kind
    assert country_in(text) == country


def test_a_street_is_no_place() -> None:
    """Streets bear the names of far places."""
    assert "arequipa" not in without_kinds("cem por la avenida Arequipa, lince")
    assert "lince" in without_kinds("cem por la avenida Arequipa, lince")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("limits", [LIMITS])
def test_a_list_of_three_is_one_message(language: str, limits: Limits) -> None:
    """With the warning and long addresses it still needs no second message."""
    long = [
        replace(OFFICES[4], name=f"MIGRACIONES {'n' * 60} {n}", address="a" * 60, hours="h" * 60)
        for n in range(3)
    ]
    content = replace(CATALOGUE, offices=tuple(long))
    reply = take(KNOWN.with_(language=language), Chose("o:migraciones:d150110"), content).replies[0]
    assert len(shape(reply, limits, translate)) == 1


@pytest.mark.parametrize(
    ("provinces", "names", "labels"),
    [
        (("Lima/Lima", "Arequipa/Arequipa"), ("M", "M"), ["Lima", "Arequipa"]),
        (("Lima/Lima", "Yauyos/Lima"), ("M", "M"), ["Lima", "Yauyos"]),
        (
            ("Lima/Lima", "Lima/Ica", "Ica/Ica"),
            ("M", "M", "M"),
            ["Lima, Lima", "Ica, Lima", "Ica, Ica"],
        ),
        (("Lima/Lima", "Lima/Lima"), ("San Juan A", "San Juan B"), ["San Juan A", "San Juan B"]),
        (("Lima/Lima", "Ica/Ica", "Ica/Ica"), ("M", "M", "N"), ["M, Lima", "M, Ica", "N, Ica"]),
    ],
)
def test_places_of_one_name_are_told_apart(
    provinces: tuple[str, ...], names: tuple[str, ...], labels: list[str]
) -> None:
    """By the region, else the province, else both; by their own names where these differ."""
    spots = [
        Spot(f"d{n}", Level.DISTRICT, name, name, *place.split("/"), -12.0, -77.0, name)
        for n, (place, name) in enumerate(zip(provinces, names, strict=True))
    ]
    reply = office_replies.which_place("es", "cem", spots)
    assert [choice.label for choice in reply.choices[:-1]] == labels
