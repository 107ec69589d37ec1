"""Serve one trained model over HTTP on loopback: the child process that `nlu/service.py` starts.

Runs on the Python 3.10 of the NLU environment. Standard input brings one JSON line, `model`,
`host`, `port`, `token` and `patience`, so that no secret is seen in the process list; when it
closes, the parent is gone and this process ends. Standard output carries one JSON line:
`{"ready": port}`, or `{"error": sentence}` before the process ends. Nothing that a person wrote is
ever printed.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import socket
import sys
import threading
from pathlib import Path
from typing import Any

# Before numpy starts: for a few short texts a second thread only spins, and the core is wanted.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from loading import CannotLoad, load

from nlu.answering import LARGEST_BODY, NOT_FOUND, TOO_LARGE, Answer, Answerer, Limits

_FIRST = ["hola", "¿puedo ir al hospital si no tengo papeles?"]
_KEPT_ALIVE = 75  # seconds; longer than clients keep a connection, so that they close it, not we


def main() -> None:
    """Read the order from standard input and serve until told to stop."""
    report = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever libraries print must not disturb the report
    order = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        listener = _listen(order["host"], int(order["port"]))
        _serve(order, listener, report)
    except (Refused, CannotLoad) as refused:
        _say(report, {"error": str(refused)})
        sys.exit(2)


class Refused(Exception):
    """The order cannot be carried out; the message says why and what to do."""


def _say(report: Any, message: dict[str, Any]) -> None:
    report.write(json.dumps(message) + "\n")
    report.flush()


def _end_with_parent() -> None:
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        raise Refused(
            f"port {port} of {host} is not free ({error.strerror}): choose another port or 0"
        ) from error
    return listener


def _serve(order: dict[str, Any], listener: socket.socket, report: Any) -> None:
    _quieten()
    rank = load(Path(order["model"]))
    for text in _FIRST:  # the first readings are slow
        rank([text])
    gc.collect()
    gc.freeze()  # what was loaded stays: the collector need not look at it again
    answerer = Answerer(rank, order["token"], Limits(patience=float(order["patience"])))
    app = _app(answerer)

    async def tell_ready(app: Any, loop: Any) -> None:
        _say(report, {"ready": listener.getsockname()[1]})

    app.register_listener(tell_ready, "after_server_start")
    app.run(sock=listener, access_log=False, workers=1, debug=False, motd=False)
    answerer.close()


def _app(answerer: Answerer) -> Any:
    from sanic import Sanic
    from sanic.exceptions import PayloadTooLarge, SanicException
    from sanic.response import HTTPResponse

    app = Sanic("orienta_nlu", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = LARGEST_BODY
    app.config.KEEP_ALIVE_TIMEOUT = _KEPT_ALIVE
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = 3.0

    def sent(answer: Answer) -> HTTPResponse:
        return HTTPResponse(answer.body, answer.status, content_type="application/json")

    async def parse(request: Any) -> HTTPResponse:
        return sent(await answerer.parse(request.args.get("token", ""), request.body))

    async def status(request: Any) -> HTTPResponse:
        return sent(answerer.status(request.args.get("token", "")))

    async def refused(request: Any, error: Exception) -> HTTPResponse:
        if isinstance(error, PayloadTooLarge):
            return sent(TOO_LARGE)
        code = error.status_code if isinstance(error, SanicException) else 500
        reason = type(error).__name__  # never its message, which may hold what somebody wrote
        return sent(NOT_FOUND if code in (404, 405) else Answer.refusal(code, f"{reason}."))

    app.add_route(parse, "/model/parse", methods=["POST"])
    app.add_route(status, "/status", methods=["GET"])
    app.error_handler.add(Exception, refused)
    return app


def _quieten() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    os.environ["LOG_LEVEL"] = os.environ["LOG_LEVEL_LIBRARIES"] = "WARNING"
    import structlog

    # Rasa logs texts at debug level.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


if __name__ == "__main__":
    main()
