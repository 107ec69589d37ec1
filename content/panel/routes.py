"""All routes of the panel."""

from content.panel.pages import home
from content.panel.routing import Route

ROUTES: tuple[Route, ...] = (*home.ROUTES,)
