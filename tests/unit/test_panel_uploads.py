"""Which routes of the panel may take files."""

import pytest
from aiohttp import web

from content.panel.permissions import Permission
from content.panel.routing import upload
from content.panel.visit import Visit


async def _nothing(_: Visit) -> web.StreamResponse:
    return web.Response()


@pytest.mark.parametrize("permission", [Permission.PUBLIC, Permission.SIGNED_IN])
def test_not_everybody_may_send_files(permission: Permission) -> None:
    """A route for uploads needs more than a sign-in."""
    with pytest.raises(ValueError, match="not everybody"):
        upload("/x", permission, _nothing, 10)


def test_who_has_a_permission_may() -> None:
    """With a limit of its own."""
    route = upload("/x", Permission.TRANSFER, _nothing, 10)
    assert (route.uploads, route.most, route.method) == (True, 10, "POST")
