"""What the database's failures mean to an operator: one sentence each, without the address."""

import socket
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

_SETTING = "ORIENTA_DATABASE_URL"


def database_failure(error: SQLAlchemyError | OSError, *, sqlite: bool) -> str:
    """Return what is wrong with the database and what to do.

    Nothing of the error's own text is passed on: it may hold the address, a statement or a row.
    """
    cause = getattr(error, "orig", None) or error
    return _sqlite(cause) if sqlite else _postgresql(cause)


def unopenable(address: str) -> str:
    """Return what hinders SQLite from opening its file, or ''; create nothing but the file.

    Asked before anything else: the driver's thread tells of this failure so late that nobody may
    be left to hear it, and then prints a traceback.
    """
    path = Path(make_url(address).database or "")
    if not path.name:
        return ""
    try:
        with closing(sqlite3.connect(path, timeout=0)):
            return ""
    except sqlite3.Error as error:
        return _sqlite(error)


def is_connection_failure(error: OSError) -> bool:
    """Say whether the error is that of a server which cannot be reached."""
    return isinstance(error, ConnectionError | TimeoutError | socket.gaierror)


def _sqlite(cause: BaseException) -> str:
    said = str(cause).lower()
    where = f"({_SETTING}, or orienta.db in ORIENTA_DATA_DIR)"
    if "not a database" in said or "malformed" in said:
        return (
            f"The SQLite file {where} is damaged or no database: put a backup in its place, or "
            "move it away to start with an empty one."
        )
    if "locked" in said or "busy" in said:
        return (
            f"The SQLite file {where} is locked by another program: end that program, then try "
            "again."
        )
    if "unable to open" in said:
        return (
            f"The SQLite file {where} cannot be opened: create its folder and let this user "
            "write there."
        )
    if "readonly" in said or "read-only" in said:
        return f"The SQLite file {where} cannot be written: give this user the right to."
    if "full" in said:
        return f"There is no room for the SQLite file {where}: free some disk, then try again."
    return f"The SQLite database {where} failed ({_kind(cause)}): see that file and disk are sound."


def _postgresql(cause: BaseException) -> str:
    kind = _kind(cause)
    if isinstance(cause, OSError):
        return (
            f"PostgreSQL cannot be reached ({kind}): see that it runs, and that host and port in "
            f"{_SETTING} are right."
        )
    if any(name in kind for name in ("Password", "Authorization", "Authentication")):
        return f"PostgreSQL refuses the user or the password: correct them in {_SETTING}."
    if "InvalidCatalogName" in kind:
        return f"The database that {_SETTING} names does not exist: create it, or correct the name."
    if "Privilege" in kind:
        return f"The user of {_SETTING} lacks a right: let that user create tables in the database."
    return (
        f"PostgreSQL failed ({kind}): see the server's log, and that {_SETTING} is right; then "
        "try again."
    )


def _kind(cause: BaseException) -> str:
    """Return the name of the driver's own error, which SQLAlchemy's adapter wraps once more."""
    if isinstance(cause, DBAPIError) and cause.orig is not None:
        cause = cause.orig
    return type(cause.__cause__ or cause).__name__
