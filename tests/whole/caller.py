"""A person at a browser without JavaScript, as fast as HTTP goes: for tests that break things."""

import re
import time
import tomllib
from html import unescape
from urllib.parse import urlsplit

import httpx2

from tests.connections.lab import Lab
from tests.whole.running import Demo
from tools import plan

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Caller:
    """Signs in to a demo and fills in its forms."""

    def __init__(self, demo: Demo, role: str = "patient") -> None:
        self.demo = demo
        self.who = demo.sign_ins()[role]
        self.client = httpx2.Client(base_url=demo.site, follow_redirects=True, timeout=60)
        self.password = str(self.who["password"])
        self.post("/accounts/login/", login=str(self.who["email"]), password=self.password)

    def get(self, path: str) -> httpx2.Response:
        """Open a page, which must be there."""
        answer = self.client.get(path)
        assert answer.status_code < 400, (path, answer.status_code)
        return answer

    def post(self, path: str, **fields: str | list[str]) -> httpx2.Response:
        """Send the form of a page; where the password is asked for again, type it."""
        token = TOKEN.search(self.client.get(path).text) or TOKEN.search(self.get("/help/").text)
        assert token is not None, path
        said = {**fields, "csrfmiddlewaretoken": token[1]}
        answer = self.client.post(path, data=said, headers={"Referer": self.demo.site})
        assert answer.status_code < 400, (path, answer.status_code)
        if answer.url.path == "/accounts/reauthenticate/":
            return self.post(str(answer.url), password=self.password)
        return answer

    def connect(self, system: str, slug: str, person: int = 0) -> int:
        """Connect a source; return the connection's number."""
        page = self.post(f"/connections/choose/{slug}/").text
        address = unescape(re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page)[1])  # type: ignore[index]
        lab = Lab(self.demo.port(system))
        place = lab.sign_in(address, people_of(lab, address)[person])
        back = urlsplit(place)
        answer = self.get(f"{back.path}?{back.query}")
        return int(answer.url.path.rstrip("/").rpartition("/")[2])

    def fetch_again(self, connection: int) -> None:
        """Ask for a full look."""
        self.post(f"/connections/{connection}/fetch/")

    def is_open(self, connection: int) -> bool:
        """Tell whether an import of this connection still runs."""
        states = self.demo.rows(
            "SELECT state FROM connections_import WHERE connection_id = %s"
            " ORDER BY id DESC LIMIT 1",
            connection,
        )
        return bool(states) and states[0][0] in {"queued", "running", "waiting"}

    def agree(self, slug: str) -> None:
        """Walk through the wizard: everything that is not private, rightly answered, signed."""
        text = tomllib.loads((plan.ROOT / "consent" / "texts" / f"{slug}.toml").read_text())
        self.get(f"/choices/{slug}/")
        for number in range(1, 20):
            path = f"/choices/{slug}/agree/{number}/"
            answer = self.client.get(path)
            if answer.url.path != path:
                break
            self.post(path, do="next", **_answers(answer.text, text["en"]["quiz"]))
        self.post(f"/choices/{slug}/agree/sign/", name="Maria Rivera", agree="on")

    def send(self, slug: str) -> str:
        """Confirm what the preview shows; return its hash.

        What would go may change between the look and the yes; then the site asks to look again.
        """
        for _ in range(30):
            fingerprint = self._send_once(slug)
            if fingerprint:
                return fingerprint
            time.sleep(1)
        raise AssertionError("what would go changes all the time")

    def _send_once(self, slug: str) -> str:
        path = f"/sharing/{slug}/send/"
        page = self.client.get(path)
        if page.url.path == "/accounts/reauthenticate/":
            page = self.post(str(page.url), password=self.password)
        found = re.search(r'name="sha256" value="([0-9a-f]{64})"', page.text)
        if found is None:
            return ""
        answer = self.post(path, sha256=found[1])
        return found[1] if answer.url.path.startswith("/sharing/sent/") else ""

    def stop(self, slug: str) -> None:
        """Stop sharing and ask for everything back."""
        self.post(f"/sharing/{slug}/stop/", what="all")


def people_of(lab: Lab, address: str) -> list[str]:
    """Return who can sign in at a lab or an EHR."""
    asked = urlsplit(address)
    page = lab.ask("GET", f"{asked.path}?{asked.query}")[2]
    return re.findall(r'name="person" value="([^"]+)"', page)


def _answers(page: str, quiz: list[dict[str, object]]) -> dict[str, str | list[str]]:
    """Return the answers to whatever this screen asks."""
    given: dict[str, str | list[str]] = {}
    for group in ("genomic", "clinical"):
        boxes = re.findall(rf'name="{group}" value="([^"]+)"', page)
        if boxes:
            given[group] = boxes
    for name in re.findall(r'type="radio" name="([^"]+)" value="yes"', page):
        given[name] = "yes"
    identities = re.findall(r'name="identity" value="([^"]+)"', page)
    if identities:
        given["identity"] = identities[-1]
    for question in quiz:
        if f'name="{question["id"]}"' in page:
            right = [answer["correct"] for answer in question["answers"]].index(True)  # type: ignore[attr-defined]
            given[str(question["id"])] = str(right)
    return given
