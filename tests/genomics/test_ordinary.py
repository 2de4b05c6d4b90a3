"""Records that have nothing to do with genes: only their face is read, and nothing is lost."""

from collections.abc import Mapping

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.genomics.documents import SourceResource, WholeResource, split
from portal.genomics.faces import FacedResource, face_of
from portal.genomics.findings import Reading, Rejected
from portal.genomics.glimpses import told_in
from portal.genomics.reader import read
from tests.genomics.files import DATA, names, parts

CHOLESTEROL = {
    "resourceType": "Observation",
    "id": "c",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "2093-3"}]},
    "subject": {"reference": "Patient/p"},
    "valueQuantity": {"value": 5.1, "unit": "mmol/L"},
}
REPORT = {
    "resourceType": "DiagnosticReport",
    "id": "r",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "51969-4"}]},
    "subject": {"reference": "Patient/p"},
    "result": [{"reference": "Observation/c"}],
}
EXAMPLES = names("emerge-lab-reports", "ig-stu3", "mcode", "synthea-r4", "us-core")


def in_full(one: SourceResource) -> SourceResource:
    return WholeResource(one.key, one.body, one.full_url, one.path, one.raw)


def in_order(reading: Reading) -> Reading:
    """Sort what is told beside the results: what needs only its face is told of at the end."""
    notices = sorted(reading.notices, key=lambda one: (one.source.path, one.source.resource))
    others = sorted(reading.quarantined, key=lambda one: one.source.path)
    return msgspec.structs.replace(reading, notices=tuple(notices), quarantined=tuple(others))


@pytest.mark.parametrize("ids", [None, frozenset({"somebody-else"})])
def test_reading_only_faces_says_the_same_as_reading_everything(ids: frozenset[str] | None) -> None:
    for name in EXAMPLES:
        kept, _ = parts((DATA / name).read_bytes())

        by_face = read(kept, patient_ids=ids)
        fully = read([in_full(one) for one in kept], patient_ids=ids)

        assert in_order(by_face) == in_order(fully), name


def test_most_of_a_clinic_record_needs_only_its_faces() -> None:
    (name, *_) = names("synthea-r4")

    kept, _ = parts((DATA / name).read_bytes())

    assert sum(isinstance(one, FacedResource) for one in kept) > len(kept) * 0.8


def test_an_ordinary_result_that_a_genetic_report_gives_is_read_in_full() -> None:
    lines = b"\n".join(map(orjson.dumps, (CHOLESTEROL, REPORT)))

    reading = read(parts(lines)[0], patient_ids=None)

    assert [(one.id, one.value, one.unit) for one in reading.findings] == [("c", 5.1, "mmol/L")]


@pytest.mark.parametrize(
    "odd",
    [
        {"subject": {"identifier": {"system": "s", "value": "v"}}},
        {"subject": {"reference": " Patient/p"}},
        {"id": " c"},
        {"id": None},
        {"modifierExtension": [{"url": "not-so"}]},
        {"derivedFrom": [{"reference": "Observation/v"}]},
        {"code": {"text": "BRCA1 gene"}},
        {"component": [{"code": {"text": "Zygosity"}}]},
        {"category": [{"coding": [{"code": "GE"}]}]},
    ],
)
def test_whatever_is_unusual_or_leads_further_is_read_in_full(odd: dict[str, object]) -> None:
    assert face_of(CHOLESTEROL) is not None
    assert face_of({**CHOLESTEROL, **odd}) is None


def test_a_doubled_key_deep_in_an_ordinary_record_is_still_refused() -> None:
    raw = orjson.dumps(CHOLESTEROL).replace(b'"unit":', b'"value":9,"unit":')

    (found,) = split(raw)

    assert isinstance(found, Rejected)
    assert found.code == "duplicate-key"


@pytest.mark.parametrize(("levels", "codes"), [(63, []), (64, ["too-deep"])])
def test_depth_is_bounded_to_the_level(levels: int, codes: list[str]) -> None:
    raw = orjson.dumps(CHOLESTEROL)[:-1] + b',"x":' + b"[" * levels + b"1" + b"]" * levels + b"}"

    assert [one.code for one in split(raw) if isinstance(one, Rejected)] == codes


def test_a_person_inside_another_record_whom_nothing_tells_is_nobody_else() -> None:
    visit = {"resourceType": "Encounter", "id": "e", "status": "finished",
             "contained": [{"resourceType": "Patient", "id": "c1"}]}  # fmt: skip
    odd = {**CHOLESTEROL, "subject": {"reference": "Encounter/e#c1"}}
    kept, _ = parts(b"\n".join(map(orjson.dumps, (visit, odd))))

    by_face = read(kept, patient_ids=frozenset({"p"}))

    assert not by_face.quarantined
    full = read([in_full(one) for one in kept], patient_ids=frozenset({"p"}))
    assert in_order(by_face) == in_order(full)


def test_an_ordinary_report_can_give_a_result_by_its_identifier() -> None:
    named = {"identifier": [{"system": "urn:lab", "value": "7"}]}
    asked = [{"reference": "Observation?identifier=urn:lab|7"}]
    kept, _ = parts(
        b"\n".join(map(orjson.dumps, ({**VARIANT, **named}, {**PANEL, "result": asked})))
    )
    genetic, _ = parts(
        b"\n".join(map(orjson.dumps, ({**CHOLESTEROL, **named}, {**REPORT, "result": asked})))
    )

    assert [one.id for one in read(kept, patient_ids=None).reports] == ["panel"]
    assert [one.id for one in read(genetic, patient_ids=None).findings] == ["c"]


UNFIT = {
    "duplicate-key": (b'"unit":', b'"value":9,"unit":'),
    "too-deep": (b'"unit":', b'"x":' + b"[" * 64 + b"]" * 64 + b',"unit":'),
    "not-a-number": (b"5.1", b"1e999"),
}


@pytest.mark.parametrize("code", UNFIT)
def test_a_line_known_by_its_face_is_looked_at_before_it_becomes_a_result(code: str) -> None:
    line = orjson.dumps(CHOLESTEROL).replace(*UNFIT[code])
    alone, _ = parts(line + b"\n" + line.replace(b'"c"', b'"d"'))
    given, _ = parts(line + b"\n" + orjson.dumps(REPORT))

    assert [one.raw for one in alone] == [line, line.replace(b'"c"', b'"d"')]
    assert {one.code for one in read(alone, patient_ids=None).notices} == {"not-genomic"}
    reading = read(given, patient_ids=None)
    assert not reading.findings
    assert [one.code for one in reading.notices if one.id == "c"] == [code]


def _lines() -> list[bytes]:
    return [one.raw for name in EXAMPLES for one in parts((DATA / name).read_bytes())[0]]


LINES = sorted(set(_lines()), key=len)[:4000]
JUNK = [b"null", b"NaN", b"01", b"1.", b"\t", b"\x01", b"[", b"}", b",", b" ", b'"', b'"id":"x",',
        b"\\", b"\\ud83d", b"\\ude00", b'"\\ud800":1,', b'"result":[{"reference":"x"}],',
        b'"contained":[{"resourceType":"Device","id":"x"}],',
        b'"subject":{},', b'"code":{"text":"BRCA1 gene"},', b'"status":" Final ",']  # fmt: skip


def test_the_short_way_knows_most_faces() -> None:
    short = sum(told_in(line) is not None for line in LINES)
    long = sum(face_of(orjson.loads(line)) is not None for line in LINES)

    assert short == long > 200


@given(st.sampled_from(LINES), st.integers(0, 10_000), st.integers(0, 6), st.sampled_from(JUNK))
def test_the_short_way_tells_the_face_that_the_long_way_tells(
    line: bytes, at: int, gone: int, junk: bytes
) -> None:
    at %= len(line)
    mutant = line[:at] + junk + line[at + gone :]
    if not mutant.isascii():
        mutant = line

    short = told_in(mutant)

    assert short is None or short == face_of(orjson.loads(mutant))


PANEL = {
    "resourceType": "DiagnosticReport",
    "id": "panel",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "57698-3"}], "text": "Lipids"},
    "subject": {"reference": "Patient/p"},
    "result": [{"reference": "Observation/c"}],
}
VARIANT = {
    "resourceType": "Observation",
    "id": "v",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "69548-6"}]},
    "subject": {"reference": "Patient/p"},
    "valueCodeableConcept": {
        "coding": [{"system": "http://loinc.org", "code": "LA9633-4", "display": "Present"}]
    },
}
BOTH = [{"reference": "Observation/c"}, {"reference": "Observation/v"}]


def _read_lines(*bodies: Mapping[str, object]) -> Reading:
    return read(parts(b"\n".join(map(orjson.dumps, bodies)))[0], patient_ids=None)


def test_a_report_of_ordinary_results_needs_only_its_face() -> None:
    face = told_in(orjson.dumps(PANEL))

    assert face is not None
    assert face == face_of(PANEL)
    assert face.results == ("Observation/c",)
    reading = _read_lines(PANEL, CHOLESTEROL)
    assert {one.code for one in reading.notices} == {"not-genomic"}
    assert not reading.reports


def test_a_report_with_an_ordinary_name_that_gives_a_variant_is_read_in_full() -> None:
    reading = _read_lines({**PANEL, "result": BOTH, "conclusion": "One variant."}, VARIANT)

    (report,), (variant,) = reading.reports, reading.findings
    assert report.conclusion == "One variant."
    assert variant.reports == (report.key,) == ("DiagnosticReport/panel",)


@pytest.mark.parametrize(
    "odd",
    [
        {"code": {"coding": [{"system": "http://loinc.org", "code": "51969-4"}]}},
        {"code": {"text": "Lipids"}},
        {"code": {"coding": [{"code": "57698-3", "display": "LDLR gene"}]}},
        {"category": [{"coding": [{"code": "GE"}]}]},
        {"subject": {"display": "Somebody"}},
        {"result": [{"display": "Cholesterol"}]},
        {"result": {"reference": "Observation/c"}},
        {"extension": []},
        {"contained": []},
        {"modifierExtension": []},
    ],
)
def test_an_unusual_report_is_looked_at_in_full(odd: dict[str, object]) -> None:
    body = {**PANEL, **odd}

    assert told_in(orjson.dumps(body)) is None
    assert face_of(body) is None


@pytest.mark.parametrize("body", [CHOLESTEROL, PANEL])
@pytest.mark.parametrize("name", ["code", "category"])
def test_only_the_long_way_reads_a_long_name(body: dict[str, object], name: str) -> None:
    coding = {"system": "http://loinc.org", "code": "2093-3", "display": "Lipids " * 200}

    long = {**body, name: {"coding": [coding]}}

    assert told_in(orjson.dumps(body)) is not None
    assert told_in(orjson.dumps(long)) is None
    assert face_of(long) is not None


def test_a_report_that_gives_one_element_twice_gives_no_results() -> None:
    report = orjson.dumps({**PANEL, "result": BOTH})[:-1] + b',"status":"final"}'

    reading = read(parts(report + b"\n" + orjson.dumps(VARIANT))[0], patient_ids=None)

    assert not reading.reports
    assert [one.reports for one in reading.findings] == [()]


def test_a_bundle_on_a_line_is_opened() -> None:
    bundle = {"resourceType": "Bundle", "id": "b", "entry": [{"resource": VARIANT}]}

    reading = _read_lines(bundle, CHOLESTEROL)

    assert [one.id for one in reading.findings] == ["v"]
