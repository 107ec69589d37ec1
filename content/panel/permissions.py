"""What a role may do in the panel."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from content.staff import Role


class Permission(StrEnum):
    """One thing that a page or a button needs.

    PUBLIC needs nobody signed in, SIGNED_IN no more than that.
    """

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    READ = "read"  # drafts, history, comments
    WRITE = "write"  # Spanish texts, examples, questions to be kept answered
    TRANSLATE = "translate"
    REVIEW = "review"  # approve or return
    PUBLISH = "publish"  # release, roll back
    SWITCH_OFF = "switch_off"  # withdraw one answer at once
    EDIT_DOCUMENTS = "edit_documents"  # cards, paths, offices, hours, templates, rules
    READ_QUESTIONS = "read_questions"  # what people asked
    DESK = "desk"
    TRANSFER = "transfer"  # export and import of everything
    READ_AUDIT = "read_audit"
    STAFF = "staff"


_READER = {Permission.PUBLIC, Permission.SIGNED_IN, Permission.READ}

GRANTS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.AUTHOR: frozenset(
            {
                *_READER,
                Permission.WRITE,
                Permission.TRANSLATE,
                Permission.EDIT_DOCUMENTS,
                Permission.READ_QUESTIONS,
            }
        ),
        # Cards and paths hold all languages in one document, which somebody else approves.
        Role.TRANSLATOR: frozenset({*_READER, Permission.TRANSLATE, Permission.EDIT_DOCUMENTS}),
        Role.REVIEWER: frozenset(
            {*_READER, Permission.REVIEW, Permission.SWITCH_OFF, Permission.READ_QUESTIONS}
        ),
        Role.PUBLISHER: frozenset(
            {
                *_READER,
                Permission.REVIEW,
                Permission.PUBLISH,
                Permission.SWITCH_OFF,
                Permission.READ_QUESTIONS,
                Permission.TRANSFER,
                Permission.READ_AUDIT,
            }
        ),
        Role.DESK: frozenset({*_READER, Permission.DESK}),
        Role.ANALYST: frozenset({*_READER, Permission.READ_QUESTIONS, Permission.READ_AUDIT}),
        Role.ADMINISTRATOR: frozenset(
            {*_READER, Permission.STAFF, Permission.READ_AUDIT, Permission.SWITCH_OFF}
        ),
    }
)
"""Nobody has all of them: an administrator adds publishers and publishes nothing."""


def may(role: Role, permission: Permission) -> bool:
    """Say whether a role has a permission."""
    return permission in GRANTS[role]
