"""The programming interface: one's own, in pages, with every refusal in words."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import connection
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from django.utils import timezone, translation
from django.utils.formats import date_format
from rest_framework.authtoken.models import Token
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate

from portal.accounts.models import User
from portal.audit import actions
from portal.audit.models import Entry
from portal.results.models import Gate
from sharing.api.views import Packages
from sharing.models import Enrolment, Package
from sharing.services import registering
from sharing.services.tokens import LIVES, make
from tests.consent.builders import a_person
from tests.results.builders import a_brca2_change, a_report, keep, open_all
from tests.sharing.builders import Sharing

pytestmark = pytest.mark.django_db
SAID = {"en": "You may not do this.", "es": "Usted no puede hacer esto."}


@pytest.fixture
def sharing() -> Sharing:
    made = Sharing()
    made.now = datetime.now(UTC)
    made.confirm()
    made.run()
    return made


def with_token(user: User) -> Client:
    return Client(headers={"Authorization": f"Bearer {make(user=user, at=datetime.now(UTC))}"})


def staff_of(sharing: Sharing) -> User:
    user = a_person("staff@example.org", role=User.Role.STAFF)
    TOTP.activate(user, generate_totp_secret())
    registering.join(user=user, program=sharing.program, at=sharing.now)
    return user


def results(client: Client, path: str) -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.content
    rows: list[dict[str, Any]] = answer.json()["results"]
    return rows


def problem(answer: HttpResponseBase) -> dict[str, Any]:
    assert answer["Content-Type"] == "application/problem+json"
    assert isinstance(answer, HttpResponse)
    said: dict[str, Any] = json.loads(answer.content)
    assert said["status"] == answer.status_code
    return said


def test_a_person_reads_their_own_shares_agreements_and_disclosures(sharing: Sharing) -> None:
    client = with_token(sharing.patient)

    shares, agreements, disclosures = (
        results(client, path) for path in ("shares/", "agreements/", "disclosures/")
    )

    assert {row["kind"] for row in shares} == {"push", "announce"}
    assert agreements[0]["program"] == "all-of-us"
    assert [row["resource_type"] for row in disclosures] == ["Observation"]


def test_another_persons_rows_are_not_there(sharing: Sharing) -> None:
    stranger = with_token(a_person("stranger@example.org"))
    share = results(with_token(sharing.patient), "shares/")[0]

    lists = [results(stranger, p) for p in ("shares/", "agreements/", "disclosures/", "findings/")]
    answer = stranger.get(f"/api/v1/shares/{share['id']}/")

    assert lists == [[], [], [], []]
    assert problem(answer)["type"].endswith("not-found")


def test_findings_in_a_part_that_is_not_open_are_left_out(sharing: Sharing) -> None:
    sharing.patient.findings.all().delete()
    keep(sharing.origin, a_brca2_change(key="v9"))
    client = with_token(sharing.patient)
    closed = json.dumps(results(client, "findings/"))
    Gate.objects.create(patient=sharing.patient, part="soon", answer="now", answered_at=sharing.now)

    opened = json.dumps(results(client, "findings/"))

    assert "BRCA2" not in closed
    assert "BRCA2" in opened


def test_the_words_of_a_report_are_left_out_while_any_part_is_closed(sharing: Sharing) -> None:
    sharing.patient.findings.all().delete()
    keep(sharing.origin, a_report(conclusion="A change in BRCA2 that raises the risk."))
    client = with_token(sharing.patient)

    closed = json.dumps(results(client, "findings/"))
    open_all(sharing.patient)

    assert "BRCA2" not in closed
    assert "BRCA2" in json.dumps(results(client, "findings/"))


def test_a_closed_finding_is_left_out_also_when_its_row_has_another_key(sharing: Sharing) -> None:
    sharing.patient.findings.all().delete()
    keep(sharing.origin, a_brca2_change(key="v9"))
    sharing.patient.findings.update(key="v9~2")

    assert "BRCA2" not in json.dumps(results(with_token(sharing.patient), "findings/"))


class Broken(Packages):
    """A list that fails while it is made."""

    def list(self, *_: object, **__: object) -> Response:
        raise RuntimeError


def test_the_wall_falls_also_when_an_answer_fails(sharing: Sharing) -> None:
    request = APIRequestFactory().get("/")
    force_authenticate(request, staff_of(sharing))

    with pytest.raises(RuntimeError):
        Broken.as_view({"get": "list"})(request)

    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('app.program_ids', true), '')")
        assert cursor.fetchone() == ("",)


def test_staff_read_packages_of_their_program_by_pseudonym(sharing: Sharing) -> None:
    client = with_token(staff_of(sharing))

    [row] = results(client, "packages/")
    opened = client.get(f"/api/v1/packages/{row['id']}/").json()

    assert row["person"] == Enrolment.objects.get().pseudonym
    assert str(sharing.patient.pk) not in json.dumps(opened)
    assert {body["resourceType"] for body in opened["resources"]} == {"Observation", "Patient"}
    assert Entry.objects.filter(action="sharing.read-by-staff").count() == 1


def test_the_token_of_staff_ends_with_their_second_factor(sharing: Sharing) -> None:
    client = with_token(staff_of(sharing))
    assert client.get("/api/v1/packages/").status_code == 200

    Authenticator.objects.all().delete()

    assert client.get("/api/v1/packages/").status_code == 401


def test_after_a_stop_staff_find_nothing(sharing: Sharing) -> None:
    client = with_token(staff_of(sharing))
    package = Package.objects.get(kind="push")

    sharing.stop()

    assert results(client, "packages/") == []
    assert client.get(f"/api/v1/packages/{package.pk}/").status_code == 404


@pytest.mark.parametrize("path", ["findings/", "agreements/", "shares/", "disclosures/"])
def test_staff_have_no_record_of_their_own(sharing: Sharing, path: str) -> None:
    answer = with_token(staff_of(sharing)).get(f"/api/v1/{path}")

    assert problem(answer)["type"].endswith("not-allowed")


def test_a_patient_cannot_list_packages(sharing: Sharing) -> None:
    assert with_token(sharing.patient).get("/api/v1/packages/").status_code == 403


def test_without_a_sign_in_the_refusal_says_what_to_do() -> None:
    answer = Client().get("/api/v1/shares/")

    assert answer.status_code == 401
    assert problem(answer)["title"] == "Please sign in, or send a token that works."


def test_a_refusal_speaks_the_language_of_the_person(sharing: Sharing) -> None:
    sharing.patient.language = "es"
    sharing.patient.save()

    answer = with_token(sharing.patient).get("/api/v1/packages/")

    assert problem(answer)["title"] == "Usted no puede hacer esto."


def test_pages_are_followed_by_cursor(sharing: Sharing) -> None:
    client = with_token(sharing.patient)

    first = client.get("/api/v1/shares/?page_size=1").json()
    second = client.get(first["next"]).json()

    assert len(first["results"]) == len(second["results"]) == 1
    assert first["results"] != second["results"]
    assert second["next"] is None


TAMPERED = (
    "p=abc",
    "p=1'--",
    "p=%00",
    "p=-1",
    "p=9" + "9" * 40,
    "p=2026-13-45 99:00",
    "p=2026-03-03 12:00:00",
    "r=1&p=now()",
    "o=-5&p=x",
)


@pytest.mark.parametrize("said", TAMPERED)
def test_a_cursor_that_we_did_not_make_leads_nowhere(sharing: Sharing, said: str) -> None:
    sharing.patient.findings.all().delete()
    cursor = b64encode(said.encode()).decode()
    mine, theirs = with_token(sharing.patient), with_token(staff_of(sharing))

    for client, name in (
        (mine, "findings"),
        (mine, "agreements"),
        (mine, "shares"),
        (mine, "disclosures"),
        (theirs, "packages"),
    ):
        answer = client.get(f"/api/v1/{name}/", {"cursor": cursor})
        assert answer.status_code == 404, name


def test_a_cursor_leads_nobody_to_rows_of_others(sharing: Sharing) -> None:
    stranger = with_token(a_person("stranger@example.org"))

    for said in ("r=1&p=0", "p=999999999999999999", "o=0"):
        cursor = b64encode(said.encode()).decode()
        for name in ("findings", "agreements", "disclosures"):
            answer = stranger.get(f"/api/v1/{name}/", {"cursor": cursor})
            assert (answer.status_code, answer.json()["results"]) == (200, [])


def test_a_gene_never_stands_in_an_address(sharing: Sharing) -> None:
    sharing.patient.findings.all().delete()
    keep(sharing.origin, a_brca2_change(key="v9"))
    open_all(sharing.patient)

    rows = results(with_token(sharing.patient), "findings/?gene=TP53")

    assert len(rows) == 1  # it is no filter


def test_only_reading_is_possible(sharing: Sharing) -> None:
    answer = with_token(sharing.patient).post("/api/v1/shares/", {})

    assert problem(answer)["type"].endswith("method")


def test_the_session_of_the_browser_works_too(sharing: Sharing) -> None:
    client = Client()
    client.force_login(sharing.patient, backend="django.contrib.auth.backends.ModelBackend")

    assert len(results(client, "shares/")) == 2


def test_a_token_is_shown_once_and_kept_as_a_hash(sharing: Sharing) -> None:
    client = Client()
    client.force_login(sharing.patient, backend="django.contrib.auth.backends.ModelBackend")

    page = client.post("/api/token/", {"what": "make"}).content.decode()
    token = page.split('<code class="mono">')[1].split("<")[0]

    assert not Token.objects.filter(key=token).exists()
    assert Client(headers={"Authorization": f"Token {token}"}).get("/api/v1/shares/").json()
    client.post("/api/token/", {"what": "end"})
    ended = Client(headers={"Authorization": f"Token {token}"}).get("/api/v1/shares/")
    assert ended.status_code == 401


def test_the_trail_says_that_a_token_was_made_and_ended_once(sharing: Sharing) -> None:
    client = Client()
    client.force_login(sharing.patient, backend="django.contrib.auth.backends.ModelBackend")

    for what in ("make", "end", "end"):
        client.post("/api/token/", {"what": what})

    told = Entry.objects.about_patient(sharing.patient.pk).filter(action__contains="token")
    assert [entry.action for entry in told.order_by("seq")] == [
        actions.TOKEN_MADE,
        actions.TOKEN_ENDED,
    ]
    assert "You ended the token" in client.get("/activity/").content.decode()


def test_a_token_ends_with_the_password_it_was_made_under(sharing: Sharing) -> None:
    client = with_token(sharing.patient)
    assert client.get("/api/v1/shares/").status_code == 200

    sharing.patient.set_password("another good one")
    sharing.patient.save()

    assert client.get("/api/v1/shares/").status_code == 401
    assert with_token(sharing.patient).get("/api/v1/shares/").status_code == 200


def test_a_token_ends_by_itself(sharing: Sharing) -> None:
    client = with_token(sharing.patient)

    for age, status in ((LIVES - timedelta(minutes=1), 200), (LIVES, 401)):
        Token.objects.update(created=timezone.now() - age)
        assert client.get("/api/v1/shares/").status_code == status


def test_the_page_says_until_when_a_token_works(sharing: Sharing) -> None:
    client = Client()
    client.force_login(sharing.patient, backend="django.contrib.auth.backends.ModelBackend")
    assert "It works until" not in client.get("/api/token/").content.decode()

    page = client.post("/api/token/", {"what": "make"}).content.decode()

    day = date_format(Token.objects.get().created + LIVES, "DATE_FORMAT")
    assert f"It works until {day}, or until you change your password." in page


def test_the_page_for_programmers_names_every_operation(sharing: Sharing) -> None:
    client = Client()
    client.force_login(sharing.patient, backend="django.contrib.auth.backends.ModelBackend")

    page = client.get("/api/docs/").content.decode()

    for name in ("findings", "agreements", "shares", "disclosures", "packages"):
        assert f"GET /api/v1/{name}/" in page
    assert "<script>" not in page


def test_the_description_is_open_api_3(sharing: Sharing) -> None:
    answer = with_token(sharing.patient).get("/api/schema/?format=json")

    assert answer.json()["openapi"].startswith("3.")


@pytest.mark.parametrize("path", ["/api/v1/nothing/", "/api/nothing", "/api/v2/findings/"])
def test_an_address_of_the_api_that_there_is_not_answers_in_its_own_form(path: str) -> None:
    answer = Client().get(path)

    assert answer.status_code == 404
    assert problem(answer)["status"] == 404
    assert problem(answer)["type"].endswith("not-found")


@pytest.mark.parametrize(("language", "title"), SAID.items())
def test_a_form_of_elsewhere_answers_in_the_form_and_language_of_the_api(
    language: str, title: str
) -> None:
    client = Client(enforce_csrf_checks=True, headers={"accept-language": language})

    with translation.override(language):  # so that the next test finds the language it had
        answer = client.post("/api/token/")

    assert answer.status_code == 403
    assert problem(answer)["title"] == title


def test_a_host_that_is_not_ours_answers_in_the_form_of_the_api() -> None:
    answer = Client(headers={"host": "evil.example"}).get("/api/v1/findings/")

    assert answer.status_code == 400
    assert problem(answer)["type"].endswith("refused")


def test_what_breaks_answers_in_the_form_of_the_api(
    sharing: Sharing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sharing.api.views.Findings.list", _breaks)
    client = with_token(sharing.patient)
    client.raise_request_exception = False

    answer = client.get("/api/v1/findings/")

    assert answer.status_code == 500
    assert problem(answer)["title"] == "Something went wrong here. Try again in a few minutes."


def _breaks(*_: object, **__: object) -> None:
    raise RuntimeError


def test_another_address_that_there_is_not_answers_with_a_page() -> None:
    answer = Client().get("/nothing/")

    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")
