"""Role by route by own or foreign object by method, from the URL configuration itself."""

import time
from urllib.parse import urlencode

import pytest
from allauth.account.internal.flows import login as flows
from allauth.account.internal.userkit import user_id_to_str
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from tests.whole.routes import ADMIN, ANYONE, BORROWED, OPEN, PATIENT, ROUTES, STAFF, Route, names

pytestmark = pytest.mark.django_db

ROLES = (PATIENT, STAFF, ADMIN)
EVERY = sorted(ROUTES.items())
CLOSED = [(name, route) for name, route in EVERY if route.who != OPEN]
OWNED = [(name, route) for name, route in EVERY if route.owned]
BOTH_FACTORS = ("password", "mfa")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def a_person(role: str) -> User:
    number = User.objects.count()
    user = User.objects.create_user(f"{role}{number}@example.org", "correct horse", role=role)
    if user.needs_second_factor:
        TOTP.activate(user, generate_totp_secret())
    return user


def signed_in(user: User) -> Client:
    """Return a browser in which this person signed in a moment ago."""
    client = Client(raise_request_exception=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[flows.AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": method, "reauthenticated": True, "at": time.time()} for method in BOTH_FACTORS
    ]
    session["account_authentication_methods_user"] = user_id_to_str(user)
    session.save()
    return client


def ask(client: Client, method: str, name: str, ids: dict[str, object]) -> HttpResponseBase:
    """Ask, as somebody who fills in what the route needs, and throw the content away."""
    said = dict(ROUTES[name].said)
    address = reverse(name, kwargs=ids)
    if method == "POST":
        answer: object = client.post(address, said)
    else:
        answer = client.generic(method, address, QUERY_STRING=urlencode(said))
    assert isinstance(answer, HttpResponseBase)
    # `answer.close()` would end the connection that the test's transaction lives on.
    for close in answer._resource_closers:  # type: ignore[attr-defined]  # noqa: SLF001
        close()
    return answer


def the_right_person(route: Route) -> User:
    return a_person(PATIENT if route.who in {OPEN, ANYONE} else route.who)


def test_every_route_of_the_site_is_in_the_table() -> None:
    real = {name for name in names() if not name.startswith(BORROWED)}

    assert real == set(ROUTES)


@pytest.mark.parametrize(("name", "route"), CLOSED, ids=[name for name, _ in CLOSED])
def test_nobody_gets_in_without_a_sign_in(name: str, route: Route) -> None:
    ids = route.ids(the_right_person(route))

    for method in route.methods:
        answer = ask(Client(), method, name, ids)

        if answer.status_code == 302:
            assert answer["Location"].startswith("/accounts/login/")
        else:
            assert answer.status_code in {401, 403}


@pytest.mark.parametrize(("name", "route"), CLOSED, ids=[name for name, _ in CLOSED])
def test_people_of_another_role_are_turned_away(name: str, route: Route) -> None:
    ids = route.ids(the_right_person(route))

    for role in ROLES:
        if route.who not in {role, ANYONE}:
            client = signed_in(a_person(role))
            for method in route.methods:
                assert ask(client, method, name, ids).status_code in {403, 404}


@pytest.mark.parametrize(("name", "route"), EVERY, ids=[name for name, _ in EVERY])
def test_the_right_person_gets_an_answer(name: str, route: Route) -> None:
    for method in route.methods:
        user = the_right_person(route)
        status = ask(signed_in(user), method, name, route.ids(user)).status_code

        assert status in {200, 201, 202, 302, 303, 400, 422} or (name, status) == ("ready", 503)


@pytest.mark.parametrize(("name", "route"), OWNED, ids=[name for name, _ in OWNED])
def test_what_belongs_to_somebody_else_is_not_there(name: str, route: Route) -> None:
    theirs = route.ids(the_right_person(route))
    client = signed_in(the_right_person(route))

    for method in route.methods:
        assert ask(client, method, name, theirs).status_code == 404


@pytest.mark.parametrize(("name", "route"), EVERY, ids=[name for name, _ in EVERY])
def test_other_methods_are_refused(name: str, route: Route) -> None:
    user = the_right_person(route)
    client, ids = signed_in(user), route.ids(user)

    for method in set(METHODS) - route.methods:
        assert ask(client, method, name, ids).status_code == 405


@pytest.mark.parametrize("role", [STAFF, ADMIN])
def test_with_a_password_alone_staff_and_admins_get_nowhere(role: str) -> None:
    user = User.objects.create_user("late@example.org", "correct horse", role=role)
    # They stand in for a factor that was lost, and are none by themselves.
    RecoveryCodes.activate(user)
    client = signed_in(user)

    for name, route in CLOSED:
        if not (route.owned or route.fixed) and "GET" in route.methods:
            assert ask(client, "GET", name, {})["Location"] == reverse("mfa_index")
