"""Every resource is kept once, every change of it too, and what cannot be kept is listed."""

import json

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from portal.accounts import sealing
from portal.records import services
from portal.records.models import (
    Change,
    Origin,
    Quarantined,
    Rejected,
    Resource,
    ResourceVersion,
    unpack,
)
from portal.records.services import pages
from portal.records.services.pages import quarantine_context
from tests.records.builders import BASE, NOW, an_observation, an_origin, incoming

pytestmark = pytest.mark.django_db


def store(origin: Origin, *raw: bytes) -> services.PageCounts:
    return services.store_page(origin=origin, entries=incoming(*raw), at=NOW)


def test_the_bytes_are_kept_as_they_came() -> None:
    origin = an_origin()
    raw = b'{"resourceType":"Observation", "id":"a","valueQuantity":{"value":1.50},"id":"a"}'

    counts = store(origin, raw)

    assert counts.stored == 1
    assert Resource.objects.get().verbatim() == raw


def test_the_same_page_again_writes_nothing() -> None:
    origin = an_origin()
    store(origin, an_observation("a"), an_observation("b"))
    before = list(Resource.objects.values_list("pk", "sha256", "stored_at"))

    counts = store(origin, an_observation("a"), an_observation("b"))

    assert (counts.unchanged, counts.stored, counts.changed) == (2, 0, 0)
    assert list(Resource.objects.values_list("pk", "sha256", "stored_at")) == before
    assert not ResourceVersion.objects.exists()


def test_a_changed_copy_keeps_the_former_one_and_is_news() -> None:
    origin = an_origin()
    first, second, third = (an_observation(status=s) for s in ("preliminary", "final", "amended"))

    store(origin, first)
    store(origin, second)
    counts = store(origin, third)

    resource = Resource.objects.get()
    assert counts.changed == 1
    assert resource.verbatim() == third
    versions = ResourceVersion.objects.order_by("seq")
    assert [(v.seq, unpack(v.raw)) for v in versions] == [(1, first), (2, second)]
    assert list(Change.objects.values_list("kind", flat=True)) == [Change.Kind.CORRECTED] * 2


def test_i5_a_copy_that_is_laid_out_anew_is_no_news_and_writes_nothing() -> None:
    origin = an_origin()
    first = an_observation(valueQuantity={"value": 1.0, "unit": "mg"})
    store(origin, first)

    counts = store(origin, json.dumps(json.loads(first), indent=2, sort_keys=True).encode())

    assert (counts.unchanged, counts.changed) == (1, 0)
    assert Resource.objects.get().verbatim() == first
    assert not Change.objects.exists()


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"1.0", b"1.00"), (b"1.0", b'"1.0"'), (b'"mg"', b'"g"'), (b'"mg"', b'"mg", "unit": "mg"')],
)
def test_each_letter_of_a_value_counts(old: bytes, new: bytes) -> None:
    origin = an_origin()
    first = an_observation(valueQuantity={"value": 1.0, "unit": "mg"})
    store(origin, first)

    counts = store(origin, first.replace(old, new))

    assert counts.changed == 1
    assert Resource.objects.get().verbatim() == first.replace(old, new)


def test_two_copies_on_one_page_are_two_versions() -> None:
    origin = an_origin()

    counts = store(origin, an_observation(status="final"), an_observation(status="amended"))

    assert (counts.stored, counts.changed) == (1, 1)
    assert Resource.objects.get().status == "amended"
    assert ResourceVersion.objects.get().status == "final"


def test_what_the_source_took_back_and_gives_again_is_there_again() -> None:
    origin = an_origin()
    store(origin, an_observation())
    services.mark_removed(resources=Resource.objects.all(), at=NOW)
    assert not Resource.objects.present().exists()

    store(origin, an_observation())

    assert Resource.objects.present().exists()
    assert not ResourceVersion.objects.exists()
    assert list(Change.objects.order_by("pk").values_list("kind", flat=True)) == ["removed", "back"]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"resourceType":"Observation","id":"a","v":NaN}', "not-json"),
        (b'{"resourceType":"Observation","id":"a","v":Infinity}', "not-json"),
        (b'{"resourceType":"Observation","id":"a","v":"\\ud800"}', "not-json"),
        (b'{"resourceType":"Observation","id":"a","v":"\xff"}', "not-json"),
        (b'{"resourceType":"Observation","id":"a","v":"x\\u0000y"}', "forbidden-character"),
        (
            b'{"resourceType":"Observation","id":"a","v":' + b"[" * 200 + b"]" * 200 + b"}",
            "too-deep",
        ),
        (b'{"id":"a"}', "no-type"),
        (b'{"resourceType":"observation","id":"a"}', "no-type"),
        (b'{"resourceType":"Observation","id":7}', "bad-id"),
        (b'{"resourceType":"Observation","id":""}', "bad-id"),
        (b'{"resourceType":"OperationOutcome"}', "remark"),
        (b"null", "no-object"),
        (b"[]", "no-object"),
        (b"", "not-json"),
    ],
)
def test_what_cannot_be_kept_is_listed_with_its_bytes(raw: bytes, reason: str) -> None:
    origin = an_origin()

    counts = store(origin, raw, an_observation("b"), raw)

    rejected = Rejected.objects.get()
    assert (counts.stored, counts.rejected) == (1, 2)
    assert rejected.reason == reason
    assert unpack(rejected.raw) == raw


@pytest.mark.parametrize(
    "whose",
    [
        "Patient/p2",
        "Patient/p1/_history/2x/../Patient/p2",
        "https://other.example/r4/Patient/p1",
        f"{BASE}/Patient/p2",
        "Patient/P1",
        "Patient/p11",
        "urn:uuid:8c2a3f6e-5d0c-4f5c-9f0a-1b2c3d4e5f60",
    ],
)
def test_resources_of_somebody_else_are_kept_apart(whose: str) -> None:
    origin = an_origin(remote="p1")
    stranger = an_observation("b", whose=whose)

    counts = store(origin, an_observation("a"), stranger)

    held = Quarantined.objects.get()
    context = quarantine_context(origin.patient_id, held.sha256)
    assert (counts.stored, counts.quarantined) == (1, 1)
    assert Resource.objects.get().source_id == "a"
    assert whose.encode() not in bytes(held.sealed)
    assert unpack(sealing.unseal(held.sealed, context=context)) == stranger


@pytest.mark.parametrize("whose", ["Patient/p1", f"{BASE}/Patient/p1", "Patient/p1/_history/3"])
def test_each_way_to_name_the_person_is_the_person(whose: str) -> None:
    counts = store(an_origin(remote="p1"), an_observation(whose=whose))

    assert counts.stored == 1


def test_a_doubled_subject_cannot_hide_somebody_else() -> None:
    raw = an_observation(whose="Patient/p1")
    for first, second in (("p1", "p2"), ("p2", "p1")):
        doubled = raw.replace(
            b'"subject": {"reference": "Patient/p1"}',
            f'"subject":{{"reference":"Patient/{first}"}},'
            f'"subject":{{"reference":"Patient/{second}"}}'.encode(),
        )

        assert store(an_origin(remote="p1"), doubled).quarantined == 1


@pytest.mark.parametrize(
    "odd",
    [
        b'"v":NaN',
        b'"v":"x\\u0000y"',
        b'"v":"\\ud800"',
        b'"v":"\xff"',
        b'"v":' + b"[" * 200 + b"]" * 200,
        b'"id":7',
        b'"id":""',
        b'"resourceType":"observation"',
        b'"subject":{"reference":"Patient/p1"},"v":NaN',
    ],
)
def test_what_cannot_be_kept_and_is_somebody_elses_is_kept_apart(odd: bytes) -> None:
    stranger = an_observation("b", whose="Patient/p2")[:-1] + b"," + odd + b"}"

    counts = store(an_origin(remote="p1"), stranger, stranger)

    held = Quarantined.objects.get()
    context = quarantine_context(held.patient_id, held.sha256)
    assert (counts.stored, counts.rejected, counts.quarantined) == (0, 0, 2)
    assert not Rejected.objects.exists()
    assert unpack(sealing.unseal(held.sealed, context=context)) == stranger


def test_brackets_without_end_are_listed_and_stop_nothing() -> None:
    deep = b'{"contained":' * 200_000 + b"1" + b"}" * 200_000

    counts = store(an_origin(remote="p1"), deep, an_observation())

    assert (counts.stored, counts.rejected) == (1, 1)


def test_a_stranger_inside_a_resource_is_seen() -> None:
    inner = json.loads(an_observation("c", whose="Patient/p2"))

    counts = store(an_origin(remote="p1"), an_observation("a", contained=[inner]))

    assert counts.quarantined == 1


def test_another_patient_resource_is_somebody_else() -> None:
    counts = store(an_origin(remote="p1"), b'{"resourceType":"Patient","id":"someone-else"}')

    assert counts.quarantined == 1


def test_uploads_name_whom_they_like() -> None:
    counts = store(an_origin(remote=""), an_observation(whose="urn:uuid:1"))

    assert counts.stored == 1


def test_a_former_copy_cannot_be_changed_or_lost() -> None:
    origin = an_origin()
    store(origin, an_observation(status="final"))
    store(origin, an_observation(status="amended"))

    with pytest.raises(DatabaseError), transaction.atomic():
        ResourceVersion.objects.update(status="x")
    with pytest.raises(DatabaseError), transaction.atomic():
        ResourceVersion.objects.all().delete()
    assert ResourceVersion.objects.get().status == "final"


def test_erasing_deletes_every_copy_of_this_origin_and_of_no_other() -> None:
    mine, other = an_origin(), an_origin()
    for origin in (mine, other):
        store(
            origin, an_observation(status="final"), b"null", an_observation("b", whose="Patient/x")
        )
        store(origin, an_observation(status="amended"))

    erased = services.erase(origin=mine)

    assert erased >= 1
    for model in (Resource, Rejected, Quarantined):
        assert [row.origin for row in model.objects.all()] == [other]
    assert [v.resource.origin for v in ResourceVersion.objects.all()] == [other]


def test_a_resource_is_there_once_for_each_origin() -> None:
    origin = an_origin()
    store(origin, an_observation())
    copy = Resource.objects.get()
    copy.pk = None

    with pytest.raises(IntegrityError), transaction.atomic():
        copy.save(force_insert=True)


def test_a_page_that_meets_a_row_it_did_not_know_of_stores_nothing() -> None:
    origin = an_origin()
    other = an_origin(origin.patient)
    store(other, an_observation("a"))
    rows = [Resource.objects.get(), Resource.objects.get()]

    with pytest.raises(IntegrityError), transaction.atomic():
        pages._insert(rows)  # noqa: SLF001  # what a race would do
    assert Resource.objects.count() == 1


def test_what_is_rejected_or_apart_is_listed_once() -> None:
    origin = an_origin()
    store(origin, b"null", an_observation(whose="Patient/x"))
    for row in (Rejected.objects.get(), Quarantined.objects.get()):
        row.pk = None

        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)


def test_a_person_sees_only_their_own() -> None:
    mine, other = an_origin(), an_origin()
    store(mine, an_observation("mine"))
    store(other, an_observation("other"))

    assert [r.source_id for r in Resource.objects.of(mine.patient)] == ["mine"]
