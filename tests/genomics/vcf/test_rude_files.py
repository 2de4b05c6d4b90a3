"""Mutants of real files: no crash, no invention, every line accounted for."""

import io
import random

import pytest

from portal.genomics.findings import Finding
from portal.genomics.vcf.builds import Build
from portal.genomics.vcf.converting import Choice, Conversion
from portal.genomics.vcf.faults import BuildUnknown, Fault, Refusal, SeveralSamples
from portal.genomics.vcf.reading import findings
from portal.genomics.vcf.records import Reader, Record
from tests.genomics.vcf.builders import VCF

SOURCES = (
    "vcf2fhir/vcf_example1.vcf",
    "vcf2fhir/vcf_structural_variants.vcf",
    "cyvcf2/issue_44.vcf",
    "callers/delly2-min.vcf",
    "spec-conformance-4.3/passed/passed_body_samples.vcf",
)
PIECES = (
    b"\t", b"\n", b";", b",", b":", b"/", b"|", b".", b"*", b"<DEL>", b"0", b"-1", b"\x00", b"\xff",
    b"99999999999", b"GT", b"NaN", b"\r\n", b"##", b'"', b"<", b">", b"\xc3\xa9", b"\xe2\x80\xae",
)  # fmt: skip
MUTANTS = 120


def mutant(raw: bytes, dice: random.Random) -> bytes:
    changed = bytearray(raw)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(changed))
        match dice.randrange(4):
            case 0:
                changed[at : at + dice.randint(0, 3)] = dice.choice(PIECES)
            case 1:
                del changed[at : at + dice.randint(1, 30)]
            case 2:
                changed[at] = dice.randrange(256)
            case _:
                other = dice.randrange(len(changed))
                changed[at:at] = changed[other : other + dice.randint(1, 60)]
    return bytes(changed)


def choices(raw: bytes) -> Choice:
    """Return what must be said for the file to be read, as its refusals ask for it."""
    reader = Reader(io.BytesIO(raw))
    sample = reader.header.samples[0] if reader.header.samples else None
    try:
        reader.choose(sample=sample, build=None)
    except BuildUnknown:
        return Choice(sample=sample, build=Build.GRCH38)
    return Choice(sample=sample)


@pytest.mark.parametrize("name", SOURCES)
def test_a_mutant_is_read_or_refused_and_every_line_is_counted(name: str) -> None:
    raw = (VCF / name).read_bytes()
    dice = random.Random(name)

    refused = 0
    for _ in range(MUTANTS):
        changed = mutant(raw, dice)
        try:
            choice = choices(changed)
            conversion = Conversion(io.BytesIO(changed), choice)
            items = list(conversion.items())
            found = list(findings(io.BytesIO(changed), choice))
        except Refusal:
            refused += 1
            continue
        summary = conversion.summary
        left_out = sum(isinstance(item, Fault) and not item.kept for item in items)
        assert summary.lines == (
            summary.different + summary.same + summary.no_call + summary.unclear + summary.rejected
        )
        assert summary.rejected <= left_out
        for one in found:
            assert not isinstance(one, Finding) or one.ref is None or one.ref.encode() in changed

    assert refused < MUTANTS


def test_a_mutated_genotype_never_names_an_allele_that_is_not_there() -> None:
    raw = (VCF / "cyvcf2/issue_44.vcf").read_bytes()
    dice = random.Random(44)

    for _ in range(MUTANTS):
        changed = mutant(raw, dice)
        try:
            choice = choices(changed)
            reader = Reader(io.BytesIO(changed))
            reader.choose(sample=choice.sample, build=choice.build)
            records = [one for one in reader.records() if isinstance(one, Record)]
        except (Refusal, SeveralSamples):
            continue
        for record in records:
            called = record.genotype.alleles if record.genotype else ()
            assert all(one is None or one <= len(record.alts) for one in called)
