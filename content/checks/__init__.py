"""What a content folder must be before anybody reads it, checked without a database."""

from datetime import UTC, date, datetime

from content.checks import (
    examples,
    glossary,
    grounds,
    notice,
    parity,
    paths,
    places,
    readability,
    safety,
    shape,
)
from content.checks.findings import Findings
from content.faults import Fault, in_order
from content.files import Tree

__all__ = ["check"]


def check(tree: Tree, *, today: date | None = None) -> tuple[Fault, ...]:
    """Return every fault of a tree, of its form and of its meaning, sorted by file and line."""
    findings = Findings(tree, today or datetime.now(UTC).date())
    for examine in (
        shape.examine,
        paths.examine,
        parity.examine,
        grounds.examine,
        places.examine,
        examples.examine,
        safety.examine,
        readability.examine,
        glossary.examine,
        notice.examine,
    ):
        examine(findings)
    return in_order((*tree.faults, *findings.faults))
