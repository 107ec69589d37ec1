"""What pages look up in everything that is published, made once for each publication."""

from collections.abc import Callable

from content import contacts, search
from content.catalogue import Catalogue
from content.contacts import Known
from content.panel.memory import Memory
from content.panel.writing import phrasing
from content.panel.writing.phrasing import Owners
from content.search import Entry


def searched(catalogue: Catalogue) -> tuple[str, str, Callable[[], tuple[Entry, ...]]]:
    """Return name, version and maker of the texts in which words are searched."""
    return "search", catalogue.version, lambda: search.entries(catalogue)


def contacts_of(catalogue: Catalogue) -> tuple[str, str, Callable[[], Known]]:
    """Return name, version and maker of the numbers and hosts that are known."""
    return "contacts", catalogue.version, lambda: contacts.known(catalogue)


def owners_of(catalogue: Catalogue) -> tuple[str, str, Callable[[], Owners]]:
    """Return name, version and maker of the list of whose example each phrase is."""
    return "phrases", catalogue.version, lambda: phrasing.owners(catalogue)


def warm(memory: Memory, catalogue: Catalogue) -> None:
    """Begin to make all of them, so that nobody waits for the first page after a publication."""
    memory.warm(*searched(catalogue))
    memory.warm(*contacts_of(catalogue))
    memory.warm(*owners_of(catalogue))
