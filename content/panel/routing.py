"""The routes of the panel. Each names what it needs, or the panel is not built."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from content.panel.permissions import Permission
from content.panel.visit import Visit

Handler = Callable[[Visit], Awaitable[web.StreamResponse]]

LARGEST_FORM = 256 * 1024  # bytes
METHODS = ("GET", "POST")


@dataclass(frozen=True, slots=True)
class Route:
    """One address of the panel, below /panel. `most` is the size of a body in bytes.

    With `uploads`, files of a form are given as bytes (`Visit.files`), not as text; the body of
    somebody who may not send it is never read.
    """

    method: str
    path: str
    permission: Permission
    handler: Handler
    most: int = LARGEST_FORM
    uploads: bool = False

    def __post_init__(self) -> None:
        """Refuse a route that could not be protected."""
        if self.method not in METHODS or not self.path.startswith("/"):
            raise ValueError(f"{self.method} {self.path}: a route is GET or POST, with a path.")
        if not isinstance(self.permission, Permission):
            raise TypeError(f"{self.method} {self.path}: a route names its permission.")
        if self.uploads and self.permission in (Permission.PUBLIC, Permission.SIGNED_IN):
            raise ValueError(f"{self.method} {self.path}: not everybody may send files.")


def get(path: str, permission: Permission, handler: Handler) -> Route:
    """Return a page: it changes nothing."""
    return Route("GET", path, permission, handler)


def post(path: str, permission: Permission, handler: Handler, most: int = LARGEST_FORM) -> Route:
    """Return an act: the answer leads to a page."""
    return Route("POST", path, permission, handler, most)


def upload(path: str, permission: Permission, handler: Handler, most: int) -> Route:
    """Return an act that takes files as they are."""
    return Route("POST", path, permission, handler, most, uploads=True)
