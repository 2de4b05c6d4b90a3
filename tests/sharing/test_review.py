"""The staff's workspace: only their program's, only while the person agrees, all written down."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from consent import policy
from consent import services as consent
from portal.accounts.models import User
from portal.audit.models import Entry
from portal.genomics.findings import Gene
from portal.records.models import Resource
from sharing import services
from sharing.models import Delivery, Enrolment, Package, Review
from sharing.services import registering, reviewing
from sharing.services.program import ProgramRefused
from sharing.services.wall import only_programs_of
from sharing.templatetags.review import gene_words
from tests.consent.builders import PLAIN, a_person, a_program, a_resource, a_scope
from tests.sharing.builders import Sharing, a_variant, an_illness

pytestmark = pytest.mark.django_db
LOINC = "http://loinc.org"


@pytest.fixture
def sharing() -> Sharing:
    made = Sharing()
    made.now = datetime.now(UTC)
    made.confirm()
    made.run()
    return made


def staff_of(sharing: Sharing, email: str = "staff@example.org") -> User:
    user = a_person(email, role=User.Role.STAFF)
    TOTP.activate(user, generate_totp_secret())
    registering.join(user=user, program=sharing.program, at=sharing.now)
    return user


def a_stranger() -> User:
    user = a_person("other@example.org", role=User.Role.STAFF)
    TOTP.activate(user, generate_totp_secret())
    registering.join(user=user, program=a_program("another"), at=datetime.now(UTC))
    return user


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    used = {"method": "mfa", "type": "totp", "at": time.time(), "reauthenticated": True}
    session["account_authentication_methods"] = [used]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()
    return client


def text_of(client: Client, name: str, *args: object, query: str = "", **headers: str) -> str:
    answer = client.get(reverse(name, args=args) + query, headers=headers)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def the_package() -> Package:
    return Package.objects.get(kind="push")


def test_the_queue_shows_a_pseudonym_and_never_who_it_is(sharing: Sharing) -> None:
    page = text_of(signed_in(staff_of(sharing)), "review:queue")

    assert Enrolment.objects.get().pseudonym in page
    assert sharing.patient.email not in page
    assert str(sharing.patient.pk) not in page


def test_the_queue_of_another_program_is_empty_and_says_so(sharing: Sharing) -> None:
    page = text_of(signed_in(a_stranger()), "review:queue")

    assert Enrolment.objects.get().pseudonym not in page
    assert "Nothing here" in page


def test_another_programs_package_is_not_found(sharing: Sharing) -> None:
    client = signed_in(a_stranger())
    address = reverse("review:item", args=[the_package().pk])

    assert client.get(address).status_code == 404
    assert client.post(f"{address}decide/", {"decision": "accept"}).status_code == 404


def test_the_item_page_has_the_scope_beside_the_data_and_reading_is_written_down(
    sharing: Sharing,
) -> None:
    staff = staff_of(sharing)

    page = text_of(signed_in(staff), "review:item", the_package().pk)

    assert "What the person allows" in page
    assert "HGNC:1884" in page
    assert "No build given" in page
    entry = Entry.objects.get(action="sharing.read-by-staff")
    assert (entry.chain, entry.actor_id) == (str(sharing.patient.pk), staff.pk)


def test_the_person_sees_that_staff_opened_it_and_what_they_answered(sharing: Sharing) -> None:
    client = signed_in(staff_of(sharing))
    package = the_package()
    text_of(client, "review:item", package.pk)
    client.post(
        reverse("review:decide", args=[package.pk]),
        {"decision": "return", "reason": "The sample date is missing."},
    )

    person = signed_in(sharing.patient)
    receipt = text_of(person, "sharing:delivery", package.delivery.pk)
    trail = text_of(person, "audit:trail")

    assert "The sample date is missing." in receipt
    assert "staff opened" in trail


def test_a_return_needs_a_reason(sharing: Sharing) -> None:
    client = signed_in(staff_of(sharing))

    answer = client.post(
        reverse("review:decide", args=[the_package().pk]), {"decision": "return"}, follow=True
    )

    assert "Say why you return it" in answer.content.decode()
    assert not Review.objects.exists()


def test_filters_stand_in_the_address(sharing: Sharing) -> None:
    client = signed_in(staff_of(sharing))
    client.post(reverse("review:decide", args=[the_package().pk]), {"decision": "accept"})
    pseudonym = Enrolment.objects.get().pseudonym

    def shows(query: str) -> bool:
        return pseudonym in text_of(client, "review:queue", query=query, HX_Request="true")

    assert not shows("?state=open")
    assert shows("?state=accept")
    assert shows(f"?state=all&q={pseudonym[:4].lower()}&flag=no-build&program=all-of-us")
    assert not shows("?state=all&flag=corrected")
    assert not shows("?state=all&q=zzzz")


def test_one_may_undo_within_ten_seconds(sharing: Sharing) -> None:
    staff, package = staff_of(sharing), the_package()
    reviewing.decide(package=package, reviewer=staff, decision="accept", at=sharing.now)

    soon = sharing.now + timedelta(seconds=9)
    reviewing.decide(package=package, reviewer=staff, decision="undo", at=soon)

    assert reviewing.queue(staff, reviewing.Filters(), at=soon).get() == package


def test_the_staff_are_told_what_their_answer_did(sharing: Sharing) -> None:
    client, package = signed_in(staff_of(sharing)), the_package()
    decide, item = (reverse(f"review:{name}", args=[package.pk]) for name in ("decide", "item"))

    held = client.post(decide, {"decision": "hold"}, follow=True).content.decode()
    undone = client.post(decide, {"decision": "undo"}, follow=True).content.decode()

    assert "The person sees your answer." in held
    assert "Undo (10 seconds)" in held
    assert "it is open again" in undone
    assert "Undo (10 seconds)" not in client.get(item).content.decode()


def test_kinds_of_findings_are_words_and_not_codes(sharing: Sharing) -> None:
    client, package = signed_in(staff_of(sharing)), the_package()

    client.cookies["django_language"] = "es"
    page = client.get(reverse("review:item", args=[package.pk])).content.decode()

    assert "therapeutic-implication" not in page
    assert "Cambio" in page


def test_what_relatives_had_is_told_with_who_and_what() -> None:
    sharing = Sharing()
    history = {
        "resourceType": "FamilyMemberHistory",
        "id": "f1",
        "status": "completed",
        "patient": {"reference": "Patient/p1"},
        "date": "2025-03-04",
        "relationship": {"text": "mother"},
        "condition": [{"code": {"text": "Breast cancer"}}],
    }
    a_resource(sharing.origin, history, "family-history")
    sharing.confirm()
    sharing.run()

    page = text_of(signed_in(staff_of(sharing)), "review:item", the_package().pk)

    assert ">mother</td>" in page
    assert "Breast cancer" in page
    assert "March 4, 2025" in page


def test_a_medicine_in_words_alone_is_shown_to_the_staff() -> None:
    sharing = Sharing()
    effect = a_variant(id="e1", code={"coding": [{"system": LOINC, "code": "53040-2"}]})
    effect["valueCodeableConcept"] = {"text": "Poor metabolizer"}
    effect["component"].append(
        {
            "code": {"coding": [{"system": LOINC, "code": "51963-7"}]},
            "valueCodeableConcept": {"text": "clopidogrel"},
        }
    )
    a_resource(sharing.origin, effect, "medicines-pgx")
    sharing.confirm()
    sharing.run()

    page = text_of(signed_in(staff_of(sharing)), "review:item", the_package().pk)

    assert "clopidogrel" in page


def test_one_may_not_undo_late_or_for_somebody_else(sharing: Sharing) -> None:
    staff, package = staff_of(sharing), the_package()
    reviewing.decide(package=package, reviewer=staff, decision="accept", at=sharing.now)
    late = sharing.now + timedelta(seconds=11)

    with pytest.raises(reviewing.TooLateToUndo):
        reviewing.decide(package=package, reviewer=staff, decision="undo", at=late)
    with pytest.raises(reviewing.TooLateToUndo):
        reviewing.decide(
            package=package,
            reviewer=staff_of(sharing, "second@example.org"),
            decision="undo",
            at=sharing.now,
        )


def test_after_a_stop_the_staff_see_it_no_longer(sharing: Sharing) -> None:
    client, package = signed_in(staff_of(sharing)), the_package()

    sharing.stop()

    assert client.get(reverse("review:item", args=[package.pk])).status_code == 404
    assert "Nothing here" in text_of(client, "review:queue", query="?state=all")


def test_what_the_person_no_longer_allows_is_hidden_at_once(sharing: Sharing) -> None:
    staff, package = staff_of(sharing), the_package()
    scope = sharing.agreement.agreed().scope
    narrower = policy.Scope(
        categories=scope.categories - {policy.Category.HEREDITARY_RISK},
        identity=scope.identity,
        uses=scope.uses,
    )
    consent.change(patient=sharing.patient, program=sharing.program, scope=narrower, at=sharing.now)

    opened = reviewing.open_package(package=package, reader=staff, at=sharing.now)

    assert opened.hidden == 1
    assert opened.findings == []


SENSITIVE = policy.Category.MENTAL_HEALTH


def opened_after_a_no_to(category: policy.Category, *bodies: dict[str, Any]) -> reviewing.Opened:
    """Return what staff can read of these bodies after the person took back one kind of data."""
    sharing = Sharing(scope=a_scope(*PLAIN, SENSITIVE))
    for body in bodies:
        a_resource(sharing.origin, body, *(["carrier"] if body["id"] == "v2" else []))
    sharing.now = datetime.now(UTC)
    sharing.confirm()
    sharing.run()
    scope = sharing.agreement.agreed().scope
    narrower = replace(scope, categories=scope.categories - {category})
    consent.change(patient=sharing.patient, program=sharing.program, scope=narrower, at=sharing.now)
    return reviewing.open_package(package=the_package(), reader=staff_of(sharing), at=sharing.now)


def test_a_result_that_its_source_withdrew_is_read_no_longer(sharing: Sharing) -> None:
    staff, package = staff_of(sharing), the_package()
    sharing.wait(120)
    Resource.objects.of(sharing.patient).update(removed_at=sharing.now)
    sharing.wait(1)
    services.keep_up(at=sharing.now)

    opened = reviewing.open_package(package=package, reader=staff, at=sharing.now)

    assert opened.hidden == 1
    assert types_in(opened) == ["Patient"]


def types_in(opened: reviewing.Opened) -> list[str]:
    return [body["resourceType"] for body in opened.bodies]


def test_a_sensitive_matter_is_hidden_as_soon_as_the_person_says_no_to_it() -> None:
    opened = opened_after_a_no_to(SENSITIVE, an_illness("Depression"))

    assert opened.hidden == 1
    assert types_in(opened) == ["Patient", "Observation"]


@pytest.mark.parametrize(("results", "hidden"), [(("v1",), 2), (("v1", "v2"), 1)])
def test_a_report_tells_no_longer_what_the_person_took_back(
    results: tuple[str, ...], hidden: int
) -> None:
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r1",
        "status": "final",
        "subject": {"reference": "Patient/p1"},
        "category": [
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "GE"}]}
        ],
        "code": {"text": "Gene test"},
        "result": [{"reference": f"Observation/{one}"} for one in results],
        "conclusionCode": [{"coding": [{"system": "http://loinc.org", "code": "LA6668-3"}]}],
    }

    others = [a_variant(id=one) for one in results[1:]]
    opened = opened_after_a_no_to(policy.Category.HEREDITARY_RISK, report, *others)

    assert opened.hidden == hidden
    assert "LA6668-3" not in str(opened.bodies)


def test_the_nearness_of_the_end_is_said_in_words(sharing: Sharing) -> None:
    flags = reviewing.flags_of(
        the_package(), ends_at=sharing.now + timedelta(days=9, hours=1), at=sharing.now
    )

    assert "Consent ends in 9 days" in flags


def test_the_staff_see_what_their_server_refused_and_can_send_it_again() -> None:
    sharing = Sharing()
    sharing.now = datetime.now(UTC)
    sharing.confirm()
    sharing.server.before = [ProgramRefused("status-422", status=422)]
    sharing.run()
    parked = Delivery.objects.get(http_status=422)
    client = signed_in(staff_of(sharing))

    page = text_of(client, "review:parked")
    client.post(reverse("review:retry", args=[parked.pk]))

    assert "HTTP 422" in page
    assert ">News of the agreement</td>" in page
    assert Delivery.objects.get(pk=parked.pk).state == "queued"


def test_what_was_overtaken_has_no_button_for_the_staff() -> None:
    sharing = Sharing()
    sharing.now = datetime.now(UTC)
    services.follow_all(at=sharing.now)
    sharing.run()
    sharing.confirm()
    sharing.server.before = [ProgramRefused("status-422", status=422)]
    sharing.run()
    a_resource(sharing.origin, a_variant(id="v2"), "hereditary-risk")
    sharing.confirm()
    sharing.run()

    page = text_of(signed_in(staff_of(sharing)), "review:parked")

    assert "Something newer went since then" in page
    assert "Try again" not in page


def test_answers_cannot_be_changed_or_removed(sharing: Sharing) -> None:
    review = reviewing.decide(
        package=the_package(), reviewer=staff_of(sharing), decision="hold", at=sharing.now
    )

    with pytest.raises(Exception, match="Cannot"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(decision="accept")
    with pytest.raises(Exception, match="Cannot"), transaction.atomic():
        Review.objects.filter(pk=review.pk).delete()


def test_the_database_wants_a_reason_for_a_return(sharing: Sharing) -> None:
    staff = staff_of(sharing)

    with pytest.raises(IntegrityError, match="return_says_why"), transaction.atomic():
        Review.objects.create(
            package=the_package(), reviewer=staff, decision="return", at=sharing.now
        )


# The second wall: every role but a superuser sees only what the setting allows, also an owner.

TABLES = (
    "consent_agreement",
    "consent_event",
    "sharing_enrolment",
    "sharing_package",
    "sharing_delivery",
    "sharing_disclosure",
    "sharing_attempt",
    "sharing_review",
)


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        row = cursor.fetchone()
        assert row
        found: int = row[0]
        return found


@pytest.mark.parametrize("is_owner", [False, True])
@pytest.mark.parametrize("table", TABLES[:-1])
def test_i7_the_database_shows_the_staff_only_the_rows_of_their_programs(
    sharing: Sharing, table: str, *, is_owner: bool
) -> None:
    insider, outsider = staff_of(sharing), a_stranger()
    nobody = a_person("none@example.org", role=User.Role.STAFF)
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE wall_probe NOLOGIN")
        cursor.execute(f"GRANT SELECT ON {', '.join(TABLES)}, sharing_member TO wall_probe")
        if is_owner:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {table} OWNER TO wall_probe")
        cursor.execute("SET ROLE wall_probe")

    seen = []
    for person in (insider, outsider, nobody):
        with only_programs_of(person):
            seen.append(count(table))
    everything = count(table)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")

    assert seen == [everything, 0, 0]
    assert everything > 0


def test_the_wall_falls_with_a_transaction_that_breaks(sharing: Sharing) -> None:
    staff = staff_of(sharing)

    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        only_programs_of(staff),
        connection.cursor() as cursor,
    ):
        cursor.execute("INSERT INTO sharing_member (since) VALUES (NULL)")

    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('app.program_ids', true), '')")
        assert cursor.fetchone() == ("",)


@pytest.mark.parametrize(
    ("gene", "said"),
    [
        (Gene("CYP2C19", "HGNC:2621"), "CYP2C19"),
        (Gene("", "HGNC:2621"), "CYP2C19 (HGNC:2621)"),
        (Gene("", "HGNC:9999999"), "HGNC:9999999"),
        (Gene("", "ENSG00000165841"), "ENSG00000165841"),
    ],
)
def test_a_gene_that_came_by_its_number_alone_is_named_where_it_is_known(
    gene: Gene, said: str
) -> None:
    assert gene_words(gene) == said
