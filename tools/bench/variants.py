"""VCF to FHIR against a loop that only parses: time on 10,000 and 100,000 lines, memory on 1 M.

The reference is a bare loop over pysam (htslib) that turns every column of every line into Python
values and does nothing with them. vcf2fhir, the converter that others use, runs on Python up to
3.11 alone and needs old parts, so it stands apart: make a virtual environment with such a Python,
install fhirclient==3.2.0, pysam, pandas, pytz, PyVCF3 and pyranges in it, then vcf2fhir with
--no-deps, and name its interpreter in VCF2FHIR_PYTHON. Times are of the processor, so that other
work on the machine does not count. Memory is the most that the whole command took, Python and
Django included.
"""

import os
import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pysam

from portal.genomics.vcf.converting import Choice, Conversion
from tools.bench.memory import peak_mb

ROOT = Path(__file__).resolve().parents[2]
_CHROMOSOMES = {"chr1": 248956422, "chr2": 242193529, "chr3": 198295559, "chr4": 190214555}
_FIELDS = (
    '##INFO=<ID=AC,Number=A,Type=Integer,Description="Alleles">',
    '##INFO=<ID=AF,Number=A,Type=Float,Description="Fraction">',
    '##INFO=<ID=AN,Number=1,Type=Integer,Description="Alleles">',
    '##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">',
    '##INFO=<ID=MQ,Number=1,Type=Float,Description="Mapping">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads">',
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">',
    '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">',
    '##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Likelihoods">',
)
_ROUNDS = 3
_INSERTIONS = 0.1
_TOGETHER = 256
_BAR_AT = 100_000
_BAR = 2.5
_MEMORY_BAR = 1.3
_FOR_THEM = 4_000
_THEIR_BAR = 60


def write(path: Path, lines: int) -> None:
    """Write a made-up genome of so many lines; the same number gives the same file."""
    dice = random.Random(lines)
    with path.open("w") as file:
        file.write("##fileformat=VCFv4.3\n")
        for name, length in _CHROMOSOMES.items():
            file.write(f"##contig=<ID={name},length={length},assembly=GRCh38>\n")
        file.write("\n".join(_FIELDS))
        file.write("\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tone\n")
        each = lines // len(_CHROMOSOMES)
        for name, length in _CHROMOSOMES.items():
            places = sorted(dice.sample(range(10_000, length - 10), each))
            file.writelines(_line(name, place, dice) for place in places)


def _line(name: str, place: int, dice: random.Random) -> str:
    ref = dice.choice("ACGT")
    alt = dice.choice([base for base in "ACGT" if base != ref])
    if dice.random() < _INSERTIONS:
        alt = ref + alt
    genotype = dice.choice(["0/1", "0/1", "1/1", "0/0", "0|1"])
    first, second = dice.randint(5, 40), dice.randint(5, 40)
    depth = first + second
    likely = f"{dice.randint(1, 999)},0,{dice.randint(1, 999)}"
    return (
        f"{name}\t{place}\trs{dice.randint(1, 10**8)}\t{ref}\t{alt}\t{dice.randint(20, 900)}\tPASS"
        f"\tAC=1;AF=0.5;AN=2;DP={depth};MQ=60.00\tGT:AD:DP:GQ:PL"
        f"\t{genotype}:{first},{second}:{depth}:99:{likely}\n"
    )


def _bare(path: Path) -> None:
    for record in pysam.VariantFile(str(path)):
        _ = (record.chrom, record.pos, record.id, record.ref, record.alts, record.qual)
        sample = record.samples[0]
        _ = (list(record.filter), dict(record.info), dict(sample), sample.phased)


def _ours(path: Path) -> None:
    with path.open("rb") as stream, Path(os.devnull).open("w") as out:
        together: list[str] = []
        for item in Conversion(stream, Choice()).items():
            if isinstance(item, str):
                together.append(item)
            if len(together) == _TOGETHER:
                out.write("\n".join(together))
                together.clear()


def _seconds(work: Callable[[Path], None], path: Path) -> float:
    best = float("inf")
    for _ in range(_ROUNDS):
        started = time.process_time()
        work(path)
        best = min(best, time.process_time() - started)
    return best


_THEIRS = """
import sys, time
import vcf2fhir
began = time.process_time()
vcf2fhir.Converter(sys.argv[1], "GRCh38", genomic_source_class="somatic").convert(sys.argv[2])
print(time.process_time() - began)
"""


def _against_vcf2fhir(path: Path) -> str:
    """Return how many times faster than vcf2fhir we are, where there is one."""
    python = os.environ.get("VCF2FHIR_PYTHON", "")
    if not python:
        return f"vcf2fhir was not measured (bar: {_THEIR_BAR} times): VCF2FHIR_PYTHON is not set"
    command = [python, "-c", _THEIRS, str(path), f"{path}.json"]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    ours, theirs = _seconds(_ours, path), float(done.stdout.split()[-1])
    return (
        f"{_FOR_THEM:,} variants: vcf2fhir {theirs:.2f} s, ours {ours:.3f} s; "
        f"{theirs / ours:.0f} times (bar: {_THEIR_BAR}): {_word(theirs / ours >= _THEIR_BAR)}"
    )


def _word(met: bool) -> str:  # noqa: FBT001  # an answer to be worded
    return "met" if met else "missed"


def lines() -> Iterator[str]:
    """Yield what was measured, one sentence each."""
    with tempfile.TemporaryDirectory() as folder:
        for count in (10_000, _BAR_AT):
            path = Path(folder) / f"{count}.vcf"
            write(path, count)
            bare, ours = _seconds(_bare, path), _seconds(_ours, path)
            ratio = ours / bare
            bar = f" (bar: {_BAR}): {_word(ratio <= _BAR)}" if count == _BAR_AT else ""
            yield (
                f"{count:,} variants to FHIR: {ours:.2f} s; bare pysam loop {bare:.2f} s; "
                f"ratio {ratio:.2f}{bar}"
            )
        few = Path(folder) / f"{_FOR_THEM}.vcf"
        write(few, _FOR_THEM)
        yield _against_vcf2fhir(few)
        big = Path(folder) / "1000000.vcf"
        write(big, 1_000_000)
        small, large = (
            peak_mb("vcf2fhir", str(path)) for path in (Path(folder) / "10000.vcf", big)
        )
        yield (
            f"peak memory of the command: {small:.0f} MB at 10,000, {large:.0f} MB at 1,000,000; "
            f"ratio {large / small:.2f} (bar: {_MEMORY_BAR}): {_word(large / small <= _MEMORY_BAR)}"
        )
