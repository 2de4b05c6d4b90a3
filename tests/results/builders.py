"""People and results for the tests of the results pages."""

from datetime import UTC, datetime

from portal.accounts.models import User
from portal.connections.models import Connection, Import, Source
from portal.genomics import findings as facts
from portal.genomics.findings import Concept, Gene, Hgvs, Kind, Pointer, Presence
from portal.records.models import Finding, Origin
from portal.results.models import Gate

AT = datetime(2026, 3, 3, 12, tzinfo=UTC)


def a_patient(email: str = "ana@example.org") -> User:
    return User.objects.create_user(email, "a-long-password-1")


def an_origin(patient: User, **changes: object) -> Origin:
    fields: dict[str, object] = {
        "kind": Origin.Kind.CONNECTION,
        "name": "Demo Lab",
        "created_at": AT,
        **changes,
    }
    return Origin.objects.create(patient=patient, **fields)


def an_import(patient: User, state: Import.State) -> Import:
    source = Source.objects.create(
        slug="lab",
        name="Lab",
        kind=Source.Kind.LAB,
        base_url="https://lab.example/fhir",
        auth_method="none",
        registered_at=AT,
    )
    connection = Connection.objects.create(
        patient=patient,
        source=source,
        origin=an_origin(patient, name="Lab"),
        remote_patient_id="p1",
        connected_at=AT,
    )
    finished = None if state in Import.OPEN_STATES else AT
    return Import.objects.create(
        connection=connection,
        kind=Import.Kind.FIRST,
        state=state,
        created_at=AT,
        due_at=AT,
        finished_at=finished,
    )


def a_finding(key: str = "v1", **changes: object) -> facts.Finding:
    fields: dict[str, object] = {
        "key": key,
        "id": key,
        "kind": Kind.VARIANT,
        "source": Pointer(f"Observation/{key}"),
        "presence": Presence.PRESENT,
        "source_class": "germline",
        "zygosity": "heterozygous",
        "effective_at": "2026-03-03",
        "status": "final",
        "reports": ("r1",),
    }
    return facts.Finding(**{**fields, **changes})  # type: ignore[arg-type]


def a_brca2_change(**changes: object) -> facts.Finding:
    fields: dict[str, object] = {
        "genes": (Gene("BRCA2", "HGNC:1101"),),
        "hgvs": Hgvs(c=("NM_000059.3:c.2808_2811del",), p=("p.Ala938Profs*21",)),
        "significance": ("Pathogenic",),
        "conclusion": "A heterozygous change was detected in this individual.",
    }
    return a_finding(**{**fields, **changes})  # type: ignore[arg-type]


def a_slow_cyp2c19() -> list[facts.Finding]:
    gene = (Gene("CYP2C19", "HGNC:2621"),)
    genotype = a_finding("g1", kind=Kind.GENOTYPE, genes=gene, name="*2/*2", presence=None)
    implication = a_finding(
        "t1",
        kind=Kind.THERAPEUTIC_IMPLICATION,
        presence=None,
        derived_from=("g1",),
        effects=("Poor metabolizer",),
        medicines=(Concept("clopidogrel"), Concept("novelonium")),
    )
    return [genotype, implication]


def a_report(**changes: object) -> facts.Report:
    fields: dict[str, object] = {
        "key": "r1",
        "id": "r1",
        "source": Pointer("DiagnosticReport/r1"),
        "status": "final",
        "title": "Panel test",
        "performers": ("Demo Laboratory",),
        "effective_at": "2026-03-03",
    }
    return facts.Report(**{**fields, **changes})  # type: ignore[arg-type]


def keep(origin: Origin, *records: facts.Record) -> None:
    """Put records into the projection as the record room does."""
    for number, record in enumerate(records):
        kind = record.kind.value if isinstance(record, facts.Finding) else "report"
        key = getattr(record, "key", f"notice-{number}")
        Finding.objects.create(
            patient_id=origin.patient_id,
            origin=origin,
            key=key,
            kind=kind,
            body=facts.to_json(record),
        )


def open_all(patient: User) -> None:
    for part in Gate.Part:
        Gate.objects.create(patient=patient, part=part, answer=Gate.Answer.NOW, answered_at=AT)
