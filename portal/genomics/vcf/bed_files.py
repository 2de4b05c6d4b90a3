"""A BED file by itself: the regions that a test looked at, as a study in FHIR.

Spec: http://hl7.org/fhir/uv/genomics-reporting/STU3/StructureDefinition-genomic-study-analysis.html
"""

import base64
import io
from collections.abc import Iterator
from typing import Any, BinaryIO

from portal.genomics.findings import Pointer, Rejected
from portal.genomics.vcf import beds, reach, study
from portal.genomics.vcf.beds import Region, State
from portal.genomics.vcf.builds import Build
from portal.genomics.vcf.faults import BuildUnknown, NotAVcf
from portal.genomics.vcf.fhir import Subject
from portal.genomics.vcf.lines import Limits
from portal.genomics.vcf.listing import Listing

_KEPT_UP_TO = 8 << 20  # bytes of a file that are put into FHIR whole
_GZIP = b"\x1f\x8b"
_NO_BUILD = (
    "A file of regions does not say which version of the human genome its positions count on. "
    "Say GRCh37 or GRCh38, as the laboratory told you."
)


def resources(
    stream: BinaryIO,
    build: Build | None,
    *,
    state: State = State.STUDIED,
    clinical: bool = True,
    limits: Limits | None = None,
) -> Iterator[dict[str, Any] | Rejected]:
    """Yield the study, its regions or the genes that they lie in, and a report with their count.

    Raises BuildUnknown, NotAVcf, TooBig or CutShort.
    """
    if build is None:
        raise BuildUnknown(_NO_BUILD)
    raw = stream.read()
    subject = Subject(build, "", study.STUDY, clinical)
    listing = Listing(subject, state)
    for found in beds.regions(io.BytesIO(raw), build, limits):
        if isinstance(found, Region):
            listing.take(found)
        else:
            pointer = Pointer(path=f"line {found.line}")
            yield Rejected(code=found.code, reason=found.reason, source=pointer)
    if not listing.whole.count:
        raise NotAVcf("Not one line of the file is a region.")
    looked = [(state, listing.whole)] if state is not State.UNCALLED else []
    yield from study.opening(subject, (state,), reach.words(looked))
    yield study.regions_file(subject, state, encoded(raw))
    listed = list(listing.resources())
    yield from listed
    named = [one["id"] for one in listed] if listing.tells_all_genes else []
    yield study.regions_report(subject, state, listing.whole, named)


def encoded(raw: bytes) -> str:
    """Return a file in base64 as FHIR holds it; nothing of one that is packed or very long."""
    can_be_kept = len(raw) <= _KEPT_UP_TO and not raw.startswith(_GZIP)
    return base64.b64encode(raw).decode() if can_be_kept else ""
