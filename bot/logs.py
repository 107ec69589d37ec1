"""Logs: one snake_case event per fact, JSON in production, never a text or an id of a person."""

import logging
import sys

import structlog


def configure(log_format: str, level: str) -> None:
    """Set up structlog and quieten libraries that would log whole addresses with tokens."""
    # Its tracebacks hold raw header lines, cookies among them; our own events say what matters.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL + 1)
    for noisy in ("httpx", "httpcore", "telegram", "aiohttp.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
