"""Which lines of a message are one result, and what is about genes in it."""

import msgspec
import pytest

from portal.genomics import hl7v2
from portal.genomics.documents import split
from portal.genomics.findings import Finding, Kind, Reading, Rejected
from portal.genomics.reader import read

MSH = "MSH|^~\\&|LAB|X|EHR|Y|20260101||ORU^R01^ORU_R01|1|P|2.5.1"
REPORT = "OBR|1|||51969-4^Genetic analysis report^LN|||20260101||||||||||||||||||F"


def obx(code: str, value: str, *, group: str = "", kind: str = "CWE", **more: str) -> str:
    """Return a result line: its question, its answer and the group that it belongs to."""
    fields = ["OBX", "1", kind, code, group, value, more.get("unit", ""), "", more.get("flag", "")]
    fields += ["", "", "F", "", "", "", "", "", more.get("method", "")]
    return "|".join(fields)


def reading_of(*lines: str) -> Reading:
    found = hl7v2.resources("\r".join((MSH, *lines)).encode())
    encode = msgspec.json.Encoder(decimal_format="number").encode
    bodies = [encode(one) for one in found if isinstance(one, dict)]
    resources = [one for one in split(b"\n".join(bodies)) if not isinstance(one, Rejected)]
    return read(resources, patient_ids=None)


def findings_of(*lines: str) -> tuple[Finding, ...]:
    return reading_of(REPORT, *lines).findings


def only(*lines: str) -> Finding:
    (found,) = findings_of(*lines)
    return found


GENE = "48018-6^Gene studied^LN"
CHANGE = "48004-6^DNA change^LN"
CLASS = "53037-8^Clinical significance^LN"


# --- what a group is about -----------------------------------------------------------------------
def test_the_genes_and_regions_that_a_study_looked_at_are_one_finding() -> None:
    found = only(
        obx(GENE, "HGNC:7551^MYBPC3^HGNC~HGNC:7577^MYH7^HGNC", group="1.1a"),
        obx("47999-8^DNA region name^LN", "Exon 5", group="1.1a", kind="ST"),
        obx("62374-4^Assembly^LN", "LA14029-5^GRCh37^LN", group="1.1a"),
    )

    assert found.kind is Kind.REGION_STUDIED
    assert [gene.symbol for gene in found.genes] == ["MYBPC3", "MYH7"]
    assert [region.text for region in found.regions] == ["Exon 5", ""]
    assert found.position
    assert found.position.build == "GRCh37"


def test_a_structural_variant_is_a_variant_without_any_letters() -> None:
    found = only(
        obx("83005-9^Variant category^LN", "LA26802-1^Structural variant^LN", group="2a"),
        obx("82155-3^Copy number^LN", "1", group="2a", kind="NM"),
        obx("81302-2^Inner start-end^LN", "18894835^21464119", group="2a", kind="NR"),
        obx("81291-7^ISCN^LN", "arr 22q11.21(18894835_21464119)x1^^ISCN", group="2a"),
        obx(CLASS, "LA6668-3^Pathogenic^LN", group="2a"),
    )

    assert (found.kind, found.copy_number) == (Kind.VARIANT, 1)
    assert found.name == "arr 22q11.21(18894835_21464119)x1"
    assert found.position
    assert (found.position.start, found.position.end) == (18894835, 21464119)
    assert found.significance == ("Pathogenic",)


def test_the_overall_interpretation_is_no_part_of_the_variant_beside_it() -> None:
    overall, variant = findings_of(
        obx("51968-6^Overall interpretation^LN", "LA6576-8^Positive^LN"),
        obx(GENE, "HGNC:1100^BRCA1^HGNC"),
        obx(CHANGE, "c.68_69del", kind="ST"),
    )

    assert (overall.kind, overall.value) == (Kind.OTHER, "Positive")
    assert (variant.kind, variant.not_understood) == (Kind.VARIANT, ())


@pytest.mark.parametrize("group", ["", "2a"])
def test_a_second_change_begins_the_next_result(group: str) -> None:
    found = findings_of(
        obx("51967-8^Disease^LN", "^Cardiomyopathy^", group=group),
        obx(GENE, "HGNC:7551^MYBPC3^HGNC", group=group),
        obx(CHANGE, "c.1504C>T", group=group, kind="ST"),
        obx(CLASS, "LA6668-3^Pathogenic^LN", group=group),
        obx(GENE, "HGNC:7577^MYH7^HGNC", group=group),
        obx(CHANGE, "c.1208G>A", group=group, kind="ST"),
    )

    variants = [one for one in found if one.kind is Kind.VARIANT]
    assert [(one.genes[0].symbol, one.hgvs and one.hgvs.c) for one in variants] == [
        ("MYBPC3", ("c.1504C>T",)),
        ("MYH7", ("c.1208G>A",)),
    ]
    assert [one.significance for one in variants] == [("Pathogenic",), ()]


def test_a_class_behind_a_list_of_changes_is_given_to_none_of_them() -> None:
    first, second, alone = findings_of(
        obx(CHANGE, "c.68_69del", kind="ST"),
        obx(CHANGE, "c.1A>G", kind="ST"),
        obx(CLASS, "LA6668-3^Pathogenic^LN"),
    )

    assert (first.significance, second.significance) == ((), ())
    assert (alone.kind, alone.significance) == (Kind.DIAGNOSTIC_IMPLICATION, ("Pathogenic",))


def test_two_changes_sent_as_text_are_two() -> None:
    found = findings_of(
        obx(CHANGE, "c.68_69del", kind="TX"),
        obx(CHANGE, "c.1A>G", kind="TX"),
    )

    assert [one.hgvs.c for one in found if one.hgvs] == [("c.68_69del",), ("c.1A>G",)]


def test_two_genes_of_one_change_stay_together() -> None:
    found = only(
        obx(GENE, "HGNC:1014^BCR^HGNC", group="2a"),
        obx(GENE, "HGNC:76^ABL1^HGNC", group="2a"),
        obx("81262-8^Complex variant^LN", "BCR::ABL1", group="2a", kind="ST"),
        obx("69548-6^Assessment^LN", "LA9633-4^Present^LN", group="2a"),
    )

    assert [gene.symbol for gene in found.genes] == ["BCR", "ABL1"]


def test_the_panel_of_the_older_guide_is_read() -> None:
    found = only(
        obx("48018-6^Gene Identifier^LN", "7577^MYH7^HGNC"),
        obx("48003-8^DNA Sequence Variation Identifier^LN", "rs121913625^^dbSNP"),
        obx("47998-0^Variation Display Name^LN", "MYH7 R403W", kind="ST"),
        obx("48005-3^Amino Acid Change^LN", "p.Arg403Trp^^HGVS"),
    )

    assert (found.ids, found.name) == (("rs121913625",), "MYH7 R403W")
    assert found.hgvs
    assert found.hgvs.p == ("p.Arg403Trp",)


def test_the_lines_of_a_longer_text_are_one_result() -> None:
    story = "51969-4^Narrative^LN"

    found = findings_of(
        obx(story, "A pathogenic change", kind="TX"),
        obx(story, "was found in BRCA2.", kind="TX"),
        obx("X^Comment^L", "By mail.", kind="TX"),
        obx(story, "The end.", kind="TX"),
    )

    assert [one.value for one in found] == [
        "A pathogenic change\nwas found in BRCA2.",
        "By mail.",
        "The end.",
    ]


# --- values --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "sent", "unit", "fraction"),
    [
        ("SN", "^47.5", "%", 0.475),
        ("SN", "=^0.47", "", 0.47),
        ("SN", "^45^/^90", "", 0.5),
        ("SN", "<^5", "%", None),
        ("SN", "^40^-^50", "%", None),
        ("SN", "about^5", "%", None),
        ("NM", "0.47", "1", 0.47),
    ],
)
def test_a_structured_number_is_a_number(
    kind: str, sent: str, unit: str, fraction: float | None
) -> None:
    found = only(
        obx(CHANGE, "c.1A>G", group="2a", kind="ST"),
        obx("81258-6^VAF^LN", sent, group="2a", kind=kind, unit=unit),
    )

    assert found.allele_fraction == fraction
    assert fraction or found.attributes


def test_the_original_words_of_a_coded_value_are_its_words() -> None:
    found = only(obx("51968-6^Overall interpretation^LN", "^^^^^^^^No call was possible"))

    assert found.value == "No call was possible"


@pytest.mark.parametrize(("flag", "presence"), [("POS", "present"), ("ND", "absent"), ("A", None)])
def test_the_flag_of_a_test_for_one_change_is_its_answer(flag: str, presence: str | None) -> None:
    found = only(
        obx(
            "21667-1^F5 gene p.Arg506Gln [Presence]^LN", "see text", kind="ST", flag=flag,
            method="PCR^PCR^L",
        )
    )  # fmt: skip

    assert (found.presence, found.methods) == (presence, ("PCR",))


# --- what is about genes -------------------------------------------------------------------------
CHEMISTRY = "OBR|1|||24323-8^Metabolic panel^LN|||20260101||||||||||||||||||F"
GLUCOSE = obx("2345-7^Glucose^LN", "98", kind="NM", unit="mg/dL")
OF_LAB = "OBR|2|||CBC^Complete blood count^L|||20260101|||||||||||||||||{}|F"
CELLS = obx("WBC^Cells^L", "5", kind="NM")


def values_told(*lines: str) -> list[object]:
    return [one.value for one in reading_of(*lines).findings]


def test_a_test_that_is_known_for_something_else_is_not_about_genes() -> None:
    assert values_told(CHEMISTRY, GLUCOSE) == []
    assert values_told(CHEMISTRY, GLUCOSE, REPORT, obx("51968-6^x^LN", "^Positive^")) == [
        "Positive"
    ]


@pytest.mark.parametrize(("section", "told"), [("HM", []), ("GE", [5]), ("", [5])])
def test_a_test_with_a_labs_own_code_goes_by_the_section(section: str, told: list[int]) -> None:
    assert values_told(OF_LAB.format(section), CELLS) == told


def test_a_test_with_a_labs_own_code_beside_a_genetic_one_is_not_taken_for_one() -> None:
    overall = obx("51968-6^x^LN", "^Positive^")

    assert values_told(OF_LAB.format(""), CELLS, REPORT, overall) == ["Positive"]


@pytest.mark.parametrize(
    ("order", "line"),
    [
        ("OBR|2|||BRCA^BRCA1 full sequencing^L", obx("RES^Result^L", "negative", kind="ST")),
        ("OBR|2|||X^Panel^L", obx("R^Finding^L", "MYH7 c.1208G>A", kind="ST")),
        ("OBR|2|||X^Panel^L", obx("TMB^Tumor mutational burden^L", "12", kind="NM")),
    ],
)
def test_a_gene_or_a_change_shows_what_an_order_is_about(order: str, line: str) -> None:
    assert len(values_told(CHEMISTRY, GLUCOSE, order, line)) == 1


def test_a_test_of_a_germ_is_not_about_the_persons_genes() -> None:
    germ = obx("HIVG^HIV genotype^L", "M184V mutation", kind="ST")

    assert values_told("OBR|2|||HIVG^HIV genotype^L", germ, REPORT, obx(CLASS, "^VUS^")) == [None]


def test_the_summary_of_a_test_makes_nobody_a_carrier() -> None:
    summary = "OBR|1|||55232-3^Genetic analysis summary panel^LN"
    found = reading_of(summary, obx(CHANGE, "c.68_69del", kind="ST")).findings

    assert [one.hints for one in found] == [()]


def test_an_answer_in_words_beside_a_genetic_order_stays_a_result() -> None:
    other = "OBR|2|||NIPT^Prenatal screen^L"

    assert values_told(other, obx("T21^Result^L", "low risk", kind="ST"), REPORT,
                       obx("51968-6^x^LN", "^Positive^")) == ["low risk", "Positive"]  # fmt: skip


def test_a_code_that_only_claims_to_be_of_loinc_goes_by_its_name() -> None:
    found = only(
        obx("48018-6^Gene Studied^LN", "^CYP2C19^HGNC", group="4a"),
        obx("12303110046^Genotype Display Name^LN", "*1/*2", group="4a", kind="ST"),
    )

    assert (found.kind, found.name) == (Kind.GENOTYPE, "*1/*2")
    assert [gene.symbol for gene in found.genes] == ["CYP2C19"]


def test_a_variant_under_a_labs_own_codes_is_one_finding() -> None:
    found = only(
        obx("G^Gene^L", "MYH7", kind="ST"),
        obx("C^cDNA change^L", "c.1208G>A", kind="ST"),
        obx("Z^Zygosity^L", "Heterozygous", kind="ST"),
    )

    assert (found.kind, found.zygosity) == (Kind.VARIANT, "heterozygous")
    assert [gene.symbol for gene in found.genes] == ["MYH7"]
    assert found.hgvs
    assert found.hgvs.c == ("c.1208G>A",)


def test_a_known_code_under_a_name_of_something_else_is_in_neither_field() -> None:
    found = only(
        obx(CHANGE, "c.5266dupC", kind="ST"),
        obx("53037-8^GENETIC DISEASE ASSESSED^LN", "718220008^Hereditary breast cancer^SCT"),
    )

    assert (found.significance, found.phenotypes) == ((), ())
    assert "conflict:question" in found.flags
