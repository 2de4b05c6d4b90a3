"""What this room expects of a program's server, and how it says no."""

from dataclasses import dataclass
from typing import Protocol


class ProgramUnavailable(Exception):
    """Try again later. `on_wire` says that the bytes may have arrived all the same."""

    def __init__(
        self, code: str, *, retry_after_s: int | None = None, on_wire: bool = False, status: int = 0
    ) -> None:
        """Keep the code, and never an address or an answer."""
        super().__init__(code)
        self.code = code
        self.retry_after_s = retry_after_s
        self.on_wire = on_wire
        self.status = status


class ProgramRefused(Exception):
    """Trying the same again changes nothing. `status` is 0 when we refuse ourselves.

    `on_wire` says that a part may have been taken all the same.
    """

    def __init__(self, code: str, *, status: int = 0, on_wire: bool = False) -> None:
        """Keep the code, and never an address or an answer."""
        super().__init__(code)
        self.code = code
        self.status = status
        self.on_wire = on_wire

    @property
    def is_stale(self) -> bool:
        """Whether the fence did not hold: the consent there is newer than the one we know."""
        return self.status in {409, 412}


@dataclass(frozen=True)
class Receipt:
    """What a program answered to a whole transaction. `fence` is its version of our consent."""

    status: int
    fence: str


class ProgramApi(Protocol):
    """Writing to one program. Every call raises ProgramUnavailable or ProgramRefused."""

    def get_ready(self) -> None:
        """Sign in, so that nothing slow is left when sending starts."""
        ...

    def find(self, system: str, basis: str) -> Receipt | None:
        """Return what is known of a transaction that may have arrived; None when it did not."""
        ...

    def transact(self, raw: bytes, *, key: str, ends_at: float) -> Receipt:
        """Send these bytes; every wait ends at `ends_at`, in seconds of `time.monotonic`."""
        ...

    def notify(self, notice: bytes, *, key: str, ends_at: float) -> None:
        """Tell the program of a recall in plain words."""
        ...
