"""A person at a real browser: pages are looked at in two widths and two languages, with axe."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response, expect, sync_playwright

from tests.whole.running import Demo, until
from tools import plan

CHROMIUMS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = {"wide": 1280, "phone": 390}
HEIGHT = 900
LANGUAGES = ("en", "es")
SHOTS = plan.ROOT / ".artifacts" / "screens"
AXE_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
NOTE_REFUSALS = """
window.refusedByPolicy = [];
document.addEventListener("securitypolicyviolation", (event) => {
    window.refusedByPolicy.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
});
"""


def chromium() -> str | None:
    """Return the browser of this machine, if it has one."""
    return next((path for path in CHROMIUMS if Path(path).exists()), None)


@contextmanager
def a_browser() -> Iterator[Browser]:
    """Run a browser with a new, empty profile."""
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class Visitor:
    """One person at one browser, and what went wrong on the pages they saw."""

    def __init__(self, browser: Browser, demo: Demo, *, javascript: bool = True) -> None:
        self.demo = demo
        self.context = browser.new_context(
            viewport={"width": WIDTHS["wide"], "height": HEIGHT},
            java_script_enabled=javascript,
            locale="en-US",
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.wrong: list[str] = []
        self.seen: dict[str, str] = {}
        self.method = "GET"
        self.context.add_init_script(NOTE_REFUSALS)
        self.page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        self.page.on("response", self._response)

    def go(self, path: str) -> None:
        """Open an address of the site."""
        self.page.goto(f"{self.demo.site}{path}")

    def press(self, name: str, *, exact: bool = False) -> None:
        """Press the button, or follow the link, that says so."""
        either = self.page.get_by_role("button", name=name, exact=exact).or_(
            self.page.get_by_role("link", name=name, exact=exact)
        )
        either.first.click()
        self.page.wait_for_load_state()

    def fill(self, **fields: str) -> None:
        """Type into fields by their form names."""
        for name, value in fields.items():
            self.page.locator(f'[name="{name}"]').fill(value)

    def submit(self, field: str) -> None:
        """Send the form that holds this field."""
        form = self.page.locator("form", has=self.page.locator(f'[name="{field}"]'))
        form.locator('button:not([type="button"])').first.click()
        self.page.wait_for_load_state()

    def heading(self, words: str | re.Pattern[str]) -> None:
        """Expect the page's one main heading to say so."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(words)

    def says(self, words: str) -> None:
        """Expect the page to say so somewhere."""
        expect(self.page.get_by_role("main")).to_contain_text(words)

    def look(self, name: str) -> None:
        """Look at the page as it is, on both widths: axe, no sideways scroll, a picture."""
        if self.method == "GET":
            self.seen.setdefault(self._path(), name)
        # Before axe and the pictures, which put styles of their own into the page.
        for refused in self.page.evaluate("window.refusedByPolicy || []"):
            self.wrong.append(f"{name}: the page asks for what its policy forbids: {refused}")
        language = self.page.locator("html").get_attribute("lang") or "en"
        for width_name, width in WIDTHS.items():
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            self._examine(f"{name}-{width_name}-{language}")
        self.page.set_viewport_size({"width": WIDTHS["wide"], "height": HEIGHT})

    def look_again_in_spanish(self) -> None:
        """Open every page that was looked at once more, in Spanish, and look."""
        self._speak("es")
        for path, name in list(self.seen.items()):
            answer = self.page.goto(f"{self.demo.site}{path}")
            if answer is not None and answer.ok and self._path() == path:
                expect(self.page.locator("html")).to_have_attribute("lang", "es")
                self.look(name)
        self._speak("en")

    def sign_in(self, email: str, password: str, codes: Iterator[str] | None = None) -> None:
        """Sign in, with the next code that was not used before where one is asked for."""
        self.go("/accounts/login/")
        self.fill(login=email, password=password)
        self.submit("password")
        if codes is not None:
            self.look("second-factor-asked")
        while codes is not None and "/2fa/authenticate/" in self.page.url:
            self.fill(code=next(codes))
            self.submit("code")

    def confirm_it_is_me(self, password: str) -> None:
        """Type the password again where the site asks for it."""
        if "/reauthenticate/" in self.page.url:
            self.look("confirm-it-is-you")
            self.fill(password=password)
            self.submit("password")

    def plug_in_a_key(self) -> None:
        """Let the browser have a key that knows its person by a fingerprint."""
        session = self.context.new_cdp_session(self.page)
        session.send("WebAuthn.enable")
        about = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
        }
        session.send("WebAuthn.addVirtualAuthenticator", {"options": about})

    def nothing_was_wrong(self) -> None:
        """Fail with everything that was seen to be wrong."""
        wrong = sorted(set(self.wrong))
        assert not wrong, "\n".join(["these were wrong:", *wrong])

    def _speak(self, language: str) -> None:
        self.context.add_cookies(
            [{"name": "django_language", "value": language, "url": self.demo.site}]
        )

    def _examine(self, name: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
        found = Axe().run(self.page, options=AXE_RULES)
        for violation in found.response["violations"]:
            self.wrong.append(f"{name}: axe {violation['id']}: {_where(violation)}")
        wider = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if wider > 0:
            self.wrong.append(f"{name}: {wider} px wider than the screen")

    def _path(self) -> str:
        return self.page.url.removeprefix(self.demo.site)

    def _response(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self.method = response.request.method
        if response.status >= 500 and response.url.startswith(self.demo.site):
            self.wrong.append(f"{response.url.removeprefix(self.demo.site)}: {response.status}")


def _where(violation: dict[str, Any]) -> str:
    return "; ".join(str(node["html"])[:120] for node in violation["nodes"][:3])


def the_link_in_the_mail(demo: Demo, address: str) -> str:
    """Return the path of the link in the newest mail to this address."""
    folder = demo.data / "mail"

    def mails() -> list[str]:
        texts = []
        for path in sorted(folder.glob("*"), key=lambda p: p.stat().st_mtime):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = mail.get_body(("plain",))
            if mail["To"] == address and body is not None:
                texts.append(body.get_content())
        return texts

    until("a mail came", lambda: folder.is_dir() and bool(mails()))
    found = re.search(rf"{re.escape(demo.site)}(\S+)", mails()[-1])
    assert found is not None
    return found[1]
