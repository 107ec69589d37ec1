"""Is every district where it says, once, and under the right names?"""

import re

from content.catalogue import District
from content.checks.findings import Findings
from content.checks.grounds import EAST, NORTH, SOUTH, WEST
from content.files import PLACES

PRECISIONS = ("district", "province")
_UBIGEO = re.compile(r"\d{6}", re.ASCII)


def examine(findings: Findings) -> None:
    """Check the codes, the points and the names of the districts."""
    seen: set[str] = set()
    regions: dict[str, str] = {}
    provinces: dict[str, str] = {}
    for index, district in enumerate(findings.catalogue.places):
        _district(findings, index, district)
        code = district.ubigeo
        if code in seen:
            findings.error(PLACES, (index,), "The code appears twice.", "Remove one row.")
        seen.add(code)
        for known, digits, name, what in (
            (regions, code[:2], district.region, "region"),
            (provinces, code[:4], district.province, "province"),
        ):
            if known.setdefault(digits, name) != name:
                said = f"The {what} `{digits}` has another name above."
                findings.error(PLACES, (index,), said, "Write it the same in every row.")


def _district(findings: Findings, index: int, district: District) -> None:
    if not _UBIGEO.fullmatch(district.ubigeo):
        remedy = "Write INEI's code with its leading zero."
        findings.error(PLACES, (index,), "The code is not six digits.", remedy)
    if not (SOUTH <= district.lat <= NORTH and WEST <= district.lon <= EAST):
        findings.error(PLACES, (index,), "The place is not in Peru.", "Correct it.")
    if district.precision not in PRECISIONS:
        what = f"The precision `{district.precision[:20]}` is unknown."
        findings.error(PLACES, (index,), what, f"Use one of: {', '.join(PRECISIONS)}.")
