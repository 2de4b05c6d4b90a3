"""The trip to a source and back: bound to one browser, used once, checked at every step."""

import hashlib
import threading
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connections as databases

from portal.accounts.models import User
from portal.audit.models import Entry
from portal.connections.models import AuthorizationAttempt, Connection, Credential, Import, Source
from portal.connections.services import connect, imports
from portal.connections.source_api import Answer, SourceUnavailable
from portal.records import services as records
from portal.records.models import Origin, Resource
from tests.connections.builders import a_connection, a_source
from tests.connections.fakes import FakeApi, granted
from tests.records.builders import NOW, a_patient, an_observation, incoming

pytestmark = pytest.mark.django_db
BACK = "https://portal.example/connections/callback/"
BROWSER = "a-secret-of-this-browser"


def begun(source: Source, patient: User) -> dict[str, str]:
    address = connect.begin(
        patient=patient, source=source, browser=BROWSER, redirect_uri=BACK, at=NOW
    )
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def an_answer(state: str, **more: str) -> connect.Answer:
    return replace(connect.Answer(state=state, code="a-code", issuer="", error=""), **more)


def connected(
    source: Source | None = None,
    patient: User | None = None,
    token: dict[str, object] | None = None,
) -> tuple[Import, FakeApi]:
    source, patient = source or a_source(), patient or a_patient()
    state = begun(source, patient)["state"]
    attempt = connect.use_attempt(patient=patient, browser=BROWSER, answer=an_answer(state), at=NOW)
    api = FakeApi(tokens=[granted(**(token or {}))])
    run = connect.finish(attempt=attempt, code="a-code", redirect_uri=BACK, api=api, at=NOW)
    return run, api


def test_the_sign_in_address_says_everything_that_smart_asks_for() -> None:
    source = a_source()

    asked = begun(source, a_patient())

    assert asked["response_type"] == "code"
    assert asked["aud"] == source.base_url
    assert asked["redirect_uri"] == BACK
    assert asked["code_challenge_method"] == "S256"
    assert asked["scope"] == source.scopes
    assert len(asked["state"]) >= 43


def test_states_and_challenges_are_never_the_same_twice() -> None:
    source, patient = a_source(), a_patient()

    first, second = begun(source, patient), begun(source, patient)

    assert first["state"] != second["state"]
    assert first["code_challenge"] != second["code_challenge"]


def test_neither_state_nor_verifier_stands_in_the_database() -> None:
    patient = a_patient()

    asked = begun(a_source(), patient)

    attempt = AuthorizationAttempt.objects.get()
    kept = f"{attempt.state_sha256}{attempt.browser_sha256}{bytes(attempt.sealed_verifier)!r}"
    assert asked["state"] not in kept
    assert BROWSER not in kept


def test_coming_back_makes_a_connection_and_queues_its_import_at_once() -> None:
    run, api = connected()

    connection = run.connection
    assert (connection.remote_patient_id, connection.state) == ("p1", Connection.State.LIVE)
    assert (run.state, run.kind) == (Import.State.QUEUED, Import.Kind.FIRST)
    assert run.steps.count() > 2
    assert Entry.objects.filter(action="connections.connected").count() == 1
    (_, fields, _), *_ = api.posted
    assert fields["grant_type"] == "authorization_code"
    assert fields["redirect_uri"] == BACK


def test_the_verifier_that_is_sent_belongs_to_the_challenge() -> None:
    source, patient = a_source(), a_patient()
    asked = begun(source, patient)
    attempt = connect.use_attempt(
        patient=patient, browser=BROWSER, answer=an_answer(asked["state"]), at=NOW
    )
    api = FakeApi(tokens=[granted()])

    connect.finish(attempt=attempt, code="a-code", redirect_uri=BACK, api=api, at=NOW)

    verifier = api.posted[0][1]["code_verifier"]
    digest = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    assert digest == asked["code_challenge"]


def test_a_state_is_good_once() -> None:
    patient = a_patient()
    answer = an_answer(begun(a_source(), patient)["state"])
    connect.use_attempt(patient=patient, browser=BROWSER, answer=answer, at=NOW)

    with pytest.raises(connect.UnknownAttempt):
        connect.use_attempt(patient=patient, browser=BROWSER, answer=answer, at=NOW)


def test_a_state_is_good_in_its_own_browser_only() -> None:
    patient = a_patient()
    answer = an_answer(begun(a_source(), patient)["state"])

    with pytest.raises(connect.UnknownAttempt):
        connect.use_attempt(patient=patient, browser="another", answer=answer, at=NOW)


def test_a_state_is_good_for_its_own_person_only() -> None:
    answer = an_answer(begun(a_source(), a_patient())["state"])

    with pytest.raises(connect.UnknownAttempt):
        connect.use_attempt(patient=a_patient(), browser=BROWSER, answer=answer, at=NOW)


def test_a_state_that_nobody_made_is_unknown() -> None:
    with pytest.raises(connect.UnknownAttempt):
        connect.use_attempt(
            patient=a_patient(), browser=BROWSER, answer=an_answer("\ud800"), at=NOW
        )


def test_a_state_ends_after_ten_minutes_and_is_spent_then() -> None:
    patient = a_patient()
    answer = an_answer(begun(a_source(), patient)["state"])
    late = NOW + timedelta(minutes=10)

    with pytest.raises(connect.AttemptTooOld):
        connect.use_attempt(patient=patient, browser=BROWSER, answer=answer, at=late)
    with pytest.raises(connect.UnknownAttempt):
        connect.use_attempt(patient=patient, browser=BROWSER, answer=answer, at=NOW)


def test_an_answer_of_another_issuer_is_refused() -> None:
    patient = a_patient()
    answer = an_answer(begun(a_source(), patient)["state"], issuer="https://evil.example")

    with pytest.raises(connect.WrongIssuer):
        connect.use_attempt(patient=patient, browser=BROWSER, answer=answer, at=NOW)


def test_an_issuer_that_was_promised_must_come() -> None:
    patient, source = a_patient(), a_source(issuer_in_answers=True)
    answer = an_answer(begun(source, patient)["state"])

    with pytest.raises(connect.WrongIssuer):
        connect.use_attempt(patient=patient, browser=BROWSER, answer=answer, at=NOW)


def test_the_right_issuer_passes() -> None:
    patient, source = a_patient(), a_source(issuer_in_answers=True)
    answer = an_answer(begun(source, patient)["state"], issuer=source.issuer)

    assert connect.use_attempt(patient=patient, browser=BROWSER, answer=answer, at=NOW)


@pytest.mark.parametrize("answer", [{"error": "access_denied"}, {"code": ""}])
def test_a_no_at_the_source_is_a_no(answer: dict[str, str]) -> None:
    patient = a_patient()
    told = an_answer(begun(a_source(), patient)["state"], **answer)

    with pytest.raises(connect.SignInRefused):
        connect.use_attempt(patient=patient, browser=BROWSER, answer=told, at=NOW)


@pytest.mark.parametrize(
    ("token", "refusal"),
    [
        ({"patient": None}, connect.NoPatient),
        ({"patient": "x" * 201}, connect.NoPatient),
        ({"patient": 7}, connect.NoPatient),
        ({"patient": "p\u0000"}, connect.NoPatient),
        ({"patient": "p1&_include=*"}, connect.NoPatient),
        ({"patient": "../Patient"}, connect.NoPatient),
        ({"scope": "\u0000patient/*.rs"}, connect.NothingGranted),
        ({"access_token": None}, connect.NoToken),
        ({"access_token": "with\nbreak"}, connect.NoToken),
        ({"token_type": "mac"}, connect.NoToken),
        ({"error": "invalid_grant"}, connect.NoToken),
        ({"scope": "launch/patient openid"}, connect.NothingGranted),
        ({"scope": ""}, connect.NothingGranted),
    ],
)
def test_a_poor_answer_makes_no_connection(
    token: dict[str, object], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        connected(token=token)

    assert not Connection.objects.exists()
    assert not Import.objects.exists()


@pytest.mark.parametrize("poor", [{"patient": None}, {"scope": "openid"}])
def test_tokens_that_cannot_be_used_are_given_back(poor: dict[str, object]) -> None:
    source = a_source(revoke_url="http://127.0.0.1:9/oauth/revoke")
    patient = a_patient()
    state = begun(source, patient)["state"]
    attempt = connect.use_attempt(patient=patient, browser=BROWSER, answer=an_answer(state), at=NOW)
    api = FakeApi(tokens=[granted(**poor), (200, {}), SourceUnavailable("slow")])

    with pytest.raises(connect.ConnectRefused):
        connect.finish(attempt=attempt, code="c", redirect_uri=BACK, api=api, at=NOW)

    ended = [fields["token"] for url, fields, _ in api.posted if url == source.revoke_url]
    assert ended == ["a-refresh-token", "an-access-token"]


@pytest.mark.parametrize("lives", [10**15, 9 * 10**18, "9" * 400, "²", -1, True, 0])
def test_a_strange_lifetime_of_a_token_breaks_nothing(lives: object) -> None:
    connected(token={"expires_in": lives})

    expires_at = Credential.objects.get().expires_at
    assert expires_at is None or NOW <= expires_at <= NOW + timedelta(days=1)


def test_a_source_that_names_every_scope_there_is_is_kept_whole() -> None:
    every = " ".join(f"patient/Kind{chr(65 + n % 26)}{chr(97 + n // 26)}.rs" for n in range(200))

    run, _ = connected(token={"scope": f"patient/Observation.rs {every}"})

    assert run.connection.scopes.endswith(every)


def test_more_scopes_than_can_be_kept_are_not_taken() -> None:
    run, _ = connected(token={"scope": "patient/Observation.rs " + "patient/Patient.rs " * 1000})

    assert len(run.connection.scopes) <= 8000


class Slow(FakeApi):
    """Gives its tokens when two have asked."""

    together = threading.Barrier(2)

    def post_form(
        self, url: str, fields: Mapping[str, str], *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        self.together.wait(10)
        return super().post_form(url, fields, headers=headers)


@pytest.mark.usefixtures("transactional_db")
def test_two_trips_that_end_at_one_moment_make_one_connection() -> None:
    source, patient = a_source(), a_patient()
    states = [begun(source, patient)["state"] for _ in range(2)]
    attempts = [
        connect.use_attempt(patient=patient, browser=BROWSER, answer=an_answer(state), at=NOW)
        for state in states
    ]

    def finish(attempt: AuthorizationAttempt) -> int:
        api = Slow(tokens=[granted()])
        run = connect.finish(attempt=attempt, code="c", redirect_uri=BACK, api=api, at=NOW)
        databases.close_all()
        return run.connection_id

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(finish, attempts))

    assert made[0] == made[1]
    assert Origin.objects.count() == 1


def test_a_source_that_does_not_answer_leaves_nothing_behind() -> None:
    patient = a_patient()
    state = begun(a_source(), patient)["state"]
    attempt = connect.use_attempt(patient=patient, browser=BROWSER, answer=an_answer(state), at=NOW)

    with pytest.raises(SourceUnavailable):
        connect.finish(
            attempt=attempt,
            code="c",
            redirect_uri=BACK,
            api=FakeApi(tokens=[SourceUnavailable("slow")]),
            at=NOW,
        )
    assert not Connection.objects.exists()


def test_fewer_scopes_than_asked_are_kept_and_told() -> None:
    run, _ = connected(
        a_source(types=[]), token={"scope": "patient/Observation.rs patient/Patient.r"}
    )

    kinds = set(run.steps.exclude(resource_type="").values_list("resource_type", flat=True))
    assert kinds == {"Observation"}
    assert "Test reports" in run.connection.not_allowed


@pytest.mark.parametrize(
    ("scope", "kinds"),
    [
        ("patient/*.read", {"Patient", "Observation"}),
        ("patient/*.*", {"Patient", "Observation"}),
        ("patient/*.cruds", {"Patient", "Observation"}),
        ("patient/Observation.rs?category=laboratory", {"Observation"}),
        ("patient/*.write patient/Patient.read", {"Patient"}),
    ],
)
def test_both_grammars_of_scopes_are_read(scope: str, kinds: set[str]) -> None:
    run, _ = connected(token={"scope": scope})

    asked = set(run.steps.exclude(resource_type="").values_list("resource_type", flat=True))
    assert asked == kinds


def test_signing_in_again_opens_the_same_connection() -> None:
    source, patient = a_source(), a_patient()
    first, _ = connected(source, patient)
    connect.disconnect(connection=first.connection, delete_copies=False, at=NOW)

    second, _ = connected(source, patient)

    assert second.connection == first.connection
    assert second != first
    assert Connection.objects.get().state == Connection.State.LIVE
    assert Origin.objects.count() == 1


def test_two_people_may_look_at_one_record() -> None:
    source = a_source()

    first, _ = connected(source)
    second, _ = connected(source)

    assert first.connection != second.connection


def test_ending_stops_the_import_and_keeps_the_copies_when_told_so() -> None:
    connection = a_connection()
    run = imports.queue(connection=connection, kind=Import.Kind.FIRST, at=NOW)
    records.store_page(origin=connection.origin, entries=incoming(an_observation()), at=NOW)

    connect.disconnect(connection=connection, delete_copies=False, at=NOW)

    run.refresh_from_db()
    connection.refresh_from_db()
    assert (run.state, connection.state) == (Import.State.STOPPED, "disconnected")
    assert Resource.objects.exists()
    assert Credential.objects.exists()  # until the source has heard of it


def test_ending_erases_the_copies_when_told_so() -> None:
    connection = a_connection()
    records.store_page(origin=connection.origin, entries=incoming(an_observation()), at=NOW)

    connect.disconnect(connection=connection, delete_copies=True, at=NOW)

    assert not Resource.objects.exists()
    assert Entry.objects.get(action="connections.disconnected").facts["erased"] == 1


def test_ending_twice_is_ending_once() -> None:
    connection = a_connection()

    for _ in range(2):
        connect.disconnect(connection=connection, delete_copies=False, at=NOW)

    assert Entry.objects.filter(action="connections.disconnected").count() == 1
