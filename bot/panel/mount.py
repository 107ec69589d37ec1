"""The panel with the real assistant around it."""

from collections.abc import Callable

from aiohttp import web

from bot.core import Core
from bot.panel.desk import PanelDesk
from bot.panel.notices import told_by
from bot.panel.previews import ShapedPreviews
from bot.panel.questions import StoredQuestions
from bot.panel.trying import RealTrying
from bot.panel.workshop import RealWorkshop
from bot.scene import PERU
from bot.settings import Settings
from bot.turns import TextReader, utc_now
from content.panel.app import Panel, PanelSettings, build
from content.panel.entry.provider import ProviderSettings
from content.panel.ports import Assistant, Training
from content.panel.routes import ROUTES

ADDRESS = "/panel"


def panel_app(core: Core, reader: Callable[[], TextReader], training: Training) -> web.Application:
    """Return the panel as an application to be mounted at /panel."""
    assistant = Assistant(
        catalogue=lambda: core.knowledge.catalogue,
        previews=ShapedPreviews(lambda: utc_now().astimezone(PERU).date()),
        trying=RealTrying(reader, lambda: core.knowledge.catalogue, core.policy_for, utc_now),
        training=training,
        desk=PanelDesk(core.desk, core.settings.retention_days),
        questions=StoredQuestions(core.sessions, core.reads),
        told_by=told_by(core.settings),
        workshop=RealWorkshop(core.templates),
    )
    panel = Panel(
        sessions=core.sessions,
        reads=core.reads,
        keys=core.keys,
        now=utc_now,
        assistant=assistant,
        settings=panel_settings(core.settings),
    )
    return build(panel, ROUTES)


def mount(app: web.Application, panel: web.Application) -> None:
    """Let an application serve the panel."""
    app.router.add_get(ADDRESS, _to_its_first_page)
    app.add_subapp(ADDRESS, panel)


async def _to_its_first_page(_: web.Request) -> web.Response:
    return web.Response(status=308, headers={"Location": f"{ADDRESS}/"})


def panel_settings(settings: Settings) -> PanelSettings:
    """Return what the panel needs of the settings."""
    return PanelSettings(
        origin=settings.public_url.rstrip("/"),
        secure=settings.public_url.startswith("https://"),
        trusted_proxies=settings.trusted_proxies,
        provider=_provider(settings),
    )


def _provider(settings: Settings) -> ProviderSettings | None:
    if settings.oidc_client_secret is None or not settings.oidc_issuer:
        return None
    secret = settings.oidc_client_secret.get_secret_value()
    return ProviderSettings(settings.oidc_issuer, settings.oidc_client_id, secret)
