"""Programs from npm that tests use as referees; setup installs them where there is npm."""

import os
import shutil
from pathlib import Path

import pytest

_FOLDER = Path(__file__).parents[1] / "npm"


def node_program(package: str, file: str) -> list[str]:
    """Return the command of a script that needs a package; skip without it, but fail on CI.

    `file` is relative to the folder of npm's packages.
    """
    node = shutil.which("node")
    if node and (_FOLDER / "node_modules" / package).is_dir():
        return [node, str(_FOLDER / file)]
    missing = f"{package} is not installed: install npm, then `make test` fetches it."
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)
