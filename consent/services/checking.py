"""Whether a chain of acts is as it was written, and the agreement what it adds up to."""

from dataclasses import dataclass

from consent import ledger
from consent.models import Agreement, Event, Program
from portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of one agreement found."""

    events: int
    broken_at: int | None  # the first event whose hash or place is wrong
    stands: bool  # the agreement is what its events add up to

    @property
    def holds(self) -> bool:
        """Whether chain and agreement are both as they were written."""
        return self.broken_at is None and self.stands


def check(*, patient: User, program: Program) -> Verdict:
    """Walk the chain of one agreement and compare it with where the agreement stands."""
    events = list(Event.objects.between(patient, program))
    broken_at = None
    before = ""
    for place, event in enumerate(events, start=1):
        if event.seq != place or event.prev_hash != before or event.hash != event.link_hash():
            broken_at = place
            break
        before = event.hash
    return Verdict(len(events), broken_at, _stands(patient, program, events))


def _stands(patient: User, program: Program, events: list[Event]) -> bool:
    agreement = Agreement.objects.filter(patient=patient, program=program).first()
    try:
        folded = ledger.fold_known(event.act() for event in events)
    except (ledger.OutOfOrder, ValueError):
        return False
    return folded == (agreement.agreed() if agreement else None)
