"""A whole catalogue as one value."""

import pytest

from content.release.snapshots import BrokenSnapshot, pack, read_snapshot, unpack
from content.rendering import render_tree
from tests.fakes import content as fake


def test_a_snapshot_holds_everything() -> None:
    """What is read from it is the same catalogue; a broken one says so."""
    catalogue = fake.catalogue()
    files = render_tree(catalogue)
    assert unpack(pack(files)) == files
    assert read_snapshot(pack(files)).version == catalogue.version
    for broken in (b"", b"x", pack(files)[:-30], pack({"topics.yml": b"- 1"})):
        with pytest.raises(BrokenSnapshot):
            read_snapshot(broken)
