"""Can a person with little schooling read the Spanish text? See `content.readability`.

On the INFLESZ scale 40 to 55 is 'somewhat difficult', 55 to 65 'normal', above it 'easy'.
"""

from statistics import median

from content.catalogue import SOURCE_LANGUAGE
from content.checks.findings import Findings
from content.readability import perspicuity

NORMAL = 55.0
FLOOR = 50.0
MEDIAN_FLOOR = 65.0
"""Half of the texts are to be 'easy'."""

ALL_ARTICLES = "articles"


def examine(findings: Findings) -> None:
    """Check each Spanish text that a reader may see, and their median."""
    scores: list[float] = []
    for prose in findings.prose():
        score = perspicuity(prose.texts.get(SOURCE_LANGUAGE, ""))
        if score is None:
            continue
        scores.append(score)
        file, place = prose.places[SOURCE_LANGUAGE]
        name = place[-1] if place[-1] != SOURCE_LANGUAGE else place[-2]
        what = f"`{name}` is hard to read (INFLESZ {score:.1f}; {NORMAL:.0f} or more is wanted)."
        if score < FLOOR:
            findings.error(file, place, what, "Use shorter words and sentences.")
        elif score < NORMAL:
            findings.warn(file, place, what, "Use shorter words and sentences.")
    if scores and (middle := median(scores)) < MEDIAN_FLOOR:
        what = f"The median INFLESZ of the Spanish texts is {middle:.1f}; "
        what += f"{MEDIAN_FLOOR:.0f} or more is wanted."
        findings.error(ALL_ARTICLES, (), what, "Write shorter words and sentences in most texts.")
