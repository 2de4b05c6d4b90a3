"""Nothing about a person, and nothing that opens a door, is where many eyes look."""

import base64
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import psutil
import pytest
import valkey

from tests.whole.caller import Caller
from tests.whole.running import Demo, until
from tools import plan

pytestmark = pytest.mark.fault

# Logs of our own processes; the lab, the EHR and the programs are other people's.
OURS = ("web", "worker", "beat", "broker", "postgres", "migrate", "grants", "demo")
TOKENS = """
from portal.connections.models import Credential
from portal.accounts.sealing import unseal
from sharing.models import SigningKey
from sharing.services import keys
for one in Credential.objects.all():
    for field in ("access", "refresh"):
        sealed = getattr(one, f"sealed_{field}")
        if sealed:
            print(unseal(sealed, context=one.context(field)).decode())
for key in SigningKey.objects.all():
    print(keys.private_pem(key).decode().splitlines()[1])
"""


@pytest.fixture(scope="module")
def maria(demo: Demo) -> Caller:
    """Somebody with a full record, whose work lies in the broker and in the logs."""
    until("ready", lambda: demo.readiness()["broker"] == "ok", within_s=90)
    caller = Caller(demo)
    number = caller.connect("lab", "cedar-point", person=0)
    until("the import is over", lambda: not caller.is_open(number), within_s=120)
    # A wrong password, a wrong address and a broken query leave lines too.
    caller.client.get("/results/f/nothing-here/?gene=BRCA1&name=Maria")
    caller.client.get("/connections/callback/?code=stolen-code&state=stolen-state")
    return caller


@pytest.fixture(scope="module")
def secrets(demo: Demo, maria: Caller) -> list[str]:
    """Everything that may be in none of these places."""
    kept = json.loads((demo.data / "secrets.json").read_text())
    people = list(demo.sign_ins().values())
    found = [kept["SECRET_KEY"], kept["SEAL_KEYS"].partition(":")[2], "stolen-code", "stolen-state"]
    found += [person["password"] for person in people]
    found += [code for person in people for code in person.get("recovery_codes", [])]
    found += [person["authenticator_key"] for person in people if "authenticator_key" in person]
    found += [line for line in in_the_site(demo, TOKENS).splitlines() if len(line) > 15]
    return found


@pytest.fixture(scope="module")
def about_people(demo: Demo, maria: Caller) -> list[str]:
    """Names, addresses, genes and changes that are in the record."""
    found = [row[0] for row in demo.rows("SELECT name FROM accounts_user WHERE name <> ''")]
    found += [row[0] for row in demo.rows("SELECT email FROM accounts_user")]
    found += [row[0] for row in demo.rows("SELECT DISTINCT gene FROM records_finding")]
    bodies = demo.rows("SELECT body::text FROM records_finding")
    found += {name for row in bodies for name in re.findall(r"[cp]\.[A-Za-z0-9_>*=]{6,}", row[0])}
    found += [row[0] for row in demo.rows("SELECT DISTINCT remote_patient_id FROM records_origin")]
    return [text for text in found if len(text) > 2]


def test_there_is_something_to_look_for(secrets: list[str], about_people: list[str]) -> None:
    assert len(secrets) > 20
    assert {"BRCA1", "BRCA2"} & set(about_people)


def test_the_logs_tell_nothing(demo: Demo, secrets: list[str], about_people: list[str]) -> None:
    for name in OURS:
        path = demo.data / "logs" / f"{name}.log"
        assert hits(path.read_text(errors="replace"), secrets + about_people) == []


def test_the_broker_and_the_messages_of_tasks_tell_nothing(
    demo: Demo, maria: Caller, secrets: list[str], about_people: list[str]
) -> None:
    children = psutil.Process(demo.marks()["worker"]).children()
    for child in children:
        child.suspend()
    try:
        connection = demo.rows("SELECT max(id) FROM connections_connection")[0][0]
        maria.fetch_again(connection)
        text = "\n".join(broker_contents(demo))
    finally:
        for child in children:
            child.resume()

    assert "connections." in text
    assert hits(text, secrets + about_people) == []


def test_mails_name_no_result_no_lab_and_no_program(
    demo: Demo, maria: Caller, secrets: list[str], about_people: list[str]
) -> None:
    names = [row[0] for row in demo.rows("SELECT name FROM connections_source")]
    names += [row[0] for row in demo.rows("SELECT name FROM consent_program")]
    told = [text for text in about_people if "@" not in text]
    until("a mail came", lambda: any((demo.data / "mail").glob("*")))

    for path in (demo.data / "mail").glob("*"):
        assert hits(words_of_mail(path), secrets + told + names) == []


def test_error_pages_tell_nothing(
    demo: Demo, maria: Caller, secrets: list[str], about_people: list[str]
) -> None:
    for path in (
        "/results/f/nobody-has-this/",
        "/connections/999999/",
        "/no/such/page/",
        "/record/999999/",
    ):
        answer = maria.client.get(path)

        assert answer.status_code == 404
        assert hits(answer.text, secrets + about_people) == []


def hits(text: str, needles: list[str]) -> list[str]:
    """Return what was found; short words only where they stand alone."""
    return [
        needle
        for needle in needles
        if needle in text
        and (len(needle) > 7 or re.search(rf"(?<![\w-]){re.escape(needle)}(?![\w-])", text))
    ]


def broker_contents(demo: Demo) -> Iterator[str]:
    """Yield every key of the broker with all that it holds."""
    settings = (demo.data / "broker" / "valkey.conf").read_text()
    password = next(line.split()[1] for line in settings.splitlines() if "requirepass" in line)
    client: Any = valkey.Valkey(port=demo.port("broker"), password=password)
    read: dict[bytes, Sequence[str | int]] = {
        b"list": ("LRANGE", 0, -1),
        b"hash": ("HVALS",),
        b"set": ("SMEMBERS",),
        b"zset": ("ZRANGE", 0, -1),
    }
    for key in client.execute_command("KEYS", "*"):
        yield key.decode()
        command, *rest = read.get(client.execute_command("TYPE", key), ("GET",))
        found = client.execute_command(command, key, *rest)
        yield from map(decoded, [found] if isinstance(found, bytes) else found or [])


def decoded(value: bytes) -> str:
    """Return a message with its inner part, which Celery wraps in base64, beside it."""
    text = value.decode(errors="replace")
    bodies = re.findall(r'"body": "([A-Za-z0-9+/=]+)"', text)
    return "\n".join([text, *(base64.b64decode(b).decode(errors="replace") for b in bodies)])


def words_of_mail(path: Path) -> str:
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = mail.get_body(("plain", "html"))
    return f"{mail['Subject']}\n{body.get_content() if body else ''}"


def in_the_site(demo: Demo, code: str) -> str:
    """Run code inside the site, with the environment of its web process."""
    environment = psutil.Process(demo.marks()["web"]).environ()
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-v", "0", "-c", code],
        cwd=plan.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
