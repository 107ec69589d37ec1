"""axe-core in a page: what somebody with a screen reader or a keyboard would stumble over."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Frame, Page

_SCRIPT = Path(__file__).parents[1] / "npm" / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def axe_script() -> str:
    """Return axe-core; skip the test where npm's packages are missing, but fail on CI."""
    if _SCRIPT.is_file():
        return _SCRIPT.read_text(encoding="utf-8")
    missing = "axe-core is not installed: install npm, then `make test` fetches it."
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


async def violations(page: Page | Frame) -> list[str]:
    """Return what axe-core finds in a page: the rule, and the first elements that break it.

    The page's policy allows no foreign script: its context must have `bypass_csp`.
    """
    await page.evaluate(axe_script() + "; undefined")
    result = await page.evaluate(
        "rules => axe.run(document, {runOnly: rules, iframes: false})", _RULES
    )
    assert len(result["passes"]) > 10, "axe-core looked at nothing"
    return [
        f"{found['id']}: {[node['html'][:100] for node in found['nodes'][:3]]}"
        for found in result["violations"]
    ]
