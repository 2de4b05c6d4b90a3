"""Ports on loopback: the one used last time where it is free, else any free one."""

import contextlib
import json
import socket
from pathlib import Path

HOST = "127.0.0.1"
FIRST_WEB_PORT = 8000
WEB_PORTS_TRIED = 50


class PortTaken(Exception):
    """The port that was asked for is in use; the message says which."""


class Ports:
    """Gives each service a port and remembers it, so that addresses stay the same."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last: dict[str, int] = json.loads(path.read_text()) if path.is_file() else {}

    def pick(self, name: str) -> int:
        """Return a free port for a service."""
        with contextlib.suppress(OSError), _bound(self._last.get(name, 0)) as held:
            return self._keep(name, held.getsockname()[1])
        with _bound(0) as held:
            return self._keep(name, held.getsockname()[1])

    def last(self, name: str) -> int:
        """Return the port that a service was given."""
        return self._last[name]

    def listen_web(self, wanted: int | None) -> socket.socket:
        """Return a listening socket for the site; the web server inherits it.

        Raises PortTaken when `wanted` is in use.
        """
        tried = (
            [wanted]
            if wanted is not None
            else [
                *([self._last["web"]] if "web" in self._last else []),
                *range(FIRST_WEB_PORT, FIRST_WEB_PORT + WEB_PORTS_TRIED),
            ]
        )
        for port in tried:
            with contextlib.suppress(OSError):
                listening = _bound(port)
                listening.listen(128)
                self._keep("web", listening.getsockname()[1])
                return listening
        raise PortTaken(f"Port {tried[0]} is in use. Set PORT to a free one and try again.")

    def _keep(self, name: str, port: int) -> int:
        self._last[name] = port
        self._path.write_text(json.dumps(self._last, indent=1))
        return port


def _bound(port: int) -> socket.socket:
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind((HOST, port))
    except OSError:
        held.close()
        raise
    return held
