"""Records that have nothing to do with genes: only their face is read, and nothing is lost."""

import msgspec
import orjson
import pytest

from portal.genomics.documents import SourceResource, split
from portal.genomics.findings import Rejected
from portal.genomics.ordinary import face_of
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
EXAMPLES = names("emerge-lab-reports", "ig-stu3", "mcode", "synthea-r4", "us-core")


def in_full(one: SourceResource) -> SourceResource:
    return msgspec.structs.replace(one, face=None, held=one.body)


@pytest.mark.parametrize("ids", [None, frozenset({"somebody-else"})])
def test_reading_only_faces_says_the_same_as_reading_everything(ids: frozenset[str] | None) -> None:
    for name in EXAMPLES:
        kept, _ = parts((DATA / name).read_bytes())

        by_face = read(kept, patient_ids=ids)
        fully = read([in_full(one) for one in kept], patient_ids=ids)

        assert by_face == fully, name


def test_most_of_a_clinic_record_needs_only_its_faces() -> None:
    (name, *_) = names("synthea-r4")

    kept, _ = parts((DATA / name).read_bytes())

    assert sum(one.face is not None for one in kept) > len(kept) * 0.8


def test_an_ordinary_result_that_a_genetic_report_gives_is_read_in_full() -> None:
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "51969-4"}]},
        "subject": {"reference": "Patient/p"},
        "result": [{"reference": "Observation/c"}],
    }
    lines = b"\n".join(map(orjson.dumps, (CHOLESTEROL, report)))

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
