"""The panel at its place beside the chat, around the real assistant."""

from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from bot.core import Core, opened
from bot.panel.mount import mount, panel_app, panel_settings
from bot.panel.untrained import TrainedElsewhere
from bot.settings import Settings
from bot.turns import utc_now
from content import staff
from content.panel import sessions
from content.panel.ports import CannotTrain
from content.staff import Role
from tests.fakes.bot import ScriptedReader


async def signed_in(core: Core, role: Role) -> dict[str, str]:
    """Return the headers of a browser in which somebody of this role is signed in."""
    email = f"{role.value}@example.org"
    async with core.sessions.begin() as session:
        await staff.add(session, email, "Ana", role, utc_now())
        await session.flush()
        token = await sessions.begin(session, email, utc_now(), complete=True)
    return {"Cookie": f"orienta-staff={token}", "Sec-Fetch-Site": "same-origin"}


async def test_the_panel_is_there_with_the_seed_content(tmp_path: Path) -> None:
    """Nobody enters unasked; the box answers from what is published; the desk is empty."""
    settings = Settings(_env_file=None, data_dir=tmp_path)  # type: ignore[call-arg]
    async with opened(settings, lambda _: None) as core:
        app = web.Application()
        mount(app, panel_app(core, ScriptedReader, TrainedElsewhere()))
        async with (
            TestServer(app, host="127.0.0.1") as server,
            ClientSession(str(server.make_url("/"))) as client,
        ):
            for path, place in (
                ("/panel", "/panel/"), ("/panel/", "/panel/sign-in?next=/panel/"),
            ):  # fmt: skip
                response = await client.get(path, allow_redirects=False)
                assert response.headers["Location"] == place
            author = await signed_in(core, Role.AUTHOR)
            asked = {"text": "regularization/ce-renewal"}
            tried = await client.post("/panel/try", data=asked, headers=author)
            article = core.knowledge.catalogue.articles[asked["text"]]
            assert article.texts["es"].title in await tried.text()
            for path in ("/panel/questions", "/panel/questions/answers"):
                assert (await client.get(path, headers=author)).status == 200
            desk = await signed_in(core, Role.DESK)
            listed = await client.get("/panel/desk", headers=desk)
            assert "Nadie espera" in await listed.text()


def test_the_cookie_is_for_https_where_people_come_by_it() -> None:
    """As the public address says."""
    open_ = panel_settings(Settings(_env_file=None, public_url="http://127.0.0.1:8080"))  # type: ignore[call-arg]
    closed = panel_settings(Settings(_env_file=None, public_url="https://orienta.example"))  # type: ignore[call-arg]
    assert (open_.secure, closed.secure) == (False, True)
    assert closed.origin == "https://orienta.example"


async def test_where_models_are_trained_elsewhere_the_panel_says_so() -> None:
    """In a sentence that says what to do."""
    training = TrainedElsewhere()
    with pytest.raises(CannotTrain, match="máquina"):
        await training.promote("model")
    assert training.serving() is None
