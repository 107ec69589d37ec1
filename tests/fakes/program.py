"""Commands of the program as processes of their own, without the settings of this machine."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from bot.settings import Settings
from tests.fakes.assistant import ROOT, environment

PATIENCE = 60.0  # seconds for a command that reads the whole content on a busy machine


def settings(**given: Any) -> Settings:
    """Return settings without those of the machine."""
    return Settings(_env_file=None, **given)


def run(data: Path, *words: str, given: bytes = b"", **more: str) -> tuple[int, str, str]:
    """Run a command; return code, output and what it told."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", *words], cwd=ROOT, env=environment(data, **more),
        input=given, capture_output=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def python(program: str, data: Path, **more: Any) -> "subprocess.Popen[bytes]":
    """Start a program of a few lines as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT,
        env=environment(data, PYTHONIOENCODING="ascii"), **more,
    )  # fmt: skip
