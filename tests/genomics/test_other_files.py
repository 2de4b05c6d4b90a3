"""Raw data files, HL7 v2 messages and phenopackets: results are read, all else refused in words."""

import base64
import io
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import fhirkit
import pytest

from portal.genomics import hl7v2, phenopackets, raw_genotypes
from portal.genomics.findings import Kind, Notice, Presence, Rejected
from portal.genomics.hl7v2 import NotAResult
from portal.genomics.hl7v2_segments import moment
from portal.genomics.jsontext import NotADocument
from portal.genomics.raw_genotypes import NoGenotypes
from portal.genomics.vcf.converting import Choice, Conversion
from portal.genomics.vcf.faults import Refusal
from tests.genomics.files import the_findings
from tests.genomics.vcf.builders import DATA
from tests.genomics.vcf.test_rude_files import mutant


def raw(text: str) -> list[Any]:
    return list(raw_genotypes.resources(io.BytesIO(text.encode())))


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("23andme.txt", "9 places tested, 1 without"),
        ("ancestry.txt", "7 places tested, 1 without"),
        ("ftdna.csv", "7 places tested, 1 without"),
        ("myheritage.csv", "7 places tested, 1 without"),
        ("GRCh37.csv", "3 places tested, 1 without"),
    ],
)
def test_the_layouts_of_the_makers_are_read(name: str, counts: str) -> None:
    found = raw((DATA / "consumer-raw" / name).read_text())

    assert [one["resourceType"] for one in found] == ["DiagnosticReport"]
    assert counts in found[0]["conclusion"]
    assert "Not a clinical test" in found[0]["conclusion"]


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be"])
def test_a_file_in_another_encoding_is_refused_in_words_that_help(name: str) -> None:
    text = "\ufeff# rsid\tchromosome\tposition\tgenotype\nrs1\t1\t1\tAA\n"

    with pytest.raises(Refusal, match="Save it as UTF-8"):
        list(raw_genotypes.resources(io.BytesIO(text.encode(name))))


HEAD = "# 23andMe, forward strand, build 37\n# rsid\tchromosome\tposition\tgenotype\n"


def test_letters_at_a_known_place_become_a_call_that_is_marked() -> None:
    found = the_findings(raw(f"{HEAD}rs9923231\t16\t31107689\tCT\nrs1\t1\t1\tAA\n"))

    named = {one.name for one in found if one.kind is Kind.GENOTYPE}
    assert any("rs9923231 reference (C)/rs9923231 variant (T)" in name for name in named)
    assert any("clinical" in note for one in found for note in one.notes)


def test_letters_of_an_unknown_strand_are_not_interpreted_where_both_strands_fit() -> None:
    found = raw("rsid\tchromosome\tposition\tgenotype\nrs55640102\t10\t96612671\tAC\n")
    mirrored = raw("rsid\tchromosome\tposition\tgenotype\nrs72558186\t10\t96541756\tTA\n")

    assert any(one["id"] == "genotype-CYP2C19" for one in found)
    assert not any(one["id"] == "genotype-CYP2C19" for one in mirrored)


def test_a_raw_line_that_cannot_be_read_is_named() -> None:
    found = raw(f"{HEAD}rs1\t1\t10\tAA\nrs2\t1\t20\tQQ\nrs3\tchr99\t5\tAA\nrs4\t1\n")

    faults = [one for one in found if isinstance(one, Rejected)]
    assert [fault.source.path for fault in faults] == ["line 4", "line 5", "line 6"]


def test_letters_with_a_sign_between_them_are_the_same_letters() -> None:
    plain, divided = (raw(f"{HEAD}rs4244285\t10\t96541616\t{text}\n") for text in ("AG", "A/G"))

    assert divided == plain


def test_a_raw_file_without_one_genotype_is_refused() -> None:
    with pytest.raises(NoGenotypes):
        raw(HEAD)


MSH = "MSH|^~\\&|LAB|X|EHR|Y|20260101||{kind}|1|P|2.5.1"


def message(*lines: str, kind: str = "ORU^R01^ORU_R01") -> bytes:
    return "\r".join((MSH.replace("{kind}", kind), *lines)).encode()


def test_a_published_message_gives_its_variants() -> None:
    found = the_findings(list(hl7v2.resources((DATA / "hl7v2/snpEff.hl7v2.txt").read_bytes())))

    first, second = [one for one in found if one.kind is Kind.VARIANT]
    assert first.presence is Presence.PRESENT
    assert first.hgvs is not None
    assert first.hgvs.c == ("ENST00000624697.4:c.224G>A",)
    assert (first.ref, first.alt, first.zygosity) == ("G", "A", "homozygous")
    assert first.significance == ("Benign",)
    assert second.phenotypes[0].text == "Encephalopathy"
    assert [one.value for one in found if one.kind is Kind.OTHER] == ["Positive"]


def test_a_published_report_whose_document_was_cut_says_so() -> None:
    found = list(hl7v2.resources((DATA / "hl7v2/ORU_R01_PDF_mft.txt").read_bytes()))

    (fault,) = [one for one in found if isinstance(one, Rejected)]
    assert "not whole" in fault.reason


def test_a_document_inside_a_message_is_kept() -> None:
    data = base64.b64encode(b"%PDF-1.7 and so on").decode()
    obx = f"OBX|1|ED|1^Genetic report^L||X^IM^PDF^Base64^{data}||||||F"

    (document, report) = hl7v2.resources(message("PID|1||7", "OBR|1", obx))

    assert isinstance(document, dict)
    assert document["content"][0]["attachment"]["data"] == data
    assert isinstance(report, dict)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("X^IM^PDF^Base64^bm90IGEgcGRm", "not the PDF"),
        ("X^IM^PDF^Base64^%%%", "not whole"),
        ("X^IM^RTF^Base64^AAAA", "not a PDF"),
    ],
)
def test_a_document_that_is_not_what_it_says_is_refused(value: str, why: str) -> None:
    (fault, _) = hl7v2.resources(message("OBR|1", f"OBX|1|ED|1^R^L||{value}||||||F"))

    assert isinstance(fault, Rejected)
    assert why in fault.reason


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("OML^O21", "order"),
        ("ORM^O01", "order"),
        ("REF^I12", "referral"),
        ("ADT^A01", "no results"),
        ("", "no results"),
    ],
)
def test_a_message_that_is_not_a_result_is_refused_in_words(kind: str, word: str) -> None:
    with pytest.raises(NotAResult, match=word):
        list(hl7v2.resources(message("OBX|1|ST|1^x^L||y||||||F", kind=kind)))


def test_a_message_says_whom_it_is_about() -> None:
    person = "PID|1||7^^^MRN||DOE&VAN^JANE^Q||19700203|F"
    lines = (person, "OBR|1", "OBX|1|ST|1^x^L||y||||||F")

    patient, *results = hl7v2.resources(message(*lines))

    assert patient == {
        "resourceType": "Patient",
        "id": "pid-2",
        "name": [{"family": "DOE", "given": ["JANE", "Q"]}],
        "birthDate": "1970-02-03",
        "gender": "female",
    }
    assert [one["subject"] for one in results if isinstance(one, dict)] == [
        {"reference": "Patient/pid-2"}
    ] * 2


@pytest.mark.parametrize("person", ["PID|1||7", "PID|1||7||||", "PID|1||7||^^||nonsense"])
def test_a_number_alone_names_nobody(person: str) -> None:
    found = list(hl7v2.resources(message(person, "OBR|1", "OBX|1|ST|1^x^L||y||||||F")))

    assert not any(isinstance(one, dict) and "subject" in one for one in found)


def test_messages_about_two_people_are_refused() -> None:
    lines = ("PID|1||7", "OBR|1", "OBX|1|ST|1^x^L||y||||||F", "PID|1||8")

    with pytest.raises(NotAResult, match="2 people"):
        list(hl7v2.resources(message(*lines)))


def test_a_result_that_was_taken_back_is_not_a_finding() -> None:
    line = "OBX|1|ST|48004-6^c^LN|1|NM_000059.4:c.1A>G||||||{}"
    other = "OBX|2|CWE|69548-6^v^LN|1|LA9633-4^Present^LN||||||{}"

    kept = the_findings(
        list(hl7v2.resources(message("OBR|1", line.format("F"), other.format("F"))))
    )
    gone = the_findings(
        list(hl7v2.resources(message("OBR|1", line.format("W"), other.format("W"))))
    )

    assert [one.kind for one in kept] == [Kind.VARIANT]
    assert gone == []


def test_signs_that_were_escaped_come_back() -> None:
    (found, _) = hl7v2.resources(message("OBR|1", r"OBX|1|ST|1^x^L||a\F\b\S\c\E\d\X41\||||||F"))

    assert isinstance(found, dict)
    assert found["valueString"] == "a|b^c\\dA"


def the_observations(*lines: str) -> list[dict[str, Any]]:
    found = hl7v2.resources(message("OBR|1|||||||20260105101500", *lines))
    return [one for one in found if isinstance(one, dict) and one["resourceType"] == "Observation"]


def test_each_value_of_a_field_that_repeats_is_kept() -> None:
    single = the_observations("OBX|1|CWE|1^x^L||A^Ay^L~B^Bee^L||||||F")
    (grouped,) = the_observations(
        "OBX|1|CWE|48018-6^g^LN|1|HGNC:1^A1BG^HGNC~HGNC:2^B2M^HGNC||||||F",
        "OBX|2|ST|48004-6^c^LN|1|NM_1.1:c.1A>G||||||F",
    )

    assert [one["valueCodeableConcept"]["text"] for one in single] == ["Ay", "Bee"]
    assert len({one["id"] for one in single}) == 2
    genes = [one["valueCodeableConcept"]["text"] for one in grouped["component"][:2]]
    assert genes == ["A1BG", "B2M"]


def test_a_remark_below_a_result_stands_with_it_and_another_is_told() -> None:
    lines = ("OBR|1", "NTE|1||of the order", "OBX|1|ST|1^x^L||y||||||F")

    remark, found, _ = hl7v2.resources(message(*lines, r"NTE|1||see\.br\below"))

    assert isinstance(remark, Notice)
    assert remark.source.path == "line 3"
    assert isinstance(found, dict)
    assert found["note"] == [{"text": "see\nbelow"}]


@pytest.mark.parametrize(
    ("states", "status"),
    [("FC", "corrected"), ("CF", "corrected"), ("FA", "amended"), ("FP", "preliminary")],
)
def test_a_result_of_which_only_some_lines_changed_stays_one(states: str, status: str) -> None:
    first, second = tuple(states)
    found = the_findings(
        list(
            hl7v2.resources(
                message(
                    f"OBX|1|CWE|48018-6^Gene studied^LN|2a|1100^BRCA1^HGNC||||||{first}",
                    f"OBX|2|ST|48004-6^DNA change^LN|2a|NM_007294.4:c.68_69del||||||{second}",
                )
            )
        )
    )

    (variant,) = found
    assert (variant.kind, variant.status) == (Kind.VARIANT, status)
    assert [gene.symbol for gene in variant.genes] == ["BRCA1"]
    assert variant.hgvs is not None


def test_a_line_that_was_taken_back_does_not_stand_with_its_group() -> None:
    kept, gone = the_observations(
        "OBX|1|ST|48004-6^c^LN|1|NM_1.1:c.1A>G||||||F",
        "OBX|2|CWE|53037-8^class^LN|1|LA6668-3^Pathogenic^LN||||||W",
    )

    assert (kept["status"], gone["status"]) == ("final", "entered-in-error")
    assert len(kept["component"]) == 1


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("20260105101500-0500", "2026-01-05T10:15:00-05:00"),
        ("202601051015+0100", "2026-01-05T10:15:00+01:00"),
        ("20260105101500", "2026-01-05"),
        ("202601", "2026-01"),
        ("2026", "2026"),
        ("5 January", ""),
    ],
)
def test_a_time_without_its_zone_is_only_a_day(sent: str, said: str) -> None:
    assert moment(sent) == said


def test_a_report_says_when_and_by_whom() -> None:
    obx = "OBX|1|ST|1^x^L||y||||||F||||||||||||Cedar Lab^D"

    *_, report = hl7v2.resources(message("OBR|1|||T^Panel^L|||20260105||||||||||||||||||F", obx))

    assert isinstance(report, dict)
    assert report["performer"] == [{"display": "Cedar Lab"}]
    assert report["effectiveDateTime"] == "2026-01-05"
    assert "issued" not in report


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_the_ends_of_lines_and_the_frame_of_the_wire_make_no_difference(end: str) -> None:
    plain = message("PID|1||7", "OBR|1", "OBX|1|ST|1^x^L||y||||||F")
    framed = b"\x0b" + plain.replace(b"\r", end.encode()) + b"\x1c\r"

    assert list(hl7v2.resources(framed)) == list(hl7v2.resources(plain))


def test_other_signs_between_parts_are_refused() -> None:
    with pytest.raises(NotADocument):
        list(hl7v2.resources(b"MSH|@~\\&|LAB|X|||||ORU@R01"))


def the_packet() -> dict[str, Any]:
    packet: dict[str, Any] = json.loads((DATA / "phenopackets/mcahs1.json").read_bytes())
    return packet


def test_a_published_phenopacket_gives_its_interpretation() -> None:
    found = list(phenopackets.resources((DATA / "phenopackets/mcahs1.json").read_bytes()))

    (variant,) = the_findings(found)
    assert variant.hgvs is not None
    assert variant.hgvs.c == ("NM_001848.2:c.877G>A",)
    assert variant.zygosity == "heterozygous"
    assert variant.significance == ("Pathogenic",)
    assert [one.text for one in variant.phenotypes] == ["Bethlem myopathy 1"]


def test_a_rejected_interpretation_is_not_a_result() -> None:
    packet = the_packet()
    genomic = packet["interpretations"][0]["diagnosis"]["genomicInterpretations"][0]
    genomic["interpretationStatus"] = "REJECTED"

    found = list(phenopackets.resources(json.dumps(packet).encode()))

    assert [type(one) for one in found] == [Notice, dict]


def test_an_interpretation_of_someone_else_is_left_out() -> None:
    packet = the_packet()
    genomic = packet["interpretations"][0]["diagnosis"]["genomicInterpretations"][0]
    genomic["subjectOrBiosampleId"] = "mother"

    found = list(phenopackets.resources(json.dumps(packet).encode()))

    assert isinstance(found[0], Rejected)
    assert found[0].code == "other-subject"


@pytest.mark.parametrize("raw_bytes", [b"[]", b"{", b'{"members": []}', b"[" * 100_000])
def test_what_is_not_a_phenopacket_is_refused(raw_bytes: bytes) -> None:
    with pytest.raises(NotADocument):
        list(phenopackets.resources(raw_bytes))


def written_from_files() -> Iterator[dict[str, Any]]:
    """Yield every resource that is written from the published files of all kinds."""
    for name, sample in VCFS:
        with (DATA / name).open("rb") as stream:
            conversion = Conversion(stream, Choice(sample=sample, patient="Patient/p"))
            yield from (json.loads(one) for one in conversion.items() if isinstance(one, str))
    others = (
        hl7v2.resources((DATA / "hl7v2/snpEff.hl7v2.txt").read_bytes()),
        hl7v2.resources((DATA / "hl7v2/ORU_R01_PDF_mft.txt").read_bytes()),
        phenopackets.resources((DATA / "phenopackets/mcahs1.json").read_bytes()),
        raw_genotypes.resources(io.BytesIO((DATA / "consumer-raw/23andme.txt").read_bytes())),
        raw_genotypes.resources(io.BytesIO(f"{HEAD}rs9923231\t16\t31107689\tCT\n".encode())),
    )
    for found in others:
        yield from (one for one in found if isinstance(one, dict))


VCFS = (
    ("vcf/vcf2fhir/vcf_structural_variants.vcf", None),
    ("vcf/callers/delly2-min.vcf", "mother"),
    ("vcf/pharmcat/haplotype/TPMT/hom1s_het3a.vcf", None),
    ("hl7v2/snpEff.vcf", None),
)


def test_a_validator_finds_nothing_wrong_in_what_is_written() -> None:
    faults = [
        str(issue)
        for body in written_from_files()
        for issue in fhirkit.validate(json.dumps(body))
        if issue.severity == "error"
    ]

    assert not faults


OTHERS = (
    ("hl7v2/snpEff.hl7v2.txt", hl7v2.resources),
    ("hl7v2/ORU_R01_PDF_mft.txt", hl7v2.resources),
    ("phenopackets/mcahs1.json", phenopackets.resources),
    ("consumer-raw/23andme.txt", lambda raw: raw_genotypes.resources(io.BytesIO(raw))),
    ("consumer-raw/ftdna.csv", lambda raw: raw_genotypes.resources(io.BytesIO(raw))),
)


@pytest.mark.parametrize(("name", "read_it"), OTHERS)
def test_a_mutant_is_read_or_refused(name: str, read_it: Callable[[bytes], Iterator[Any]]) -> None:
    original = (DATA / name).read_bytes()
    dice = random.Random(name)

    outcomes = set()
    for _ in range(200):
        try:
            found = list(read_it(mutant(original, dice)))
            assert all(json.dumps(one) for one in found if isinstance(one, dict))
            outcomes.add("read")
        except (NotADocument, Refusal):
            outcomes.add("refused")

    assert "read" in outcomes


def test_a_place_that_a_raw_file_gives_twice_with_other_letters_is_not_used() -> None:
    text = f"{HEAD}rs4244285\t10\t96541616\tAG\nrs4244285\t10\t96541616\tGG\n"
    same = f"{HEAD}rs4244285\t10\t96541616\tAG\nrs4244285\t10\t96541616\tGA\n"

    refused, *rest = raw(text)

    assert isinstance(refused, Rejected)
    assert refused.code == "two-answers"
    assert [one["resourceType"] for one in rest] == ["DiagnosticReport"]
    assert any(one.get("id") == "genotype-CYP2C19" for one in raw(same))


def test_one_usual_place_of_many_does_not_make_a_gene_usual() -> None:
    found = raw(f"{HEAD}rs4244285\t10\t96541616\tGG\n")

    (implied,) = (one for one in found if one.get("id") == "implication-CYP2C19")
    words = [one["valueCodeableConcept"].get("text") for one in implied["component"]]
    assert "Indeterminate" in words
    assert "Normal Metabolizer" not in words
