"""Lines in, lines out: understanding, conversing and evaluating without sending anything."""

import json
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from actions.run import Records, run
from bot.bodies import clean, place
from bot.channel import Channel
from bot.database import open_engine
from bot.keys import Keys
from bot.messages import Chose, Event, Inbound, Reply, Said, Unsupported
from bot.policy import Policy
from bot.records import StoredRecords
from bot.scene import Turn
from bot.state import Conversation
from bot.store import Store
from bot.transcribe import options, said
from bot.turns import Turns, converse
from content.catalogue import LANGUAGES, Catalogue
from content.models import Base
from nlu.evaluate import Asked, Gold, Outcome
from nlu.reader import Reader
from nlu.understanding import Understanding


class BadLine(Exception):
    """A line is not what the command reads. The message says what it should hold."""


# --- understand --------------------------------------------------------------------------------


async def understand(line: str, reader: Reader) -> dict[str, Any]:
    """Read one line, a text or a JSON object with `text` and perhaps `lang`; return what it means.

    `ms` is the time of the reading in milliseconds.
    """
    text, prior = _text_and_language(line)
    started = time.perf_counter()
    found = await reader.read(text, prior)
    return {
        "lang": found.language.language,
        "candidates": [
            {"intent": c.intent, "confidence": round(c.confidence, 4)} for c in found.candidates
        ],
        "emergency": found.emergency,
        "source": found.source.value,
        "ms": round((time.perf_counter() - started) * 1000, 2),
    }


def _text_and_language(line: str) -> tuple[str, str | None]:
    if not line.lstrip().startswith("{"):
        return clean(line), None
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return clean(line), None  # a person may well begin with a brace
    if not isinstance(data, dict) or not isinstance(data.get("text"), str):
        raise BadLine('A JSON line needs "text", a string.')
    language = data.get("lang")
    if language is not None and language not in LANGUAGES:
        raise BadLine(f'"lang" must be one of {", ".join(LANGUAGES)}.')
    return clean(data["text"]), language


# --- converse ----------------------------------------------------------------------------------


class Stage:
    """One channel with the real engine and a real store of its own, where nothing is sent."""

    def __init__(
        self,
        store: Store,
        records: Records,
        turns: Turns,
        channel: Channel,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._records = records
        self._turns = turns
        self._channel = channel
        self._clock = clock
        self._count = 0
        self._now: dict[str, Conversation] = {}

    async def play(self, line: str) -> dict[str, Any]:
        """Give one JSON line to the bot and return what follows; raise `BadLine`."""
        user, event = self._read(line)
        self._count += 1
        inbound = Inbound(self._channel.name, str(self._count), user, event, self._clock())
        await self._store.accept((inbound,), self._clock())
        (item,) = await self._store.claim_inbox(self._clock(), (), 1)
        turn = await self._turns.take(item)
        if turn is None:
            raise BadLine("The message was not answered.")
        self._now[user] = turn.conversation
        return self._shown(user, turn, await self._payloads())

    async def _payloads(self) -> list[dict[str, Any]]:
        """Take what lies in the outbox: payloads are returned, effects carried out."""
        shown = []
        name = self._channel.name
        while items := await self._store.claim_outbox(self._clock(), (), 1, (name,)):
            for item in items:
                if isinstance(item.body, Reply):
                    for payload in self._channel.render(item.body):
                        shown.append(
                            {
                                "text": said(name, payload),
                                "options": options(name, payload),
                                "payload": payload,
                            }
                        )
                else:
                    await run(item.body, item.conversation, item.id, self._records)
                await self._store.finish_outbox(item.id)
        return shown

    @staticmethod
    def _shown(user: str, turn: Turn, messages: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "user": user,
            "lang": turn.conversation.language,
            "label": turn.label,
            "offered": list(turn.offered),
            "emergency": turn.emergency,
            "messages": messages,
        }

    def _read(self, line: str) -> tuple[str, Event]:
        try:
            data = json.loads(line)
        except (ValueError, RecursionError):
            example = '{"user": "u1", "text": "hola"}'
            raise BadLine(f"Each line is a JSON object, such as {example}.") from None
        match data:
            case {"user": str(user), "text": str(text)}:
                said_ = clean(text)
                return clean(user), Said(said_) if said_.strip() else Unsupported("empty")
            case {"user": str(user), "location": where}:
                return clean(user), _located(where)
            case {"user": str(user), "choose": int(number)} if not isinstance(number, bool):
                return clean(user), Chose(self._option(clean(user), number))
            case {"user": str(user), "kind": str(kind)}:
                return clean(user), Unsupported(clean(kind))
            case _:
                raise BadLine(
                    'A line needs "user" and one of "text", "location", "choose", "kind".'
                )

    def _option(self, user: str, number: int) -> str:
        offered = self._now.get(user, Conversation()).offered
        if not 1 <= number <= len(offered):
            raise BadLine(f'"choose" must lie between 1 and {len(offered)} here.')
        return offered[number - 1].id


def _located(where: object) -> Event:
    match where:
        case [lat, lon] if located := place(lat, lon):
            return located
        case _:
            raise BadLine(
                '"location" must be [latitude, longitude]: numbers from -90 to 90 and -180 to 180.'
            )


@asynccontextmanager
async def stage(
    channel: Channel,
    reader: Callable[[], Reader],
    catalogue: Callable[[], Catalogue],
    policy: Policy,
    clock: Callable[[], datetime],
) -> AsyncIterator[Stage]:
    """Set a stage up on a database that vanishes afterwards."""
    with TemporaryDirectory(prefix="orienta-") as folder:
        engine = open_engine(f"sqlite+aiosqlite:///{Path(folder) / 'stage.db'}")
        try:
            async with engine.begin() as connection:
                await connection.run_sync(Base.metadata.create_all)
            keys = Keys("a stage keeps nothing, so its key is no secret")
            store = Store(engine, keys, clock)
            turns = Turns(store, reader, catalogue, lambda _: policy, {}, clock, lambda: None)
            records = StoredRecords(store, keys, clock)
            yield Stage(store, records, turns, channel, clock)
        finally:
            await engine.dispose()


# --- evaluate ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Case:
    """One line of an evaluation file."""

    text: str
    gold: Gold


def read_cases(path: Path) -> tuple[Case, ...]:
    """Read an evaluation file; raise `BadLine` that names the line and the remedy."""
    cases = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadLine(f"{path} cannot be read: {error}.") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                cases.append(_case(json.loads(line)))
            except (ValueError, BadLine) as error:
                raise BadLine(f"{path}, line {number}: {error}") from None
    if not cases:
        raise BadLine(f"{path} holds no questions.")
    return tuple(cases)


def _case(data: object) -> Case:
    match data:
        case {"text": str(text), "lang": str(language), "label": str(label), **rest}:
            also, emergency = rest.get("also") or [], rest.get("emergency")
            style = rest.get("style") or ""
            if not isinstance(also, list) or not (emergency is None or isinstance(emergency, str)):
                raise BadLine('"also" must be a list and "emergency" a kind or null.')
            if not isinstance(style, str):
                raise BadLine('"style" must be a string.')
            gold = Gold(language, label, tuple(map(str, also)), emergency, style)
            return Case(clean(text), gold)
        case _:
            raise BadLine('it needs "text", "lang" and "label", all strings.')


class _Remembering:
    """A reader that remembers what it understood last."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.last: Understanding | None = None

    async def read(self, text: str, prior: str | None) -> Understanding:
        self.last = await self._reader.read(text, prior)
        return self.last


async def evaluate(
    cases: Iterable[Case], reader: Reader, catalogue: Catalogue, policy: Policy, now: datetime
) -> tuple[Asked, ...]:
    """Ask each question as a newcomer would; return what happened to each."""
    asked: list[Asked] = []
    remembering = _Remembering(reader)
    for case in cases:
        event = Said(case.text)
        turn = await converse(Conversation(), event, remembering, catalogue, policy, now)
        ranked = remembering.last.candidates if remembering.last else ()
        best = ranked[0] if ranked else None
        outcome = Outcome(
            turn.label,
            best.intent if best else None,
            turn.offered,
            turn.emergency,
            turn.replies[0].language if turn.replies else "",
            best.confidence if best else 0.0,
        )
        asked.append(Asked(case.text, case.gold, outcome))
    return tuple(asked)
