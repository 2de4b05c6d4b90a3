"""Where two wordings differ, word by word. PURE."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_TOKEN = re.compile(r"\s*\S+|\s+")


class Change(StrEnum):
    """What became of a run of words."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Run:
    """Words in a row with one fate."""

    change: Change
    text: str


def words(before: str, after: str) -> tuple[Run, ...]:
    """Return the runs which lead from one wording to the other; blanks count with their words."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    runs: list[Run] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            runs.append(Run(Change.SAME, "".join(old[i1:i2])))
            continue
        if i1 < i2:
            runs.append(Run(Change.REMOVED, "".join(old[i1:i2])))
        if j1 < j2:
            runs.append(Run(Change.ADDED, "".join(new[j1:j2])))
    return tuple(runs)


@dataclass(frozen=True, slots=True)
class Part:
    """One headed part of a wording and how it changed."""

    heading: str
    runs: tuple[Run, ...]

    @property
    def changed(self) -> bool:
        """Whether any word differs."""
        return any(run.change is not Change.SAME for run in self.runs)


def parts(
    before: list[tuple[str, str, str]], after: list[tuple[str, str, str]]
) -> tuple[Part, ...]:
    """Compare parts given as (key, heading, text); new and dropped parts are shown whole."""
    old = {key: text for key, _heading, text in before}
    kept = {key for key, _heading, _text in after}
    found = [Part(heading, words(old.get(key, ""), text)) for key, heading, text in after]
    dropped = [Part(heading, words(text, "")) for key, heading, text in before if key not in kept]
    return tuple(found + dropped)
