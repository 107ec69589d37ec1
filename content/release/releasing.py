"""The worker behind releases: examines what waits, publishes what is due, changes the model."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from content.catalogue import Catalogue
from content.documents import glossaries
from content.faults import ContentError, Fault, FaultyTree
from content.panel.ports import CannotTrain, Training
from content.panel.tables import ReleaseRow
from content.publishing import load_catalogue
from content.release import release_queue as queue
from content.release import releases
from content.release.draft_checks import Files, Found, check_draft
from content.release.golden import Golden, golden_questions, judge
from content.release.snapshots import pack, unpack
from content.rendering import render_tree

log = structlog.get_logger()

EVERY = 1.0  # seconds between two looks for work
AFTER_TROUBLE = 10.0  # seconds
SIGN_OF_LIFE = 20.0  # seconds
MOST_FAULTS = 200
MOST_QUESTIONS = 200

READING = "Revisando los textos."
"""What the page says while the checks run; texts of the panel, in Spanish."""


async def _nothing() -> None:
    return


async def _again_and_again(work: Callable[[], Awaitable[bool]]) -> None:
    while True:
        pause = 0.0
        try:
            if not await work():
                pause = EVERY
        except Exception as error:  # the assistant goes on answering
            log.error("releases_not_worked_on", error=type(error).__name__)
            pause = AFTER_TROUBLE
        await asyncio.sleep(pause)


@dataclass(slots=True)
class Releaser:
    """Does the work, one release at a time.

    `published` is called after each publication, so that this process answers with it at once.
    `checked` runs the checks on the files of a draft and of what is published.
    """

    sessions: async_sessionmaker[AsyncSession]
    reads: async_sessionmaker[AsyncSession]
    training: Training
    now: Callable[[], datetime]
    published: Callable[[], Awaitable[None]] = _nothing
    checked: Callable[[Files, Files, date], Awaitable[Found]] = check_draft

    async def run(self) -> None:
        """Work until cancelled. What is published waits for no examination."""
        worker = secrets.token_hex(8)
        async with asyncio.TaskGroup() as group:
            group.create_task(_again_and_again(lambda: self.examine_next(worker)))
            group.create_task(_again_and_again(self.publish_next))

    async def examine_next(self, worker: str) -> bool:
        """Examine the release that has waited longest; return whether there was one."""
        async with self.reads() as session:
            if not await queue.waiting(session, self.now()):
                return False
        async with self.sessions.begin() as session:
            taken = await queue.claim(session, worker, self.now())
        if taken is not None:
            await self._examine(taken, worker)
        return taken is not None

    async def publish_next(self) -> bool:
        """Publish what is due, and change the model for what is published; return whether any."""
        async with self.reads() as session:
            due = await queue.due(session, self.now())
        for release_id in due:
            await self._publish(release_id)
        async with self.reads() as session:
            waiting = await queue.without_model(session)
        if waiting:
            await self._change_model(waiting)
        return bool(due or waiting)

    async def _publish(self, release_id: int) -> None:
        why = ""
        try:
            async with self.sessions.begin() as session:
                await releases.publish_due(session, release_id, self.now())
        except releases.OwnWork:
            why = "own_work"
        except releases.MayNoLonger:
            why = "may_no_longer"
        except (releases.Changed, FaultyTree):
            why = "changed"
        if why:
            async with self.sessions.begin() as session:
                await queue.not_published(session, release_id, why, self.now())
            return
        await self.published()

    async def _change_model(self, ids: list[int]) -> None:
        """Let the model of what is published serve; train it where it is not kept any more."""
        await self.published()
        async with self.reads() as session:
            catalogue = await load_catalogue(session, switched=False)
        model, why = None, ""
        try:
            made, _ = await self.training.examine(catalogue, (), lambda line: None)
            model = made.model
            await self.training.promote(model)
        except CannotTrain as error:
            why = str(error)
            log.error("release_model_not_changed", reason=why)
        async with self.sessions.begin() as session:
            await queue.model_settled(session, ids, model, why)

    async def _examine(self, release: ReleaseRow, worker: str) -> None:
        draft, snapshot = None, None
        async with self._signs_of_life(release.id, worker) as say:
            try:
                report, draft, snapshot = await self._report(release, say)
            except FaultyTree as faulty:
                report = {"failed": "faulty", "errors": _told(faulty.faults)}
            except CannotTrain as error:
                report = {"failed": "training", "why": str(error)}
            except ContentError as error:
                report = {"failed": "content", "why": str(error)}
            except Exception as error:
                log.error("release_not_examined", error=type(error).__name__)
                report = {"failed": "unknown", "why": type(error).__name__}
        async with self.sessions.begin() as session:
            await queue.settle(session, release.id, worker, report, draft, snapshot, self.now())

    @asynccontextmanager
    async def _signs_of_life(
        self, release_id: int, worker: str
    ) -> AsyncIterator[Callable[[str], None]]:
        """Show how far an examination is, at once and again and again."""
        said = [READING]
        news = asyncio.Event()
        loop = asyncio.get_running_loop()

        def say(line: str) -> None:
            said[0] = line
            loop.call_soon_threadsafe(news.set)

        async def tell() -> None:
            while True:
                async with self.sessions.begin() as session:
                    await queue.still_mine(session, release_id, worker, self.now(), said[0])
                news.clear()
                try:
                    async with asyncio.timeout(SIGN_OF_LIFE):
                        await news.wait()
                except TimeoutError:
                    continue

        telling = asyncio.create_task(tell(), name="release-progress")
        try:
            yield say
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)

    async def _report(
        self, release: ReleaseRow, say: Callable[[str], None]
    ) -> tuple[dict[str, Any], Catalogue, bytes]:
        changes = releases.chosen(release)
        async with self.reads() as session:
            base = await load_catalogue(session, switched=False)
            draft = await load_catalogue(session, changes, switched=False)
            questions = await golden_questions(session, changes)
            words_now, words_then = await glossaries(session, changes)
        asked = [q for q in questions if q.article in draft.articles or _is_intent(q, draft)]
        files = await asyncio.to_thread(render_tree, draft)
        old = await self._published_files(base)
        found = await self.checked(
            {**files, **words_then}, {**old, **words_now}, self.now().date()
        )  # fmt: skip
        report: dict[str, Any] = {
            "errors": _told(found.errors), "warnings": _told(found.warnings),
            "errors_count": len(found.errors), "warnings_count": len(found.warnings),
            "known_count": len(found.known), "asked": len(asked),
        }  # fmt: skip
        new, serving = await self.training.examine(draft, [q.as_json() for q in asked], say)
        judgement = judge(asked, new, serving)
        refused = [*(["faults"] if found.errors else []), *judgement.refused]
        figures = judgement.as_json()
        for name in ("worse", "better", "unknown"):
            figures[name] = figures[name][:MOST_QUESTIONS]
        report |= {
            "questions": figures, "refused": refused, "model": new.model,
            "same_model": serving is not None and serving.model == new.model,
        }  # fmt: skip
        return report, draft, await asyncio.to_thread(pack, files)

    async def _published_files(self, base: Catalogue) -> Files:
        """Return the files of what is published; keep them if nobody has yet."""
        async with self.reads() as session:
            packed = await queue.snapshot_of_version(session, base.version)
        if packed is not None:
            return await asyncio.to_thread(unpack, packed)
        files = await asyncio.to_thread(render_tree, base)
        packed = await asyncio.to_thread(pack, files)
        async with self.sessions.begin() as session:
            if await queue.snapshot_of_version(session, base.version) is None:
                await queue.keep_what_is_published(
                    session, base.version, packed, self.training.serving(), self.now()
                )
        return files


def _is_intent(question: Golden, draft: Catalogue) -> bool:
    return question.article in draft.intents


def _told(faults: tuple[Fault, ...]) -> list[dict[str, Any]]:
    return [
        {"file": f.file, "line": f.line, "what": f.what, "remedy": f.remedy, "severity": f.severity}
        for f in faults[:MOST_FAULTS]
    ]
