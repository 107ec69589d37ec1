"""Is the notice at the start whole, short, and dated?"""

from content.catalogue import Notice
from content.checks.findings import Findings
from content.checks.shape import per_language
from content.files import NOTICES

NOTICE_TEXT = 300


def examine(findings: Findings) -> None:
    """Check the notice, if there is one."""
    if findings.catalogue.notice is not None:
        check_notice(findings, findings.catalogue.notice)


def check_notice(findings: Findings, notice: Notice) -> None:
    """Check a notice and its days."""
    per_language(findings, NOTICES, ("text",), notice.texts, NOTICE_TEXT)
    if notice.first is None or notice.last is None:
        what = "The notice does not say from when until when it is shown."
        findings.error(NOTICES, ("from",), what, "Write both days.")
    elif notice.last < notice.first:
        what = "The notice ends before it begins."
        findings.error(NOTICES, ("until",), what, "Write a later day.")
    elif notice.last < findings.today:
        what = "The notice is over: nobody sees it."
        findings.warn(NOTICES, ("until",), what, "Write a later day, or remove it.")
