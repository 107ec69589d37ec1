"""The places of Peru by name, read from the content files themselves."""

from pathlib import Path

import pytest

from actions.gazetteer import Gazetteer, Level, gazetteer
from content.catalogue import District
from content.files import PLACES, read_tree
from tests.fakes.catalogue import office

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def districts(tmp_path_factory: pytest.TempPathFactory) -> tuple[District, ...]:
    """Return the districts of the product, read without the rest of its content."""
    folder = tmp_path_factory.mktemp("content")
    (folder / PLACES).write_bytes((ROOT / "content" / PLACES).read_bytes())
    return read_tree(folder).catalogue.places


@pytest.fixture(scope="module")
def places(districts: tuple[District, ...]) -> Gazetteer:
    return Gazetteer(districts)


def test_every_district_is_found_by_its_own_names(
    districts: tuple[District, ...], places: Gazetteer
) -> None:
    """Peru has 1891 districts; each is found by name, province and region, in whatever case."""
    assert len(districts) == 1891
    lost = [
        one.ubigeo
        for one in districts
        if f"d{one.ubigeo}"
        not in {
            s.code for s in places.spots_in(f"{one.name}, {one.province}, {one.region}".upper())
        }
        and one.name not in (one.province, one.region)
    ]
    assert lost == []


@pytest.mark.parametrize(
    ("text", "ubigeo"),
    [
        ("sjl", "150132"),
        ("san juan de lurigancho", "150132"),
        ("san juan de lurigacho", "150132"),
        ("VMT", "150143"),
        ("villa maria", "150143"),
        ("el agustino", "150111"),
        ("la victoria chiclayo", "140106"),
        ("la victoria, lima", "150115"),
        ("vivo por ate vitarte", "150103"),
        ("estoy en san borja lima", "150130"),
        ("villa el salbador", "150142"),
        ("san juan de miraflroes", "150133"),
        ("miraflores arequipa", "040110"),
        ("moro em são martin de porres", "150135"),
        ("I live in Los Olivos", "150117"),
        ("m ap viv nan Chosica", "150118"),
        ("gregorio albarracin", "230110"),
        ("Sicuanipi tiyani", "080601"),
        ("trujilo", "130101"),
        ("Pucallpa", "250101"),
        ("Puerto Maldonado", "170101"),
    ],
)
def test_a_district_is_understood(places: Gazetteer, text: str, ubigeo: str) -> None:
    """By everyday names, without accents, misspelt, shortened, inside a sentence."""
    assert [spot.code for spot in places.spots_in(text)] == [f"d{ubigeo}"]


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("callao", "Callao"), ("arekipa", "Arequipa"), ("cusco", "Cusco"), ("CUZCO", "Cusco"),
        ("Limapi tiyani", "Lima"), ("nan Takna", "Tacna"), ("piurra", "Piura"),
        ("la libertad", "La Libertad"), ("estoy en san martín", "San Martín"),
    ],
)  # fmt: skip
def test_a_region_is_understood_before_what_shares_its_name(
    places: Gazetteer, text: str, region: str
) -> None:
    """A region stands for its capital."""
    (spot,) = places.spots_in(text)
    assert (spot.level, spot.name) == (Level.REGION, region)


@pytest.mark.parametrize(
    ("text", "least"), [("Santa Rosa", 8), ("la victoria", 2), ("Miraflores", 2), ("San Juan", 4)]
)
def test_a_name_of_several_places_is_ambiguous(places: Gazetteer, text: str, least: int) -> None:
    """Nothing is guessed: all places of the name are returned."""
    spots = places.spots_in(text)
    assert len(spots) >= least
    assert {"Lima"} < {spot.region for spot in spots}


@pytest.mark.parametrize(
    "text",
    ["", "?", "no sé", "quiero una cita", "me siento mal", "otra vez", "até logo", "n a pale ankò",
     "¿cómo se llama?", "qayllapi maypi", "mi casa", "x" * 5000, "a " * 3000],
)  # fmt: skip
def test_other_texts_name_no_place(places: Gazetteer, text: str) -> None:
    """Words that sound like a small district are no place in a sentence."""
    assert [spot for spot in places.spots_in(text) if spot.name != "Ate"] == []


def test_without_districts_the_directory_gives_the_places() -> None:
    """A content folder may do without places.csv."""
    known = gazetteer((), (office("cem", "CEM", "Comas", -11.93, -77.05),))
    (spot,) = known.spots_in("estoy en komas")
    assert (spot.district, spot.lat) == ("Comas", -11.93)
    assert known.spots_in("Tacna") == ()
