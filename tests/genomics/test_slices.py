"""Each component of each profile of Genomics Reporting 2 and 3 and mCODE, alone in a resource.

Its value arrives in the field that it is for, and nothing else is said.
"""

import json
from typing import Any

import pytest

from portal.genomics.findings import to_json
from tests.genomics.builders import Json, a_report, a_variant, coded, component, reading_of, without

HGVS = "http://varnomen.hgvs.org"
REFSEQ = "http://www.ncbi.nlm.nih.gov/refseq"
HGNC = "http://www.genenames.org/geneId"
SCT = "http://snomed.info/sct"
SO = "http://www.sequenceontology.org"


def said(code: str, display: str = "", system: str = "http://loinc.org") -> Json:
    return {"valueCodeableConcept": coded(code, display, system)}


SLICES: list[tuple[str, Json, str, Any]] = [
    ("48018-6", said("HGNC:1097", "BRAF", HGNC), "genes", [{"symbol": "BRAF", "id": "HGNC:1097"}]),
    ("62374-4", said("LA26806-2", "GRCh38"), "position", {"build": "GRCh38"}),
    ("48000-4", said("LA21276-3", "Chromosome X"), "position", {"chromosome": "X"}),
    ("48004-6", said("NM_1.2:c.7G>A", "", HGVS), "hgvs", {"c": ["NM_1.2:c.7G>A"]}),
    ("48004-6", said("NR_1.2:n.7G>A", "", HGVS), "hgvs", {"n": ["NR_1.2:n.7G>A"]}),
    ("48005-3", said("NP_1.2:p.(Val3=)", "", HGVS), "hgvs", {"p": ["NP_1.2:p.(Val3=)"]}),
    ("81290-9", said("NC_000001.11:g.7G>A", "", HGVS), "hgvs", {"g": ["NC_000001.11:g.7G>A"]}),
    ("81291-7", said("46,XX,del(5)(p15)", "", "https://iscn"), "name", "46,XX,del(5)(p15)"),
    ("48013-7", said("NC_000007.13", "", REFSEQ), "position", {"sequence": "NC_000007.13"}),
    ("81254-5", {"valueRange": {"low": {"value": 5}, "high": {"value": 9}}}, "position",
     {"start": 5, "end": 9}),
    ("81302-2", {"valueRange": {"low": {"value": 5}, "high": {"value": 9}}}, "position",
     {"start": 5, "end": 9}),
    ("81301-4", {"valueRange": {"low": {"value": 5}, "high": {"value": 9}}}, "position",
     {"outer_start": 5, "outer_end": 9}),
    ("92822-6", said("LA30100-4"), "position",
     {"coordinate_system": "0-based interval counting"}),
    ("69547-8", {"valueString": "ACG"}, "ref", "ACG"),
    ("69551-0", {"valueString": "A"}, "alt", "A"),
    ("48002-0", said("LA6683-2", "Germline"), "source_class", "germline"),
    ("48002-0", said("LA6684-0", "Somatic"), "source_class", "somatic"),
    ("48002-0", said("LA10429-1", "Fetal"), "source_class", "fetal"),
    ("48002-0", said("LA26807-0", "De novo"), "source_class", "de-novo"),
    ("81258-6", {"valueQuantity": {"value": 25, "code": "%"}}, "allele_fraction", 0.25),
    ("81258-6", {"valueQuantity": {"value": 25, "unit": "percent"}}, "allele_fraction", 0.25),
    ("81258-6", {"valueQuantity": {"value": 0.25, "unit": "decimal"}}, "allele_fraction", 0.25),
    ("81258-6", {"valueQuantity": {"value": 0.25}}, "allele_fraction", 0.25),
    ("82121-5", {"valueQuantity": {"value": 120, "code": "1"}}, "depth", 120),
    ("53034-5", said("LA6706-1", "Heterozygous"), "zygosity", "heterozygous"),
    ("53034-5", said("LA6705-3", "Homozygous"), "zygosity", "homozygous"),
    ("53034-5", said("LA6707-9", "Hemizygous"), "zygosity", "hemizygous"),
    ("53034-5", said("LA6703-8", "Heteroplasmic"), "zygosity", "heteroplasmic"),
    ("53034-5", said("LA6704-6", "Homoplasmic"), "zygosity", "homoplasmic"),
    ("81252-9", said("13961", "", "http://www.ncbi.nlm.nih.gov/clinvar"), "ids", ["13961"]),
    ("82155-3", {"valueQuantity": {"value": 0, "code": "1"}}, "copy_number", 0),
    ("repeat-motif", {"valueString": "CAG"}, "repeats", [{"motif": "CAG"}]),
    ("repeat-number", {"valueQuantity": {"value": 40}}, "repeats", [{"number": 40}]),
    ("53037-8", said("LA6682-4", "Uncertain significance"), "significance",
     ["Uncertain significance"]),
    ("53037-8", said("LA26333-7"), "significance", ["Uncertain significance"]),
    ("81259-4", said("1", "Diabetes", SCT), "phenotypes",
     [{"codings": [{"system": SCT, "code": "1", "display": "Diabetes"}]}]),
    ("93044-6", {"valueCodeableConcept": {"text": "Tier 1"}}, "evidence", ["Tier 1"]),
    ("condition-inheritance", {"valueCodeableConcept": {"text": "recessive"}}, "inheritance",
     ["recessive"]),
    ("51963-7", {"valueCodeableConcept": {"text": "warfarin"}}, "medicines",
     [{"text": "warfarin"}]),
    ("associated-therapy", {"valueCodeableConcept": {"text": "radiation"}}, "medicines",
     [{"text": "radiation"}]),
    ("therapeutic-implication", said("LA9657-3"), "effects", ["Poor metabolizer"]),
    ("feature-consequence", said("SO:0001583", "missense_variant", SO), "effects",
     ["missense_variant"]),
    ("functional-effect", said("SO:0002054", "loss_of_function_variant", SO), "effects",
     ["loss_of_function_variant"]),
    ("molecular-consequence", said("SO:0001583", "missense_variant", SO), "effects",
     ["missense_variant"]),
    ("conclusion-string", {"valueString": "a sentence"}, "conclusion", "a sentence"),
    ("36908-2", {"valueCodeableConcept": {"text": "c.1A>G"}}, "regions",
     [{"state": "studied", "text": "c.1A>G"}]),
    ("81293-3", {"valueString": "all exons"}, "regions",
     [{"state": "studied", "text": "all exons"}]),
    ("51959-5", {"valueRange": {"low": {"value": 5}, "high": {"value": 9}}}, "regions",
     [{"state": "studied", "position": {"start": 5, "end": 9}}]),
    ("uncallable-regions", {"valueRange": {"low": {"value": 5}, "high": {"value": 9}}}, "regions",
     [{"state": "uncalled", "position": {"start": 5, "end": 9}}]),
]  # fmt: skip
FRAME = {
    "record",
    "key",
    "id",
    "source",
    "sources",
    "concepts",
    "kind",
    "status",
    "code",
    "subject",
}


def fields_of(body: Json) -> dict[str, Any]:
    (finding,) = reading_of(body).findings
    form = json.loads(json.dumps(to_json(finding)))
    return {name: value for name, value in form.items() if name not in FRAME}


# No copies left, and what is of an unborn child, have a remark beside.
_REMARKED = (["copy-number-zero"], ["another-person"])


@pytest.mark.parametrize(("code", "value", "field", "expected"), SLICES)
def test_a_component_arrives_in_its_field_and_in_no_other(
    code: str, value: Json, field: str, expected: object
) -> None:
    body = without(a_variant("v", component(code, **value)), "valueCodeableConcept")

    found = fields_of(body)

    extra = {"attributes"} if field in {"allele_fraction", "position"} else set()
    flags = {"flags"} if found.get("flags") in _REMARKED else set()
    assert found[field] == expected
    assert found.keys() - extra - flags == {field}


DETAILS = [
    ("51958-7", said("NM_1.2", "", REFSEQ), "NM_1.2"),
    ("protein-ref-seq", said("NP_1.2", "", REFSEQ), "NP_1.2"),
    ("48001-2", {"valueCodeableConcept": {"text": "7q34"}}, "7q34"),
    ("48019-4", said("SO:0000159", "deletion", SO), "deletion"),
    ("94186-4", said("LA26320-4", "Maternal"), "Maternal"),
    ("variant-inheritance", {"valueCodeableConcept": {"text": "maternal"}}, "maternal"),
    ("82309-6", said("LA26426-9", "Directly measured"), "Directly measured"),
    ("48006-1", said("LA6698-0", "Missense"), "Missense"),
    ("variant-confidence-status", said("high", "High", "http://status"), "High"),
    ("biomarker-category", said("molgen", "molecular", "http://category"), "molecular"),
]


@pytest.mark.parametrize(("code", "value", "text"), DETAILS)
def test_a_component_without_a_field_of_its_own_is_kept_in_words(
    code: str, value: Json, text: str
) -> None:
    found = fields_of(without(a_variant("v", component(code, **value)), "valueCodeableConcept"))

    assert [one["text"] for one in found["attributes"]] == [text]
    assert "not_understood" not in found


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("biomarker-category", "biomarker"),
        ("feature-consequence", "molecular-consequence"),
        ("51963-7", "therapeutic-implication"),
        ("53037-8", "diagnostic-implication"),
        ("48004-6", "variant"),
        ("51959-5", "region-studied"),
    ],
)
def test_components_tell_what_a_result_under_a_code_of_the_lab_is(code: str, kind: str) -> None:
    value = {"valueCodeableConcept": {"text": "a word"}}
    body = without(a_variant("v", component(code, **value)), "valueCodeableConcept")
    body["code"] = {"coding": [{"system": "http://lab", "code": "own"}]}

    (finding,) = reading_of(body).findings

    assert finding.kind == kind


LINKS = ["workflow-supportingInfo", "genomic-risk-assessment", "genomic-study-reference"]


@pytest.mark.parametrize("name", LINKS)
def test_a_link_of_a_report_is_kept(name: str) -> None:
    link = {"url": f"http://x/{name}", "valueReference": {"reference": "Observation/gone"}}

    (report,) = reading_of(a_report(extension=[link])).reports

    assert [(one.label, one.text) for one in report.context] == [(name, "Observation/gone")]
    assert not report.not_understood


def test_the_gl_string_of_a_report_is_kept_verbatim() -> None:
    url = "http://hl7.org/fhir/StructureDefinition/hla-genotyping-results-glstring"
    parts = [{"url": "text", "valueString": "HLA-A*01:01+HLA-A*02:01"}]

    (report,) = reading_of(a_report(extension=[{"url": url, "extension": parts}])).reports

    assert [one.text for one in report.attributes] == ["HLA-A*01:01+HLA-A*02:01"]
    assert not report.not_understood


@pytest.mark.parametrize(
    "quantity",
    [
        {"value": 0.5, "unit": "‰"},
        {"value": 0.5, "code": "[ppm]"},
        {"value": 0.3, "unit": "%", "code": "1"},
    ],
)
def test_a_share_on_another_scale_or_on_two_is_no_allele_fraction(quantity: Json) -> None:
    found = fields_of(a_variant("v", component("81258-6", valueQuantity=quantity)))

    assert "allele_fraction" not in found
    assert found["flags"]
    assert found["attributes"][0]["value"] == quantity["value"]


@pytest.mark.parametrize(("text", "share"), [("44%", 0.44), ("44 %", 0.44), ("0.44", 0.44)])
def test_a_share_in_text_is_an_allele_fraction(text: str, share: float) -> None:
    found = fields_of(a_variant("v", component("81258-6", valueString=text)))

    assert found["allele_fraction"] == share
    assert found["attributes"][0]["text"] == text


def test_the_genetics_extensions_of_base_fhir_are_read() -> None:
    base = "http://hl7.org/fhir/StructureDefinition/observation-genetics"
    name = {"url": "Name", "valueCodeableConcept": coded("NM_005228.3:c.2573T>G", "", HGVS)}
    kind = {"url": "Type", "valueCodeableConcept": {"text": "substitution"}}
    state = {"url": "State", **said("LA6706-1", "Heterozygous")}
    allele = {"url": "Name", "valueCodeableConcept": {"text": "HLA-A*01:02"}}
    body = without(a_variant("v"), "valueCodeableConcept", "component") | {
        "code": coded("55233-1", "Genetic analysis master panel"),
        "extension": [
            {"url": f"{base}Gene", **said("HGNC:3236", "EGFR", HGNC)},
            {"url": f"{base}GenomicSourceClass", **said("LA6684-0", "somatic")},
            {"url": f"{base}Variant", "extension": [name, kind]},
            {"url": f"{base}Allele", "extension": [state, allele]},
        ],
        "valueCodeableConcept": {"text": "Positive"},
    }

    (finding,) = reading_of(body).findings

    assert finding.kind == "variant"
    assert finding.genes[0].symbol == "EGFR"
    assert finding.source_class == "somatic"
    assert (finding.zygosity, finding.name) == ("heterozygous", "HLA-A*01:02")
    assert finding.hgvs is not None
    assert finding.hgvs.c == ("NM_005228.3:c.2573T>G",)
    assert finding.value == "Positive"
    assert finding.presence is None
    assert not finding.not_understood


def test_a_result_that_only_its_genetics_extensions_tell_of_is_read() -> None:
    base = "http://hl7.org/fhir/StructureDefinition/observation-genetics"
    body = without(a_variant("v"), "valueCodeableConcept", "component") | {
        "code": coded("1-8", "Something else"),
        "extension": [
            {"url": f"{base}Gene", "valueString": "EGFR"},
            {"url": f"{base}Variant", "valueString": "c.2573T>G"},
            {"url": f"{base}AminoAcidChange", "valueString": "p.Leu858Arg"},
        ],
    }

    (finding,) = reading_of(body).findings

    assert (finding.kind, finding.genes[0].symbol) == ("variant", "EGFR")
    assert finding.hgvs is not None
    assert (finding.hgvs.c, finding.hgvs.p) == (("c.2573T>G",), ("p.Leu858Arg",))


def test_an_answer_with_the_code_of_its_question_is_its_words() -> None:
    base = "http://hl7.org/fhir/StructureDefinition/observation-genetics"
    body = without(a_variant("v"), "valueCodeableConcept", "component") | {
        "extension": [
            {"url": f"{base}Gene", **said("48018-6", "TP53")},
            {"url": f"{base}DNASequenceVariantName", **said("48004-6", "NM_000546:c.743G>A")},
            {"url": f"{base}GenomicSourceClass", **said("48002-0", "somatic")},
        ],
    }

    (finding,) = reading_of(body).findings

    assert (finding.genes[0].symbol, finding.genes[0].id) == ("TP53", "")
    assert finding.source_class == "somatic"
    assert finding.hgvs is not None
    assert finding.hgvs.c == ("NM_000546:c.743G>A",)


def test_a_panel_of_genetic_results_without_a_name_is_genetic() -> None:
    body = without(a_variant("v"), "valueCodeableConcept", "component")
    body |= {"code": coded("55233-1"), "valueString": "as reported"}

    (finding,) = reading_of(body).findings

    assert finding.value == "as reported"


@pytest.mark.parametrize(
    ("code", "display", "flagged"),
    [("NM_1", "NM_1.4", False), ("NM_1.3", "NM_1.4", True), ("NM_1", "NM_2.4", True)],
)
def test_a_transcript_with_and_without_its_version_is_no_contradiction(
    code: str, display: str, *, flagged: bool
) -> None:
    found = fields_of(a_variant("v", component("51958-7", **said(code, display, REFSEQ))))

    assert ("conflict:transcript" in found.get("flags", [])) is flagged
