"""What can be wrong with a file: one line of it, or all of it. Reasons never repeat its content."""

from typing import NamedTuple


class Fault(NamedTuple):
    """Something wrong at one line. `kept` says that the record was read all the same.

    `file` counts the files of regions that go with a VCF, from 1; 0 is the VCF itself.
    """

    line: int
    code: str
    reason: str
    kept: bool = False
    file: int = 0

    @property
    def where(self) -> str:
        """Where it stands, in words."""
        file = "" if not self.file else "regions, " if self.file == 1 else f"regions {self.file}, "
        return f"{file}line {self.line}"


class BadRecord(ValueError):
    """A line that cannot be read as a result."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Refusal(ValueError):
    """The file as a whole is refused; `code` is stable, the message is for people."""

    code = "refused"

    def __init__(self, reason: str, *, line: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


class NotAVcf(Refusal):
    """The bytes are not a variant call file that we read."""

    code = "not-a-vcf"


class NotThisVersion(NotAVcf):
    """The file is a VCF of a version that we do not read."""

    code = "vcf-version"


class BadHeader(Refusal):
    """The head of the file is broken, so that no line below can be trusted."""

    code = "bad-header"


class TooBig(Refusal):
    """The file, or one line of it, is over a limit."""

    code = "too-big"


class CutShort(Refusal):
    """The file ends in the middle."""

    code = "cut-short"


class SeveralSamples(Refusal):
    """The file holds several people or samples: say which one. Names are for the caller only."""

    code = "several-samples"

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(
            f"This file holds the results of {len(names)} samples. Say which is meant."
        )
        self.names = names


class NoSuchSample(SeveralSamples):
    """The sample that was asked for is not in the file."""

    code = "no-such-sample"

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(names)
        self.reason = f"The sample asked for is not among the {len(names)} of this file."
        self.args = (self.reason,)


class BuildUnknown(Refusal):
    """The file does not say which version of the genome its positions count on."""

    code = "build-unknown"


class BuildContradiction(Refusal):
    """Two places speak of different versions of the genome."""

    code = "build-contradiction"
