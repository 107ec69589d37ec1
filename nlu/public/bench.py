"""Run our classifier on public intent sets and say how it did, in their papers' terms."""

import asyncio
import json
import math
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from nlu.public.scores import (
    THRESHOLDS,
    Answer,
    PublicFigures,
    best_threshold,
    figures,
)
from nlu.public.sets import OUTSIDE, Labelled, PublicSet
from nlu.training import Environment, TrainingError


async def bench(one: PublicSet, environment: Environment, progress: Callable[[str], None]) -> str:
    """Train on a set, answer its test texts, and return the figures as text.

    A set with validation texts gets one line: the threshold is chosen on them. Another gets a
    line per threshold of `THRESHOLDS`. Training texts of no intent, if there are any, are left
    out first, and then are one more intent to learn.
    """
    parts = [f"{one.name}: {len(one.train)} training texts, {_intents(one)} intents"]
    ways = {"by threshold alone": one.train}
    if one.outside:
        ways[f"and {len(one.outside)} texts learnt as outside"] = one.train + one.outside
    for way, train in ways.items():
        progress(f"{one.name}, {way}")
        asked = one.validation + one.test
        answers = await _answer(train, [text for text, _ in asked], environment, progress)
        parts.append(f"  {way}:\n{_lines(one, answers)}")
    return "\n".join(parts) + "\n"


def _intents(one: PublicSet) -> int:
    return len({intent for _, intent in one.train})


def _lines(one: PublicSet, answers: list[Answer]) -> str:
    count = len(one.validation)
    gold = [label for _, label in one.test]
    tested = answers[count:]
    if count:
        chosen = best_threshold([label for _, label in one.validation], answers[:count])
        rows = [figures(gold, tested, chosen)]
    else:
        rows = [figures(gold, tested, threshold) for threshold in THRESHOLDS]
    return _table(rows)


def _table(rows: list[PublicFigures]) -> str:
    head = ("threshold", "accuracy", "in scope", "OOS recall", "OOS precision", "MCC")
    lines = ["    " + "".join(f"{name:>15}" for name in head)]
    for row in rows:
        values = (row.accuracy, row.in_scope, row.recall, row.precision, row.mcc)
        cells = "".join(f"{'-':>15}" if math.isnan(v) else f"{v:>15.3f}" for v in values)
        lines.append(f"    {row.threshold:>15.2f}{cells}")
    return "\n".join(lines)


async def _answer(
    train: Labelled, texts: list[str], environment: Environment, progress: Callable[[str], None]
) -> list[Answer]:
    """Return the best intent of each text, by a classifier trained for this alone."""
    environment.check()
    job = {
        "train": [[text, intent or None] for text, intent in train],
        "ask": texts,
    }
    with tempfile.TemporaryDirectory(prefix="orienta-bench-") as folder:
        home = Path(folder)
        child = await asyncio.create_subprocess_exec(
            str(environment.python),
            str(environment.service / "bench_public.py"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment.variables(home),
            cwd=home,
        )
        try:
            output, last = await _talk(child, json.dumps(job).encode(), progress)
        finally:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()
    try:
        found = [
            (intent or OUTSIDE, float(confidence)) for intent, confidence in json.loads(output)
        ]
    except (ValueError, TypeError):
        found = []
    if len(found) != len(texts):
        raise TrainingError(
            f"The classifier's run on a public set ended with code {child.returncode} and gave no "
            f"answers; it said last: {last or 'nothing'}. Run `make setup`, then try again."
        )
    return found


async def _talk(
    child: asyncio.subprocess.Process, job: bytes, progress: Callable[[str], None]
) -> tuple[bytes, str]:
    """Give the job and return what came on standard output, and the last line of the other."""
    assert child.stdin is not None  # noqa: S101 - all three are piped
    assert child.stdout is not None  # noqa: S101
    assert child.stderr is not None  # noqa: S101
    told = asyncio.create_task(_tell(child.stderr, progress))
    with suppress(ConnectionError):  # it ended before it had read all: its last line says why
        child.stdin.write(job)
        await child.stdin.drain()
    child.stdin.close()
    output = await child.stdout.read()
    await child.wait()
    return output, await told


async def _tell(stream: asyncio.StreamReader, progress: Callable[[str], None]) -> str:
    """Hand the lines on; return the last."""
    last = ""
    while chunk := await stream.readline():
        if line := chunk.decode("utf-8", "replace").strip():
            last = line[:300]
            progress(f"  {last}")
    return last
