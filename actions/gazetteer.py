"""The places of Peru that a text names: districts, provinces and regions, however spelt. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from content.catalogue import District, Office
from nlu.normalise import fold_word, words

LONGEST_NAME = 7  # words: "coronel gregorio albarracin lanchipa" has four
MOST_WORDS = 40  # of a text that are looked at
MOST_GUESSED = 12  # words of a text from which on nobody misspells the name of one place only
LEAST_GUESSED = 6  # letters of a misspelt name; five where the text is nothing else
TWO_EDITS = 9  # letters from which on two of them may be wrong

# Names that are first of all words of one of the six languages, or sound like one. They are places
# where they are the whole text or stand behind a word for "in".
_ORDINARY_WORDS = """
ako akoz allo anko bico caja canasta canta chao churin constitucion copa crucero hacia jardin kasqa
kuska lari levanto llama llapa mache mala manta marca mo moro munani nana pasos ponto qanchis
qaylla qayllapi qayllaypi qayna queue rimaq sano santa supe tinta ves vez waranqa yapamanta
"""
ORDINARY = frozenset(_ORDINARY_WORDS.split())
IN = frozenset(["en", "in", "em", "nan", "a", "por", "distrito", "district"])

# Quechua says "in Lima" in one word: Limapi, Limapim, Limamanta.
_CASE = re.compile(r"(?<=\w{3})(?:pi|manta|man|ta|paq)(?:m|mi|n|s|si|qa|taq)?$")


class Level(IntEnum):
    """How wide a place is, the narrowest first."""

    DISTRICT = 0
    PROVINCE = 1
    REGION = 2


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that can be named, with the point that stands for it: that of its capital.

    `code` identifies it within a gazetteer. `centre` names what lies at the point.
    """

    code: str
    level: Level
    name: str
    district: str
    province: str
    region: str
    lat: float
    lon: float
    centre: str

    def holds(self, other: "Spot") -> bool:
        """Say whether another place lies within this one or is the same."""
        if self.level is Level.DISTRICT or self.region != other.region:
            return self.code == other.code
        if self.level is Level.PROVINCE:
            return other.level is not Level.REGION and self.province == other.province
        return True


class Gazetteer:
    """Finds places by name and by code."""

    def __init__(self, districts: Iterable[District]) -> None:
        self._spots: dict[str, Spot] = {}
        self._named: dict[str, dict[str, Spot]] = defaultdict(dict)
        provinces: dict[tuple[str, str], list[District]] = defaultdict(list)
        regions: dict[str, list[District]] = defaultdict(list)
        for one in districts:
            spot = _spot(one, Level.DISTRICT, one.name)
            self._add(spot, (one.name, *one.also))
            provinces[one.region, one.province].append(one)
            regions[one.region].append(one)
        for (_, name), within in provinces.items():
            self._add(_spot(_capital(within), Level.PROVINCE, name), (name,))
        for name, within in regions.items():
            self._add(_spot(_capital(within), Level.REGION, name), (name,))
        self._of_size: dict[int, list[str]] = defaultdict(list)
        for name in self._named:
            if len(name) >= LEAST_GUESSED - 1:
                self._of_size[name.count(" ") + 1].append(name)

    def spot(self, code: str) -> Spot | None:
        """Return the place with a code."""
        return self._spots.get(code)

    def spots_in(self, text: str) -> tuple[Spot, ...]:
        """Return the place that a text names, several where the name is that of several, or none.

        A further place in the text says which one is meant: "La Victoria, Chiclayo".
        """
        mentions = list(self._mentions(words(text)[:MOST_WORDS]))
        if not mentions:
            return ()
        ranked: list[tuple[int, Spot]] = []
        for index, named in enumerate(mentions):
            others = [*mentions[:index], *mentions[index + 1 :]]
            for spot in named:
                ranked.append((sum(any(o.holds(spot) for o in other) for other in others), spot))
        most = max(count for count, _ in ranked)
        best = {spot.code: spot for count, spot in ranked if count == most}
        return tuple(_without_wider(list(best.values())))

    def _add(self, spot: Spot, names: Iterable[str]) -> None:
        self._spots[spot.code] = spot
        for name in names:
            self._named[_key(words(name))][spot.code] = spot

    def _mentions(self, said: Sequence[str]) -> Iterator[tuple[Spot, ...]]:
        """Yield the places of each name in the words: the longest name, then what is beside it."""
        for size in range(min(LONGEST_NAME, len(said)), 0, -1):
            starts = range(len(said) - size + 1)
            for reads in (self._known, self._misspelt, self._begun):
                if reads is not self._known and len(said) > MOST_GUESSED:
                    break
                for at in starts:
                    if names := reads(said, at, size):
                        yield tuple(s for name in names for s in self._named[name].values())
                        yield from self._mentions(said[:at])
                        yield from self._mentions(said[at + size :])
                        return

    def _known(self, said: Sequence[str], at: int, size: int) -> tuple[str, ...]:
        """Return the name that these words are, also with a Quechua ending."""
        part = said[at : at + size]
        placed = size == len(said) or (at > 0 and said[at - 1] in IN)
        if part[0] in ORDINARY and size == 1 and not placed:
            return ()
        for last in (part[-1], _CASE.sub("", part[-1])):
            if (name := _key([*part[:-1], last])) in self._named:
                return (name,)
        return ()

    def _misspelt(self, said: Sequence[str], at: int, size: int) -> tuple[str, ...]:
        """Return the names of as many words that are most like these."""
        key = _key(said[at : at + size])
        too_short = len(key) < LEAST_GUESSED - (size == len(said))
        if too_short or (size == 1 and said[at] in ORDINARY):
            return ()
        edits = 2 if len(key) >= TWO_EDITS else 1
        found = process.extract(
            key, self._of_size[size], scorer=OSA.distance, score_cutoff=edits, limit=5
        )
        return tuple(name for name, distance, _ in found if distance == found[0][1])

    def _begun(self, said: Sequence[str], at: int, size: int) -> tuple[str, ...]:
        """Return the names that begin with these words: "Villa María" for "… del Triunfo"."""
        begin = f"{_key(said[at : at + size])} "
        if size < 2 or len(begin) < TWO_EDITS:
            return ()
        return tuple(sorted(name for name in self._named if name.startswith(begin)))


@lru_cache(maxsize=2)
def gazetteer(districts: tuple[District, ...], offices: tuple[Office, ...]) -> Gazetteer:
    """Return the gazetteer of these districts or, without any, of those in the directory."""
    return Gazetteer(districts or _districts_of(offices))


def _districts_of(offices: Iterable[Office]) -> Iterator[District]:
    seen: set[tuple[str, str, str]] = set()
    for number, office in enumerate(offices):
        place = (office.district, office.province, office.region)
        if place not in seen and office.lat is not None and office.lon is not None:
            seen.add(place)
            yield District(f"x{number}", *place, office.lat, office.lon, "district")


def _capital(districts: Sequence[District]) -> District:
    """Return the district that holds the capital: the first by INEI's codes."""
    return min(districts, key=lambda one: one.ubigeo)


def _spot(one: District, level: Level, name: str) -> Spot:
    exact = one.precision != "province"
    return Spot(
        f"{'dpr'[level]}{one.ubigeo}",
        level,
        name,
        one.name,
        one.province,
        one.region,
        one.lat,
        one.lon,
        one.name if exact else one.province,
    )


def _without_wider(spots: list[Spot]) -> list[Spot]:
    """Keep a region before whatever else has its name, and of nested places the narrowest."""
    regions = [spot for spot in spots if spot.level is Level.REGION]
    for region in regions:
        own = _key(words(region.name))
        spots = [s for s in spots if s is region or _key(words(s.name)) != own]
    return [
        spot
        for spot in spots
        if not any(
            other is not spot and spot.level > other.level and spot.holds(other) for other in spots
        )
    ]


def _key(parts: Sequence[str]) -> str:
    return " ".join(fold_word(part) for part in parts)
