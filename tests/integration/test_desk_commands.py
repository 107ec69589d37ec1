"""`orienta desk` lets the role desk read and answer cases, and names nobody."""

from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.core import Core, opened
from bot.desk import clerk as desk_clerk
from bot.desk.cases import DeskError
from bot.messages import Chose
from bot.turns import utc_now
from content.staff import Role, add
from tests.fakes.bench import ANA, EVA, KEYS, Bench
from tests.fakes.program import run, settings

PERSON = "900123456789"


async def test_a_case_from_list_to_close(
    engine: AsyncEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    """Listed, taken, kept from a colleague, answered, shown, closed; nobody is named."""
    bench = Bench(engine)
    bench.clock.now = utc_now()  # the commands have no other clock
    await bench.says("cuánto cuesta el cpp", person=PERSON)
    await bench.says(event=Chose("human"), person=PERSON)
    await bench.settle()
    (case,) = await bench.desk.cases()
    core = Core(settings(), engine, KEYS)
    told = []

    def said() -> str:
        told.append("".join(capsys.readouterr()))
        return told[-1]

    said()
    await desk_clerk.list_cases(core, ANA, closed=False)
    assert said().split("\t")[:4] == [str(case.id), "open", "telegram", "es"]
    assert "cuánto cuesta el cpp" in told[-1]
    await desk_clerk.take_case(core, EVA, case.id, over=False)
    assert said() == f"Case {case.id} is yours.\n"
    with pytest.raises(DeskError, match="--over"):
        await desk_clerk.reply_to(core, ANA, case.id, "Buenos días")
    await desk_clerk.reply_to(core, EVA, case.id, "Buenos días")
    assert "goes out" in said()
    await desk_clerk.show_case(core, EVA, case.id)
    assert "you: Buenos días" in said()
    await desk_clerk.show_case(core, ANA, case.id)
    assert "taken by a colleague" in said()
    assert "a colleague: Buenos días" in told[-1]
    await desk_clerk.close_case(core, EVA, case.id)
    await desk_clerk.list_cases(core, ANA, closed=False)
    assert said().endswith("Nobody waits.\n")
    await desk_clerk.list_cases(core, ANA, closed=True)
    assert "closed" in said()
    for words in told:
        assert not any(secret in words for secret in (PERSON, ANA, EVA))


async def test_only_the_role_desk_reads_cases(tmp_path: Path) -> None:
    """A publisher is told in one sentence who may; for the role desk the command works."""
    async with (
        opened(settings(data_dir=tmp_path), lambda line: None) as core,
        core.sessions.begin() as session,
    ):
        await add(session, ANA, "Ana", Role.DESK, utc_now())
        await add(session, EVA, "Eva", Role.PUBLISHER, utc_now())
    code, out, err = run(tmp_path, "desk", "list", "--as", EVA)
    assert (code, out) == (1, "")
    assert "only the role desk" in err.splitlines()[-1]
    code, _, err = run(tmp_path, "desk", "list", "--as", ANA)
    assert (code, err.splitlines()[-1]) == (0, "Nobody waits.")
