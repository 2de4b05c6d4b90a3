"""Real files, broken at random, and what must stay true of any reading of them.

Run the long way with: python -m tests.genomics.mutants 10000
"""

import json
import random
import re
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

from portal.genomics import answers
from portal.genomics.documents import NotADocument, SourceResource
from portal.genomics.findings import Finding, Reading, from_json, to_json
from portal.genomics.flags import is_known
from portal.genomics.reader import read
from tests.genomics.files import DATA, names, parts, records

type Tree = Any  # any JSON value

FOLDERS = (
    "emerge-lab-reports", "ig-stu2", "ig-stu3", "ig-stu4", "mcode", "genomics-operations",
    "vcf2fhir-expected", "nhs-genomics",
)  # fmt: skip
STRANGER = "Patient/somebody-else"
ODD_VALUES: tuple[Any, ...] = (
    None, "", "  ", 0, -1, 1e300, True, [], {}, [[]], [None], "\u0000", "x" * 300, "Present",
    "entered-in-error ", {"reference": STRANGER}, {"coding": "x"}, {"coding": [{"code": 5}]},
    {"value": "7"}, {"text": ["a"]}, "LA9634-2", "pathogenic", {"low": {"value": 9}},
)  # fmt: skip
# Words that the reader may say without the file: its own names for coded answers.
OWN_WORDS = frozenset(
    word.lower()
    for table in (
        answers.ZYGOSITY, answers.SOURCE_CLASS, answers.SIGNIFICANCE, answers.EFFECTS,
        answers.ACTIONS, answers.INTERPRETATIONS, answers.COORDINATE_SYSTEM, answers.BUILD,
        answers.CHROMOSOME,
    )
    for word in table.values()
)  # fmt: skip


def places(node: Tree, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value in a JSON tree."""
    if path:
        yield path
    if isinstance(node, dict):
        for key, value in node.items():
            yield from places(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from places(value, (*path, index))


def mutate(tree: Tree, luck: random.Random) -> None:
    """Break one to three things in a tree."""
    for _ in range(luck.randint(1, 3)):
        known = [path for path in places(tree) if path[-1] not in {"div", "text"}]
        if not known:
            return
        luck.choice(BREAKS)(tree, luck.choice(known), luck)


def _holder(tree: Tree, path: tuple[Any, ...]) -> Tree:
    for step in path[:-1]:
        tree = tree[step]
    return tree


def _drop(tree: Tree, path: tuple[Any, ...], _: random.Random) -> None:
    del _holder(tree, path)[path[-1]]


def _odd(tree: Tree, path: tuple[Any, ...], luck: random.Random) -> None:
    _holder(tree, path)[path[-1]] = json.loads(json.dumps(luck.choice(ODD_VALUES)))


def _twice(tree: Tree, path: tuple[Any, ...], _: random.Random) -> None:
    holder = _holder(tree, path)
    if isinstance(holder, list):
        holder.append(json.loads(json.dumps(holder[path[-1]])))
    else:
        holder[path[-1]] = [holder[path[-1]], holder[path[-1]]]


def _blank(tree: Tree, path: tuple[Any, ...], _: random.Random) -> None:
    holder = _holder(tree, path)
    if isinstance(holder[path[-1]], str):
        holder[path[-1]] = f" {holder[path[-1]]} "


def _swap(tree: Tree, path: tuple[Any, ...], luck: random.Random) -> None:
    known = [one for one in places(tree) if one[-1] == path[-1]]
    other = luck.choice(known)
    _holder(tree, path)[path[-1]] = json.loads(json.dumps(_holder(tree, other)[other[-1]]))


def _stranger(tree: Tree, path: tuple[Any, ...], _: random.Random) -> None:
    for step in range(len(path)):
        holder = _holder(tree, path[: step + 1])
        if isinstance(holder, dict) and "subject" in holder:
            holder["subject"] = {"reference": STRANGER}
            return


type _Break = Callable[[Any, tuple[Any, ...], random.Random], None]
BREAKS: tuple[_Break, ...] = (_drop, _drop, _odd, _odd, _twice, _blank, _swap, _stranger)


def check(raw: bytes) -> Reading | None:
    """Read a mutant and assert all that must be true of it; None when it is no document."""
    try:
        kept, rejected = parts(raw)
    except NotADocument:
        return None
    reading = read(kept, patient_ids=None)
    told = {one.source.resource for one in records(reading)}
    for one in kept:
        assert _is_told(one, told), f"{one.path} vanished"
    assert rejected is not None
    for record in records(reading):
        assert from_json(orjson.loads(orjson.dumps(to_json(record)))) == record
    said = "\n".join(_strings(orjson.loads(orjson.dumps([one.body for one in kept])))).lower()
    bodies = {one.key: one.body for one in kept}
    for finding in reading.findings:
        _assert_nothing_invented(finding, said)
        assert all(is_known(flag) for flag in finding.flags), finding.flags
        stated = bodies.get(finding.key, {}).get("status")
        assert not isinstance(stated, str) or stated.strip().lower() not in answers.WITHDRAWN
    _assert_own_person_only(kept)
    return reading


def _is_told(source: SourceResource, told: set[str]) -> bool:
    names_ = {source.path, source.full_url, source.key}
    local = source.body.get("id")
    if isinstance(local, str):
        names_.add(f"{str(source.body['resourceType']).strip()}/{local.strip()}")
    return bool({name.strip() for name in names_} & told)


def _strings(node: Tree) -> Iterator[str]:
    if isinstance(node, dict):
        for value in node.values():
            yield from _strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from _strings(value)
    elif isinstance(node, bool):
        yield str(node).lower()
    elif node is not None:
        yield str(node).strip()


def _assert_nothing_invented(finding: Finding, said: str) -> None:
    expressions = finding.hgvs or None
    texts = [
        finding.name, finding.ref or "", finding.alt or "", finding.zygosity,
        finding.source_class, *finding.significance, *finding.effects, *finding.ids,
        *finding.evidence, *finding.inheritance, finding.unit,
        *(gene.symbol for gene in finding.genes), *(gene.id for gene in finding.genes),
    ]  # fmt: skip
    if expressions:
        texts += [*expressions.c, *expressions.g, *expressions.p, *expressions.n]
    for text in texts:
        known = text.lower() in said or text.lower() in OWN_WORDS
        assert known, f"{text!r} is not in the file"
    place = finding.position
    for number in (place.start, place.end) if place else ():
        assert number is None or _has_number(number, said), f"{number} is not in the file"


def _has_number(number: int, said: str) -> bool:
    return re.search(rf"(?<!\d){number}(\.0+)?(?!\d)", said) is not None


def _assert_own_person_only(kept: list[SourceResource]) -> None:
    """Read again for one person: nothing that names somebody else comes out."""
    people = Counter(
        str(one.body["subject"]["reference"]).strip()
        for one in kept
        if isinstance(one.body.get("subject"), dict) and one.body["subject"].get("reference")
    )
    if not people:
        return
    person = people.most_common(1)[0][0]
    reading = read(kept, patient_ids=frozenset({person}))
    bodies = {one.key: one.body for one in kept}
    for finding in reading.findings:
        subject = bodies.get(finding.key, {}).get("subject")
        if isinstance(subject, dict) and isinstance(subject.get("reference"), str):
            stated = subject["reference"].strip().rsplit("/", 1)[-1]
            assert not stated or stated == person.rsplit("/", 1)[-1]


def mutants(count: int, seed: int) -> Iterator[bytes]:
    """Yield mutants of the example files."""
    luck = random.Random(seed)
    sources = [(DATA / name).read_bytes() for name in names(*FOLDERS)]
    small = [raw for raw in sources if len(raw) < 60_000]
    for index in range(count):
        tree = orjson.loads(luck.choice(small if index % 20 else sources))
        mutate(tree, luck)
        raw = json.dumps(tree).encode()
        yield _gnawed(raw, luck) if index % 10 == 0 else raw


def _gnawed(raw: bytes, luck: random.Random) -> bytes:
    """Return bytes with one changed, or cut short."""
    place = luck.randrange(len(raw))
    if luck.random() < 0.3:
        return raw[:place]
    return raw[:place] + bytes([luck.randrange(256)]) + raw[place + 1 :]


def main() -> None:
    """Check as many mutants as asked; stops at the first that breaks a promise."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    seen: Counter[str] = Counter()
    failures = 0
    for index, raw in enumerate(mutants(count, seed)):
        try:
            reading = check(raw)
        except AssertionError:
            failures += 1
            path = Path(tempfile.gettempdir(), f"mutant-{seed}-{index}.json")
            path.write_bytes(raw)
            sys.stdout.write(f"{path} {traceback.format_exc(limit=-2)}\n")
            continue
        seen["not a document" if reading is None else "read"] += 1
        if reading:
            seen["findings"] += len(reading.findings)
            seen["quarantined"] += len(reading.quarantined)
    sys.stdout.write(f"{count} mutants, {failures} failures, {dict(seen)}\n")


if __name__ == "__main__":
    main()
