"""How far an import is, part by part: its steps under the names that people know."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.connections.models.imports import Step

# Of several steps under one name, the state that there is most to say about.
TELLING_ORDER = ("running", "failed", "waiting", "refused", "done")


@dataclass(frozen=True)
class Part:
    """All steps of an import under one name."""

    name: str
    steps: "tuple[Step, ...]"

    @property
    def _leading(self) -> "Step":
        return min(self.steps, key=lambda step: TELLING_ORDER.index(step.state))

    @property
    def state(self) -> str:
        """The state that there is most to say about."""
        return self._leading.state

    @property
    def state_words(self) -> str:
        """That state, in words."""
        return str(self._leading.get_state_display())

    @property
    def reason(self) -> str:
        """Why it did not work, in a sentence."""
        return self._leading.reason

    @property
    def is_over(self) -> bool:
        """Whether nothing more is asked."""
        return all(step.is_over for step in self.steps)

    @property
    def received(self) -> int:
        """How many entries came."""
        return sum(step.received for step in self.steps)

    @property
    def total(self) -> int | None:
        """How many there are, where the source said so, and no more came than it said."""
        told = [step.total for step in self.steps if step.total]
        asked = [step for step in self.steps if step.total or step.received]
        return sum(told) if len(told) == len(asked) and sum(told) >= self.received else None

    @property
    def is_refused(self) -> bool:
        """Whether the source keeps all of it to itself."""
        return self.state == "refused" and not self.received

    @property
    def is_telling(self) -> bool:
        """Whether the page shows it on a line of its own."""
        return bool(self.received) or self.state in {"running", "failed"}


def parts_of(steps: "Iterable[Step]") -> list[Part]:
    """Return the parts in the order of their first steps.

    Reading what came is work of ours, and no part of what comes.
    """
    named: dict[str, list[Step]] = {}
    for step in steps:
        if step.kind != "findings":
            named.setdefault(step.name, []).append(step)
    return [Part(name, tuple(group)) for name, group in named.items()]
