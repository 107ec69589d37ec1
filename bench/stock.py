"""A stock Rasa assistant with the same examples and answers, asked over its own REST channel.

The pipeline and the policies are those that Rasa uses for a project as `rasa init` leaves it. One
rule leads from each intent to its answer.
"""

import asyncio
import hashlib
import itertools
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import yaml

from bench.crowd import PATIENCE, Tally
from bench.processes import Running, free_port, program
from nlu.bench_stock import BenchError, pipeline
from nlu.training import Environment, Examples, rasa_name, to_yaml


@dataclass(frozen=True, slots=True)
class Project:
    """What a stock assistant is made of. `epochs` shortens its training, not its answering."""

    examples: Examples
    answers: Mapping[str, str]
    folder: Path
    environment: Environment
    epochs: int = 100


def _files(project: Project) -> dict[str, str]:
    """Return the project's files by name."""
    names = {intent: rasa_name(intent) for intent in sorted(project.examples)}
    config = pipeline(project.environment).read_text(encoding="utf-8")
    responses = {
        f"utter_{name}": [{"text": project.answers.get(intent, name)}]
        for intent, name in names.items()
    }
    # What is below the pipeline's own threshold gets a sentence as well, as `rasa init` advises.
    responses["utter_default"] = [{"text": "No le entendí bien. ¿Puede decirlo de otro modo?"}]
    domain = {"version": "3.1", "intents": list(names.values()), "responses": responses}
    rules = [
        {"rule": name, "steps": [{"intent": name}, {"action": f"utter_{name}"}]}
        for name in names.values()
    ]
    unsure = [{"intent": "nlu_fallback"}, {"action": "utter_default"}]
    rules.append({"rule": "unsure", "steps": unsure})
    return {
        "data/nlu.yml": to_yaml(project.examples),
        # Rasa looks for a line that begins with "rules:".
        "data/rules.yml": yaml.safe_dump({"version": "3.1", "rules": rules}, allow_unicode=True),
        "domain.yml": yaml.safe_dump(domain, allow_unicode=True),
        "config.yml": config.replace("epochs: 100", f"epochs: {project.epochs}"),
        "credentials.yml": "rest:\n",
        "endpoints.yml": "",
    }


async def trained(project: Project, progress: Callable[[str], None]) -> Path:
    """Return the model of a project, trained unless it already lies in its folder."""
    files = _files(project)
    name = hashlib.sha256(json.dumps(files).encode()).hexdigest()[:16]
    for path, text in files.items():
        file = project.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    model = project.folder / "models" / f"{name}.tar.gz"
    if model.exists():
        return model
    progress("Training stock Rasa. This takes a quarter of an hour or more.")
    words = [
        str(project.environment.python), "-m", "rasa", "train", "--fixed-model-name",
        f"{name}-half",
    ]  # fmt: skip
    log = project.folder / "train.log"
    with log.open("wb") as kept:
        process = await asyncio.create_subprocess_exec(
            *words, cwd=project.folder, env=project.environment.variables(project.folder),
            stdin=asyncio.subprocess.DEVNULL, stdout=kept, stderr=kept,
        )  # fmt: skip
        try:
            code = await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    half = model.with_name(f"{name}-half.tar.gz")
    if code or not half.exists():
        raise BenchError(f"Stock Rasa could not be trained (code {code}): see {log}.")
    half.rename(model)
    return model


@asynccontextmanager
async def running(project: Project, model: Path) -> AsyncIterator[Running]:
    """Serve a model as Rasa's manual says, with the REST channel alone."""
    port = free_port()
    words = [
        str(project.environment.python), "-m", "rasa", "run", "-i", "127.0.0.1", "-p", str(port),
        "-m", str(model.relative_to(project.folder)), "--credentials", "credentials.yml",
        "--endpoints", "endpoints.yml",
    ]  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    env = project.environment.variables(project.folder)
    ready = "Rasa server is up and running"
    log = project.folder / "run.log"
    async with program(words, url, ready, log, env, project.folder) as server:
        yield server


class StockCrowd:
    """Persons who ask a stock assistant; its answer comes in the answer to the request."""

    def __init__(self, session: aiohttp.ClientSession, url: str, texts: Sequence[str]) -> None:
        self._session = session
        self._address = f"{url}/webhooks/rest/webhook"
        self._texts = itertools.cycle(texts)
        self._persons = itertools.cycle(range(600))

    async def closed(self, questions: int, at_once: int) -> Tally:
        """Let so many persons ask at once: where one has her answer, the next one asks."""
        tally, left = Tally(), iter(range(questions))
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(self._lane(left, tally) for _ in range(at_once)))
        tally.seconds = asyncio.get_running_loop().time() - began
        return tally

    async def _lane(self, left: Iterator[int], tally: Tally) -> None:
        for _ in left:
            began = asyncio.get_running_loop().time()
            question = {"sender": f"p{next(self._persons)}", "message": next(self._texts)}
            try:
                async with asyncio.timeout(PATIENCE):
                    messages = await self._ask(question)
            except (TimeoutError, aiohttp.ClientError):
                messages = []
            if not messages:
                tally.lost += 1
                continue
            tally.answered.append(asyncio.get_running_loop().time() - began)
            tally.messages += len(messages)
            tally.bytes += sum(len(text.encode()) for text in messages)

    async def _ask(self, question: dict[str, str]) -> list[str]:
        async with self._session.post(self._address, json=question) as answer:
            return [str(message.get("text", "")) for message in await answer.json()]
