"""Releases: the one way of approved changes to the readers, and back."""

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from bot.knowledge import training_examples
from content import drafts, editing, publishing, staff, storing
from content.editing import Act, Fields, Seen
from content.models import DocumentRow, RevisionRow
from content.panel.ports import CannotTrain
from content.panel.tables import AuditRow, DocumentRevisionRow, ReleaseRow
from content.release import golden, release_queue, releases
from content.release.draft_checks import Files, Found, check_draft, faults_of, told_apart
from content.release.releases import Stage
from content.release.releasing import Releaser
from content.release.snapshots import read_snapshot
from content.rendering import render_tree
from content.staff import Role
from content.switching import switch_off
from content.workflow import Action, Status
from nlu.training import to_yaml
from tests.fakes import content as fake
from tests.fakes.panel import NOW, Clock, FakeTraining

ARTICLE = "health/access"
AUTHOR, REVIEWER, PUBLISHER = "autora@x.pe", "revisora@x.pe", "publica@x.pe"
SECTIONS = {**fake.SECTIONS, "cost": "Cuesta S/ 50.00 en 2027."}


async def _checked(draft: Files, published: Files, today: date) -> Found:
    return told_apart(faults_of(draft, fake.TODAY), faults_of(published, fake.TODAY))


class House:
    """A published catalogue, people, and the worker."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.sessions = async_sessionmaker(engine, expire_on_commit=False)
        self.clock, self.training = Clock(), FakeTraining()
        self.woken = 0
        self.worker = Releaser(
            self.sessions, self.sessions, self.training, self.clock, self._wake, _checked
        )

    async def _wake(self) -> None:
        self.woken += 1

    def act(self, who: str) -> Act:
        return Act(who, self.clock())

    async def text(
        self, article: str = ARTICLE, language: str = "es", title: str = "Nuevo título",
        sections: dict[str, str] | None = None,
    ) -> int:  # fmt: skip
        """Write, submit and approve a text; return its id."""
        async with self.sessions.begin() as session:
            published = await drafts.published_text(session, article, language)
            fields = Fields(title, title[:20], sections or dict(SECTIONS))
            seen = Seen(base=published.id if published else 0)
            row = await editing.save_text(
                session, self.act(AUTHOR), article, language, fields, seen
            )
            await self._approve(session, row)
            return row.id

    async def rights(self) -> int:
        """Write and approve a text of another article."""
        words = {"answer": "Tiene derechos."}
        return await self.text("rights/overview", title="Derechos", sections=words)

    async def document(self, kind: str, document: str, body: Any) -> int:
        """Change a document and approve it; return the revision's id."""
        async with self.sessions.begin() as session:
            row = await editing.save_document(
                session, self.act(AUTHOR), kind, document, body, Seen()
            )
            await self._approve(session, row)
            return row.id

    async def _approve(self, session: AsyncSession, row: editing.AnyRevision) -> None:
        await editing.step(session, self.act(AUTHOR), row, Action.SUBMIT)
        await editing.step(session, self.act(REVIEWER), row, Action.APPROVE)

    async def prepare(self, texts: tuple[int, ...] = (), documents: tuple[int, ...] = ()) -> int:
        async with self.sessions.begin() as session:
            row = await releases.prepare(session, self.act(PUBLISHER), "T", texts, documents)
            return row.id

    async def ready(self, texts: tuple[int, ...] = (), documents: tuple[int, ...] = ()) -> int:
        """Prepare a release and let it be examined, which must go well."""
        made = await self.prepare(texts, documents)
        assert await self.worker.examine_next("w1")
        row = await self.get(made)
        assert row.status == Stage.READY, row.report
        return made

    async def publish(
        self, release: int, who: str = PUBLISHER, not_before: datetime | None = None
    ) -> None:
        async with self.sessions.begin() as session:
            await releases.publish(session, self.act(who), release, not_before)

    async def get(self, release: int) -> ReleaseRow:
        async with self.sessions() as session:
            return await releases.found(session, release)

    async def roll_back(self, release: int) -> int:
        async with self.sessions() as session:
            packed = await releases.kept(session, release)
        catalogue = read_snapshot(packed)
        async with self.sessions.begin() as session:
            row = await releases.roll_back(session, self.act(PUBLISHER), release, catalogue)
            return row.id

    async def title(self, article: str = ARTICLE, language: str = "es") -> str:
        """Return the title that answers now."""
        async with self.sessions() as session:
            catalogue = await publishing.load_catalogue(session)
        return catalogue.articles[article].texts[language].title


@pytest.fixture
async def house(engine: AsyncEngine) -> House:
    """A house with the small content published."""
    made = House(engine)
    async with made.sessions.begin() as session:
        for email, role in (
            (AUTHOR, Role.AUTHOR), (REVIEWER, Role.REVIEWER), (PUBLISHER, Role.PUBLISHER),
        ):  # fmt: skip
            await staff.add(session, email, email, role, NOW)
        await publishing.lock_content(session)
        await storing.store_catalogue(
            session, fake.catalogue(), author=storing.FILES_AUTHOR, origin="seed", now=NOW
        )
        session.add(DocumentRow(kind="golden", id=golden.GLOBAL, position=0, body=[]))
    return made


async def test_an_approved_text_goes_through_examination_to_the_readers(house: House) -> None:
    """The draft answers nobody before; afterwards it is published, and the older one archived."""
    chosen = await house.text()
    made = await house.ready((chosen,))
    assert await house.title() != "Nuevo título"
    house.clock.passes(timedelta(minutes=1))
    await house.publish(made)
    assert await house.title() == "Nuevo título"
    async with house.sessions() as session:
        rows = list(
            await session.scalars(
                select(RevisionRow)
                .where(RevisionRow.article_id == ARTICLE, RevisionRow.language == "es")
                .order_by(RevisionRow.number)
            )
        )
        assert [row.status for row in rows] == [Status.ARCHIVED, Status.PUBLISHED]
        assert rows[1].approved_by == REVIEWER
        acts = [row.action for row in await session.scalars(select(AuditRow))]
        assert {"release_prepared", "release_published"} <= set(acts)
        current = await publishing.current_version(session)
        assert current == (await publishing.load_catalogue(session)).version
    release = await house.get(made)
    assert (release.status, release.published_by) == (Stage.PUBLISHED, PUBLISHER)
    assert await house.worker.publish_next()
    assert house.training.promoted == [(await house.get(made)).model]
    assert (await house.get(made)).progress == ""
    assert house.woken
    assert not await house.worker.publish_next()
    async with house.sessions() as session:
        learnt = training_examples(await publishing.load_catalogue(session))
    # The next start finds the model that was trained for the draft.
    assert to_yaml(learnt) == to_yaml(training_examples(house.training.examined[0]))


async def test_only_approved_changes_can_be_gathered(house: House) -> None:
    """Nothing, a draft and an unknown id are refused."""
    async with house.sessions.begin() as session:
        published = await drafts.published_text(session, ARTICLE, "es")
        assert published is not None
        row = await editing.save_text(
            session, house.act(AUTHOR), ARTICLE, "es", Fields("T", "L", SECTIONS),
            Seen(base=published.id),
        )  # fmt: skip
    with pytest.raises(releases.NothingChosen):
        await house.prepare()
    for wrong in (row.id, 99999):
        with pytest.raises(releases.NotApproved):
            await house.prepare((wrong,))


async def test_nobody_publishes_what_was_not_examined(house: House) -> None:
    """Neither a queued release, nor a refused, cancelled or published one."""
    made = await house.prepare((await house.text(),))
    for status in (Stage.QUEUED, Stage.EXAMINING, Stage.REFUSED, Stage.FAILED, Stage.CANCELLED):
        async with house.sessions.begin() as session:
            await session.execute(
                update(ReleaseRow).where(ReleaseRow.id == made).values(status=status)
            )
        with pytest.raises(releases.WrongStage):
            await house.publish(made)
    with pytest.raises(editing.NotThere):
        await house.publish(9999)


async def test_who_wrote_does_not_publish(house: House) -> None:
    """Also who only helped to write, and also when the release was scheduled."""
    made = await house.ready((await house.text(),))
    with pytest.raises(releases.OwnWork):
        await house.publish(made, AUTHOR)
    with pytest.raises(releases.OwnWork):
        await house.publish(made, AUTHOR, NOW + timedelta(days=1))
    assert (await house.get(made)).status == Stage.READY
    async with house.sessions.begin() as session:  # however she came to stand there
        await session.execute(
            update(ReleaseRow)
            .where(ReleaseRow.id == made)
            .values(status=Stage.SCHEDULED, published_by=AUTHOR, not_before=NOW)
        )
    assert await house.worker.publish_next()
    release = await house.get(made)
    assert (release.status, release.report["failed"]) == (Stage.FAILED, "own_work")
    assert await house.title() != "Nuevo título"


async def test_a_text_that_was_returned_meanwhile_is_not_published(house: House) -> None:
    """Nor one that was approved again with other words: both must be examined again."""
    chosen = await house.text()
    made = await house.ready((chosen,))
    async with house.sessions.begin() as session:
        row = await session.get(RevisionRow, chosen)
        assert row is not None
        await editing.step(session, house.act(REVIEWER), row, Action.RETURN, note="Otra vez")
    with pytest.raises(releases.Changed):
        await house.publish(made)
    with pytest.raises(releases.NotApproved):
        async with house.sessions.begin() as session:
            await releases.examine_again(session, house.act(PUBLISHER), made)
    async with house.sessions.begin() as session:
        row = await session.get(RevisionRow, chosen)
        assert row is not None
        await editing.save_text(
            session, house.act(AUTHOR), ARTICLE, "es", Fields("Otro", "L", SECTIONS),
            Seen(row.id, row.edits),
        )  # fmt: skip
        await house._approve(session, row)
    with pytest.raises(releases.Changed):
        await house.publish(made)
    async with house.sessions.begin() as session:
        await releases.examine_again(session, house.act(PUBLISHER), made)
    assert await house.worker.examine_next("w1")
    await house.publish(made)
    assert await house.title() == "Otro"


async def test_a_release_holds_for_the_content_that_it_was_examined_on(house: House) -> None:
    """Another publication in between asks for another examination; a switched off answer not."""
    first = await house.ready((await house.text(),))
    second = await house.ready((await house.rights(),))
    async with house.sessions.begin() as session:
        await switch_off(session, house.act(PUBLISHER), "rights/overview", "Se revisa.")
    await house.publish(first)
    with pytest.raises(releases.Changed):
        await house.publish(second)
    async with house.sessions.begin() as session:
        await releases.examine_again(session, house.act(PUBLISHER), second)
    await house.worker.examine_next("w1")
    assert (await house.get(second)).report["refused"] == []
    await house.publish(second)
    assert await house.title("rights/overview") == "Derechos"
    async with house.sessions() as session:
        shown = (await publishing.load_catalogue(session)).articles["rights/overview"]
    assert shown.valid_until == publishing.LONG_AGO  # still switched off


async def test_new_questions_ask_for_another_examination(house: House) -> None:
    """Questions that must stay answered are part of what was examined."""
    made = await house.ready((await house.text(),))
    async with house.sessions.begin() as session:
        session.add(DocumentRow(kind="golden", id=ARTICLE, position=0, body=[
            {"text": "¿me atienden?", "language": "es", "article": ARTICLE}]))  # fmt: skip
    with pytest.raises(releases.Changed):
        await house.publish(made)


async def test_a_scheduled_release_goes_out_by_itself(house: House) -> None:
    """Not before its time; the worker looks again whether all is as it was."""
    made = await house.ready((await house.text(),))
    await house.publish(made, PUBLISHER, NOW + timedelta(hours=2))
    assert (await house.get(made)).status == Stage.SCHEDULED
    assert not await house.worker.publish_next()
    house.clock.passes(timedelta(hours=3))
    assert await house.worker.publish_next()
    assert (await house.get(made)).status == Stage.PUBLISHED
    assert await house.title() == "Nuevo título"


async def test_a_scheduled_release_of_who_left_stays_inside(house: House) -> None:
    """Somebody who may publish must take it over."""
    made = await house.ready((await house.text(),))
    await house.publish(made, PUBLISHER, NOW + timedelta(hours=2))
    async with house.sessions.begin() as session:
        await staff.deactivate(session, PUBLISHER)
    house.clock.passes(timedelta(hours=3))
    assert await house.worker.publish_next()
    release = await house.get(made)
    assert (release.status, release.report["failed"]) == (Stage.FAILED, "may_no_longer")
    assert await house.title() != "Nuevo título"


async def test_a_scheduled_release_that_no_longer_holds_stays_inside(house: House) -> None:
    """It says why, and can be examined again."""
    first = await house.ready((await house.text(),))
    later = await house.ready((await house.rights(),))
    await house.publish(later, PUBLISHER, NOW + timedelta(hours=2))
    await house.publish(first)
    house.clock.passes(timedelta(hours=3))
    await house.worker.publish_next()
    release = await house.get(later)
    assert (release.status, release.report["failed"]) == (Stage.FAILED, "changed")
    assert await house.title("rights/overview") != "Derechos"
    async with house.sessions.begin() as session:
        await releases.examine_again(session, house.act(PUBLISHER), later)
    assert (await house.get(later)).status == Stage.QUEUED


async def test_new_errors_refuse_and_known_ones_do_not(house: House) -> None:
    """A broken text is named; what is broken in what is published does not stop others."""
    bad = await house.text(sections={"answer": "Vea [aquí](http://x.pe)"})
    made = await house.prepare((bad,))
    await house.worker.examine_next("w1")
    release = await house.get(made)
    assert release.status == Stage.REFUSED
    assert "faults" in release.report["refused"]
    assert any("health/access/es.yml" in one["file"] for one in release.report["errors"])
    async with house.sessions.begin() as session:
        await releases.cancel(session, house.act(PUBLISHER), made)
        await session.execute(  # as if it had slipped through in older times
            update(RevisionRow)
            .where(RevisionRow.article_id == ARTICLE, RevisionRow.status == Status.PUBLISHED)
            .values(sections={"answer": "Vea [aquí](http://x.pe)"})
        )
    other = await house.ready((await house.rights(),))
    assert (await house.get(other)).report["known_count"] > 0


OWN = [{"text": "¿me atienden?", "language": "es", "article": ARTICLE}]


async def test_an_articles_own_question_that_fails_refuses(house: House) -> None:
    """What it was right on it must stay right on; a new one that fails is only told."""
    async with house.sessions.begin() as session:
        session.add(DocumentRow(kind="golden", id=ARTICLE, position=0, body=OWN))
    house.training.unknown = {"¿me atienden?"}
    made = await house.prepare((await house.text(),))
    await house.worker.examine_next("w1")
    release = await house.get(made)
    assert (release.status, release.report["refused"]) == (Stage.REFUSED, ["own"])
    assert release.report["questions"]["worse"][0]["text"] == "¿me atienden?"


async def test_the_question_of_an_article_that_goes_does_not_count(house: House) -> None:
    """Nobody expects an answer that is taken away; the answer is gone after the release."""
    async with house.sessions.begin() as session:
        session.add(DocumentRow(kind="golden", id="health/birth", position=0, body=[
            {"text": "¿parto?", "language": "es", "article": "health/birth"}]))  # fmt: skip
    house.training.unknown = {"¿parto?"}
    gone = await house.document("article", "health/birth", None)
    made = await house.prepare((), (gone,))
    await house.worker.examine_next("w1")
    report = (await house.get(made)).report
    assert report["asked"] == 0
    assert "own" not in report["refused"]


async def test_questions_can_change_with_a_release(house: House) -> None:
    """A chosen set takes the place of the published one, and is stored by the publication."""
    chosen = await house.document("golden", ARTICLE, OWN)
    made = await house.ready((), (chosen,))
    assert (await house.get(made)).report["asked"] == 1
    await house.publish(made)
    async with house.sessions() as session:
        stored = await session.get(DocumentRow, ("golden", ARTICLE))
        assert stored is not None
        assert stored.body == OWN
        row = await session.get(DocumentRevisionRow, chosen)
        assert row is not None
        assert row.status is Status.PUBLISHED


async def test_a_training_that_fails_says_why(house: House) -> None:
    """The release fails with the reason, and can be examined again."""

    class Broken(FakeTraining):
        async def examine(self, *args: Any) -> Any:
            raise CannotTrain("No hay espacio en el disco.")

    made = await house.prepare((await house.text(),))
    broken = replace(house.worker, training=Broken())
    await broken.examine_next("w1")
    release = await house.get(made)
    assert (release.status, release.report["why"]) == (Stage.FAILED, "No hay espacio en el disco.")


async def test_a_release_is_examined_by_one_worker(house: House) -> None:
    """Of several that look at once one takes it; another takes it up when that one dies."""
    made = await house.prepare((await house.text(),))

    async def claim(worker: str) -> bool:
        async with house.sessions.begin() as session:
            row = await release_queue.claim(session, worker, house.clock())
            return row is not None

    taken = await asyncio.gather(*(claim(f"w{n}") for n in range(5)))
    assert sum(taken) == 1
    house.clock.passes(timedelta(minutes=1))
    winner = f"w{taken.index(True)}"
    async with house.sessions.begin() as session:
        assert await release_queue.still_mine(session, made, winner, house.clock(), "Sigue")
    house.clock.passes(timedelta(seconds=110))
    assert not await claim("late")
    house.clock.passes(timedelta(seconds=20))
    assert await claim("late")
    async with house.sessions.begin() as session:
        assert not await release_queue.still_mine(session, made, winner, house.clock(), "Sigue")
        settled = await release_queue.settle(
            session, made, winner, {"failed": "x"}, None, None, house.clock()
        )
        assert not settled
    assert (await house.get(made)).status == Stage.EXAMINING


async def test_a_cancelled_release_stays_cancelled(house: House) -> None:
    """Also while it is examined; its changes wait for another one."""
    made = await house.prepare((await house.text(),))

    class Meanwhile(FakeTraining):
        async def examine(self, *args: Any) -> Any:
            async with house.sessions.begin() as session:
                await releases.cancel(session, house.act(PUBLISHER), made)
            return await super().examine(*args)

    worker = replace(house.worker, training=Meanwhile())
    await worker.examine_next("w1")
    assert (await house.get(made)).status == Stage.CANCELLED
    async with house.sessions() as session:
        assert len((await releases.waiting(session)).texts) == 1
    with pytest.raises(releases.WrongStage):
        async with house.sessions.begin() as session:
            await releases.cancel(session, house.act(PUBLISHER), made)


async def test_the_first_release_can_be_taken_back(house: House) -> None:
    """What was there before any release is kept too; content, documents and model return."""
    text_id = await house.text()
    questions = await house.document("golden", ARTICLE, OWN)
    made = await house.ready((text_id,), (questions,))
    house.clock.passes(timedelta(minutes=1))
    await house.publish(made)
    await house.worker.publish_next()
    async with house.sessions() as session:
        before = await session.scalar(select(ReleaseRow).where(ReleaseRow.version.is_not(None))
                                      .order_by(ReleaseRow.published_at))  # fmt: skip
    assert before is not None
    assert before.report["before"]
    house.clock.passes(timedelta(minutes=1))
    back = await house.roll_back(before.id)
    assert await house.title() == fake.catalogue().articles[ARTICLE].texts["es"].title
    async with house.sessions() as session:
        assert await session.get(DocumentRow, ("golden", ARTICLE)) is None
        row = await session.get(DocumentRevisionRow, questions)
        assert row is not None
        assert row.status is Status.ARCHIVED
        assert (await releases.live(session)).id == back  # type: ignore[union-attr]
        acts = [one.action for one in await session.scalars(select(AuditRow))]
        assert acts[-1] == "rolled_back"
    assert await house.worker.publish_next()
    house.clock.passes(timedelta(minutes=1))
    await house.roll_back(made)  # and forward again
    assert await house.title() == "Nuevo título"
    async with house.sessions() as session:
        row = await session.get(DocumentRevisionRow, questions)
        assert row is not None
        assert row.status is Status.PUBLISHED
        assert await session.get(DocumentRow, ("golden", ARTICLE)) is not None


async def test_a_translation_goes_back_with_the_rest(house: House) -> None:
    """The text of before is published again, not a copy of it."""
    async with house.sessions() as session:
        old = await drafts.published_text(session, ARTICLE, "en")
    assert old is not None
    sections = {**fake.SECTIONS, "answer": "**Yes.** Call 0800-15-170.\n\n- One\n- Two"}
    made = await house.ready((await house.text(language="en", title="New", sections=sections),))
    await house.publish(made)
    assert await house.title(language="en") == "New"
    async with house.sessions() as session:
        first = await session.scalar(select(ReleaseRow.id).order_by(ReleaseRow.id.desc()).limit(1))
    assert first is not None
    await house.roll_back(first)
    async with house.sessions() as session:
        now = await drafts.published_text(session, ARTICLE, "en")
        assert now is not None
        assert now.id == old.id


async def test_old_snapshots_are_let_go(house: House) -> None:
    """The last twenty can be gone back to; one says so when it cannot."""
    made = await house.ready((await house.text(),))
    await house.publish(made)
    async with house.sessions.begin() as session:
        packed = await releases.kept(session, made)
        for n in range(25):
            at = NOW + timedelta(hours=n + 1)
            session.add(ReleaseRow(
                status=Stage.PUBLISHED, title="", texts=[], documents=[], created_by="", report={},
                created_at=at, progress="", published_at=at, snapshot=packed))  # fmt: skip
        await session.flush()
        await releases.forget_old_snapshots(session)
    async with house.sessions() as session:
        count = await session.scalar(
            text("SELECT count(*) FROM releases WHERE snapshot IS NOT NULL")
        )
        assert count == releases.KEPT_SNAPSHOTS
        with pytest.raises(releases.NoSnapshot):
            await releases.kept(session, made)


async def test_a_model_that_cannot_be_changed_is_told(house: House) -> None:
    """The content is out; the page says that the model is not."""

    class Stuck(FakeTraining):
        async def promote(self, model: str) -> None:
            raise CannotTrain("El modelo está dañado.")

    made = await house.ready((await house.text(),))
    await house.publish(made)
    stuck = replace(house.worker, training=Stuck())
    assert await stuck.publish_next()
    release = await house.get(made)
    assert release.report["model_failed"] == "El modelo está dañado."
    assert not await stuck.publish_next()


async def test_the_worker_works_until_it_is_stopped(house: House) -> None:
    """It examines and publishes by itself, and ends when it is told to."""
    made = await house.prepare((await house.text(),))
    working = asyncio.create_task(house.worker.run())
    async with asyncio.timeout(20):
        while (await house.get(made)).status != Stage.READY:  # noqa: ASYNC110 - a task is watched
            await asyncio.sleep(0.05)
        await house.publish(made)
        while (await house.get(made)).progress:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert house.training.promoted


async def test_drafts_are_checked_in_a_process_of_its_own() -> None:
    """It finds what the checks find, and tells new faults from known ones."""
    good = fake.catalogue()
    bad = fake.changed(good, ARTICLE, "es", sections={"answer": "Vea [aquí](http://x.pe)"})
    found = await check_draft(render_tree(bad), render_tree(good), fake.TODAY)
    assert found.errors
    again = await check_draft(render_tree(bad), render_tree(bad), fake.TODAY)
    assert not again.errors
    assert again.known
