"""Nothing of a result is lost in silence: change any one value, and the reading changes too.

The reader's own list of what it did not understand is believed only for the elements in it.
"""

import copy
import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from portal.genomics.findings import Reading, to_json
from tests.genomics.builders import ME, a_report, a_variant, coded, component, without
from tests.genomics.files import DATA, names, read_bytes, records

type Json = dict[str, Any]
type Path = tuple[str | int, ...]

RESULTS = frozenset(
    {
        "Observation", "DiagnosticReport", "Task", "RiskAssessment", "FamilyMemberHistory",
        "Procedure",
    }
)  # fmt: skip
# What says nothing about the result itself, or says it a second time.
ASIDE = re.compile(
    r"""^\w+\.(meta\b|text\.|resourceType|contained\b
    |(subject|for|patient)\b                     # who it is: the reader needs it, nobody repeats it
    |component\.code\.(text|coding\.(display|system)) # the label beside a code that is known
    |category\.coding\.(system|display)          # of the categories that all results have
    |.*\burl$                                    # which extension it is: tells the field
    |.*\b(value|onset)(Quantity|Age)\.system # of a unit whose code is read
    |.*\.userSelected)""",
    re.VERBOSE,
)


def leaves(node: object, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every value that holds no other."""
    if isinstance(node, dict) and node:
        for name, value in node.items():
            yield from leaves(value, (*path, name))
    elif isinstance(node, list) and node:
        for index, value in enumerate(node):
            yield from leaves(value, (*path, index))
    else:
        yield path


def changed(body: Json, path: Path) -> Json:
    """Return a copy with another value in one place."""
    tree: Any = copy.deepcopy(body)
    holder = tree
    for step in path[:-1]:
        holder = holder[step]
    held = holder[path[-1]]
    if isinstance(held, bool):
        holder[path[-1]] = not held
    else:
        holder[path[-1]] = held + 1 if isinstance(held, int | float) else f"{held}x"
    return dict(tree)


def named(body: Json, path: Path) -> str:
    """Return a path as the reader writes it."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return str(body["resourceType"]) + "".join(steps)


def is_listed(name: str, reading: Reading) -> bool:
    """Tell whether an element, or one around it, is said not to be understood."""
    missed = {one for fact in (*reading.findings, *reading.reports) for one in fact.not_understood}
    return any(name == one or name.startswith((f"{one}.", f"{one}[")) for one in missed)


def told(reading: Reading) -> list[Json]:
    """Return all that a reading says, the places where it was read aside."""
    return [to_json(one) | {"sources": None} for one in records(reading)]


def lost(body: Json, seen: set[tuple[str, ...]] | None = None) -> list[str]:
    """Return the elements of a resource whose value makes no difference to its reading.

    With `seen`, elements of a shape that was tried in an earlier resource are not tried again.
    """
    reading = read_bytes(orjson.dumps(body))
    said = told(reading)
    found: list[str] = []
    if not reading.findings and not reading.reports:
        return found
    for path in leaves(body):
        name = named(body, path)
        if ASIDE.match(re.sub(r"\[\d+\]", "", name)) or is_listed(name, reading):
            continue
        if seen is not None and (shape := shape_of(body, path)) in seen:
            continue
        if seen is not None:
            seen.add(shape)
        if told(read_bytes(orjson.dumps(changed(body, path)))) == said:
            found.append(name)
    return found


def shape_of(body: Json, path: Path) -> tuple[str, ...]:
    """Return what kind of element stands at a path: its names, and the codes and urls around."""
    node: Any = body
    marks = [str(node.get("code"))]
    for step in path[:-1]:
        node = node[step]
        if isinstance(node, dict):
            marks += [str(node.get("code")) if "coding" in str(node.get("code")) else ""]
            marks.append(str(node.get("url", "")))
    return (*(step for step in path if isinstance(step, str)), *marks)


def results_in(name: str) -> list[Json]:
    """Return the results of an example file, each alone."""
    body = orjson.loads((DATA / name).read_bytes())
    found = [body, *(one.get("resource", {}) for one in body.get("entry", []))]
    return [one for one in found if one.get("resourceType") in RESULTS]


# Slow, because each kind of element of all examples is changed once and read again.
def test_no_value_of_a_published_result_is_lost() -> None:
    seen: set[tuple[str, ...]] = set()
    results = [one for name in names("ig-stu3", "ig-stu4", "mcode") for one in results_in(name)]

    assert not {one for body in results for one in lost(body, seen)}
    assert len(seen) > 1000


def a_link(name: str) -> Json:
    return {
        "reference": f"X/{name}",
        "type": "X",
        "display": f"words of {name}",
        "identifier": {
            "use": "usual",
            "type": coded("ACSN", "Accession", "http://terminology.hl7.org/CodeSystem/v2-0203"),
            "system": "http://ids",
            "value": f"id-{name}",
            "period": {"start": "2020"},
        },
    }


def a_concept(name: str) -> Json:
    return coded(f"{name}-code", f"{name} shown", f"http://{name}", text=f"{name} words")


A_QUANTITY = {"value": 3, "comparator": ">", "unit": "reads", "system": "http://u", "code": "{r}"}
A_NOTE = {
    "text": "a note",
    "authorString": "an author",
    "time": "2020-01-01",
    "extension": [
        {"url": "http://g/annotation-code", "valueCodeableConcept": a_concept("kind")},
        {"url": "http://else", "valueString": "more"},
    ],
}
AN_ARTIFACT = {
    "url": "http://hl7.org/fhir/StructureDefinition/workflow-relatedArtifact",
    "valueRelatedArtifact": {
        "type": "citation", "label": "1", "display": "shown", "citation": "cited",
        "url": "http://cite", "resource": "http://resource", "document": {"url": "http://doc"},
    },
}  # fmt: skip
NESTED = {
    "url": "http://lab/many",
    "extension": [
        {"url": "one", "valueString": "a word"},
        {"url": "two", "extension": [{"url": "deep", "valueCodeableConcept": a_concept("deep")}]},
    ],
}
FULL_HEADER: Json = {
    "language": "en",
    "identifier": [a_link("own")["identifier"]],
    "extension": [
        AN_ARTIFACT,
        NESTED,
        {"url": "http://lab/date", "valuePeriod": {"start": "2020"}},
    ],
    "basedOn": [a_link("order")],
    "partOf": [a_link("study")],
    "category": [a_concept("category")],
    "focus": [a_link("focus")],
    "encounter": a_link("encounter"),
    "issued": "2020-01-02T03:04:05Z",
    "effectivePeriod": {"start": "2020-01-01", "end": "2020-02-01"},
    "performer": [a_link("performer")],
    "dataAbsentReason": a_concept("absent"),
    "interpretation": [a_concept("interpretation")],
    "note": [A_NOTE],
    "bodySite": a_concept("site"),
    "method": a_concept("method"),
    "specimen": a_link("specimen"),
    "device": a_link("device"),
    "referenceRange": [{"text": "usual", "low": {"value": 1}, "type": a_concept("range")}],
    "hasMember": [a_link("member")],
    "derivedFrom": [a_link("source")],
    "_status": {"extension": [{"url": "http://why", "valueString": "because"}]},
    "unheardOf": {"deep": [1, {"deeper": True}]},
}
VALUES: dict[str, object] = {
    "valueQuantity": A_QUANTITY,
    "valueCodeableConcept": a_concept("answer"),
    "valueString": "a string",
    "valueBoolean": True,
    "valueInteger": 7,
    "valueRange": {"low": {"value": 3, "unit": "bp"}, "high": {"value": 9}},
    "valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}},
    "valueSampledData": {"origin": {"value": 0}, "period": 10, "dimensions": 1},
    "valueTime": "10:00",
    "valueDateTime": "2020-01-01",
    "valuePeriod": {"start": "2020-01-01", "end": "2021-01-01"},
}


@pytest.mark.parametrize("name", VALUES)
def test_no_element_of_a_full_observation_is_lost(name: str) -> None:
    plain = without(a_variant(), "valueCodeableConcept", "component")
    header = FULL_HEADER if name == "valueQuantity" else {}

    assert not lost(plain | header | {"code": coded("94076-7"), name: VALUES[name]})


def test_no_second_value_of_an_observation_is_lost() -> None:
    body = a_variant() | {"valueString": "and this"}

    assert not lost(body)


CODES = (
    "48018-6", "48004-6", "48005-3", "81290-9", "81291-7", "48013-7", "51958-7", "48000-4",
    "48001-2", "62374-4", "81254-5", "81302-2", "81301-4", "92822-6", "69547-8", "69551-0",
    "48002-0", "53034-5", "81258-6", "82121-5", "82155-3", "81252-9", "53037-8", "81259-4",
    "51963-7", "93044-6", "48019-4", "51959-5", "48006-1", "92821-8", "repeat-motif",
    "repeat-number", "conclusion-string", "feature-consequence", "associated-therapy",
    "condition-inheritance", "therapeutic-implication", "phase-set", "an-unknown-code",
)  # fmt: skip


@pytest.mark.parametrize("code", CODES)
def test_no_component_of_any_value_type_is_lost(code: str) -> None:
    bodies = [a_variant("v", component(code, **{name: VALUES[name]})) for name in VALUES]

    assert not [one for body in bodies for one in lost(without(body, "valueCodeableConcept"))]


@pytest.mark.parametrize("code", ["48018-6", "81258-6", "an-unknown-code"])
def test_nothing_beside_the_value_of_a_component_is_lost(code: str) -> None:
    extras: Json = {
        "interpretation": [a_concept("meaning")],
        "dataAbsentReason": a_concept("absent"),
        "referenceRange": [{"text": "usual", "high": {"value": 3}}],
        "extension": [AN_ARTIFACT, {"url": "http://else", "valueCode": "c"}],
    }

    assert not lost(a_variant("v", component(code, valueQuantity=A_QUANTITY, **extras)))


def test_no_element_of_a_full_report_is_lost() -> None:
    body = (
        a_report()
        | FULL_HEADER
        | {
            "resultsInterpreter": [a_link("interpreter")],
            "specimen": [a_link("specimen")],
            "result": [a_link("result")],
            "imagingStudy": [a_link("image")],
            "media": [{"comment": "a picture", "link": a_link("media")}],
            "conclusion": "a conclusion",
            "conclusionCode": [a_concept("conclusion")],
            "presentedForm": [
                {"contentType": "text/plain", "title": "the form", "url": "http://form"}
            ],
        }
    )

    assert not lost(body)


def test_no_element_of_a_full_recommendation_is_lost() -> None:
    body: Json = {
        "resourceType": "Task", "id": "t", "status": "requested", "intent": "proposal",
        "priority": "urgent", "code": coded("LA26421-0", "Consider", text="Consider another"),
        "description": "words", "for": {"reference": ME}, "focus": a_link("medicine"),
        "statusReason": a_concept("why"), "businessStatus": a_concept("business"),
        "encounter": a_link("encounter"), "executionPeriod": {"start": "2020", "end": "2021"},
        "authoredOn": "2020-01-01", "lastModified": "2020-01-02", "requester": a_link("who"),
        "owner": a_link("owner"), "reasonCode": a_concept("reason"), "note": [A_NOTE],
        "reasonReference": a_link("reason"), "basedOn": [a_link("order")],
        "groupIdentifier": {"system": "http://g", "value": "1"}, "partOf": [a_link("whole")],
        "input": [{"type": {"text": "dose"}, "valueString": "5 mg"}],
        "identifier": [a_link("own")["identifier"]], "performerType": [a_concept("role")],
    }  # fmt: skip

    assert not lost(body)


def test_no_element_of_a_full_risk_is_lost() -> None:
    prediction: Json = {
        "outcome": a_concept("outcome"), "probabilityDecimal": 0.2, "relativeRisk": 1.5,
        "qualitativeRisk": a_concept("risk"), "rationale": "why",
        "whenRange": {"low": {"value": 10, "unit": "a"}, "high": {"value": 20, "unit": "a"}},
    }  # fmt: skip
    body: Json = {
        "resourceType": "RiskAssessment", "id": "k", "status": "final",
        "subject": {"reference": ME}, "method": a_concept("polygenic"),
        "code": coded("x", "Polygenic score"), "basis": [a_link("variant")],
        "parent": a_link("parent"), "condition": a_link("condition"), "mitigation": "none",
        "occurrenceDateTime": "2020", "performer": a_link("who"), "note": [A_NOTE],
        "reasonCode": [a_concept("reason")], "reasonReference": [a_link("reason")],
        "prediction": [prediction, prediction | {"probabilityDecimal": 0.3}],
        "identifier": [a_link("own")["identifier"]], "encounter": a_link("encounter"),
    }  # fmt: skip

    assert not lost(body)


def test_no_element_of_a_full_family_history_is_lost() -> None:
    condition: Json = {
        "code": a_concept("condition"), "outcome": a_concept("outcome"),
        "contributedToDeath": True, "note": [A_NOTE],
        "onsetAge": {"value": 40, "unit": "years", "system": "http://u", "code": "a"},
    }  # fmt: skip
    body: Json = {
        "resourceType": "FamilyMemberHistory", "id": "f", "status": "completed",
        "patient": {"reference": ME}, "date": "2020", "name": "Aunt", "sex": a_concept("sex"),
        "relationship": a_concept("aunt"), "bornPeriod": {"start": "1950", "end": "1951"},
        "ageRange": {"low": {"value": 60}, "high": {"value": 70}}, "estimatedAge": True,
        "deceasedBoolean": True, "reasonCode": [a_concept("reason")],
        "reasonReference": [a_link("reason")], "note": [A_NOTE], "condition": [condition],
        "dataAbsentReason": a_concept("absent"), "instantiatesUri": ["http://protocol"],
        "identifier": [a_link("own")["identifier"]],
    }  # fmt: skip

    assert not lost(body)


def test_no_element_of_a_full_study_is_lost() -> None:
    base = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/genomic-study-analysis"
    regions = {
        "url": f"{base}-regions",
        "extension": [
            {"url": "description", "valueString": "exons"},
            {"url": "studied", "valueCodeableConcept": a_concept("gene")},
            {"url": "called", "valueReference": a_link("file")},
            {"url": "strange", "valueString": "what"},
        ],
    }
    coded_parts = [
        {"url": f"{base}-{name}", "valueCodeableConcept": a_concept(name)}
        for name in ("method-type", "change-type", "genome-build", "genomic-source-class", "new")
    ]
    linked = [
        {"url": f"{base}-{name}", "valueReference": a_link(name)}
        for name in ("specimen", "focus", "protocol-performed", "ext")
    ]
    body: Json = {
        "resourceType": "Procedure", "id": "p", "status": "completed",
        "subject": {"reference": ME}, "extension": [regions, *coded_parts, *linked],
        "category": a_concept("category"), "code": a_concept("code"), "note": [A_NOTE],
        "performedPeriod": {"start": "2020", "end": "2021"}, "recorder": a_link("recorder"),
        "asserter": a_link("asserter"), "location": a_link("place"), "report": [a_link("report")],
        "performer": [{
            "function": a_concept("duty"), "actor": a_link("actor"), "onBehalfOf": a_link("for"),
        }],
        "reasonCode": [a_concept("reason")], "reasonReference": [a_link("reason")],
        "instantiatesUri": ["http://protocol"], "identifier": [a_link("own")["identifier"]],
        "bodySite": [a_concept("site")], "outcome": a_concept("outcome"),
        "statusReason": a_concept("why"), "usedCode": [a_concept("kit")],
        "basedOn": [a_link("order")], "partOf": [a_link("whole")],
        "encounter": a_link("encounter"),
    }  # fmt: skip

    assert not lost(body)


def test_no_element_of_a_full_study_of_r5_is_lost() -> None:
    analysis: Json = {
        "identifier": [a_link("own")["identifier"]], "methodType": [a_concept("method")],
        "changeType": [a_concept("change")], "genomeBuild": a_concept("build"),
        "instantiatesCanonical": "http://plan", "instantiatesUri": "http://protocol",
        "title": "Panel", "focus": [a_link("focus")], "specimen": [a_link("blood"), a_link("skin")],
        "date": "2020", "note": [A_NOTE], "protocolPerformed": a_link("protocol"),
        "regionsStudied": [a_link("studied")], "regionsCalled": [a_link("called")],
        "input": [{
            "file": a_link("in"), "type": a_concept("bam"),
            "generatedByIdentifier": a_link("maker")["identifier"],
        }],
        "output": [{"file": a_link("out"), "type": a_concept("vcf"), "more": "strange"}],
        "performer": [{"actor": a_link("actor"), "role": a_concept("role")}],
        "device": [{"device": a_link("sequencer"), "function": a_concept("function")}],
        "regionsGuessed": "strange", "extension": [{"url": "http://lab/odd", "valueString": "x"}],
    }  # fmt: skip
    body: Json = {
        "resourceType": "GenomicStudy", "id": "g", "status": "available",
        "identifier": [a_link("number")["identifier"]], "subject": {"reference": ME},
        "type": [a_concept("exome"), a_concept("trio")], "encounter": a_link("encounter"),
        "startDate": "2020", "basedOn": [a_link("order")], "referrer": a_link("referrer"),
        "interpreter": [a_link("reader")], "note": [A_NOTE], "description": "words",
        "reason": [{"concept": a_concept("reason"), "reference": a_link("because")}],
        "instantiatesCanonical": "http://plan2", "instantiatesUri": "http://protocol2",
        "extension": [{"url": "http://lab/odd", "valueString": "y"}], "analysis": [analysis],
    }  # fmt: skip

    assert not lost(body)


def test_no_element_of_a_full_sequence_of_r4_is_lost() -> None:
    body: Json = {
        "resourceType": "MolecularSequence", "id": "m", "type": "dna", "coordinateSystem": 0,
        "identifier": [a_link("number")["identifier"]], "patient": {"reference": ME},
        "specimen": a_link("blood"), "device": a_link("sequencer"), "performer": a_link("lab"),
        "quantity": {"value": 25}, "observedSeq": "ACGT", "readCoverage": 7,
        "extension": [{"url": "http://lab/odd", "valueString": "x"}],
        "referenceSeq": {
            "chromosome": a_concept("9"), "genomeBuild": "GRCh37", "orientation": "sense",
            "referenceSeqId": a_concept("NC_000009.11"), "strand": "watson", "windowStart": 5,
            "referenceSeqString": "ACGTAC",
        },
        "variant": [{
            "start": 21, "end": 22, "referenceAllele": "A", "observedAllele": "G", "cigar": "1M",
            "variantPointer": a_link("seen"), "odd": "strange",
        }],
        "repository": [{"type": "login", "url": "http://files"}],
        "quality": [{"type": "snp", "truthTP": 7749}],
    }  # fmt: skip

    assert not lost(body)


def test_no_element_of_a_full_sequence_of_r5_is_lost() -> None:
    body: Json = {
        "resourceType": "MolecularSequence", "id": "m", "type": "dna",
        "identifier": [a_link("number")["identifier"]], "subject": {"reference": ME},
        "focus": [a_link("focus")], "literal": "ACGT", "formatted": [{"title": "file"}],
        "relative": [{
            "coordinateSystem": a_concept("by eye"), "ordinalPosition": 3,
            "startingSequence": {
                "genomeAssembly": a_concept("build"), "chromosome": a_concept("9"),
                "sequenceCodeableConcept": a_concept("NC_000009.11"), "windowEnd": 77,
            },
            "edit": [{"start": 1, "end": 2, "replacedSequence": "A", "replacementSequence": "G"}],
        }],
    }  # fmt: skip

    assert not lost(body)
