"""The whole way through the site, in a real browser, as patient, staff and admin."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.whole.browser import Visitor, a_browser, chromium, the_link_in_the_mail
from tests.whole.running import Demo

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(chromium() is None, reason="there is no Chromium on this machine"),
]

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


def test_nothing_was_wrong_on_the_way(patient: Visitor) -> None:
    patient.look_again_in_spanish()

    patient.nothing_was_wrong()


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
