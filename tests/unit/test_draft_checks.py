"""Telling new faults from those that the published content has."""

from content.faults import Fault
from content.release.draft_checks import told_apart


def test_a_fault_is_known_however_large_it_is() -> None:
    """A text too long that is still too long is no new fault; another number is."""

    def fault(what: str) -> Fault:
        return Fault("articles/a/b/es.yml", 1, what, "Do it.")

    long, longer = (fault(f"`answer` has {n} characters; at most 900 fit.") for n in (910, 950))
    few, more = (fault(f"Only {n} examples in `es`; at least 20 are needed.") for n in (14, 19))
    one, other = (fault(f"`answer` says what the Spanish does not: {n}.") for n in (113, 106))
    found = told_apart((longer, more, other), (long, few, one))
    assert found.known == (longer, more)
    assert found.new == (other,)
