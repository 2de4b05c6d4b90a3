"""Starting a system from the command line."""

import argparse
import json
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from sandbox.fhir.search import RECORD_TYPES
from sandbox.oauth import clients
from sandbox.store import Store
from sandbox.system import Kind, System
from sandbox.web import PROGRAM_TYPES, SCHEMAS

HOST = "127.0.0.1"
_LONGEST_S: dict[Kind, int] = {"lab": 86_400, "ehr": 86_400, "program": 300}


class _Quiet(WSGIRequestHandler):
    """Requests are noted in the store, without their secrets, and not on the console."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Print nothing."""


def parser(name: str) -> argparse.ArgumentParser:
    """Return the options that every system has."""
    made = argparse.ArgumentParser(prog=f"python -m sandbox.{name}", description=__doc__)
    made.add_argument("--port", type=int, required=True)
    made.add_argument("--data", type=Path, required=True, help="folder of the store")
    made.add_argument("--public-url", help="how others reach it")
    made.add_argument("--client-id")
    made.add_argument("--client-name", help="what people are told it is called")
    made.add_argument("--redirect-uri", action="append", default=[])
    made.add_argument("--jwks-url")
    made.add_argument("--client-secret-file", type=Path)
    made.add_argument("--clients", type=Path, help="JSON list of clients")
    made.add_argument("--token-lifetime", type=int, default=300)
    made.add_argument("--page-size", type=int, default=10)
    return made


def open_system(options: argparse.Namespace, kind: Kind, title: str) -> System:
    """Open the store and write the clients of the command line into it."""
    store = Store(options.data / "store.sqlite3", SCHEMAS)
    for client in _clients(options):
        secret = client.pop("client_secret", "")
        clients.save(store, client.pop("client_id"), client, secret)
    return System(
        kind=kind,
        title=title,
        public_url=(options.public_url or f"http://{HOST}:{options.port}").rstrip("/"),
        store=store,
        resource_types=PROGRAM_TYPES if kind == "program" else RECORD_TYPES,
        token_lifetime_s=min(options.token_lifetime, _LONGEST_S[kind]),
        page_size=options.page_size,
    )


def _clients(options: argparse.Namespace) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = []
    if options.clients:
        listed.extend(json.loads(options.clients.read_text(encoding="utf-8")))
    if options.client_id:
        listed.append(_one_client(options))
    return listed


def _one_client(options: argparse.Namespace) -> dict[str, Any]:
    client = {
        "client_id": options.client_id,
        "client_name": options.client_name or options.client_id,
        "redirect_uris": options.redirect_uri,
        "token_endpoint_auth_method": "none",
    }
    if options.jwks_url:
        client["token_endpoint_auth_method"] = "private_key_jwt"
        client["jwks_uri"] = options.jwks_url
    elif options.client_secret_file:
        client["token_endpoint_auth_method"] = "client_secret_basic"
        client["client_secret"] = options.client_secret_file.read_text(encoding="utf-8").strip()
    return client


def serve(app: Flask, system: System, port: int) -> None:
    """Answer until the process is ended; SIGTERM ends it at once, the store stands that."""
    server = make_server(HOST, port, app, threaded=True, request_handler=_Quiet)
    print(f"{system.title}: {system.public_url}", flush=True)
    server.serve_forever()
