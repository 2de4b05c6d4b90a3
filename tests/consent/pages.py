"""Signed-in browsers for page tests."""

from typing import Any

from django.test import Client

from consent import services
from consent.models import Version
from portal.accounts.models import User
from tests.consent.builders import NOON
from tests.people import sign_in

BASE = "/choices/all-of-us"
# What somebody ticks on the last screen but two, and the right answers to the four questions.
CHOICES: dict[str, Any] = {
    "genomic": ["medicines-pgx"],
    "clinical": ["allergies"],
    "identity": "pseudonymous",
    "keep_updated": "yes",
    "shared-research": "no",
    "recontact": "yes",
    "return-of-results": "no",
    "ends_on": "",
}
RIGHT = {"not-care": "1", "free-choice": "0", "can-stop": "1", "privacy": "0"}


def a_browser(user: User) -> Client:
    """Return a browser in which someone is signed in.

    People without a password cannot be asked for it again, so they count as freshly signed in.
    """
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def a_stale_browser(user: User) -> Client:
    """Return a browser in which someone signed in a while ago."""
    user.set_password("a long enough one")
    user.save()
    return a_browser(user)


def an_admins_browser(admin: User) -> Client:
    """Return the browser of somebody who has a second factor."""
    client = Client()
    sign_in(client, admin)
    return client


def has_read_all(browser: Client, **answers: object) -> None:
    """Put somebody at the choices, as if they had read the seven screens before."""
    patient = User.objects.get(pk=browser.session["_auth_user_id"])
    version = Version.objects.get(state=Version.State.PUBLISHED)
    kept = {"seen": 7, **answers}
    services.save_draft(patient=patient, version=version, answers=kept, at=NOON)
