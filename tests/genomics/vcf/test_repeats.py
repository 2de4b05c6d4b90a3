"""Repeats of a motif: counted by the caller, told with their motif, the same in both readings."""

import io
import json

import fhirkit
import pytest

from portal.genomics.findings import Finding, Repeat
from portal.genomics.vcf.converting import Choice, Conversion
from portal.genomics.vcf.reading import findings
from tests.genomics.files import the_findings
from tests.genomics.vcf.builders import a_file, a_line

HTT = (Repeat(motif="CAG", number=15), Repeat(motif="CAG", number=42))


def by_fhir(raw: bytes) -> list[Finding]:
    texts = [one for one in Conversion(io.BytesIO(raw), Choice()).items() if isinstance(one, str)]
    assert not [
        issue for one in texts for issue in fhirkit.validate(one) if issue.severity == "error"
    ]
    return [one for one in the_findings([json.loads(one) for one in texts]) if one.alt]


def repeats(raw: bytes) -> list[tuple[Repeat, ...]]:
    found = [one for one in findings(io.BytesIO(raw)) if isinstance(one, Finding)]
    assert [one.repeats for one in by_fhir(raw)] == [one.repeats for one in found]
    return [one.repeats for one in found]


def test_each_allele_of_a_counted_repeat_has_its_motif_and_number() -> None:
    raw = a_file(a_line("1/2", ref="C", alt="<STR15>,<STR42>", info="REF=21;RU=CAG"))

    assert repeats(raw) == [(one,) for one in HTT]


def test_a_tandem_repeat_of_several_motifs_keeps_their_order() -> None:
    info = "SVLEN=30,40;RN=1,2;RUS=CAG,CCG,CAG;RUC=15,7.5,42"
    raw = a_file(a_line("1/2", ref="C", alt="<CNV:TR>,<CNV:TR>", info=info), version="4.4")

    assert repeats(raw) == [
        (Repeat(motif="CAG", number=15),),
        (Repeat(motif="CCG", number=7.5), Repeat(motif="CAG", number=42)),
    ]


@pytest.mark.parametrize(
    ("alt", "info"),
    [
        ("<STR42>", "REF=21"),
        ("<STR42>", "RU=x-y"),
        ("<DUP>", "RU=CAG"),
        ("<CNV:TR>", "RN=2;RUS=CAG;RUC=15"),
        ("<CNV:TR>", "RN=1;RUS=CAG;RUC=."),
        ("<CNV:TR>", "RUS=CAG;RUC=15"),
    ],
)
def test_a_repeat_that_is_not_counted_is_not_guessed(alt: str, info: str) -> None:
    assert repeats(a_file(a_line(ref="C", alt=alt, info=info))) == [()]
