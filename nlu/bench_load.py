"""Ask a ranking service many questions and measure how long it takes and what it holds."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlu.client import NluClient, NluUnavailable


@dataclass(frozen=True, slots=True)
class Load:
    """What a number of clients got: milliseconds per question, questions per second, failures."""

    clients: int
    asked: int
    failed: int
    p50: float
    p95: float
    p99: float
    per_second: float


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes of all processes of a service; `pss` counts shared pages by their share."""

    rss: float
    pss: float


class Tally:
    """What so many clients got so far, in however many turns."""

    def __init__(self, clients: int) -> None:
        """Start with nothing."""
        self._clients = clients
        self._took: list[float] = []
        self._failed = 0
        self._seconds = 0.0

    async def ask(self, client: NluClient, texts: Sequence[str]) -> None:
        """Ask every text once; each of the clients asks its next one when it has its answer."""
        waiting = iter(texts)
        began = time.perf_counter()
        await asyncio.gather(*(self._one(client, waiting) for _ in range(self._clients)))
        self._seconds += time.perf_counter() - began

    async def _one(self, client: NluClient, waiting: Iterator[str]) -> None:
        for text in waiting:
            began = time.perf_counter()
            try:
                await client.parse(text)
            except NluUnavailable:
                self._failed += 1
            else:
                self._took.append((time.perf_counter() - began) * 1000)

    def load(self) -> Load:
        """Return the figures of all turns together."""
        p50, p95, p99 = (quantile(self._took, share) for share in (0.5, 0.95, 0.99))
        per_second = round(len(self._took) / max(self._seconds, 1e-9), 1)
        asked = len(self._took) + self._failed
        return Load(self._clients, asked, self._failed, p50, p95, p99, per_second)


async def ask_all(client: NluClient, texts: Sequence[str], clients: int) -> Load:
    """Ask every text once in a single turn."""
    tally = Tally(clients)
    await tally.ask(client, texts)
    return tally.load()


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of the values does not exceed."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return round(ordered[min(int(share * len(ordered)), len(ordered) - 1)], 2)


def memory_of(pids: Sequence[int]) -> Memory:
    """Return the memory of processes and of all that they started, from /proc (Linux)."""
    rss = pss = 0
    for pid in {p for root in pids for p in _family(root)}:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        except OSError:
            continue
        for line in lines:
            name, _, amount = line.partition(":")
            if name == "Rss":
                rss += int(amount.split()[0])
            elif name == "Pss":
                pss += int(amount.split()[0])
    return Memory(round(rss / 1024, 1), round(pss / 1024, 1))


def _family(root: int) -> set[int]:
    """Return a process and its descendants."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            parent = int(stat.rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(folder.name))
    found, waiting = set[int](), [root]
    while waiting:
        pid = waiting.pop()
        found.add(pid)
        waiting += children.get(pid, [])
    return found
