"""The same resources sent in another way tell the same facts.

Each published set is written anew as a line for each resource, with addresses of other kinds, with
versions in its references, all inside of its report, linked by identifiers alone, and with what
its components ask in words, under codes of a lab's own, or by codes alone.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from portal.genomics.findings import Reading, to_json
from tests.genomics.files import DATA, names, read_bytes

type Json = dict[str, Any]

TOLD = (
    "kind", "status", "presence", "genes", "hgvs", "position", "ref", "alt", "zygosity",
    "source_class", "allele_fraction", "depth", "copy_number", "name", "significance",
    "phenotypes", "medicines", "effects", "evidence", "inheritance", "value", "unit", "repeats",
    "phase_set", "conclusion", "notes",
)  # fmt: skip
SERVER = "https://lab.example/fhir"


def sets_of_resources() -> list[str]:
    """Return the published Bundles whose entries name each other as Type/id."""
    found = []
    for name in names("ig-stu2", "ig-stu3", "ig-stu4", "mcode"):
        body = json.loads((DATA / name).read_bytes())
        if body.get("resourceType") == "Bundle" and "urn:" not in json.dumps(body["entry"][0]):
            found.append(name)
    return found


def facts(reading: Reading) -> list[str]:
    """Return what the findings tell and how many others each leads to, in any order."""
    told = []
    for one in reading.findings:
        form = json.loads(json.dumps(to_json(one)))
        links = [len(one.derived_from), len(one.members)]
        told.append(json.dumps([{name: form.get(name) for name in TOLD}, links], sort_keys=True))
    return sorted(told)


def each_link(value: object, change: Callable[[Json], None]) -> None:
    """Change every reference anywhere inside a JSON value."""
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            change(value)
        for one in list(value.values()):
            each_link(one, change)
    elif isinstance(value, list):
        for one in value:
            each_link(one, change)


def resources_of(bundle: Json) -> list[Json]:
    return [entry["resource"] for entry in bundle["entry"]]


def name_of(resource: Json) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def as_lines(bundle: Json) -> bytes:
    return "\n".join(map(json.dumps, resources_of(bundle))).encode()


def with_addresses(bundle: Json) -> bytes:
    """Give every resource its address at a server, and say it in all references."""
    known = {name_of(one) for one in resources_of(bundle)}

    def change(link: Json) -> None:
        if link["reference"] in known:
            link["reference"] = f"{SERVER}/{link['reference']}"

    for entry in bundle["entry"]:
        each_link(entry["resource"], change)
        entry["fullUrl"] = f"{SERVER}/{name_of(entry['resource'])}"
    return json.dumps(bundle).encode()


def with_versions(bundle: Json) -> bytes:
    known = {name_of(one) for one in resources_of(bundle)}

    def change(link: Json) -> None:
        if link["reference"] in known:
            link["reference"] += "/_history/2"

    each_link(resources_of(bundle), change)
    return json.dumps(bundle).encode()


def with_uuids(bundle: Json) -> bytes:
    """Take away all ids, and give every resource a number of its own as its address."""
    named = {
        name_of(one): f"urn:uuid:00000000-0000-4000-8000-{index:012}"
        for index, one in enumerate(resources_of(bundle))
    }

    def change(link: Json) -> None:
        link["reference"] = named.get(link["reference"], link["reference"])

    for entry in bundle["entry"]:
        entry["fullUrl"] = named[name_of(entry["resource"])]
        each_link(entry["resource"], change)
        del entry["resource"]["id"]
    return json.dumps(bundle).encode()


def reports_and_others(bundle: Json) -> tuple[list[Json], list[Json]]:
    reports = [one for one in resources_of(bundle) if one["resourceType"] == "DiagnosticReport"]
    apart = {"DiagnosticReport", "Patient"}
    return reports, [one for one in resources_of(bundle) if one["resourceType"] not in apart]


def inside_the_report(bundle: Json) -> bytes:
    """Put everything but the person inside of the one report that there is."""
    (report,), others = reports_and_others(bundle)
    within = {name_of(one): f"#{one['id']}" for one in others}

    def change(link: Json) -> None:
        link["reference"] = within.get(link["reference"], link["reference"])

    each_link([report, *others], change)
    return json.dumps(report | {"contained": others}).encode()


def fits(name: str, way: Callable[[Json], bytes]) -> bool:
    """Tell whether a set has one report that could hold all the others."""
    reports, others = reports_and_others(json.loads((DATA / name).read_bytes()))
    is_one = len(reports) == 1 and not any("contained" in one for one in others)
    return way is not inside_the_report or is_one


def by_identifiers(bundle: Json) -> bytes:
    """Let results name each other by identifiers alone."""
    numbers = {
        name_of(one): {"system": "urn:lab", "value": f"number {index}"}
        for index, one in enumerate(resources_of(bundle))
        if one["resourceType"] == "Observation"
    }

    def change(link: Json) -> None:
        if link["reference"] in numbers:
            link["identifier"] = numbers[link.pop("reference")]

    each_link(resources_of(bundle), change)
    for one in resources_of(bundle):
        if name_of(one) in numbers:
            one["identifier"] = [*one.get("identifier", []), numbers[name_of(one)]]
    return json.dumps(bundle).encode()


def components_of(bundle: Json) -> list[Json]:
    return [part for one in resources_of(bundle) for part in one.get("component", [])]


def questions_in_words(bundle: Json) -> bytes:
    """Name what each component asks, without any code."""
    for part in components_of(bundle):
        (*_, coding) = part["code"]["coding"]
        if "display" in coding:
            part["code"] = {"text": coding["display"]}
    return json.dumps(bundle).encode()


def questions_of_a_lab(bundle: Json) -> bytes:
    """Give each component a code that only the lab itself has."""
    for part in components_of(bundle):
        (*_, coding) = part["code"]["coding"]
        if "display" in coding:
            own = {"system": "https://lab.example/codes", "code": "q1"}
            part["code"] = {"coding": [own | {"display": coding["display"]}]}
    return json.dumps(bundle).encode()


def questions_without_names(bundle: Json) -> bytes:
    for part in components_of(bundle):
        for coding in part["code"]["coding"]:
            coding.pop("display", None)
    return json.dumps(bundle).encode()


WAYS = (
    as_lines, with_addresses, with_versions, with_uuids, inside_the_report, by_identifiers,
    questions_in_words, questions_of_a_lab, questions_without_names,
)  # fmt: skip


CASES = [(name, way) for name in sets_of_resources() for way in WAYS if fits(name, way)]


@pytest.mark.parametrize(("name", "way"), CASES, ids=lambda one: getattr(one, "__name__", one))
def test_another_way_to_send_them_tells_the_same(name: str, way: Callable[[Json], bytes]) -> None:
    raw = (DATA / name).read_bytes()
    plain = read_bytes(raw)

    sent = read_bytes(way(json.loads(raw)))

    assert plain.findings
    assert facts(sent) == facts(plain)
