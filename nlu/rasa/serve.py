"""Serve one trained model over HTTP on loopback: the child process that `nlu/service.py` starts.

Runs on the Python 3.10 of the NLU environment. Standard input brings one JSON line, `model`,
`host`, `port` and `token`, so that no secret is seen in the process list; when it closes, the
parent is gone and this process ends. Standard output carries one JSON line: `{"ready": port}`, or
`{"error": sentence}` before the process ends. Nothing that a person wrote is ever printed.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Any

_OPEN_PATHS = {("GET", "/status"), ("POST", "/model/parse")}
_LARGEST_BODY = 256 * 1024


def main() -> None:
    """Read the order from standard input and serve until told to stop."""
    report = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever libraries print must not disturb the report
    order = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        listener = _listen(order["host"], int(order["port"]))
        _serve(order, listener, report)
    except Refused as refused:
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
    if not Path(order["model"]).is_file():
        raise Refused(f"the model {order['model']} is not there: train it with `orienta train`")
    _quieten()
    # Only after the handshake: these imports take seconds.
    from rasa.core.run import close_resources, configure_app, load_agent_on_start
    from sanic.response import json as json_response

    _quieten_structlog()
    app = configure_app(input_channels=[], auth_token=order["token"], enable_api=True)
    app.config.REQUEST_MAX_SIZE = _LARGEST_BODY

    async def only_what_is_needed(request: Any) -> Any:
        if (request.method, request.path) not in _OPEN_PATHS:
            return json_response({"status": "failure", "reason": "NotFound"}, status=404)
        return None

    async def tell_ready(app: Any, loop: Any) -> None:
        if not app.ctx.agent.is_ready():
            _say(report, {"error": f"the model {order['model']} cannot be loaded: train it again"})
            os._exit(2)
        await app.ctx.agent.parse_message("hola")  # the first reading is slow
        _say(report, {"ready": listener.getsockname()[1]})

    app.register_middleware(only_what_is_needed, "request")
    app.register_listener(
        partial(load_agent_on_start, order["model"], None, None), "before_server_start"
    )
    app.register_listener(tell_ready, "after_server_start")
    app.register_listener(close_resources, "after_server_stop")
    app.run(sock=listener, access_log=False, workers=1, debug=False, motd=False)


def _quieten() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    os.environ["LOG_LEVEL"] = os.environ["LOG_LEVEL_LIBRARIES"] = "WARNING"


def _quieten_structlog() -> None:
    """Keep Rasa from printing messages: `Agent.parse_message` logs every text at debug level."""
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


if __name__ == "__main__":
    main()
