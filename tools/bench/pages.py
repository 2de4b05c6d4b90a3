"""Pages over real rows in a real PostgreSQL, asked for through Django's test client.

One person has 500 findings, read from FHIR by the site itself, and has opened every notice. A
test database is made and dropped. Times are wall time, as a person waits: a busy machine makes
them longer, so the time of this process alone stands beside them.
"""

import gzip
import importlib
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import orjson

FINDINGS: Final = 500
USUAL: Final = 12  # findings of one laboratory report, for the printed copy
ASKED: Final = 30
SHARED: Final = 300  # packages that one program was sent
_AT: Final = datetime(2026, 3, 3, 12, tzinfo=UTC)
_QUERIES_BAR: Final = {"/results/": 8}  # the pages that anybody has set a bar for
_BYTES_BAR: Final = 20_000
_PAGE_BAR_MS: Final = 150
_PDF_BAR_MS: Final = 1000
_FILTER_BAR_MS: Final = 250
_GENES: Final = (
    ("BRCA1", "HGNC:1100"), ("BRCA2", "HGNC:1101"), ("MLH1", "HGNC:7127"), ("MSH2", "HGNC:7325"),
    ("TP53", "HGNC:11998"), ("LDLR", "HGNC:6547"), ("MYH7", "HGNC:7577"), ("CFTR", "HGNC:1884"),
    ("RYR1", "HGNC:10483"), ("KCNQ1", "HGNC:6294"),
)  # fmt: skip
_CLASSES: Final = (
    ("LA6668-3", "Pathogenic"),
    ("LA26332-9", "Likely pathogenic"),
    ("LA26333-7", "Uncertain significance"),
    ("LA6675-8", "Benign"),
)


def lines() -> Iterator[str]:
    """Yield what was measured, one sentence each."""
    importlib.import_module("tests.environment")
    importlib.import_module("portal.wsgi")  # as the server starts, with what it settles then
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import (  # noqa: PLC0415
        setup_test_environment,
        teardown_test_environment,
    )

    logging.disable(logging.INFO)
    setup_test_environment(debug=False)
    # Named after this run, so that several runs never meet.
    connection.settings_dict["TEST"]["NAME"] = f"test_sync_{os.environ['SYNC_TEST_RUN']}_bench"
    old_name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0)
    try:
        yield from _measured()
    finally:
        connection.creation.destroy_test_db(old_name, verbosity=0)
        teardown_test_environment()


def _measured() -> Iterator[str]:
    from django.test import Client  # noqa: PLC0415  # Django is set up by now

    from tests.people import sign_in  # noqa: PLC0415
    from tests.results.builders import a_patient  # noqa: PLC0415

    person = a_patient("many@example.org")
    yield from _stored(person, FINDINGS)
    _open_all(person)
    client = Client()
    sign_in(client, person)
    for name, path in (
        ("results page", "/results/"),
        ("one part of it", "/results/part/soon/?page=2"),
        ("what was looked at", "/results/looked/"),
    ):
        yield _page(name, client, path, _PAGE_BAR_MS)
    usual = a_patient("usual@example.org")
    yield from _stored(usual, USUAL)
    _open_all(usual)
    yield _doctor(usual)
    yield from _staff(client)


def _staff(client: Any) -> Iterator[str]:  # noqa: ANN401  # its type needs Django
    """Yield how long the staff of a program wait for their list and for a filter of it."""
    from portal.accounts.models import User  # noqa: PLC0415  # Django is set up by now
    from sharing.models import Member  # noqa: PLC0415
    from tests.consent.builders import a_person  # noqa: PLC0415
    from tests.people import sign_in  # noqa: PLC0415
    from tests.sharing.builders import AProgram, Sharing  # noqa: PLC0415

    first = Sharing()
    for number in range(SHARED):
        one = Sharing.joined_by(a_person(f"p{number}@example.org"), first)
        one.server = AProgram()  # it counts the versions of one consent
        one.confirm()
        one.run()
    staff = a_person("staff@example.org", role=User.Role.STAFF)
    Member.objects.create(user=staff, program=first.program, since=_AT)
    sign_in(client, staff)
    for name, query in (("list", ""), ("list, filtered", "?state=all&search=a")):
        yield _page(f"staff's {name} of {SHARED}", client, f"/review/{query}", _FILTER_BAR_MS)


def _open_all(person: Any) -> None:  # noqa: ANN401  # its type needs Django
    from portal.results.models import Gate  # noqa: PLC0415  # Django is set up by now

    Gate.objects.bulk_create(
        Gate(patient=person, part=one, answer=Gate.Answer.NOW, answered_at=_AT) for one in Gate.Part
    )


def _stored(person: Any, count: int) -> Iterator[str]:  # noqa: ANN401  # its type needs Django
    from portal.records.fhir import Incoming  # noqa: PLC0415  # Django is set up by now
    from portal.records.models import Finding  # noqa: PLC0415
    from portal.records.services.findings import rebuild_findings  # noqa: PLC0415
    from portal.records.services.pages import store_page  # noqa: PLC0415
    from tests.results.builders import an_origin  # noqa: PLC0415

    rows = [Incoming(orjson.dumps(one)) for one in _resources(count)]
    origin = an_origin(person)
    began = time.perf_counter()
    store_page(origin=origin, entries=rows, at=_AT)
    stored = time.perf_counter()
    rebuild_findings(patient=person, at=_AT)
    read = time.perf_counter()
    found = Finding.objects.of(person).exclude(kind__in=("report", "notice")).count()
    yield (
        f"{len(rows)} resources stored in {stored - began:.2f} s, "
        f"{found} findings read into rows in {read - stored:.2f} s"
    )


def _resources(count: int) -> Iterator[dict[str, object]]:
    """Yield a report and its variants, each different."""
    names = [f"v{number}" for number in range(count)]
    yield {
        "resourceType": "DiagnosticReport",
        "id": "report",
        "status": "final",
        "code": _coded("http://loinc.org", "51969-4", "Genetic analysis report"),
        "subject": {"reference": "Patient/one"},
        "effectiveDateTime": "2026-03-03",
        "result": [{"reference": f"Observation/{name}"} for name in names],
    }
    for number, name in enumerate(names):
        yield _variant(number, name)


def _variant(number: int, name: str) -> dict[str, object]:
    symbol, gene = _GENES[number % len(_GENES)]
    code, said = _CLASSES[number // len(_GENES) % len(_CLASSES)]
    pieces = (
        ("48018-6", _coded("http://www.genenames.org", gene, symbol)),
        ("48004-6", _coded("http://varnomen.hgvs.org", f"NM_000059.4:c.{number + 100}A>G", "")),
        ("53034-5", _coded("http://loinc.org", "LA6706-1", "Heterozygous")),
        ("48002-0", _coded("http://loinc.org", "LA6683-2", "Germline")),
        ("53037-8", _coded("http://loinc.org", code, said)),
    )
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "code": _coded("http://loinc.org", "69548-6", "Genetic variant assessment"),
        "subject": {"reference": "Patient/one"},
        "valueCodeableConcept": _coded("http://loinc.org", "LA9633-4", "Present"),
        "component": [
            {"code": _coded("http://loinc.org", loinc, ""), "valueCodeableConcept": value}
            for loinc, value in pieces
        ],
    }


def _coded(system: str, code: str, display: str) -> dict[str, object]:
    coding = {"system": system, "code": code, "display": display}
    return {"coding": [{key: value for key, value in coding.items() if value}]}


def _page(name: str, client: Any, path: str, bar_ms: int) -> str:  # noqa: ANN401
    from django.db import connection  # noqa: PLC0415  # Django is set up by now
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(path)
        queries = len(asked)
    size = len(gzip.compress(answer.content))
    waited, worked = _times(lambda: client.get(path), ASKED)
    slowest = _share(waited, 0.95)
    missed = slowest > bar_ms or queries > _QUERIES_BAR.get(path, queries) or size > _BYTES_BAR
    return (
        f"{name}: {answer.status_code}, {queries} queries{_barred(_QUERIES_BAR.get(path))}, "
        f"{size:,} bytes gzipped (bar: {_BYTES_BAR:,}), "
        f"p50 {_share(waited, 0.5):.0f} ms, p95 {slowest:.0f} ms (bar: {bar_ms}): "
        f"{'missed' if missed else 'met'}; "
        f"of this process p50 {_share(worked, 0.5):.0f} ms, p95 {_share(worked, 0.95):.0f} ms"
    )


def _barred(bar: int | None) -> str:
    return "" if bar is None else f" (bar: {bar})"


def _doctor(person: Any) -> str:  # noqa: ANN401  # its type needs Django
    from portal.results.page import page_of  # noqa: PLC0415  # Django is set up by now
    from portal.results.printing import doctor_pdf  # noqa: PLC0415

    made = doctor_pdf(page_of(person), at=_AT)
    waited, worked = _times(lambda: doctor_pdf(page_of(person), at=_AT), 2)
    return (
        f"copy for a doctor: {len(made):,} bytes, {min(waited):.0f} ms "
        f"(bar: {_PDF_BAR_MS}); of this process {min(worked):.0f} ms"
    )


def _times(work: Callable[[], object], times: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds of the wall and of this process that each run took."""
    waited, worked = [], []
    for _ in range(times):
        wall, own = time.perf_counter(), time.process_time()
        work()
        waited.append((time.perf_counter() - wall) * 1000)
        worked.append((time.process_time() - own) * 1000)
    return waited, worked


def _share(times: Sequence[float], share: float) -> float:
    """Return the time that this share of the runs stayed within."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
