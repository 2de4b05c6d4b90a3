"""What a variant says: each component in each of the ways in which labs send it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.genomics.findings import Finding, Gene, Presence, Repeat
from tests.genomics.builders import Json, a_variant, answer, coded, component, reading_of


def read_variant(*components: Json, **more: object) -> Finding:
    (found,) = reading_of(a_variant("v", *components, **more)).findings
    return found


@pytest.mark.parametrize(
    ("code", "presence"),
    [
        ("LA9633-4", Presence.PRESENT),
        ("LA9634-2", Presence.ABSENT),
        ("LA18198-4", Presence.NO_CALL),
        ("LA11884-6", Presence.INDETERMINATE),
    ],
)
def test_present_absent_no_call_and_indeterminate_are_four_things(
    code: str, presence: Presence
) -> None:
    assert read_variant(valueCodeableConcept=coded(code)).presence is presence


def test_an_answer_that_is_none_of_the_four_stays_words() -> None:
    found = read_variant(valueCodeableConcept={"text": "see comment"})

    assert found.presence is None
    assert found.value == "see comment"
    assert "presence-not-understood" in found.flags


def test_no_answer_is_no_presence() -> None:
    found = reading_of({**a_variant(), "valueCodeableConcept": None}).findings[0]

    assert found.presence is None


def test_words_that_contradict_the_code_give_no_presence() -> None:
    found = read_variant(valueCodeableConcept=coded("LA9634-2", "Present"))

    assert found.presence is None
    assert "conflict:presence" in found.flags


@pytest.mark.parametrize(
    ("value", "fraction"),
    [
        ({"value": 47, "unit": "%"}, 0.47),
        ({"value": 47, "code": "%", "system": "http://unitsofmeasure.org"}, 0.47),
        ({"value": 0.47, "unit": "decimal"}, 0.47),
        ({"value": 0.47, "code": "1"}, 0.47),
        ({"value": 0.47}, 0.47),
        ({"value": 1}, 1),
        ({"value": 0}, 0),
    ],
)
def test_an_allele_fraction_is_between_0_and_1(value: Json, fraction: float) -> None:
    found = read_variant(component("81258-6", valueQuantity=value))

    assert found.allele_fraction == fraction


@pytest.mark.parametrize("value", [{"value": 47}, {"value": 147, "unit": "%"}, {"value": -0.1}])
def test_an_allele_fraction_out_of_range_is_flagged_and_kept_as_sent(value: Json) -> None:
    found = read_variant(component("81258-6", valueQuantity=value))

    assert found.allele_fraction is None
    assert "allele-fraction-out-of-range" in found.flags
    assert found.attributes[0].value == value["value"]


@pytest.mark.parametrize(
    ("system", "start0", "end0"),
    [("LA30100-4", 10, 12), ("LA30101-2", 10, 13), ("LA30102-0", 9, 12)],
)
def test_positions_are_normalised_and_kept_as_sent(system: str, start0: int, end0: int) -> None:
    place = read_variant(
        component("81254-5", valueRange={"low": {"value": 10}, "high": {"value": 12}}),
        answer("92822-6", system),
    ).position

    assert place
    assert (place.start, place.end) == (10, 12)
    assert (place.start0, place.end0) == (start0, end0)


def test_without_a_way_of_counting_nothing_is_normalised() -> None:
    place = read_variant(component("81254-5", valueRange={"low": {"value": 10}})).position

    assert place
    assert place.start == 10
    assert place.start0 is None
    assert place.coordinate_system == ""


@pytest.mark.parametrize(
    ("value", "gene"),
    [
        (coded("HGNC:1100", "BRCA1", "http://www.genenames.org"), Gene("BRCA1", "HGNC:1100")),
        (coded("1100", "BRCA1", "http://www.genenames.org/geneId"), Gene("BRCA1", "1100")),
        (coded("672", "BRCA1", "https://www.ncbi.nlm.nih.gov/gene"), Gene("BRCA1", "672")),
        (coded("BRCA1", "", "http://www.genenames.org"), Gene("BRCA1")),
        (coded("HGNC:1100", "", "http://www.genenames.org"), Gene("", "HGNC:1100")),
        (coded("HGNC:1100", "", "http://www.genenames.org", "BRCA1"), Gene("BRCA1", "HGNC:1100")),
        ({"text": "BRCA1"}, Gene("BRCA1")),
    ],
)
def test_a_gene_is_kept_in_the_style_in_which_it_was_sent(value: Json, gene: Gene) -> None:
    assert read_variant(component("48018-6", valueCodeableConcept=value)).genes == (gene,)


@pytest.mark.parametrize("first", [True, False])
def test_the_product_of_a_gene_beside_its_id_is_no_second_gene(*, first: bool) -> None:
    gene = {"system": "http://www.genenames.org", "code": "HGNC:3791", "display": "FOLR1"}
    product = {"system": "http://www.uniprot.org", "code": "P15328", "display": "Folate receptor"}
    both = {"coding": [gene, product] if first else [product, gene]}

    found = read_variant(component("48018-6", valueCodeableConcept=both))

    assert found.genes == (Gene("FOLR1", "HGNC:3791"),)


def test_a_symbol_and_an_id_sent_the_other_way_round_are_a_gene() -> None:
    turned = coded("LBR", "HGNC:6518", "http://www.genenames.org")

    found = read_variant(component("48018-6", valueCodeableConcept=turned))

    assert found.genes == (Gene("LBR", "HGNC:6518"),)


def test_both_genes_of_a_fusion_are_read_with_their_sides() -> None:
    def side(code: str, gene: str) -> Json:
        name = {"code": {"coding": [{"system": "https://mtb/biomarker", "code": code}]}}
        return {**name, "valueCodeableConcept": coded(gene, gene, "http://www.genenames.org")}

    found = read_variant(side("five-prime-gene", "BCR"), side("three-prime-gene", "ABL1"))

    assert [one.symbol for one in found.genes] == ["BCR", "ABL1"]
    sides = [(one.label, one.text) for one in found.attributes]
    assert sides == [("five-prime-gene", "BCR"), ("three-prime-gene", "ABL1")]


def test_a_code_of_an_older_draft_of_the_guide_goes_by_its_name() -> None:
    system = "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/tbd-codes"
    older = coded("model-of-inheritance", "Mode of Inheritance", system)

    found = read_variant({"code": older, "valueString": "Autosomal recessive"})

    assert found.inheritance == ("Autosomal recessive",)


def test_a_chromosome_given_as_the_place_in_the_cell_is_a_chromosome() -> None:
    found = read_variant(component("48001-2", valueCodeableConcept=coded("LA21254-0", "Chr1")))

    assert found.position
    assert found.position.chromosome == "1"


@pytest.mark.parametrize(
    ("sequence", "flags"),
    [
        ("NC_000962.3", ("not-human",)),
        ("NC_000067.6", ("not-human",)),
        ("NC_000017.11", ()),
        ("NC_000017", ()),
        ("NC_012920.1", ()),
        ("NM_000546.6", ()),
    ],
)
def test_the_sequence_of_a_germ_is_not_the_persons(sequence: str, flags: tuple[str, ...]) -> None:
    named = read_variant(component("48013-7", valueCodeableConcept=coded(sequence)))
    written = read_variant(component("81290-9", valueString=f"{sequence}:g.6798G>C"))

    protein = read_variant(component("48005-3", valueString=f"{sequence}:p.(H445D)"))

    assert (named.flags, written.flags, protein.flags) == (flags, flags, flags)


def test_a_class_under_the_name_of_its_answers_is_a_class() -> None:
    found = read_variant(answer("LL4034-6", "LA6668-3", "Pathogenic"))

    assert found.significance == ("Pathogenic",)


def test_an_answer_whose_question_has_another_name_than_its_code_is_in_neither_field() -> None:
    question = {"code": coded("48002-0", "Genomic DNA change (gHGVS)")}

    found = read_variant({**question, "valueString": "NC_000017.11:g.7675088C>T"})

    assert (found.source_class, found.hgvs) == ("", None)
    assert found.flags == ("conflict:question",)
    said = [(one.label, one.text) for one in found.attributes]
    assert said == [("Genomic DNA change (gHGVS)", "NC_000017.11:g.7675088C>T")]


def test_an_entry_of_a_catalogue_sent_as_words_is_an_id() -> None:
    found = read_variant(component("81255-2", valueString="rs4244285"))

    assert (found.ids, found.name) == (("rs4244285",), "")


def test_a_band_stays_in_the_words_of_the_lab() -> None:
    found = read_variant(component("48001-2", valueCodeableConcept={"text": "17q21.31"}))

    assert found.position is None
    assert [one.text for one in found.attributes] == ["17q21.31"]


def test_one_gene_in_two_systems_is_one_gene_and_a_fusion_is_two() -> None:
    twice = {"coding": [
        {"system": "http://www.genenames.org", "code": "HGNC:1100", "display": "BRCA1"},
        {"system": "https://www.ncbi.nlm.nih.gov/gene", "code": "672", "display": "BRCA1"},
    ]}  # fmt: skip
    fusion = [
        component("48018-6", valueCodeableConcept=coded(code, name, "http://www.genenames.org"))
        for code, name in (("HGNC:1014", "BCR"), ("HGNC:76", "ABL1"))
    ]

    assert read_variant(component("48018-6", valueCodeableConcept=twice)).genes == (
        Gene("BRCA1", "HGNC:1100"),
    )
    assert [one.symbol for one in read_variant(*fusion).genes] == ["BCR", "ABL1"]


@pytest.mark.parametrize(
    ("code", "text", "level"),
    [
        ("48004-6", "NM_000059.4:c.2808_2811del", "c"),
        ("48004-6", "c.2808_2811del", "c"),
        ("48004-6", "NR_023343.1:n.50G>A", "n"),
        ("48005-3", "NP_000050.2:p.(Ala938fs)", "p"),
        ("81290-9", "NC_000013.11:g.32337161_32337164del", "g"),
        ("81290-9", "NC_012920.1:m.3243A>G", "g"),
        ("81290-9", "NM_005157.6:c.1076T>G", "c"),
        ("48004-6", "NC_000022.10:42523948:T:<CN0>", "other"),
        ("48004-6", "exon 3 deletion", "other"),
    ],
)
def test_hgvs_is_verbatim_under_the_level_that_it_states(code: str, text: str, level: str) -> None:
    value = coded(text, system="http://varnomen.hgvs.org")

    expressions = read_variant(component(code, valueCodeableConcept=value)).hgvs

    assert expressions
    assert getattr(expressions, level) == (text,)


@pytest.mark.parametrize("code", ["LA6682-4", "LA26333-7"])
def test_both_codes_for_uncertain_are_accepted(code: str) -> None:
    found = read_variant(answer("53037-8", code, "Uncertain significance"))

    assert found.significance == ("Uncertain significance",)
    assert not [flag for flag in found.flags if flag.startswith("conflict")]


@pytest.mark.parametrize(
    "resource",
    [
        a_variant("v", answer("53037-8", "LA6668-3", "Pathogenic")),
        a_variant("v", component("53037-8", valueString="Pathogenic")),
        a_variant("v", {"code": {"text": "Clinical significance"}, "valueString": "Pathogenic"}),
        a_variant("v", note=[{"text": "Classification: Pathogenic. Confirmed."}]),
        {**a_variant("v"), "code": coded("53037-8"), "valueCodeableConcept": coded("LA6668-3")},
        a_variant("v", interpretation=[coded("LA6668-3", "Pathogenic")]),
    ],
    ids=["component", "string", "label", "words", "value", "interpretation"],
)
def test_the_class_is_found_wherever_it_sits(resource: Json) -> None:
    (found,) = reading_of(resource).findings

    assert found.significance == ("Pathogenic",)


def test_a_class_whose_words_contradict_its_code_shows_both() -> None:
    found = read_variant(answer("53037-8", "LA6675-8", "Pathogenic"))

    assert found.significance == ("Pathogenic", "Benign")
    assert "conflict:significance" in found.flags


def test_present_with_equal_alleles_is_flagged() -> None:
    found = read_variant(
        component("69547-8", valueString="A"), component("69551-0", valueString="A")
    )

    assert found.presence is Presence.PRESENT
    assert "conflict:present-but-ref-equals-alt" in found.flags


def test_copy_number_zero_matters_and_is_kept() -> None:
    found = read_variant(component("82155-3", valueQuantity={"value": 0}))

    assert found.copy_number == 0
    assert "copy-number-zero" in found.flags


def test_repeats_come_in_the_order_that_the_lab_gives() -> None:
    def ordered(code: str, order: int, **value: object) -> Json:
        url = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/repeat-motif-order"
        return {**component(code, **value), "extension": [{"url": url, "valuePositiveInt": order}]}

    found = read_variant(
        ordered("repeat-motif", 2, valueString="CCG"),
        ordered("repeat-number", 2, valueQuantity={"value": 7}),
        ordered("repeat-number", 1, valueQuantity={"value": 42}),
        ordered("repeat-motif", 1, valueString="CAG"),
    )

    assert found.repeats == (Repeat("CAG", 42), Repeat("CCG", 7))


def test_repeats_without_an_order_are_not_paired() -> None:
    found = read_variant(
        component("repeat-motif", valueString="CAG"),
        component("repeat-motif", valueString="CCG"),
        component("repeat-number", valueQuantity={"value": 42}),
    )

    assert found.repeats == (Repeat("CAG"), Repeat("CCG"), Repeat(number=42))
    assert "repeat-order-not-given" in found.flags


def test_an_unknown_component_stays_in_the_labs_words_and_is_listed() -> None:
    odd = {"code": {"text": "Fluorescence pattern"}, "valueString": "2R1G"}

    found = read_variant(odd)

    assert (found.attributes[0].label, found.attributes[0].text) == ("Fluorescence pattern", "2R1G")
    assert found.not_understood == ("Observation.component[0]",)


def test_elements_that_are_not_understood_are_listed_by_their_path() -> None:
    found = read_variant(flavour="x", _status={"id": "s"}, note=[{"text": "n", "mood": 1}])

    assert set(found.not_understood) == {
        "Observation.flavour", "Observation._status", "Observation.note[0].mood",
    }  # fmt: skip


def test_stray_blanks_in_codes_are_read_and_flagged() -> None:
    found = read_variant(answer("53034-5", " LA6706-1 "))

    assert found.zygosity == "heterozygous"
    assert any(flag.startswith("stray-blanks") for flag in found.flags)


def test_two_different_values_for_one_field_are_a_conflict_and_both_kept() -> None:
    found = read_variant(answer("53034-5", "LA6706-1"), answer("53034-5", "LA6705-3"))

    assert "conflict:zygosity" in found.flags
    assert "homozygous" in {one.text for one in found.attributes}


def test_a_build_that_contradicts_the_sequence_is_flagged() -> None:
    sequence = component("48013-7", valueCodeableConcept=coded("NC_000013.10"))

    assert "conflict:build" in read_variant(sequence, answer("62374-4", "LA26806-2")).flags
    assert "conflict:build" not in read_variant(sequence, answer("62374-4", "LA14029-5")).flags


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "69547-8": st.text("ACGT", min_size=1, max_size=4),
            "69551-0": st.text("ACGT", min_size=1, max_size=4),
            "53034-5": st.sampled_from(["LA6706-1", "LA6705-3", "LA6707-9"]),
            "48002-0": st.sampled_from(["LA6683-2", "LA6684-0"]),
            "82121-5": st.integers(0, 10_000),
        },
    )
)
def test_what_the_file_does_not_say_is_absent(said: dict[str, object]) -> None:
    components = [
        component(code, valueQuantity={"value": value})
        if isinstance(value, int)
        else answer(code, str(value))
        if str(value).startswith("LA")
        else component(code, valueString=value)
        for code, value in said.items()
    ]

    found = read_variant(*components)

    assert (found.ref is None) == ("69547-8" not in said)
    assert (found.alt is None) == ("69551-0" not in said)
    assert (not found.zygosity) == ("53034-5" not in said)
    assert (not found.source_class) == ("48002-0" not in said)
    assert (found.depth is None) == ("82121-5" not in said)
    assert found.position is None
    assert not found.genes
    assert found.hgvs is None


@pytest.mark.parametrize("piece", ["<", "allel", "1", "significance ", "_1(", "*1/", "A1 gene "])
def test_a_very_long_text_is_read_like_any_other(piece: str) -> None:
    long = piece * (200_000 // len(piece))

    found = read_variant(
        component("48004-6", valueString=long),
        component("conclusion-string", valueString=long),
        note=[{"text": long}],
        text={"status": "additional", "div": long},
    )

    assert found.conclusion == long.strip()
