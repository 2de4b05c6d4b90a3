"""The whole way through the site, in a real browser, as patient, staff and admin."""

import json
import time
import tomllib
from collections.abc import Iterator
from hashlib import sha256

import httpx2
import pytest
from playwright.sync_api import Browser, expect

from tests.whole.browser import Visitor, a_browser, chromium, the_link_in_the_mail
from tests.whole.running import Demo, until
from tools import plan

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="there is no Chromium on this machine"),
]

STAYS = {"Consent", "Patient"}
SENT: dict[str, bytes] = {}
# Each recovery code signs in once.
USED: dict[str, Iterator[str]] = {}
PASSWORD = "a long walk by the sea"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with a_browser() as running:
        yield running


@pytest.fixture(scope="module")
def patient(browser: Browser, demo: Demo) -> Visitor:
    """A new person who has just signed up."""
    return Visitor(browser, demo)


def test_a_person_signs_up_and_confirms_the_address(patient: Visitor) -> None:
    email = f"walker-{int(time.time())}@patient.example"
    patient.go("/")
    patient.look("welcome")
    patient.go("/accounts/signup/")
    patient.look("sign-up")
    patient.fill(email=email, password1=PASSWORD, password2=PASSWORD)
    patient.submit("password2")
    patient.look("sign-up-check-mail")
    patient.go(the_link_in_the_mail(patient.demo, email))
    patient.look("confirm-address")
    patient.page.locator("main form button").first.click()
    patient.sign_in(email, PASSWORD)

    expect(patient.page.get_by_role("heading", level=1)).to_have_text("Your results")
    patient.look("results-empty")


def test_she_connects_the_lab_and_sees_how_far_it_is(patient: Visitor) -> None:
    connect(patient, "Cedar Point Genomics", 0)
    patient.look("connection-live")

    expect(patient.page.get_by_role("main")).to_contain_text("All of it is here", timeout=60_000)
    patient.look("connection-done")


def test_she_connects_the_clinic(patient: Visitor) -> None:
    connect(patient, "Harbor View Clinic", 0)

    expect(patient.page.get_by_role("main")).to_contain_text("All of it is here", timeout=60_000)
    patient.go("/connections/")
    patient.look("connections")


def test_she_reads_her_results(patient: Visitor) -> None:
    patient.go("/results/")
    patient.look("results-closed")
    patient.press("See all parts now")
    patient.look("results-open")

    expect(patient.page.get_by_role("main")).to_contain_text("Details for your doctor")


def test_she_opens_one_result_and_takes_a_copy_for_her_doctor(patient: Visitor) -> None:
    patient.page.locator(".card a, .result a").filter(has_text="Details").first.or_(
        patient.page.locator('a[href^="/results/f/"]').first
    ).first.click()
    patient.look("one-result")

    patient.go("/results/")
    patient.press("Print for my doctor")
    patient.confirm_it_is_me(PASSWORD)
    answer = patient.page.request.get(f"{patient.demo.site}/results/for-my-doctor.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF-")


def test_she_reads_a_program_and_agrees(patient: Visitor) -> None:
    patient.go("/choices/")
    patient.look("my-choices")
    patient.press("All of Us (sandbox)")
    patient.look("program")
    patient.press("Read and decide")
    read_and_choose(patient)
    answer_the_questions(patient, "all-of-us")
    patient.confirm_it_is_me(PASSWORD)
    patient.look("sign")
    patient.fill(name="Walker Example")
    patient.page.locator('[name="agree"]').check()
    patient.press("Yes, I agree")
    patient.look("receipt-of-consent")

    for kind in ("pdf", "json", "fhir.json"):
        address = patient.page.url.rstrip("/") + f".{kind}"
        assert patient.page.request.get(address).ok


def test_she_previews_and_sends_exactly_that(patient: Visitor) -> None:
    patient.go("/choices/all-of-us/")
    patient.look("program-agreed")
    patient.press("See what would go")
    patient.look("preview")
    shown = patient.page.request.get(f"{patient.demo.site}/sharing/all-of-us/preview.json").body()
    patient.press("Go on to send")
    patient.confirm_it_is_me(PASSWORD)
    patient.look("send")
    patient.press("Send exactly this")
    expect(patient.page.get_by_role("main")).to_contain_text(
        "Received by the program", timeout=60_000
    )
    patient.look("receipt-of-sending")

    fingerprint = sha256(shown).hexdigest()
    assert fingerprint in patient.page.content()
    assert received(patient.demo, "all-of-us", fingerprint) == shown
    assert sent_ids(shown) <= held(patient.demo, "all-of-us")
    SENT["package"] = shown


def test_she_reads_what_left_and_what_was_done(patient: Visitor) -> None:
    for path, name in (
        ("/sharing/", "sharing"),
        ("/sharing/left/", "what-left"),
        ("/activity/", "activity"),
        ("/record/download/", "take-away"),
        ("/record/not-kept/", "not-kept"),
        ("/choices/all-of-us/history/", "consent-history"),
        ("/accounts/sessions/", "sessions"),
        ("/accounts/2fa/", "second-factor"),
        ("/help/", "help"),
    ):
        patient.go(path)
        patient.look(name)

    assert "All of Us (sandbox)" in patient.page.request.get(f"{patient.demo.site}/sharing/").text()


def test_the_staff_of_the_program_read_it_and_answer(
    browser: Browser, demo: Demo, patient: Visitor
) -> None:
    staff = signed_in(browser, demo, "staff")
    staff.heading("What was shared with your programs")
    staff.look("review-queue")
    staff.page.locator("tr[data-row] a").first.click()
    staff.look("review-package")
    assert "Walker" not in staff.page.content()
    staff.fill(reason="The date of the sample is missing")
    staff.press("Return with this reason")
    staff.look("review-answered")
    staff.go("/review/refused/")
    staff.look("review-refused")
    staff.look_again_in_spanish()
    staff.nothing_was_wrong()

    patient.go("/sharing/")
    patient.says("The date of the sample is missing")


def test_admins_write_a_text_and_a_second_one_publishes_it(browser: Browser, demo: Demo) -> None:
    writer = signed_in(browser, demo, "admin")
    writer.heading("Consent documents")
    writer.look("documents")
    document = "Share data with the Riverside Medicines Study (sandbox)"
    writer.page.locator("form", has_text=document).get_by_role("button").click()
    writer.fill(whats_new_en="We say how long the study goes on.")
    writer.fill(whats_new_es="Decimos cuánto dura el estudio.")
    writer.submit("whats_new_en")
    writer.look("draft")
    draft = writer.page.url.removeprefix(demo.site)
    for name in ("Preview in English", "What changed, word by word"):
        writer.press(name)
        writer.look(f"draft-{name.split()[0].lower()}")
        writer.go(draft)
    publisher = signed_in(browser, demo, "second admin")
    publisher.go(draft)
    publisher.look("draft-of-another")
    publisher.press("Publish this version")
    publisher.look("published")

    expect(publisher.page.get_by_role("main")).to_contain_text("Published by")
    for admin in (writer, publisher):
        admin.look_again_in_spanish()
        admin.nothing_was_wrong()


def test_an_admin_checks_the_chain_of_a_consent(browser: Browser, demo: Demo) -> None:
    admin = signed_in(browser, demo, "admin")
    admin.go("/consent-desk/records/")
    admin.look("consent-records")
    admin.page.locator("tbody a").first.click()
    admin.look("consent-record")
    admin.press("Check")
    admin.look("consent-record-checked")

    expect(admin.page.get_by_role("main")).to_contain_text("the chain holds")
    for path in ("/keep/", "/keep/connections/source/", "/keep/sharing/member/add/"):
        admin.go(path)
        admin.look(path.strip("/").replace("/", "-"))
    admin.look_again_in_spanish()
    admin.nothing_was_wrong()


def test_she_stops_sharing_and_it_is_taken_back(patient: Visitor) -> None:
    patient.go("/choices/all-of-us/")
    patient.press("Stop sharing")
    patient.look("stop")
    patient.press("Stop, and ask for my data back")
    patient.look("stopped")

    until(
        "the program holds none of it",
        lambda: not sent_ids(SENT["package"]) & held(patient.demo, "all-of-us"),
    )
    patient.go("/sharing/")
    patient.look("sharing-after-the-stop")
    expect(patient.page.get_by_role("main")).to_contain_text("Stopped")


def test_she_adds_a_passkey_and_signs_in_with_it_alone(patient: Visitor) -> None:
    patient.go("/accounts/2fa/webauthn/add/")
    patient.confirm_it_is_me(PASSWORD)
    patient.look("add-key")
    patient.plug_in_a_key()
    patient.page.locator('[name="passwordless"]').check()
    patient.press("Add this key")
    patient.heading("Recovery codes")
    patient.go("/accounts/2fa/webauthn/")
    patient.says("Key 1")
    patient.look("keys")

    patient.go("/accounts/logout/")
    patient.look("sign-out")
    patient.page.get_by_role("main").get_by_role("button", name="Sign out").click()
    patient.go("/accounts/login/")
    patient.press("Sign in with a passkey")
    patient.page.wait_for_url("**/results/")
    patient.heading("Your results")


def test_nothing_was_wrong_on_the_way(patient: Visitor) -> None:
    patient.look_again_in_spanish()

    patient.nothing_was_wrong()
    assert len(patient.seen) > 20


def connect(visitor: Visitor, source: str, person: int) -> None:
    """Go to a source, sign in there as one of its people, allow everything and come back."""
    visitor.go("/connections/choose/")
    visitor.look("choose-source")
    visitor.press(source)
    visitor.look("before-you-sign-in-there")
    visitor.press("Go to their sign-in page")
    page = visitor.page
    page.wait_for_url("**/oauth/authorize**")
    page.get_by_role("radio").nth(person).check()
    page.get_by_role("button", name="Sign in").click()
    page.locator('button[name="answer"][value="allow"]').click()
    page.wait_for_url(f"{visitor.demo.site}/connections/*/")


def signed_in(browser: Browser, demo: Demo, role: str) -> Visitor:
    """Return somebody of the demo who has just signed in with both factors."""
    who = demo.sign_ins()[role]
    visitor = Visitor(browser, demo)
    used = USED.setdefault(who["email"], iter(who["recovery_codes"]))
    visitor.sign_in(who["email"], who["password"], used)
    return visitor


def read_and_choose(visitor: Visitor) -> None:
    """Read every screen, and say yes to everything that is not private."""
    for number in range(1, 20):
        visitor.look(f"agree-{number}")
        main = visitor.page.get_by_role("main")
        if visitor.page.locator('[name="genomic"]').count():
            for box in main.locator('[name="genomic"], [name="clinical"]').all():
                box.check()
            for radio in main.locator('input[type="radio"][value="yes"]').all():
                radio.check()
            if visitor.page.locator('[name="identity"]').count():
                visitor.page.locator('[name="identity"]').last.check()
            visitor.press("Continue", exact=True)
            return
        visitor.press("Continue", exact=True)
    raise AssertionError("the screens do not end")


def answer_the_questions(visitor: Visitor, slug: str) -> None:
    """Answer one question wrongly first, then all of them rightly."""
    text = tomllib.loads((plan.ROOT / "consent" / "texts" / f"{slug}.toml").read_text())
    right = {
        question["id"]: [answer["correct"] for answer in question["answers"]].index(True)
        for question in text["en"]["quiz"]
    }
    visitor.look("questions")
    for wrong in (1, 0):
        for name, number in right.items():
            chosen = 1 - number if wrong and name == "can-stop" else number
            visitor.page.locator(f'[name="{name}"][value="{chosen}"]').check()
        visitor.press("Continue", exact=True)
        if wrong:
            visitor.says("You can stop at any time")
            visitor.look("questions-explained")


def received(demo: Demo, program: str, fingerprint: str) -> bytes:
    """Return what a program received under this hash, from its own page."""
    return httpx2.get(f"{demo.other(program)}/received/{fingerprint}").content


def held(demo: Demo, program: str) -> set[tuple[str, str]]:
    """Return type and id of what a program still holds, from its own page."""
    rows = httpx2.get(f"{demo.other(program)}/held").json()
    return {(row["type"], row["id"]) for row in rows if not row["deleted"]}


def sent_ids(package: bytes) -> set[tuple[str, str]]:
    """Return type and id of the records in a package.

    The consent, made inactive, stays at the program, with the code of the person it speaks of.
    """
    entries = json.loads(package)["entry"]
    resources = [entry["resource"] for entry in entries if "resource" in entry]
    return {(r["resourceType"], r["id"]) for r in resources if r["resourceType"] not in STAYS}
