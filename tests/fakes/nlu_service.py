"""A stand-in for Rasa behind the real process handling: models are archives of one small file."""

import io
import json
import sys
import tarfile
from pathlib import Path

from nlu.training import Environment

ROOT = Path(__file__).parents[2]

# Answers with the candidates that its model holds, through the service's own request handling.
SERVE = f"""
import asyncio, json, os, sys, tarfile
sys.path.insert(0, {str(ROOT)!r})
from aiohttp import web
from nlu.answering import Answerer

order = json.loads(sys.stdin.buffer.readline())
try:
    with tarfile.open(order["model"]) as archive:
        known = json.load(archive.extractfile("metadata.json"))
except Exception:
    print(json.dumps({{"error": "the model is damaged: train it again"}}), flush=True)
    raise SystemExit(2)
answers = {{text: [(name, c) for name, c in rows] for text, rows in known["answers"].items()}}
answerer = Answerer(lambda texts: [answers.get(t, answers["*"]) for t in texts], order["token"])

async def parse(request):
    answer = await answerer.parse(request.query.get("token", ""), await request.read())
    return web.Response(body=answer.body, status=answer.status)

async def main():
    app = web.Application(client_max_size=2**20)
    app.router.add_post("/model/parse", parse)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, order["host"], order["port"])
    await site.start()
    print(json.dumps({{"ready": runner.addresses[0][1]}}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
    os._exit(0)

asyncio.run(main())
"""


def environment(folder: Path) -> Environment:
    """Return an environment whose service answers from its model, written into a folder."""
    service = folder / "service"
    service.mkdir()
    (service / "config.yml").write_text("pipeline: []\n")
    (service / "serve.py").write_text(SERVE)
    return Environment(Path(sys.executable), service)


def model(folder: Path, name: str, answers: dict[str, list[tuple[str, float]]]) -> Path:
    """Write a model that answers so; '*' is the answer to any other text."""
    folder.mkdir(parents=True, exist_ok=True)
    content = json.dumps({"answers": {"*": [("greet", 0.1)], **answers}}).encode()
    path = folder / f"{name}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("metadata.json")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return path
