"""The repository itself: nothing of one machine in it, nothing large, every setting explained."""

import re
import subprocess
from pathlib import Path

from bot.settings import Settings

ROOT = Path(__file__).parents[2]
_LISTED = subprocess.run(
    ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
).stdout.split("\0")
TRACKED = [name for name in _LISTED if (ROOT / name).is_file()]
LARGEST = 2 * 1024 * 1024


def test_no_file_is_large() -> None:
    """No model, data set or build lies in the repository."""
    assert TRACKED
    sizes = {f: (ROOT / f).stat().st_size for f in TRACKED}
    assert [f for f, size in sizes.items() if size > LARGEST] == []


def test_requirements_name_no_index() -> None:
    """Pins are by hash; where packages come from is each machine's own affair."""
    for name in TRACKED:
        if name.endswith("requirements.txt") or name.startswith("requirements/"):
            text = (ROOT / name).read_text()
            assert "://" not in text, name
            if name.endswith(".txt"):
                pins = re.findall(r"^[A-Za-z0-9][^\s=]*==", text, re.MULTILINE)
                assert pins, name
                assert "--hash=sha256:" in text, name


def test_no_machine_is_named() -> None:
    """No path of a home folder is written down; tools are looked for."""
    pattern = re.compile(r"/(?:home|root|Users)/[A-Za-z.]")
    for name in TRACKED:
        if name.endswith((".py", ".sh", ".yml", ".toml", ".md")) or name in ("Makefile", ".ci/run"):
            text = (ROOT / name).read_text(encoding="utf-8")
            assert not pattern.search(text), name


def test_every_setting_is_explained() -> None:
    """The operators' manual has each setting, and no setting that does not exist."""
    manual = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"`(ORIENTA_[A-Z0-9_]+)`", manual))
    known = {f"ORIENTA_{name.upper()}" for name in Settings.model_fields}
    # Read by the set-up script before there is any Python of ours.
    known |= {"ORIENTA_PYTHON", "ORIENTA_PYTHON310"}
    assert known - explained == set()
    assert explained - known == set()
