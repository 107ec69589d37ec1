"""What can go wrong at a platform, by one name for all stand-ins."""

from enum import StrEnum


class Fault(StrEnum):
    """One bad answer, or none."""

    RATE_LIMITED = "429"
    FAILING = "5xx"
    GARBLED = "no JSON"
    SILENT = "no answer in time"
    DROPPED = "connection closed"
    GONE = "the person cannot be reached"
    TOKEN = "the token is refused"
    REFUSED = "400"
    MARKUP = "the formatting is refused"
    OLD = "it is too late to answer"
