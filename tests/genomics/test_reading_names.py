"""What only a name tells: the gene, change or allele that a test asks for, a lab's own labels."""

import pytest

from portal.genomics.findings import Finding, Kind
from tests.genomics.builders import Json, a_report, a_variant, coded, component, reading_of, without

LAB = "http://lab.example/codes"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"


def a_result(code: Json, **more: object) -> Json:
    return without(a_variant("b"), "component", "valueCodeableConcept") | {"code": code, **more}


def in_a_report(code: Json, **more: object) -> Finding:
    (found,) = reading_of(a_report("b"), a_result(code, **more)).findings
    return found


def symbols(found: Finding) -> list[str]:
    return [gene.symbol for gene in found.genes]


# --- tests for one change ----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "change", "gene"),
    [
        ("F5 gene p.Arg506Gln [Presence] in Blood", "p.Arg506Gln", "F5"),
        ("F2 gene c.20210G>A [Presence]", "c.20210G>A", "F2"),
        ("MTHFR gene c.677C>T [Presence] in Blood", "c.677C>T", "MTHFR"),
        ("BRAF V600E mutation", "V600E", "BRAF"),
    ],
)
def test_a_test_for_one_change_names_it_and_its_gene(name: str, change: str, gene: str) -> None:
    found = in_a_report(coded("1-8", name), valueString="Not detected")

    assert (found.kind, found.presence) == (Kind.VARIANT, "absent")
    assert found.hgvs
    assert (*found.hgvs.c, *found.hgvs.p) == (change,)
    assert symbols(found) == [gene]


@pytest.mark.parametrize(
    ("said", "presence"),
    [
        ("Not detected", "absent"),
        ("Positive", "present"),
        ("No mutation identified", "absent"),
        ("Mutation detected", "present"),
        ("Equivocal", "indeterminate"),
        ("see note", None),
    ],
)
def test_a_test_for_one_change_tells_whether_it_was_seen(said: str, presence: str | None) -> None:
    found = in_a_report(coded("1-8", "F5 gene p.Arg506Gln [Presence]"), valueString=said)

    assert found.presence == presence
    assert (found.value is None) == (presence is not None)


@pytest.mark.parametrize("asked", ["HFE gene p.C282Y+p.H63D [Presence]", "HFE C282Y/H63D"])
def test_a_test_for_several_changes_names_none_of_them(asked: str) -> None:
    found = in_a_report(coded("1-8", asked), valueString="Absent")

    assert (found.kind, found.hgvs, found.value) == (Kind.OTHER, None, "Absent")


def test_a_change_is_not_taken_from_a_word_that_is_no_gene() -> None:
    found = in_a_report(coded("1-8", "TIER R2D mutation"), valueString="Positive")

    assert (found.kind, found.hgvs, found.genes) == (Kind.OTHER, None, ())


@pytest.mark.parametrize(
    ("code", "system", "presence"),
    [
        ("DET", INTERPRETATION, "present"),
        ("ND", "http://terminology.hl7.org/CodeSystem/v2-0078", "absent"),
        ("IND", INTERPRETATION, "indeterminate"),
        ("ND", LAB, None),
    ],
)
def test_detected_as_the_interpretation_counts_only_in_its_list(
    code: str, system: str, presence: str | None
) -> None:
    variant = a_variant(interpretation=[coded(code, "", system)])

    (found,) = reading_of(without(variant, "valueCodeableConcept")).findings

    assert found.presence == presence


@pytest.mark.parametrize(("said", "presence"), [(True, "present"), (False, "absent")])
def test_yes_and_no_answer_whether_a_variant_was_seen(*, said: bool, presence: str) -> None:
    variant = without(a_variant(valueBoolean=said), "valueCodeableConcept")

    (found,) = reading_of(variant).findings

    assert found.presence == presence


def test_an_assessment_that_is_only_named_is_answered_too() -> None:
    found = in_a_report({"text": "Genetic variant assessment"}, valueString="Present")

    assert (found.kind, found.presence, found.value) == (Kind.VARIANT, "present", None)


def test_positive_without_a_named_change_stays_the_word_of_the_lab() -> None:
    change = {"code": {"text": "cDNA change"}, "valueString": "c.1208G>A"}

    found = in_a_report({"text": "MYH7 sequencing"}, valueString="Positive", component=[change])

    assert (found.kind, found.presence, found.value) == (Kind.VARIANT, None, "Positive")


# --- medicines -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "said", "kind", "gene"),
    [
        ("CYP2C19 Genotype", "*1/*2", Kind.GENOTYPE, "CYP2C19"),
        ("CYP2D6", "*4/*4", Kind.GENOTYPE, "CYP2D6"),
        ("Result 1", "CYP2D6*1/*4x2", Kind.GENOTYPE, "CYP2D6"),
        ("VKORC1 -1639G>A Genotype", "A/G", Kind.GENOTYPE, "VKORC1"),
        ("UGT1A1 genotype", "(TA)6/(TA)7", Kind.GENOTYPE, "UGT1A1"),
        ("CYP2C19 Phenotype", "Intermediate Metabolizer", Kind.THERAPEUTIC_IMPLICATION, "CYP2C19"),
        ("SLCO1B1 Phenotype", "Decreased Function", Kind.THERAPEUTIC_IMPLICATION, "SLCO1B1"),
        ("Decreased protein function", "See the report", Kind.OTHER, ""),
        ("Hepatitis C virus genotype", "1/2", Kind.OTHER, ""),
    ],
)
def test_a_medicine_gene_by_name_is_read_by_its_answer(
    name: str, said: str, kind: Kind, gene: str
) -> None:
    found = in_a_report({"text": name}, valueString=said)

    assert found.kind is kind
    assert symbols(found) == ([gene] if gene else [])
    assert said in {found.name, found.value, *found.effects}


def test_a_metaboliser_as_the_interpretation_of_a_genotype_is_an_effect() -> None:
    found = in_a_report(
        {"text": "CYP2D6"}, valueString="*4/*4", interpretation=[{"text": "Poor Metabolizer"}]
    )

    assert (found.name, found.effects) == ("*4/*4", ("Poor Metabolizer",))


@pytest.mark.parametrize("name", ["CYP2C9*1/*2", "CYP2C9 *1/*2"])
def test_the_gene_of_a_diplotype_is_the_one_in_its_name(name: str) -> None:
    found = in_a_report(coded("84413-4"), valueCodeableConcept={"text": name})

    assert (found.name, symbols(found)) == (name, ["CYP2C9"])


def test_a_number_of_copies_that_differ_is_not_the_name_of_a_genotype() -> None:
    found = in_a_report(coded("84413-4"), valueCodeableConcept={"text": "Heterozygous"})

    assert (found.name, found.zygosity) == ("", "heterozygous")


# --- HLA -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "said", "presence"),
    [
        ({"text": "HLA-B*57:01"}, "Positive", "present"),
        (coded("57979-7", "HLA-B*15:02 [Presence]"), "Negative", "absent"),
    ],
)
def test_the_allele_that_a_test_asks_for_is_named(code: Json, said: str, presence: str) -> None:
    found = in_a_report(code, valueString=said)

    assert (found.kind, found.presence) == (Kind.HAPLOTYPE, presence)
    assert found.name in {"HLA-B*57:01", "HLA-B*15:02"}
    assert symbols(found) == ["HLA-B"]


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("HLA-B27 [Presence] by Probe", [Kind.HAPLOTYPE]),
        ("HLA-B*58:01 [Presence]", [Kind.HAPLOTYPE]),
        ("HLA-DRB1 Ab [Presence] in Serum", []),
        ("HLA antibodies", []),
    ],
)
def test_an_antigen_or_allele_of_hla_is_genetic_and_an_antibody_is_not(
    name: str, kinds: list[Kind]
) -> None:
    found = reading_of(a_result(coded("1-8", name), valueString="Positive")).findings

    assert [one.kind for one in found] == kinds
    assert [(one.name, symbols(one)) for one in found] == [
        (one.split()[0], ["HLA-B"]) for one in [name] if kinds
    ]


def test_two_alleles_are_a_genotype_and_every_locus_of_a_gl_string_is_a_gene() -> None:
    two = in_a_report({"text": "HLA typing"}, valueString="HLA-DRB1*04:01, HLA-DRB1*15:01")
    gl_string = "hla#3.31.0#HLA-A*02:01+HLA-A*03:01^HLA-B*15:01+HLA-B*57:01"
    typed = in_a_report(coded("84413-4"), valueString=gl_string)

    assert (two.kind, symbols(two)) == (Kind.GENOTYPE, ["HLA-DRB1"])
    assert (typed.name, symbols(typed)) == (gl_string, ["HLA-A", "HLA-B"])


# --- biomarkers ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "name",
    [
        "Tumor Mutational Burden (TMB)",
        "Microsatellite Instability Status",
        "Homologous recombination deficiency (HRD) score",
        "PD-L1 TPS",
        "pMMR by IHC",
    ],
)
def test_a_biomarker_is_told_by_its_name(name: str) -> None:
    found = in_a_report({"text": name}, valueString="high")

    assert (found.kind, found.value) == (Kind.BIOMARKER, "high")


# --- labels --------------------------------------------------------------------------------------
def labelled(name: str, said: str, *, system: str = "") -> Json:
    code = coded("X1", name, system) if system else {"text": name}
    return {"code": code, "valueString": said}


@pytest.mark.parametrize("system", ["", LAB])
def test_components_go_by_their_names_where_the_code_is_the_labs_own(system: str) -> None:
    said = {
        "Gene": "MYH7", "cDNA change": "c.1208G>A", "Protein change:": "p.Arg403Gln",
        "Zygosity": "het", "ACMG class": "Pathogenic", "Disease": "Cardiomyopathy",
        "Origin": "germline", "Position": "23894525", "dbSNP": "rs121913624",
    }  # fmt: skip
    parts = [labelled(name, value, system=system) for name, value in said.items()]

    found = in_a_report({"text": "Finding 1"}, component=parts)

    assert found.kind is Kind.VARIANT
    assert symbols(found) == ["MYH7"]
    assert found.hgvs
    assert (found.hgvs.c, found.hgvs.p) == (("c.1208G>A",), ("p.Arg403Gln",))
    assert (found.zygosity, found.source_class) == ("heterozygous", "germline")
    assert found.significance == ("Pathogenic",)
    assert [one.text for one in found.phenotypes] == ["Cardiomyopathy"]
    assert found.ids == ("rs121913624",)
    assert found.position
    assert found.position.start == 23894525
    assert found.not_understood == ()


@pytest.mark.parametrize(
    "code",
    [coded("12345-6", "Gene"), coded("363346000", "Gene", ""), coded("C16612", "Gene", "NCIt")],
)
def test_a_code_of_a_public_list_does_not_go_by_a_name(code: Json) -> None:
    found = in_a_report({"text": "Finding 1"}, component=[{"code": code, "valueString": "MYH7"}])

    assert found.genes == ()


@pytest.mark.parametrize(
    ("said", "level", "name", "presence"),
    [
        ("c.1208G>A (p.Arg403Gln)", "c", "", None),
        ("NC_000014.9:23425970:C:T", "other", "", None),
        ("EGFRvIII", "", "EGFRvIII", None),
        ("None detected", "", "", "absent"),
    ],
)
def test_a_variant_in_words_is_an_expression_a_name_or_an_answer(
    said: str, level: str, name: str, presence: str | None
) -> None:
    found = in_a_report({"text": "Finding 1"}, component=[labelled("Variant", said)])

    assert (found.kind, found.name, found.presence) == (Kind.VARIANT, name, presence)
    assert (getattr(found.hgvs, level) if level else found.hgvs) == ((said,) if level else None)


def test_a_component_by_another_name_is_a_class_only_with_the_words_of_a_class() -> None:
    benign = labelled("Interpretation", "Likely benign")
    other = labelled("Interpretation", "Consistent with the clinical picture")

    found = reading_of(a_variant("v", benign), a_variant("w", other)).findings

    assert [one.significance for one in found] == [("Likely benign",), ()]


def test_hgvs_under_an_unknown_question_is_read_by_its_code_list() -> None:
    value = coded("NC_000022.10:g.18894835_21464119del", "", "http://varnomen.hgvs.org")

    found = reading_of(a_variant("v", component("1-8", valueCodeableConcept=value))).findings[0]

    assert found.hgvs
    assert found.hgvs.g == ("NC_000022.10:g.18894835_21464119del",)


def test_the_name_of_a_catalogue_entry_tells_the_change_of_dna_where_nothing_else_does() -> None:
    clinvar = "http://www.ncbi.nlm.nih.gov/clinvar"
    name = "NM_000455.4(STK11):c.508C>T (p.Gln170Ter)"
    entry = component("81252-9", valueCodeableConcept=coded("619728", name, clinvar))
    told = component("48004-6", valueString="c.508C>T")
    place = component("81290-9", valueString="NC_000019.10:g.1220488C>T")

    alone, beside, placed = reading_of(
        a_variant("v", entry), a_variant("w", entry, told), a_variant("x", entry, place)
    ).findings

    assert alone.hgvs
    assert (alone.hgvs.c, alone.hgvs.p) == ((name,), ("p.Gln170Ter",))
    assert beside.hgvs
    assert beside.hgvs.c == ("c.508C>T",)
    assert placed.hgvs
    assert (placed.hgvs.c, placed.hgvs.g) == ((name,), ("NC_000019.10:g.1220488C>T",))
    assert [symbols(one) for one in (alone, beside, placed)] == [["STK11"]] * 3


def test_the_code_of_a_component_that_goes_by_its_name_is_kept() -> None:
    found = reading_of(a_variant("v", labelled("Zygosity", "het", system=LAB))).findings[0]

    assert found.zygosity == "heterozygous"
    (kept,) = found.concepts["questions"]
    assert [one.code for one in kept.codings] == ["X1"]


@pytest.mark.parametrize(
    ("code", "system", "said"),
    [
        ("HP:0000007", "http://human-phenotype-ontology.org", "Autosomal recessive inheritance"),
        ("LA24640-7", "http://loinc.org", "Autosomal dominant"),
        ("other", "http://lab", "other"),
    ],
)
def test_a_mode_of_inheritance_that_came_as_a_code_alone_has_words(
    code: str, system: str, said: str
) -> None:
    mode = {"code": {"text": "Inheritance"}, "valueCodeableConcept": coded(code, "", system)}

    assert reading_of(a_variant("v", mode)).findings[0].inheritance == (said,)
