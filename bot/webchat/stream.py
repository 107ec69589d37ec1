"""What each session of the web chat is still to be shown, in memory, for a short while."""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

MOST_LEFT = 10_000  # sessions of which is remembered that they were ended


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event of a session. `id` grows within the session; `key` is what duplicates share."""

    id: int
    key: str
    kind: str
    data: str
    at: float


@dataclass(slots=True)
class _Session:
    last_id: int = 0
    read: int = 0
    size: int = 0
    listeners: int = 0
    ended: bool = False
    kept: deque[Delivery] = field(default_factory=deque)
    news: asyncio.Event = field(default_factory=asyncio.Event)


class Ended(Exception):
    """The session was closed: nothing follows."""


class Listener:
    """One open page of a session, reading on from the last event that it has seen."""

    def __init__(self, session: _Session, after: int) -> None:
        self._session = session
        self._after = after

    def waiting(self) -> tuple[Delivery, ...]:
        """Return what is kept and not yet read, oldest first, and count it as read."""
        fresh = tuple(d for d in self._session.kept if d.id > self._after)
        if fresh:
            self._after = fresh[-1].id
            self._session.read = max(self._session.read, self._after)
        return fresh

    async def next(self, patience: float) -> tuple[Delivery, ...]:
        """Return the next events; () after `patience` seconds without one; raise `Ended`."""
        deadline = asyncio.get_running_loop().time() + patience
        while True:
            if fresh := self.waiting():
                return fresh
            if self._session.ended:
                raise Ended
            try:
                async with asyncio.timeout_at(deadline):
                    await self._session.news.wait()
            except TimeoutError:
                return ()


class MessageStream:
    """Publish and subscribe per session, with a short memory for pages that lost the line.

    At most `kept` events a session, for about `seconds`, and `capacity` characters over all
    sessions: beyond, the session that was silent longest is forgotten. Ids are milliseconds of
    the clock where they can be, so they keep growing over a restart and an old `Last-Event-ID`
    stays valid.
    Lives in one process: whoever sends must share it with whoever serves the page.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        kept: int = 60,
        seconds: float = 1800,
        capacity: int = 50_000_000,
    ) -> None:
        self._clock = clock
        self._kept = kept
        self._seconds = seconds
        self._capacity = capacity
        self._size = 0
        self._sessions: OrderedDict[str, _Session] = OrderedDict()
        self._left: OrderedDict[str, float] = OrderedDict()  # when each session was ended
        self._closed = False
        self._sweeper: asyncio.TimerHandle | None = None

    def publish(self, person: str, kind: str, data: str, *, key: str) -> int:
        """Show an event to every open page of a person and keep it; return its id.

        An event whose key is still kept is not shown again: its first id is returned.
        """
        session = self._session_of(person)
        self._sessions.move_to_end(person)
        for earlier in session.kept:
            if earlier.key == key:
                return earlier.id
        session.last_id = max(session.last_id + 1, int(self._clock() * 1000))
        session.kept.append(Delivery(session.last_id, key, kind, data, self._clock()))
        session.size += len(data)
        self._size += len(data)
        while len(session.kept) > self._kept:
            self._drop_oldest(session)
        self._wake(session)
        self._make_room()
        self._sweep_later()
        return session.last_id

    @contextmanager
    def listen(self, person: str, after: int = 0) -> Iterator[Listener]:
        """Give a listener that reads a person's events on from the id `after`."""
        self._left.pop(person, None)  # her browser kept the session: she is back
        session = self._session_of(person)
        session.listeners += 1
        try:
            yield Listener(session, after)
        finally:
            session.listeners -= 1
            self._forget_if_idle(person, session)

    def listeners(self, person: str) -> int:
        """Return how many pages of a person are open."""
        session = self._sessions.get(person)
        return session.listeners if session else 0

    def is_read(self, person: str, id_: int) -> bool:
        """Tell whether a page of a person has read an event, or is open and about to."""
        session = self._sessions.get(person)
        return session is not None and (session.listeners > 0 or session.read >= id_)

    def is_known(self, person: str) -> bool:
        """Tell whether a person has an open page, or something that is kept for her."""
        return person in self._sessions

    def has_left(self, person: str) -> bool:
        """Tell whether a session was ended within about `seconds` and not begun again."""
        return person in self._left

    def end(self, person: str) -> None:
        """Forget a session that its person leaves: its pages close and show nothing more."""
        self._left[person] = self._clock()
        self._left.move_to_end(person)
        while len(self._left) > MOST_LEFT:
            self._left.popitem(last=False)
        if session := self._sessions.pop(person, None):
            self._size -= session.size
            session.kept.clear()
            self._close_pages(session)
        self._sweep_later()

    def sweep(self) -> None:
        """Drop what is older than `seconds`; it comes by itself every quarter of that time."""
        oldest = self._clock() - self._seconds
        for person, session in list(self._sessions.items()):
            while session.kept and session.kept[0].at <= oldest:
                self._drop_oldest(session)
            self._forget_if_idle(person, session)
        while self._left and next(iter(self._left.values())) <= oldest:
            self._left.popitem(last=False)

    def close(self) -> None:
        """Close all pages for good and forget everything; each first reads what is kept for it.

        A page that still comes in while the server stops is closed as soon as it has opened.
        """
        self._closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        for session in self._sessions.values():
            self._close_pages(session)
        self._sessions.clear()
        self._left.clear()
        self._size = 0

    def _session_of(self, person: str) -> _Session:
        return self._sessions.setdefault(person, _Session(ended=self._closed))

    def _close_pages(self, session: _Session) -> None:
        session.ended = True
        self._wake(session)

    def _sweep_later(self) -> None:
        if self._sweeper is None and (self._size or self._left) and not self._closed:
            loop = asyncio.get_running_loop()
            self._sweeper = loop.call_later(self._seconds / 4, self._sweep_again)

    def _sweep_again(self) -> None:
        self._sweeper = None
        self.sweep()
        self._sweep_later()

    def _make_room(self) -> None:
        for person, session in list(self._sessions.items()):  # silent longest first
            if self._size <= self._capacity:
                return
            while session.kept:
                self._drop_oldest(session)
            self._forget_if_idle(person, session)

    def _drop_oldest(self, session: _Session) -> None:
        length = len(session.kept.popleft().data)
        session.size -= length
        self._size -= length

    def _forget_if_idle(self, person: str, session: _Session) -> None:
        if not session.kept and not session.listeners and self._sessions.get(person) is session:
            del self._sessions[person]

    @staticmethod
    def _wake(session: _Session) -> None:
        session.news.set()
        session.news = asyncio.Event()
