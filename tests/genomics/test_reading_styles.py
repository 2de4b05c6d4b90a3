"""The same fact in the style of another lab: numbers as text, short words, names with ids."""

import pytest

from portal.genomics.findings import Finding, Gene
from tests.genomics.builders import Json, a_variant, coded, component, reading_of

HGNC = "http://www.genenames.org/geneId"


def read_variant(*components: Json, **more: object) -> Finding:
    (found,) = reading_of(a_variant("v", *components, **more)).findings
    return found


# --- numbers ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "fraction"),
    [
        ({"valueString": "47.5 %"}, 0.475),
        ({"valueString": "0.45"}, 0.45),
        ({"valueString": "0,45"}, 0.45),
        ({"valueRatio": {"numerator": {"value": 45}, "denominator": {"value": 100}}}, 0.45),
        (
            {
                "valueRatio": {
                    "numerator": {"value": 9, "unit": "reads"},
                    "denominator": {"value": 90, "unit": "reads"},
                }
            },
            0.1,
        ),
        ({"valueRatio": {"numerator": {"value": 45}, "denominator": {"value": 0}}}, None),
        (
            {
                "valueRatio": {
                    "numerator": {"value": 45, "comparator": "<"},
                    "denominator": {"value": 90},
                }
            },
            None,
        ),
        ({"valueString": "45/100"}, None),
        ({"valueString": "low"}, None),
    ],
)
def test_a_share_of_reads_is_a_number_however_it_is_written(
    value: Json, fraction: float | None
) -> None:
    found = read_variant(component("81258-6", **value))

    assert found.allele_fraction == fraction
    assert found.attributes[0].label == "Sample allele fraction"


@pytest.mark.parametrize(
    ("text", "depth"), [("120", 120), ("120x", 120), ("1,204", 1204), ("many", None)]
)
def test_a_number_of_reads_can_be_text(text: str, depth: int | None) -> None:
    assert read_variant(component("82121-5", valueString=text)).depth == depth


def test_a_number_of_copies_can_be_text() -> None:
    assert read_variant(component("82155-3", valueString="3")).copy_number == 3


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("140453136", 140453136, None),
        ("140,453,136", 140453136, None),
        ("140453136-140453137", 140453136, 140453137),
        ("140453136 - 140453137", 140453136, 140453137),
    ],
)
def test_a_place_can_be_text(text: str, start: int, end: int | None) -> None:
    place = read_variant(component("81254-5", valueString=text)).position

    assert place
    assert (place.start, place.end) == (start, end)


@pytest.mark.parametrize("text", ["chr7:140453136-140453137", "exon 5", "5-", "1.5"])
def test_a_place_in_other_words_stays_words(text: str) -> None:
    found = read_variant(component("81254-5", valueString=text))

    assert found.position is None
    assert [one.text for one in found.attributes] == [text]


@pytest.mark.parametrize(
    ("said", "start0"),
    [("1-based", 9), ("0-based, half-open", 10), ("0-based", None), ("from the left", None)],
)
def test_a_way_of_counting_in_words_counts_only_where_it_is_clear(
    said: str, start0: int | None
) -> None:
    place = read_variant(
        component("81254-5", valueRange={"low": {"value": 10}}),
        component("92822-6", valueCodeableConcept={"text": said}),
    ).position

    assert place
    assert place.start0 == start0


# --- words -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "zygosity"),
    [
        ({"valueString": "het"}, "heterozygous"),
        ({"valueString": "Hom"}, "homozygous"),
        ({"valueCodeableConcept": {"text": "Heterozygote"}}, "heterozygous"),
        ({"valueCodeableConcept": coded("GENO_0000136", system="http://obo")}, "homozygous"),
        ({"valueString": "Compound heterozygous"}, "Compound heterozygous"),
    ],
)
def test_zygosity_has_short_words_too(value: Json, zygosity: str) -> None:
    assert read_variant(component("53034-5", **value)).zygosity == zygosity


@pytest.mark.parametrize(
    ("value", "gene"),
    [
        ({"valueString": "HGNC:1100"}, Gene("", "HGNC:1100")),
        ({"valueString": "BRCA1 (HGNC:1100)"}, Gene("BRCA1", "HGNC:1100")),
        (
            {
                "valueCodeableConcept": coded(
                    "HGNC:1100", "BRCA1 DNA repair associated", HGNC, "BRCA1"
                )
            },
            Gene("BRCA1", "HGNC:1100"),
        ),
        (
            {"valueCodeableConcept": coded("HGNC:1100", "BRCA1", HGNC, "Breast cancer gene")},
            Gene("BRCA1", "HGNC:1100"),
        ),
    ],
)
def test_a_gene_in_words_is_a_symbol_and_an_id(value: Json, gene: Gene) -> None:
    assert read_variant(component("48018-6", **value)).genes == (gene,)


def test_numbers_of_different_catalogues_do_not_contradict_each_other() -> None:
    codes = [
        coded("HGNC:1100", "BRCA1", HGNC),
        coded("1100", "BRCA1", HGNC),
        coded("672", "BRCA1", "https://www.ncbi.nlm.nih.gov/gene"),
        coded("ENSG00000012048", "BRCA1", "http://www.ensembl.org"),
    ]
    variants = [
        a_variant(f"v{index}", component("48018-6", valueCodeableConcept=code))
        for index, code in enumerate(codes)
    ]

    assert [one.flags for one in reading_of(*variants).findings] == [()] * 4


def test_a_wrong_number_of_a_gene_is_flagged_also_without_its_prefix() -> None:
    wrong = coded("7127", "BRCA2", HGNC)

    assert read_variant(component("48018-6", valueCodeableConcept=wrong)).flags == (
        "conflict:gene-id",
    )


# --- HGVS ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "protein"),
    [
        ("NM_000059.3(BRCA2):c.5946del (p.Ser1982fs)", "p.Ser1982fs"),
        ("c.5946del p.(Ser1982fs)", "p.(Ser1982fs)"),
        ("c.1207C>T, p.Arg403Trp", "p.Arg403Trp"),
        ("c.1521_1523delCTT (F508)", ""),
        ("c.1A>G (p.Met1? not predicted)", ""),
    ],
)
def test_the_change_of_the_protein_beside_that_of_dna_is_read_too(text: str, protein: str) -> None:
    found = read_variant(component("48004-6", valueString=text)).hgvs

    assert found
    assert found.c == (text,)
    assert found.p == ((protein,) if protein else ())


@pytest.mark.parametrize("text", ["EML4::ALK", "17-43124027-ACT-A", "chr7:140453136:A:T"])
def test_a_fusion_or_a_line_of_a_vcf_is_no_genomic_hgvs(text: str) -> None:
    found = read_variant(component("81290-9", valueString=text)).hgvs

    assert found
    assert (found.g, found.other) == ((), (text,))
