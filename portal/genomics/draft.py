"""A finding in the making: the fields are gathered here, and frozen at the end."""

import msgspec

from portal.genomics.elements import Scan, words
from portal.genomics.findings import (
    Attribute,
    Concept,
    Finding,
    Hgvs,
    Kind,
    Pointer,
    Position,
    Repeat,
    Trial,
)
from portal.genomics.hgvs import protein_beside


class Draft:
    """Collects what one resource says."""

    def __init__(self, key: str, own_id: str, scan: Scan) -> None:
        """Start for one resource."""
        self.key = key
        self.id = own_id
        self.scan = scan
        self.kind = Kind.OTHER
        self.plain: dict[str, object] = {}  # fields with one value
        self.lists: dict[str, list[object]] = {}  # fields with several
        self.hgvs: dict[str, list[str]] = {}
        self.place: dict[str, object] = {}
        self.concepts: dict[str, list[Concept]] = {}
        self.motifs: list[tuple[int, str]] = []
        self.counts: list[tuple[int, float, str]] = []
        self.eligible: bool | None = None  # for the trials named beside

    def add(self, field: str, *values: object) -> None:
        """Append values to a field with several, each once."""
        for value in values:
            if value:
                held = self.lists.setdefault(field, [])
                if value not in held:
                    held.append(value)

    def put(self, field: str, value: object) -> bool:
        """Set a field with one value. A second, different value is kept as a conflict."""
        if value is None or value == "":
            return False
        held = self.plain.setdefault(field, value)
        if held != value:
            self.scan.flag(f"conflict:{field}")
            self.add("attributes", Attribute(f"also {field}", str(value)))
        return True

    def measure(self, value: float | int | None, figures: str) -> None:
        """Set the number that was measured, with the figures that it was sent in."""
        self.put("value", value)
        if self.plain.get("value") == value and figures:
            self.plain["value_as_sent"] = figures

    def at(self, field: str, value: object) -> None:
        """Set a part of the position; a second, different value is kept as a conflict."""
        if value is None or value == "":
            return
        held = self.place.setdefault(field, value)
        if held != value:
            self.scan.flag(f"conflict:position-{field}")
            self.add("attributes", Attribute(f"also {field}", str(value)))

    def code(self, field: str, item: Concept | None) -> str:
        """Keep all codings of a field; return the concept in words."""
        if item is None:
            return ""
        if item.codings:
            self.concepts.setdefault(field, []).append(item)
        return words(item)

    def express(self, level: str, *texts: str) -> None:
        """Add HGVS expressions of a level, each once."""
        held = self.hgvs.setdefault(level, [])
        held.extend(text for text in texts if text and text not in held)
        if level != "p":
            beside = [said for text in texts if "p." in text and (said := protein_beside(text))]
            if beside:
                self.express("p", *beside)

    def finding(self) -> Finding:
        """Freeze what was gathered."""
        if self.eligible is not None:
            self.lists["trials"] = [self._eligible(one) for one in self.lists.get("trials", [])]
        lists = {field: tuple(values) for field, values in self.lists.items() if values}
        return Finding(
            key=self.key,
            id=self.id,
            kind=self.kind,
            source=Pointer(self.scan.resource),
            hgvs=self._hgvs(),
            position=self._position(),
            repeats=self._repeats(),
            concepts={field: tuple(items) for field, items in self.concepts.items()},
            flags=tuple(self.scan.flags),
            sources=tuple(self.scan.sources),
            not_understood=tuple(dict.fromkeys(self.scan.missed)),
            **self.plain,  # type: ignore[arg-type]
            **lists,  # type: ignore[arg-type]
        )

    def _eligible(self, trial: object) -> object:
        if not isinstance(trial, Trial):
            return trial
        return msgspec.structs.replace(trial, eligible=self.eligible)

    def _hgvs(self) -> Hgvs | None:
        found = {level: tuple(texts) for level, texts in self.hgvs.items() if texts}
        return Hgvs(**found) if found else None

    def _position(self) -> Position | None:
        return placed(self.place, self.plain.get("ref")) if self.place else None

    def _repeats(self) -> tuple[Repeat, ...]:
        """Pair motifs and counts by their stated order, or where there is only one of each."""
        if not self.motifs and not self.counts:
            return ()
        orders = [order for order, _ in self.motifs] + [order for order, _, _ in self.counts]
        if all(orders) or (len(self.motifs) <= 1 and len(self.counts) <= 1):
            return self._paired()
        self.scan.flag("repeat-order-not-given")
        loose = [Repeat(motif=motif) for _, motif in self.motifs]
        return (*loose, *(Repeat(number=count, text=text) for _, count, text in self.counts))

    def _paired(self) -> tuple[Repeat, ...]:
        motifs = dict(self.motifs)
        counts = {order: (count, text) for order, count, text in self.counts}
        if len(motifs) != len(self.motifs) or len(counts) != len(self.counts):
            self.scan.flag("conflict:repeat-order")
        if len(motifs) == 1 and len(counts) == 1:
            if motifs.keys() != counts.keys() and all([*motifs, *counts]):
                self.scan.flag("conflict:repeat-order")
            counts = dict(zip(motifs, counts.values(), strict=True))
        found = []
        for order in sorted({*motifs, *counts}):
            count, text = counts.get(order, (None, ""))
            found.append(Repeat(motif=motifs.get(order, ""), number=count, text=text))
        return tuple(found)


def placed(place: dict[str, object], ref: object = None) -> Position:
    """Return a position with its 0-based form, where the way of counting is stated."""
    start, end = place.get("start"), place.get("end")
    system = place.get("coordinate_system", "")
    zero: dict[str, int] = {}
    if isinstance(start, int) and system:
        zero["start0"] = start - 1 if system == "1-based character counting" else start
    if isinstance(end, int) and system:
        zero["end0"] = end + 1 if system == "0-based character counting" else end
    if "start0" in zero and "end0" not in zero and isinstance(ref, str) and ref.isalpha():
        zero["end0"] = zero["start0"] + len(ref)
    return Position(**place, **zero)  # type: ignore[arg-type]
