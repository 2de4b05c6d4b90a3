"""Where a change of a phenopacket lies, how sure it is, and whose and how many it is about."""

import json
from typing import Any

import pytest

from portal.genomics import phenopackets
from portal.genomics.findings import Finding, Notice, Rejected
from portal.genomics.jsontext import NotADocument
from tests.genomics.files import the_findings


def a_packet(variant: dict[str, Any], **more: object) -> bytes:
    """Return a phenopacket that interprets one change."""
    genomic = {
        "subjectOrBiosampleId": more.pop("about", "p"),
        "interpretationStatus": "CAUSATIVE",
        "variantInterpretation": {"variationDescriptor": variant},
    }
    interpretation = {
        "progressStatus": more.pop("progress", "SOLVED"),
        "diagnosis": {"genomicInterpretations": [genomic]},
    }
    packet = {"subject": {"id": "p"}, "phenotypicFeatures": [], "interpretations": [interpretation]}
    return json.dumps(packet | more).encode()


def the_variant(raw: bytes) -> Finding:
    (variant,) = the_findings(list(phenopackets.resources(raw)))
    return variant


RECORD = {"genomeAssembly": "hg38", "chrom": "chr13", "pos": "100", "ref": "GA", "alt": "G"}
LOCATION = {
    "sequenceId": "refseq:NC_000013.11",
    "sequenceInterval": {"startNumber": {"value": "99"}, "endNumber": {"value": "101"}},
}


def test_the_place_of_a_phenopacket_comes_from_its_vcf_record() -> None:
    found = the_variant(a_packet({"vcfRecord": RECORD}))

    assert found.position is not None
    assert (found.position.build, found.position.sequence) == ("GRCh38", "NC_000013.11")
    assert (found.position.start, found.position.end, found.position.start0) == (100, 101, 99)
    assert (found.ref, found.alt) == ("GA", "G")


def test_without_a_known_build_the_names_of_the_phenopacket_stay() -> None:
    found = the_variant(a_packet({"vcfRecord": RECORD | {"genomeAssembly": "canFam3"}}))

    assert found.position is not None
    assert (found.position.build, found.position.sequence) == ("canFam3", "chr13")


def test_an_allele_of_vrs_keeps_its_place_and_letters() -> None:
    literal = {"sequenceLocation": LOCATION, "literalSequenceExpression": {"sequence": "T"}}

    found = the_variant(a_packet({"variation": {"allele": literal}}))

    assert found.position is not None
    assert (found.position.sequence, found.position.start0) == ("NC_000013.11", 99)
    assert (found.alt, found.ref) == ("T", None)


def test_a_number_of_copies_of_vrs_is_kept() -> None:
    copies = {"allele": {"sequenceLocation": LOCATION}, "number": {"value": "1"}}

    found = the_variant(a_packet({"variation": {"copyNumber": copies}}))

    assert found.copy_number == 1
    assert found.position is not None
    assert found.position.start0 == 99


def test_what_was_seen_in_a_tumour_is_not_taken_for_inherited() -> None:
    samples = [{"id": "t", "tumorProgression": {"id": "NCIT:C8509"}}]

    found = the_variant(a_packet({"vcfRecord": RECORD}, about="t", biosamples=samples))

    assert found.source_class == "unknown"


def test_an_interpretation_in_progress_is_preliminary_and_says_its_words() -> None:
    found = the_variant(a_packet({"vcfRecord": RECORD}, progress="IN_PROGRESS"))

    assert found.status == "preliminary"
    assert found.notes == ("The phenopacket says: IN_PROGRESS, CAUSATIVE.",)


def test_names_written_with_underscores_are_the_same_names() -> None:
    raw = a_packet({"vcfRecord": RECORD})
    other = raw.replace(b"genomicInterpretations", b"genomic_interpretations").replace(
        b"vcfRecord", b"vcf_record"
    )

    assert the_variant(other) == the_variant(raw)


@pytest.mark.parametrize(
    ("name", "words"), [("relatives", "a family"), ("members", "a group of people")]
)
def test_a_phenopacket_about_several_people_is_refused_in_words(name: str, words: str) -> None:
    with pytest.raises(NotADocument, match=words):
        list(phenopackets.resources(a_packet({"vcfRecord": RECORD}, **{name: []})))


@pytest.mark.parametrize(
    "more",
    [
        {"variants": [{"hgvsAllele": {"hgvs": "NM_000138.4:c.1A>G"}}]},
        {"genes": [{"id": "HGNC:3603"}]},
        {"metaData": {"phenopacketSchemaVersion": "1.0.0"}},
    ],
)
def test_the_first_version_is_refused_since_its_results_stand_elsewhere(
    more: dict[str, object],
) -> None:
    with pytest.raises(NotADocument, match="version 1"):
        list(phenopackets.resources(a_packet({}, **more)))


def test_what_a_variant_says_in_words_alone_is_kept() -> None:
    variant = {
        "label": "Deletion of exons 24 to 26",
        "description": "Seen by MLPA.",
        "extensions": [{"name": "mosaicism", "value": "30%"}, {"name": "odd", "value": {}}],
    }

    found = the_variant(a_packet(variant))

    assert found.notes == (
        "The phenopacket says: SOLVED, CAUSATIVE.",
        "Deletion of exons 24 to 26",
        "Seen by MLPA.",
        "mosaicism: 30%",
    )


def test_parts_of_the_file_that_are_not_read_are_told() -> None:
    raw = a_packet({"label": "x"}, diseases=[{"term": {"id": "OMIM:1"}}], measurements=[{"a": 1}])

    (told,) = [one for one in phenopackets.resources(raw) if isinstance(one, Notice)]

    assert told.reason.startswith("The file also holds diagnoses, measurements")


# --- names ---------------------------------------------------------------------------------------
def test_every_way_to_write_a_change_is_kept() -> None:
    expressions = [
        {"syntax": "hgvs.c", "value": "NM_007294.4:c.68_69del"},
        {"syntax": "hgvs.p", "value": "NP_009225.1:p.(Glu23ValfsTer17)"},
        {"syntax": "hgvs.m", "value": "NC_012920.1:m.3243A>G"},
        {"syntax": "spdi", "value": "NC_000017.11:43124026:CTCT:CT"},
        {"syntax": "iscn", "value": "46,XX,del(5)(p15)"},
        {"syntax": "gnomad", "value": "17-43124027-ACT-A"},
    ]

    found = the_variant(a_packet({"expressions": expressions, "alternateLabels": ["185delAG"]}))

    assert found.hgvs
    assert found.hgvs.c == ("NM_007294.4:c.68_69del",)
    assert found.hgvs.p == ("NP_009225.1:p.(Glu23ValfsTer17)",)
    assert found.hgvs.g == ("NC_012920.1:m.3243A>G",)
    assert found.hgvs.other == ("NC_000017.11:43124026:CTCT:CT",)
    assert found.name == "46,XX,del(5)(p15)"
    assert found.notes[1:] == ("185delAG", "gnomad: 17-43124027-ACT-A")


def test_the_entries_of_a_change_are_its_ids() -> None:
    variant = {"xrefs": ["clinvar:17662", ""], "vcfRecord": RECORD | {"id": "rs1;."}}

    assert the_variant(a_packet(variant)).ids == ("clinvar:17662", "rs1")


@pytest.mark.parametrize(
    ("state", "zygosity"),
    [
        ({"id": "GENO:0000135"}, "heterozygous"),
        ({"id": "GENO:0000136", "label": "homozygous"}, "homozygous"),
        ({"id": "GENO:0000402", "label": "compound heterozygous"}, "compound heterozygous"),
    ],
)
def test_zygosity_goes_by_its_code_too(state: dict[str, str], zygosity: str) -> None:
    assert the_variant(a_packet({"allelicState": state})).zygosity == zygosity


@pytest.mark.parametrize(
    "interval",
    [
        {"start": {"type": "Number", "value": 99}, "end": {"type": "Number", "value": 101}},
        {"start": 99, "end": 101},
    ],
)
def test_an_allele_of_vrs_that_says_its_type_is_read(interval: dict[str, Any]) -> None:
    location = {"sequence_id": "ga4gh:SQ.x", "interval": interval}
    state = {"type": "LiteralSequenceExpression", "sequence": "T"}
    allele = {"type": "Allele", "location": location, "state": state}

    found = the_variant(a_packet({"variation": allele, "vrsRefAlleleSeq": "GA"}))

    assert found.position is not None
    assert (found.position.sequence, found.position.start0, found.position.end0) == (
        "ga4gh:SQ.x",
        99,
        101,
    )
    assert (found.ref, found.alt) == ("GA", "T")


def test_a_change_seen_under_the_microscope_keeps_its_bands() -> None:
    bands = {"chr": "22", "interval": {"start": "q11.21", "end": "q11.22"}}
    copies = {"allele": {"chromosomeLocation": bands}, "number": {"value": "1"}}

    found = the_variant(a_packet({"variation": {"copyNumber": copies}}))

    assert found.position is not None
    assert (found.position.chromosome, found.copy_number) == ("22", 1)
    assert [one.text for one in found.attributes] == ["22q11.21-q11.22"]


@pytest.mark.parametrize("name", ["repeatedSequenceExpression", "derivedSequenceExpression"])
def test_a_form_of_vrs_that_is_not_read_is_told(name: str) -> None:
    found = the_variant(a_packet({"variation": {"allele": {"sequenceLocation": {}, name: {}}}}))

    assert "not read here" in found.notes[-1]


# --- whose ---------------------------------------------------------------------------------------
def test_a_result_says_whose_it_is_and_what_it_was_seen_in() -> None:
    samples = [{"id": "b", "individualId": "p", "sampledTissue": {"label": "skin of body"}}]

    own = the_variant(a_packet({"vcfRecord": RECORD}))
    sampled = the_variant(a_packet({"vcfRecord": RECORD}, about="b", biosamples=samples))

    assert (own.subject, own.specimen) == ("p", "")
    assert (sampled.subject, sampled.specimen) == ("p", "skin of body")
    assert own.flags == sampled.flags == ("subject-in-words-only",)


def test_a_sample_of_somebody_else_is_not_the_persons() -> None:
    samples = [{"id": "b", "individualId": "mother"}]

    found = list(
        phenopackets.resources(a_packet({"vcfRecord": RECORD}, about="b", biosamples=samples))
    )

    assert [one.code for one in found if isinstance(one, Rejected)] == ["other-subject"]


@pytest.mark.parametrize(
    ("diagnosis", "source"), [("NCIT:C3224", "unknown"), ("NCIT:C38757", ""), ("", "")]
)
def test_a_sample_with_a_diagnosis_is_of_a_tumour(diagnosis: str, source: str) -> None:
    samples = [{"id": "b", "histologicalDiagnosis": {"id": diagnosis}}]

    found = the_variant(a_packet({"vcfRecord": RECORD}, about="b", biosamples=samples))

    assert found.source_class == source
