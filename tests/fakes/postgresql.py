"""A throw-away PostgreSQL server, started from the system's own programs."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_USER = "orienta"
_OPTIONS = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60"]


class ProgramsMissing(Exception):
    """The machine has no PostgreSQL server programs, or no user to run them as."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. Only who knows the password of this run can enter."""

    programs: Path
    port: int
    password: str

    def create(self) -> str:
        """Make an empty database and return its name."""
        name = f"t{secrets.token_hex(6)}"
        self._sql(f"CREATE DATABASE {name} TEMPLATE template0")
        return name

    def drop(self, name: str) -> None:
        """Remove a database, also one that is in use."""
        self._sql(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        """Return the address of a database for SQLAlchemy."""
        return f"postgresql+asyncpg://{_USER}:{self.password}@127.0.0.1:{self.port}/{name}"

    def _sql(self, statement: str) -> None:
        address = ["-h", "127.0.0.1", "-p", str(self.port), "-U", _USER, "-d", "postgres"]
        subprocess.run(
            [self.programs / "psql", "-qX", "-v", "ON_ERROR_STOP=1", *address, "-c", statement],
            check=True,
            capture_output=True,
            env={**os.environ, "PGPASSWORD": self.password},
        )


@contextmanager
def running_server() -> Iterator[Server]:
    """Start a server in a temporary folder and remove it afterwards; raise `ProgramsMissing`."""
    programs = _programs()
    prefix, owner = _as_other_user()
    root = Path(tempfile.mkdtemp(prefix="orienta-pg-"))
    try:
        server = Server(programs, _free_port(), secrets.token_hex(16))
        (root / "password").write_text(server.password)
        for path in (root, root / "password"):
            if owner is not None:
                os.chown(path, owner.pw_uid, owner.pw_gid)
        _start(prefix, root, server)
        try:
            yield server
        finally:
            _run([*prefix, programs / "pg_ctl", "-D", root / "data", "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _start(prefix: list[str], root: Path, server: Server) -> None:
    data = root / "data"
    login = ["-U", _USER, "--auth=scram-sha-256", f"--pwfile={root / 'password'}"]
    form = ["--encoding=UTF8", "--locale=C", "--no-sync"]
    _run([*prefix, server.programs / "initdb", "-D", data, *login, *form])
    options = [*_OPTIONS, "listen_addresses=127.0.0.1", f"unix_socket_directories={root}"]
    given = " ".join([f"-p {server.port}", *(f"-c {option}" for option in options)])
    log = ["-l", root / "log"]
    _run([*prefix, server.programs / "pg_ctl", "-D", data, *log, "-w", "-o", given, "start"])


def _run(command: list[str | Path]) -> None:
    # The server inherits what it is started with: no pipes, or waiting for them never ends.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(command, check=False, stdout=output, stderr=output, cwd="/")
        if done.returncode:
            output.seek(0)
            raise RuntimeError(f"{command}: {output.read().decode(errors='replace')}")


def _programs() -> Path:
    """Return the folder of the newest server programs."""
    folders = [Path(found).resolve().parent] if (found := shutil.which("initdb")) else []
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(installed, key=lambda p: p.parent.name.zfill(4), reverse=True)
    for folder in folders:
        if all((folder / name).exists() for name in ("initdb", "pg_ctl", "psql")):
            return folder
    raise ProgramsMissing("PostgreSQL's initdb, pg_ctl and psql are not installed")


def _as_other_user() -> tuple[list[str], pwd.struct_passwd | None]:
    """Return the prefix of commands and their user, since PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return [], None
    if (runuser := shutil.which("runuser")) is None:
        raise ProgramsMissing("running as root, and there is no runuser to start PostgreSQL with")
    for name in ("postgres", "nobody"):
        try:
            return [runuser, "-u", name, "--"], pwd.getpwnam(name)
        except KeyError:
            continue
    raise ProgramsMissing("running as root, and there is no user postgres or nobody")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
