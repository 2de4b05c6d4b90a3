"""What a report links to, and what stands beside the facts: told, flagged, never mixed up."""

import pytest

from tests.genomics.builders import Json, a_report, a_variant, component, reading_of, without


def test_a_recommendation_that_is_not_here_is_named_with_its_words() -> None:
    link = {"reference": "Task/gone", "display": "Choose another medicine"}
    url = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/recommended-action"

    reading = reading_of(a_report(extension=[{"url": url, "valueReference": link}]))

    assert [one.code for one in reading.notices] == ["missing-result"]
    assert "Task/gone (Choose another medicine)" in reading.notices[0].reason
    assert reading.reports[0].context[0].text == "Choose another medicine"


def test_a_result_of_a_report_that_is_a_strangers_is_not_called_missing() -> None:
    other = a_variant("w", subject={"reference": "Patient/other"})

    reading = reading_of(a_report("w"), other)

    assert [one.id for one in reading.quarantined] == ["w"]
    assert "someone else" in reading.notices[0].reason


def test_words_made_by_a_machine_are_no_words_of_the_lab() -> None:
    made = {"status": "extensions", "div": "<div>Generated Narrative: Observation v</div>"}
    body = without(a_variant("v", text=made), "valueCodeableConcept") | {
        "code": {"coding": [{"system": "http://lab", "code": "group"}]},
        "hasMember": [{"reference": "Observation/w"}],
    }

    reading = reading_of(a_report("v"), body)

    assert not any(one.texts for one in reading.findings)


def test_a_second_value_is_listed_and_flagged() -> None:
    (finding,) = reading_of(a_variant(valueString="and this")).findings

    assert finding.not_understood == ("Observation.valueString",)
    assert "conflict:value" in finding.flags


def test_a_value_that_is_said_to_be_absent_is_flagged() -> None:
    part = component("81258-6", valueQuantity={"value": 0.5}, dataAbsentReason={"text": "unknown"})

    (finding,) = reading_of(a_variant("v", part)).findings

    assert finding.allele_fraction == 0.5
    assert "conflict:value" in finding.flags


def test_a_position_that_is_more_than_a_number_is_no_position() -> None:
    part = component("81254-5", valueRange={"low": {"value": 5, "comparator": ">"}})

    (finding,) = reading_of(a_variant("v", part)).findings

    assert finding.position is None
    assert finding.attributes[0].text == ">5"


def test_a_sequence_without_a_change_is_told_apart_from_the_rest_of_the_record() -> None:
    letters = {"resourceType": "MolecularSequence", "id": "s", "observedSeq": "ACGT"}

    (notice,) = reading_of(letters).notices

    assert notice.code == "sequence"


@pytest.mark.parametrize(
    "sentence",
    [
        "This variant is not classified as pathogenic.",
        "It was previously classified as pathogenic, and is benign now.",
        "Other variants at this place are classified as pathogenic.",
        "It may be classified as likely pathogenic once more is known.",
        "There are conflicting reports; one classified as pathogenic is not this variant.",
        "It isn't classified as pathogenic.",
    ],
)
def test_a_sentence_that_denies_a_class_gives_none(sentence: str) -> None:
    (finding,) = reading_of(a_variant(note=[{"text": sentence}])).findings

    assert not finding.significance


def test_a_sentence_that_gives_a_class_is_read_beside_one_that_denies_another() -> None:
    text = "It does not change a splice site. Assessment: Likely pathogenic; no other was seen."

    (finding,) = reading_of(a_variant(note=[{"text": text}])).findings

    assert finding.significance == ("Likely pathogenic",)
    assert "significance-from-text" in finding.flags


@pytest.mark.parametrize(
    "body",
    [
        {"resourceType": "Sequence", "id": "g", "variant": [{"observedAllele": "A"}]},
        {"resourceType": "MolecularSequence", "id": "g", "relative": [{"ordinalPosition": 1}]},
    ],
)
def test_a_resource_of_another_version_is_named_as_such(body: Json) -> None:
    (notice,) = reading_of(body).notices

    assert notice.code == "other-version"


def test_a_region_whose_state_is_no_text_is_listed() -> None:
    base = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/genomic-study-analysis"
    part = {"url": {"odd": 1}, "valueString": "x"}
    body: Json = {"resourceType": "Procedure", "id": "p", "status": "completed"}
    body["extension"] = [{"url": f"{base}-regions", "extension": [part]}]

    (finding,) = reading_of(body).findings

    assert finding.not_understood == ("Procedure.extension[0].extension[0]",)


def test_the_newest_version_is_the_newest_in_every_time_zone() -> None:
    late = a_variant(meta={"lastUpdated": "2020-01-01T23:00:00-05:00"}, status="amended")
    early = a_variant(meta={"lastUpdated": "2020-01-02T01:00:00Z"})

    (finding,) = reading_of(late, early).findings

    assert finding.status == "amended"


def test_the_duty_of_who_did_a_study_is_understood() -> None:
    url = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/genomic-study-analysis"
    body: Json = {"resourceType": "Procedure", "id": "p", "status": "completed"}
    body["extension"] = [{"url": f"{url}-title", "valueString": "A study"}]
    actor = {"reference": "Practitioner/a", "display": "A. Person"}
    body["performer"] = [{"function": {"text": "Analyst"}, "actor": actor}]

    (finding,) = reading_of(body).findings

    assert finding.performers == ("A. Person",)
    assert [(one.label, one.text) for one in finding.context] == [
        ("function", "Analyst"),
        ("actor", "A. Person"),
    ]
    assert not finding.not_understood


def test_the_links_of_r5_are_kept_with_their_kinds() -> None:
    report = a_report(
        "v",
        supportingInfo=[
            {"type": {"text": "Genomic study"}, "reference": {"reference": "GenomicStudy/g"}}
        ],
        composition={"reference": "Composition/c"},
    )
    variant = a_variant(
        triggeredBy=[
            {
                "observation": {"reference": "Observation/q"},
                "type": "reflex",
                "reason": "first test was positive",
            }
        ],
        bodyStructure={"reference": "BodyStructure/b"},
        organizer=False,
    )

    reading = reading_of(report, variant)

    assert [one.text for one in reading.reports[0].context] == [
        "GenomicStudy/g; Genomic study",
        "Composition/c",
    ]
    told = [(one.label, one.text or one.value) for one in reading.findings[0].context]
    assert told == [
        ("triggeredBy", "Observation/q; reflex; first test was positive"),
        ("bodyStructure", "BodyStructure/b"),
        ("organizer", False),
    ]
    assert reading.reports[0].not_understood == reading.findings[0].not_understood == ()


def test_a_part_of_a_link_of_r5_that_is_not_known_is_listed() -> None:
    odd = [{"reference": {"reference": "GenomicStudy/g"}, "odd": 1}]

    (report,) = reading_of(a_report("v", supportingInfo=odd), a_variant()).reports

    assert report.not_understood == ("DiagnosticReport.supportingInfo[0].odd",)
