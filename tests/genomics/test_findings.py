"""Findings go to JSON and back without loss, whatever they hold."""

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.genomics.findings import (
    Attribute,
    Coding,
    Concept,
    Finding,
    Gene,
    Hgvs,
    Kind,
    Pointer,
    Position,
    Presence,
    Region,
    Repeat,
    Report,
    Trial,
    from_json,
    to_json,
)

WORDS = st.text(max_size=8)
NUMBERS = st.integers(-(2**40), 2**40) | st.floats(allow_nan=False, allow_infinity=False)
CONCEPTS = st.builds(
    Concept, WORDS, st.lists(st.builds(Coding, WORDS, WORDS), max_size=2).map(tuple)
)
POSITIONS = st.builds(Position, WORDS, WORDS, st.none() | st.integers(0, 2**31))


def some[T](values: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(values, max_size=2).map(tuple)


FINDINGS = st.builds(
    Finding,
    key=WORDS,
    id=WORDS,
    kind=st.sampled_from(Kind),
    source=st.builds(Pointer, WORDS, WORDS, WORDS),
    status=WORDS,
    presence=st.none() | st.sampled_from(Presence),
    code=st.none() | CONCEPTS,
    genes=some(st.builds(Gene, WORDS, WORDS)),
    hgvs=st.none() | st.builds(Hgvs, c=some(WORDS), g=some(WORDS)),
    position=st.none() | POSITIONS,
    ref=st.none() | WORDS,
    alt=st.none() | WORDS,
    allele_fraction=st.none() | st.floats(0, 1),
    copy_number=st.none() | NUMBERS,
    value=st.none() | st.booleans() | NUMBERS | WORDS,
    phenotypes=some(CONCEPTS),
    regions=some(st.builds(Region, WORDS, WORDS, position=st.none() | POSITIONS)),
    repeats=some(st.builds(Repeat, WORDS, st.none() | NUMBERS)),
    trials=some(st.builds(Trial, WORDS, eligible=st.none() | st.booleans())),
    attributes=some(st.builds(Attribute, WORDS, WORDS, st.none() | st.booleans() | NUMBERS)),
    concepts=st.dictionaries(WORDS, some(CONCEPTS), max_size=2),
    flags=some(WORDS),
)


@given(FINDINGS)
def test_a_finding_comes_back_from_json_as_it_was(finding: Finding) -> None:
    form = to_json(finding)

    assert from_json(orjson.loads(orjson.dumps(form))) == finding
    assert from_json(form) == finding


@given(FINDINGS)
def test_the_json_form_holds_nothing_that_the_finding_does_not_say(finding: Finding) -> None:
    form = to_json(finding)

    assert form["record"] == "finding"
    empty = [name for name, value in form.items() if value in (None, [], ())]
    assert not empty


def test_zero_and_false_are_said() -> None:
    place = Pointer("Observation/a")
    zero = Finding(key="k", id="a", kind=Kind.VARIANT, source=place, copy_number=0, value=False)

    assert to_json(zero)["copy_number"] == 0
    assert to_json(zero)["value"] is False


def test_a_form_that_is_not_ours_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        from_json({"record": "finding", "kind": "horoscope"})


def test_a_report_comes_back_too() -> None:
    report = Report(key="r", id="r", source=Pointer("DiagnosticReport/r"), limits=("not read",))

    assert from_json(to_json(report)) == report
