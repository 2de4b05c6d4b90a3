"""My medicines: what a person takes, crossed with what her open results say about it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from portal.accounts.models import User
from portal.genomics.knowledge.medicines import plain
from portal.genomics.medication import ENTRIES, Taking
from portal.genomics.phrases.library import Words, library
from portal.records.models import Origin
from portal.results.opened import opened
from portal.results.page import language
from portal.results.sayings import Said, sayings
from portal.results.taken import Taken, taken

_STILL_OPEN = frozenset({Taking.PAUSED, Taking.PLANNED, Taking.UNKNOWN})
_OVER = frozenset({Taking.PAST, Taking.NOT})


@dataclass(frozen=True)
class Line:
    """One thing that a result says, in the language of the page."""

    said: Said
    effect: str
    ask: str

    @property
    def alleles(self) -> str:
        """The form of the gene as the lab names it."""
        gene = f"{self.said.genes[0]} " if len(self.said.genes) == 1 else ""
        return ", ".join(name.removeprefix(gene).strip() for name in self.said.alleles)

    @property
    def genes(self) -> str:
        """The genes that it is about."""
        return ", ".join(self.said.genes)


@dataclass(frozen=True)
class Medicine:
    """One medicine with the lines of the hospitals and those of the labs."""

    name: str
    taken: Taken | None
    lines: tuple[Line, ...]
    words: Words | None
    agreement: str  # "differ", "unsure" or nothing

    @property
    def is_matched(self) -> bool:
        """Whether we know which medicine it is."""
        return bool(self.lines) or self.taken is None or bool(self.taken.ingredients)


@dataclass(frozen=True)
class MyMedicines:
    """Everything that the page shows."""

    now: tuple[Medicine, ...]
    unsure: tuple[Medicine, ...]
    over: tuple[Medicine, ...]
    only_tested: tuple[Medicine, ...]
    taken_back: int
    not_shared: tuple[str, ...]
    is_whole: bool
    arriving: str

    @property
    def has_list(self) -> bool:
        """Whether any hospital sent a list."""
        return bool(self.now or self.unsure or self.over)

    @property
    def is_empty(self) -> bool:
        """Whether neither a hospital nor a test names a medicine."""
        return not (self.has_list or self.only_tested)


def my_medicines(patient: User) -> MyMedicines:
    """Return the medicines page of a person; closed parts say nothing in it."""
    seen = opened(patient)
    said = tuple(sayings(seen.clusters))
    listed = taken(patient)
    crossed = [(one, _crossed(one, said)) for one in listed]
    used = {id(line.said) for _, medicine in crossed for line in medicine.lines}
    return MyMedicines(
        now=_those(crossed, {Taking.NOW}),
        unsure=_those(crossed, _STILL_OPEN),
        over=_those(crossed, _OVER),
        only_tested=_only_tested(one for one in said if id(one) not in used and one.by_lab),
        taken_back=sum(one.taking is Taking.ERROR for one in listed),
        not_shared=_not_shared(patient),
        is_whole=seen.is_whole,
        arriving=seen.arriving,
    )


def _those(
    crossed: Iterable[tuple[Taken, Medicine]], states: Iterable[Taking]
) -> tuple[Medicine, ...]:
    found = [medicine for one, medicine in crossed if one.taking in set(states)]
    return tuple(sorted(found, key=lambda one: not one.lines))


def _crossed(one: Taken, said: Iterable[Said]) -> Medicine:
    keys = one.keys
    found = tuple(line for line in said if line.keys & keys)
    return _medicine(one.name, one, found, one.ingredients)


def _only_tested(said: Iterable[Said]) -> tuple[Medicine, ...]:
    groups: dict[frozenset[str], list[Said]] = defaultdict(list)
    for one in said:
        known = frozenset(key for key in one.keys if library().find("drug", key))
        groups[known or frozenset({plain(one.name)})].append(one)
    made = [_medicine(found[0].name, None, tuple(found), key) for key, found in groups.items()]
    return tuple(sorted(made, key=lambda one: one.name.lower()))


def _medicine(
    name: str, one: Taken | None, said: tuple[Said, ...], ingredients: Iterable[str]
) -> Medicine:
    phrases = [library().find("drug", key) for key in sorted(ingredients)]
    known = [phrase.words(language()) for phrase in phrases if phrase]
    lines = tuple(Line(line, line.effect(language()), line.ask(language())) for line in said)
    return Medicine(name, one, lines, known[0] if len(known) == 1 else None, agreement(said))


def agreement(said: Iterable[Said]) -> str:
    """Return "differ" when tests contradict on one gene, "unsure" when we cannot tell."""
    by_gene: dict[tuple[str, ...], dict[tuple[str, str], list[Said]]] = defaultdict(dict)
    for one in said:
        if not one.is_tumour:
            by_gene[one.genes].setdefault((one.lab, one.date), []).append(one)
    found = {_compared(list(sources.values())) for sources in by_gene.values()}
    return next((word for word in ("differ", "unsure") if word in found), "")


def _compared(sources: list[list[Said]]) -> str:
    classes = [frozenset(one.class_ for one in said if one.class_) for said in sources]
    alleles = [frozenset(_form(name) for one in said for name in one.alleles) for said in sources]
    if _differ(classes) or _differ(alleles):
        return "differ"
    words = [frozenset(plain(one.lab_effect) for one in said) for said in sources]
    return "unsure" if _differ(words) and not all(classes) else ""


def _differ(told: list[frozenset[str]]) -> bool:
    return len({one for one in told if one}) > 1


def _form(name: str) -> str:
    """Return an allele pair without its gene and in one order: "CYP2C19*2/*1" is "*1/*2"."""
    _, star, rest = name.partition("*")
    parts = sorted(part.strip().lower() for part in f"{star}{rest}".split("/"))
    return "/".join("*" + part.rpartition("*")[2] if "*" in part else part for part in parts)


def _not_shared(patient: User) -> tuple[str, ...]:
    """Return the sources that did not let us read their medicines lists."""
    origins = Origin.objects.of(patient).order_by("pk")
    return tuple(
        origin.name
        for origin in origins
        if any(gap.partition(" ")[0] in ENTRIES for gap in origin.gaps)
    )
