"""Status, versions, whose it is, and what contradicts what."""

import orjson
import pytest

from portal.genomics.changes import Change, changes
from tests.genomics.builders import (
    ME,
    Json,
    a_report,
    a_variant,
    an_implication,
    answer,
    coded,
    component,
    reading_of,
    without,
)
from tests.genomics.files import read_bytes

OTHER = {"reference": "Patient/other"}


def ids(records: object) -> set[str]:
    return {one.id for one in records}  # type: ignore[attr-defined]


# --- status ----------------------------------------------------------------------------------
@pytest.mark.parametrize("status", ["entered-in-error", " entered-in-error ", "Entered-In-Error"])
def test_a_withdrawn_result_is_no_finding(status: str) -> None:
    reading = reading_of(a_variant(status=status))

    assert not reading.findings
    assert [(one.code, one.id) for one in reading.notices] == [("withdrawn", "v")]


@pytest.mark.parametrize("status", ["cancelled", "cancelled "])
def test_a_cancelled_test_is_no_finding(status: str) -> None:
    assert [one.code for one in reading_of(a_variant(status=status)).notices] == ["cancelled"]


def test_the_results_of_a_withdrawn_report_are_withdrawn_with_it() -> None:
    reading = reading_of(a_report("v", status="entered-in-error"), a_variant())

    assert not reading.findings
    assert not reading.reports
    assert {one.code for one in reading.notices} == {"withdrawn"}


def test_what_stands_only_on_withdrawn_results_is_marked() -> None:
    gone = a_variant(status="entered-in-error")
    two = [{"reference": "Observation/v"}, {"reference": "Observation/w"}]

    alone = reading_of(gone, an_implication("i"))
    held = reading_of(gone, a_variant("w"), an_implication("i", derivedFrom=two))

    assert "conflict:withdrawn-basis" in alone.findings[0].flags
    assert not any("conflict:withdrawn-basis" in one.flags for one in held.findings)


def test_a_result_of_another_good_report_stays() -> None:
    reading = reading_of(
        a_report("v", own_id="bad", status="entered-in-error"), a_report("v"), a_variant()
    )

    assert ids(reading.findings) == {"v"}


@pytest.mark.parametrize(
    ("status", "flag"),
    [
        ("corrected", "corrected"),
        ("amended", "amended"),
        ("preliminary", "preliminary"),
        ("registered", "registered"),
        ("bogus", "status-not-known:bogus"),
    ],
)
def test_a_status_that_matters_is_marked(status: str, flag: str) -> None:
    (found,) = reading_of(a_variant(status=status)).findings

    assert flag in found.flags
    assert found.status == status


def test_no_status_is_marked() -> None:
    (found,) = reading_of(without(a_variant(), "status")).findings

    assert "no-status" in found.flags
    assert found.status == ""


def test_an_unknown_modifier_is_never_read_past() -> None:
    reading = reading_of(
        a_variant(modifierExtension=[{"url": "http://x/not", "valueBoolean": True}])
    )

    assert not reading.findings
    assert [one.code for one in reading.notices] == ["modifier"]


# --- versions --------------------------------------------------------------------------------
def test_the_newest_version_wins_whatever_the_order() -> None:
    old = a_variant("v", answer("53034-5", "LA6706-1"), meta={"versionId": "9"})
    new = a_variant("v", answer("53034-5", "LA6705-3"), meta={"versionId": "10"})

    for pair in ((old, new), (new, old)):
        reading = reading_of(*pair)
        assert [one.zygosity for one in reading.findings] == ["homozygous"]
        assert [one.code for one in reading.notices] == ["superseded"]


def test_a_newer_version_that_withdraws_leaves_no_result() -> None:
    old = a_variant(meta={"lastUpdated": "2024-01-01T00:00:00Z"})
    new = a_variant(status="entered-in-error", meta={"lastUpdated": "2024-02-01T00:00:00Z"})

    assert not reading_of(new, old).findings


def test_one_id_with_two_contents_and_no_version_is_a_conflict() -> None:
    reading = reading_of(a_variant(), a_variant("v", answer("53034-5", "LA6706-1")))

    assert "conflict:two-contents" in reading.findings[0].flags
    assert [one.code for one in reading.notices] == ["two-contents"]


# --- whose -----------------------------------------------------------------------------------
def test_a_result_about_someone_else_is_quarantined_inside_a_good_report() -> None:
    reading = reading_of(a_report("v", "w"), a_variant(), a_variant("w", subject=OTHER))

    assert ids(reading.findings) == {"v"}
    assert [(one.id, one.subject) for one in reading.quarantined] == [("w", "Patient/other")]


def test_a_quarantined_resource_tells_nothing_of_its_content() -> None:
    gene = component("48018-6", valueCodeableConcept={"text": "SECRETGENE"})
    reading = reading_of(a_report("v", "w"), a_variant(), a_variant("w", gene, subject=OTHER))

    assert "SECRETGENE" not in str(reading)


def test_with_the_patient_known_everything_else_is_quarantined() -> None:
    report = a_report("v", subject=OTHER)
    reading = reading_of(report, a_variant(subject=OTHER), patient_ids=frozenset({"me"}))

    assert not reading.findings
    assert not reading.reports
    assert ids(reading.quarantined) == {"v", "r"}


@pytest.mark.parametrize("known", ["me", "Patient/me"])
def test_the_patient_may_be_named_in_either_way(known: str) -> None:
    reading = reading_of(a_report("v"), a_variant(), patient_ids=frozenset({known}))

    assert ids(reading.findings) == {"v"}
    assert not reading.quarantined


def test_a_result_without_a_subject_belongs_to_its_reports_patient_and_is_marked() -> None:
    (found,) = reading_of(a_report("v"), without(a_variant(), "subject")).findings

    assert found.subject == ME
    assert "no-subject" in found.flags


def test_a_result_without_a_subject_in_somebody_elses_report_is_quarantined() -> None:
    reading = reading_of(
        a_report("v", subject=OTHER),
        without(a_variant(), "subject"),
        patient_ids=frozenset({"me"}),
    )

    assert ids(reading.quarantined) == {"v", "r"}


@pytest.mark.parametrize("subject", [{"reference": "Group/g"}, {"reference": "Device/d"}])
def test_a_result_about_no_person_is_quarantined(subject: Json) -> None:
    (found,) = reading_of(a_variant(subject=subject)).quarantined

    assert (found.id, found.code) == ("v", "not-a-person")


@pytest.mark.parametrize("with_patient", [False, True])
def test_the_same_patient_id_at_another_server_is_someone_else(*, with_patient: bool) -> None:
    body = a_variant(subject={"reference": "https://elsewhere/Patient/me"})
    entries: list[Json] = [{"fullUrl": "https://here/Observation/v", "resource": body}]
    if with_patient:
        entries.append({"resource": {"resourceType": "Patient", "id": "me"}})
    raw = orjson.dumps({"resourceType": "Bundle", "entry": entries})

    assert ids(read_bytes(raw, frozenset({"me"})).quarantined) == {"v"}


@pytest.mark.parametrize("subject", ["https://here/r4/Patient/me", "http://here/r4/Patient/me"])
def test_the_own_server_named_in_full_is_the_same_patient(subject: str) -> None:
    body = a_variant(subject={"reference": subject})
    entry = {"fullUrl": "https://here/r4/Observation/v", "resource": body}
    raw = orjson.dumps({"resourceType": "Bundle", "entry": [entry]})

    assert ids(read_bytes(raw, frozenset({"me"})).findings) == {"v"}


def test_an_identifier_tells_whose_a_result_is() -> None:
    def named(own_id: str, value: str, system: str = "http://hospital") -> Json:
        return a_variant(own_id, subject={"identifier": {"system": system, "value": value}})

    me = {
        "resourceType": "Patient", "id": "me",
        "identifier": [{"system": "http://hospital", "value": "123"}],
    }  # fmt: skip
    reading = reading_of(
        me,
        a_report("a", "b", "c"),
        named("a", "123"),
        named("b", "999"),
        named("c", "7", "http://x"),
    )

    assert ids(reading.findings) == {"a", "c"}
    assert ids(reading.quarantined) == {"b"}


def contained_patient(value: str) -> Json:
    identifier = {"system": "http://hospital", "value": value}
    patient = {"resourceType": "Patient", "id": "p", "identifier": [identifier]}
    return {"subject": {"reference": "#p"}, "contained": [patient]}


def test_patients_inside_each_resource_are_one_person_by_their_identifier() -> None:
    reading = reading_of(
        a_report("v", "w", **contained_patient("1")),
        a_variant("v", **contained_patient("1")),
        a_variant("w", **contained_patient("2")),
    )

    assert ids(reading.findings) == {"v"}
    assert "w" in ids(reading.quarantined)


def test_a_patient_inside_a_resource_is_compared_with_the_own_record() -> None:
    me = {
        "resourceType": "Patient", "id": "me",
        "identifier": [{"system": "http://hospital", "value": "1"}],
    }  # fmt: skip
    resources = (a_variant("v", **contained_patient("1")), a_variant("w", **contained_patient("2")))

    reading = reading_of(me, *resources, patient_ids=frozenset({"me"}))

    assert ids(reading.findings) == {"v"}
    assert "w" in ids(reading.quarantined)


def test_a_report_without_a_subject_takes_it_from_its_order() -> None:
    order = {"resourceType": "ServiceRequest", "id": "o", "subject": {"reference": ME}}
    report = without(a_report("v", "w", basedOn=[{"reference": "ServiceRequest/o"}]), "subject")

    reading = reading_of(report, order, a_variant(), a_variant("w", subject=OTHER))

    assert ids(reading.quarantined) == {"w"}


def test_a_set_about_several_people_without_a_report_says_so() -> None:
    reading = reading_of(a_variant(), a_variant("w", subject=OTHER))

    assert "several-people" in {one.code for one in reading.notices}


# --- links -----------------------------------------------------------------------------------
def test_results_are_found_by_members_derivation_and_containment() -> None:
    contained = {**a_variant("c"), "derivedFrom": []}
    grouper = {
        "resourceType": "Observation", "id": "g", "status": "final", "subject": {"reference": ME},
        "code": coded("grouper", system="http://hl7.org/…/tbd-codes"),
        "hasMember": [{"reference": "Observation/v"}],
    }  # fmt: skip
    report = a_report("g", contained=[contained])
    report["result"].append({"reference": "#c"})

    reading = reading_of(report, grouper, a_variant(), an_implication("i"))

    assert {one.id: one.reports for one in reading.findings} == dict.fromkeys(
        ("c", "v", "i"), ("DiagnosticReport/r",)
    )
    assert "group" in {one.code for one in reading.notices}


def a_group(*members: Json, code: str = "C43359", **more: object) -> Json:
    return {
        "resourceType": "Observation", "id": "g", "status": "final", "subject": {"reference": ME},
        "code": coded(code, "Group", "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"),
        "category": [coded("GE", system="http://terminology.hl7.org/CodeSystem/v2-0074")],
        "hasMember": list(members), **more,
    }  # fmt: skip


def test_what_only_holds_results_together_is_no_result() -> None:
    group = a_group({"reference": "Observation/v"})

    reading = reading_of(a_report("g"), group, a_variant())

    assert ids(reading.findings) == {"v"}
    assert {one.id: one.code for one in reading.notices} == {"g": "group"}


@pytest.mark.parametrize("code", ["grouper", "C43359"])
@pytest.mark.parametrize(
    "more",
    [
        {"hasMember": [{"reference": "Observation/gone", "display": "poor metabolizer"}]},
        {"hasMember": [{"reference": "Observation/v"}, {"display": "poor metabolizer"}]},
        {"interpretation": [{"text": "poor metabolizer"}]},
        {"note": [{"text": "poor metabolizer"}]},
    ],
)
def test_a_group_that_says_more_than_its_members_here_stays_a_result(code: str, more: Json) -> None:
    group = a_group({"reference": "Observation/v"}, code=code) | more

    reading = reading_of(group, a_variant())

    (kept,) = (one for one in reading.findings if one.id == "g")
    assert "poor metabolizer" in str(kept)


def test_the_members_of_a_group_that_are_somebody_elses_are_not_told_in_it() -> None:
    stranger = a_variant("s", subject={"reference": "Patient/other"})
    group = a_group({"reference": "Observation/s", "display": "SECRET"})

    reading = reading_of(a_report("g"), group, stranger)

    assert "SECRET" not in str(reading)


def test_a_transaction_names_its_own_parts_by_their_identifiers() -> None:
    system = "https://lab/sid"
    person = {"reference": f"Patient?identifier={system}|p1"}
    patient = {"resourceType": "Patient", "identifier": [{"system": system, "value": "p1"}]}
    variant = without(a_variant(subject=person), "id")
    variant |= {"identifier": [{"system": system, "value": "v1"}]}
    report = without(a_report(subject=person), "id")
    report |= {"result": [{"reference": "Observation?identifier=https%3A//lab/sid%7Cv1"}]}

    reading = reading_of(patient, report, variant)

    (found,) = reading.findings
    assert found.reports == (reading.reports[0].key,)
    assert not reading.quarantined
    assert "missing-result" not in {one.code for one in reading.notices}


def test_an_identifier_that_two_parts_have_leads_to_neither() -> None:
    named = {"identifier": [{"system": "https://lab/sid", "value": "1"}]}
    asked = [{"reference": "Observation?identifier=https://lab/sid|1"}]

    reading = reading_of(a_report() | {"result": asked}, *(a_variant(one) | named for one in "ab"))

    assert "missing-result" in {one.code for one in reading.notices}
    assert {one.reports for one in reading.findings} == {()}


def test_a_result_that_is_not_here_is_named() -> None:
    (notice,) = reading_of(a_report("gone")).notices

    assert notice.code == "missing-result"
    assert "Observation/gone" in notice.reason


def test_a_result_that_is_only_an_identifier_is_named_too() -> None:
    named = {"identifier": {"system": "http://lab", "value": "R-17"}}

    (notice,) = reading_of(a_report() | {"result": [named]}).notices

    assert notice.code == "missing-result"
    assert "R-17" in notice.reason


def test_an_observation_of_a_genetics_report_with_an_unknown_code_keeps_the_labs_words() -> None:
    odd = without(a_variant("odd"), "valueCodeableConcept", "component")
    odd |= {"code": {"text": "Special stain"}, "valueString": "weird but true"}

    (found,) = reading_of(a_report("odd"), odd).findings

    assert (found.kind, found.value) == ("other", "weird but true")


def test_an_ordinary_lab_result_is_no_genomic_finding() -> None:
    sodium = without(a_variant("na"), "valueCodeableConcept", "component")
    sodium |= {"code": coded("2951-2", "Sodium"), "valueQuantity": {"value": 140}}

    reading = reading_of(sodium)

    assert not reading.findings
    assert [one.code for one in reading.notices] == ["not-genomic"]


# --- contradictions between findings ---------------------------------------------------------
def test_haplotypes_that_contradict_their_genotype_are_flagged() -> None:
    def allele(own_id: str, name: str) -> Json:
        return a_variant(own_id, code=coded("84414-2"), valueCodeableConcept={"text": name})

    genotype = a_variant(
        "g",
        code=coded("84413-4"),
        valueCodeableConcept={"text": "CYP2C19 *1/*2"},
        derivedFrom=[{"reference": "Observation/a"}, {"reference": "Observation/b"}],
    )

    reading = reading_of(genotype, allele("a", "CYP2C19*1"), allele("b", "CYP2C19*17"))
    flagged = {one.id for one in reading.findings if "conflict:haplotypes" in one.flags}

    assert flagged == {"g", "b"}


def test_a_recommendation_whose_words_and_link_name_two_medicines_is_flagged() -> None:
    def implication(own_id: str, medicine: str) -> Json:
        return an_implication(own_id, component("51963-7", valueCodeableConcept={"text": medicine}))

    task = {
        "resourceType": "Task", "id": "t", "status": "requested", "for": {"reference": ME},
        "code": coded("LA26421-0"), "description": "Avoid clopidogrel.",
        "reasonReference": {"reference": "Observation/w"},
    }  # fmt: skip

    reading = reading_of(
        a_variant(), implication("w", "Warfarin"), implication("c", "Clopidogrel"), task
    )
    (found,) = [one for one in reading.findings if one.kind == "recommendation"]

    assert "conflict:medicine" in found.flags


def test_the_same_variant_present_and_absent_is_flagged_on_both() -> None:
    change = component("81290-9", valueCodeableConcept=coded("NC_000013.11:g.32337161del"))

    reading = reading_of(
        a_variant("v", change), a_variant("w", change, valueCodeableConcept=coded("LA9634-2"))
    )

    assert all("conflict:present-and-absent" in one.flags for one in reading.findings)


def test_two_classes_for_one_variant_and_condition_are_flagged() -> None:
    reading = reading_of(
        a_variant(),
        an_implication("i", answer("53037-8", "LA6668-3")),
        an_implication("j", answer("53037-8", "LA6675-8")),
    )

    flagged = {one.id for one in reading.findings if "conflict:significance" in one.flags}
    assert flagged == {"i", "j"}


def test_a_period_that_ends_before_it_starts_and_a_bad_date_are_kept_and_flagged() -> None:
    backwards = {"start": "2024-02-01", "end": "2023-01-01"}
    first = reading_of(a_variant(effectivePeriod=backwards)).findings[0]
    second = reading_of(a_variant(effectiveDateTime="last spring")).findings[0]

    assert first.effective_at == "2024-02-01/2023-01-01"
    assert any(flag.startswith("conflict:period") for flag in first.flags)
    assert second.effective_at == "last spring"
    assert any(flag.startswith("date-malformed") for flag in second.flags)


# --- other shapes of the same facts ----------------------------------------------------------
def test_the_items_of_a_panel_are_one_variant() -> None:
    def item(own_id: str, code: str, **value: object) -> Json:
        plain = without(a_variant(own_id), "component", "valueCodeableConcept")
        return plain | {"code": coded(code)} | value

    panel = without(a_variant("p"), "component", "valueCodeableConcept") | {
        "code": coded("81250-3"),
        "hasMember": [{"reference": f"Observation/{one}"} for one in ("g", "c", "s")],
    }
    reading = reading_of(
        a_report("p"),
        panel,
        item("g", "48018-6", valueCodeableConcept={"text": "BRCA1"}),
        item("c", "48004-6", valueString="NM_007294.4:c.68_69del"),
        item("s", "53037-8", valueCodeableConcept=coded("LA6668-3", "Pathogenic")),
    )
    (found,) = reading.findings

    assert (found.id, found.kind) == ("p", "variant")
    assert [gene.symbol for gene in found.genes] == ["BRCA1"]
    assert found.hgvs
    assert found.hgvs.c == ("NM_007294.4:c.68_69del",)
    assert found.significance == ("Pathogenic",)
    assert [one.code for one in reading.notices] == ["panel-item"] * 3


@pytest.mark.parametrize("name", ["46,XX", "46,XY[20]", "arr(1-22)x2,(X,Y)x1", "arr(X,1-22)x2"])
def test_a_normal_karyotype_is_no_variant(name: str) -> None:
    iscn = component("81291-7", valueCodeableConcept=coded(name, system="https://iscn.karger.com"))

    (found,) = reading_of(a_variant("v", iscn)).findings

    assert (found.kind, found.name) == ("other", name)
    assert "normal-karyotype" in found.flags


@pytest.mark.parametrize("name", ["47,XY,+21", "46,XX,t(9;22)(q34;q11.2)", "45,X"])
def test_an_abnormal_karyotype_is_a_variant(name: str) -> None:
    iscn = component("81291-7", valueCodeableConcept=coded(name, system="https://iscn.karger.com"))

    (found,) = reading_of(a_variant("v", iscn)).findings

    assert (found.kind, found.name) == ("variant", name)


@pytest.mark.parametrize(
    ("code", "genomic"),
    [
        (coded("21636-6", "BRCA1 gene mutations found [Identifier] in Blood"), True),
        ({"text": "CFTR genotype"}, True),
        (coded("x1", "Chromosome analysis", "http://local.lab"), True),
        (coded("48510-2", "HIV 1 genotype"), False),
        (coded("2951-2", "Sodium [Moles/volume] in Serum"), False),
        (coded("718-7", "Hemoglobin"), False),
    ],
)
def test_a_bare_lab_result_is_genomic_by_its_name(code: Json, *, genomic: bool) -> None:
    bare = without(a_variant("b"), "component", "valueCodeableConcept")
    bare |= {"code": code, "valueString": "as reported"}

    found = reading_of(bare).findings

    assert [one.value for one in found] == (["as reported"] if genomic else [])


def test_what_a_lab_files_under_biomarkers_is_one() -> None:
    filed = coded("biomarker-category", system="http://hl7.org/…/tbd-codes-cs")
    stain = without(a_variant("b", category=[filed]), "component", "valueCodeableConcept")
    stain |= {"code": coded("14229-9", "P53 protein Ag [Presence] in Tissue by Immune stain")}
    gene = component("48018-6", valueCodeableConcept={"text": "TP53"})

    for one in (stain, stain | {"component": [gene]}):
        (found,) = reading_of(one | {"valueString": "strong"}).findings
        assert (found.kind, found.value) == ("biomarker", "strong")


def test_a_change_given_as_the_value_of_an_assessment_is_read() -> None:
    value = {"text": "NM_000059.4:c.2808_2811del"}

    (found,) = reading_of(a_variant(valueCodeableConcept=value)).findings

    assert found.hgvs
    assert found.hgvs.c == ("NM_000059.4:c.2808_2811del",)
    assert found.presence is None


NEGATIVE = coded("260385009", "Negative", "http://snomed.info/sct")
NOTHING_SEEN = coded(
    "NEG", "", "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
)


@pytest.mark.parametrize(
    ("value", "presence"),
    [
        (coded("LA6576-8", "Positive"), "present"),
        (coded("LA6577-6", "Negative"), "absent"),
        (NOTHING_SEEN, "absent"),
        (NEGATIVE, "absent"),
        ({"text": "negative"}, "absent"),
        (coded("LA9658-1", "Wild type"), "absent"),
        ({"text": "No mutations detected"}, "absent"),
        (coded("LA6577-6", "Positive"), None),
    ],
)
def test_a_change_asked_for_is_positive_or_negative(value: Json, presence: str | None) -> None:
    allele = {**a_variant("a", valueCodeableConcept=value), "code": coded("50956-2")}

    variant, haplotype = reading_of(a_variant(valueCodeableConcept=value), allele).findings

    assert (variant.presence, haplotype.presence) == (presence, presence)
    assert haplotype.kind == "haplotype"


@pytest.mark.parametrize(("code", "presence"), [("POS", "present"), ("NEG", "absent"), ("A", None)])
def test_positive_and_negative_as_the_interpretation_are_the_answer(
    code: str, presence: str | None
) -> None:
    system = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
    variant = a_variant(interpretation=[coded(code, "", system)])

    (unanswered,) = reading_of(without(variant, "valueCodeableConcept")).findings
    (answered,) = reading_of(variant).findings

    assert unanswered.presence == presence
    assert ("conflict:presence" in answered.flags) == (presence == "absent")


def test_a_metaboliser_beside_its_gene_is_an_effect_on_medicines() -> None:
    bare = without(a_variant("b"), "component", "valueCodeableConcept")
    bare |= {
        "code": coded("79716-7", "CYP2C9 gene product metabolic activity interpretation"),
        "valueCodeableConcept": coded("LA25391-6", "Normal metabolizer"),
        "component": [
            component("48018-6", valueCodeableConcept={"text": "CYP2C9"}),
            {"code": {"text": "Diplotype"}, "valueString": "*1/*1"},
            {"code": {"text": "Phenotype"}, "valueString": "Normal Metabolizer"},
            {"code": {"text": "Recommendation"}, "valueString": "Usual dose"},
        ],
    }

    (found,) = reading_of(bare).findings

    assert (found.kind, found.name) == ("therapeutic-implication", "*1/*1")
    assert set(found.effects) == {"Normal metabolizer", "Normal Metabolizer"}
    assert (found.phenotypes, found.conclusion) == ((), "Usual dose")


def test_the_number_of_changed_copies_given_as_the_answer_is_read() -> None:
    value = coded("LA6706-1", "Heterozygous")

    (found,) = reading_of(a_variant(valueCodeableConcept=value)).findings

    assert (found.zygosity, found.value, found.presence) == ("heterozygous", "Heterozygous", None)
    assert "presence-not-understood" in found.flags


@pytest.mark.parametrize("value", [coded("LA6668-3", "Pathogenic"), {"text": "Pathogenic"}])
def test_a_class_given_as_the_answer_is_read(value: Json) -> None:
    (found,) = reading_of(a_variant(valueCodeableConcept=value)).findings

    assert (found.significance, found.presence) == (("Pathogenic",), None)


def test_a_change_by_its_code_beside_its_gene_is_read() -> None:
    value = coded("p.L858R", "EGFR p.L858R", "http://varnomen.hgvs.org", "EGFR, exon 21: p.L858R")

    (found,) = reading_of(a_variant(valueCodeableConcept=value)).findings

    assert found.hgvs
    assert (found.hgvs.p, found.value) == (("p.L858R",), "EGFR, exon 21: p.L858R")


def test_a_metaboliser_under_an_unknown_code_is_an_effect() -> None:
    code = coded("79716-7", "Phenotype")
    genotype = a_variant("g", {"code": code, "valueString": "Poor Metabolizer"})

    (found,) = reading_of(genotype | {"code": coded("84413-4")}).findings

    assert (found.effects, found.not_understood) == (("Poor Metabolizer",), ())


def test_a_sentence_that_denies_a_change_is_not_that_change() -> None:
    value = {"text": "No c.35delG found"}
    bare = without(a_variant("b"), "component", "valueCodeableConcept")
    bare |= {"code": {"text": "GJB2 gene mutations found"}, "valueCodeableConcept": value}

    answered, named = reading_of(a_variant(valueCodeableConcept=value), bare).findings

    assert (answered.hgvs, named.hgvs) == (None, None)
    assert (named.kind, named.value) == ("other", "No c.35delG found")


def test_what_changed_between_two_versions_is_told_field_by_field() -> None:
    before = reading_of(a_variant("v", answer("53037-8", "LA26333-7", "Uncertain significance")))
    after = reading_of(a_variant("v", answer("53037-8", "LA6675-8", "Benign"), status="corrected"))

    told = changes(before.findings[0], after.findings[0])

    assert told == (
        Change("status", "final", "corrected"),
        Change("significance", "Uncertain significance", "Benign"),
    )


def test_two_reports_about_two_people_keep_their_own_results_only() -> None:
    reading = reading_of(
        a_report("v", "w"),
        a_report("x", own_id="s", subject=OTHER),
        a_variant(),
        a_variant("w", subject=OTHER),
        a_variant("x", subject=OTHER),
    )

    assert ids(reading.findings) == {"v", "x"}
    assert ids(reading.quarantined) == {"w"}


def test_nothing_is_looked_up_in_somebody_elses_resources() -> None:
    medicine = {
        "resourceType": "MedicationStatement", "id": "m", "status": "active", "subject": OTHER,
        "medicationCodeableConcept": {"text": "SECRETMED"},
    }  # fmt: skip
    panel = without(a_variant("p"), "component", "valueCodeableConcept") | {
        "code": coded("81250-3"),
        "hasMember": [{"reference": "Observation/g"}],
    }
    gene = without(a_variant("g", subject=OTHER), "component", "valueCodeableConcept") | {
        "code": coded("48018-6"), "valueString": "SECRETGENE",
    }  # fmt: skip
    task = {
        "resourceType": "Task", "id": "t", "status": "requested", "for": {"reference": ME},
        "code": coded("LA26421-0"), "focus": {"reference": "MedicationStatement/m"},
    }  # fmt: skip

    reading = reading_of(a_report("p"), panel, gene, task, medicine)

    assert ids(reading.quarantined) == {"g", "m"}
    assert ids(reading.findings) == {"p", "t"}
    assert "SECRET" not in str(reading)


@pytest.mark.parametrize(
    ("code", "value", "kind", "gene"),
    [
        ("CYP2C19 gene product metabolic activity", "Poor metabolizer",
         "therapeutic-implication", "CYP2C19"),
        ("CYP2D6 gene allele analysis", "*1/*4", "genotype", "CYP2D6"),
        ("CYP2D6 gene allele analysis", "*35B", "haplotype", "CYP2D6"),
        ("BRCA1 gene mutations found", "none detected", "other", "BRCA1"),
        ("TP53 gene mutations found", "c.743G>A (p.Arg248Gln)", "variant", "TP53"),
        ("GJB2 gene mutations found", "GJB2 c.35delG", "variant", "GJB2"),
        ("Karyotype in Blood", "47,XXY", "variant", ""),
        ("Pharmacogenomic report", "see attached", "other", ""),
    ],
)  # fmt: skip
def test_a_bare_lab_result_is_read_by_its_answer(
    code: str, value: str, kind: str, gene: str
) -> None:
    bare = without(a_variant("b"), "component", "valueCodeableConcept")
    bare |= {"code": {"coding": [{"system": "http://loinc.org", "code": "1-8", "display": code}]}}

    (found,) = reading_of(bare | {"valueString": value}).findings

    assert found.kind == kind
    assert [one.symbol for one in found.genes] == ([gene] if gene else [])
    assert value in {found.name, found.value, *found.effects}


@pytest.mark.parametrize("other", ["r1", "r2"])
def test_reports_that_give_each_other_as_results_are_read(other: str) -> None:
    def a_ring(own: str, target: str) -> Json:
        code = {"coding": [{"system": "http://loinc.org", "code": "51969-4"}]}
        result = [{"reference": f"DiagnosticReport/{target}"}]
        return {"resourceType": "DiagnosticReport", "id": own, "status": "final", "code": code,
                "result": result}  # fmt: skip

    reading = reading_of(a_ring("r1", other), a_ring("r2", "r1"))

    assert {one.id for one in reading.reports} == {"r1", "r2"}
