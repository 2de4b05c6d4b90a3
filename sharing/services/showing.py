"""What the pages say of sendings: read once, in words, ready for templates."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from consent.models import Agreement, Program
from portal.accounts.models import User
from sharing import words
from sharing.models import Delivery, Disclosure, Package, Review
from sharing.services.preparing import Preview

RAW_SHOWN = 200_000
PUSH, RECALL = Package.Kind.PUSH.value, Package.Kind.RECALL.value


@dataclass(frozen=True)
class Line:
    """So many things of one kind, and why they stay where they do."""

    what: str
    count: int
    why: str = ""


@dataclass(frozen=True)
class Shown:
    """One sending as its page shows it."""

    delivery: Delivery
    review: Review | None

    @property
    def kind(self) -> str:
        """What is on its way."""
        return self.delivery.package.kind

    @property
    def sentence(self) -> str:
        """Where it stands."""
        return state_in_words(self.delivery)

    @property
    def trouble(self) -> str:
        """Why it is not there yet."""
        # News of an agreement that came to nothing asks nothing of the person: newer news goes.
        is_told_anew = self.kind == "announce" and self.delivery.state == "cancelled"
        is_over = is_told_anew or self.delivery.state == "delivered"
        return "" if is_over else words.code_of(self.delivery.code)

    @property
    def must_look_again(self) -> bool:
        """Whether the same bytes are of no use any more, and others must be looked at."""
        is_over = self.kind == PUSH and not self.is_open
        return is_over and self.delivery.code in {"look-again", "bytes-lost", "status-412"}

    @property
    def is_overtaken(self) -> bool:
        """Whether it was refused and is not tried again, because something newer went."""
        refused = self.delivery.state == "parked" and not self.must_look_again
        return refused and bool(getattr(self.delivery, "overtaken", False))

    @property
    def can_be_tried_again(self) -> bool:
        """Whether the same bytes may go once more."""
        refused = self.delivery.state == "parked"
        return refused and not (self.must_look_again or self.is_overtaken)

    @property
    def is_open(self) -> bool:
        """Whether the page should look again."""
        return self.delivery.state in {"queued", "sending"}

    @property
    def tag(self) -> str:
        """The colour of its state."""
        colours = {"delivered": "green", "parked": "orange", "in-flight-at-stop": "yellow"}
        return colours.get(self.delivery.state, "blue" if self.is_open else "")

    @cached_property
    def goes(self) -> list[Line]:
        """What is in it, by kind."""
        return lines_of(item["type"] for item in self.delivery.package.manifest.get("items", ()))

    @property
    def decision(self) -> str:
        """What the program's staff said."""
        if self.review is None:
            return ""
        return str(words.DECISIONS[self.review.decision])

    @property
    def reason(self) -> str:
        """Why the staff returned it, in their words."""
        return self.review.reason if self.review else ""


def lines_of(types: Iterable[str]) -> list[Line]:
    """Count resources by the words for their type, most first."""
    return [Line(words.kind_of(kind), n) for kind, n in Counter(types).most_common()]


def deliveries_of(user: User) -> QuerySet[Delivery]:
    """A person's sendings, newest first, with what their pages need."""
    left = Disclosure.objects.filter(delivery=OuterRef("pk"))
    mine = Delivery.objects.of(user).saying_if_overtaken()
    rows = mine.select_related("package", "enrolment__program")
    reviews = Prefetch("package__reviews", Review.objects.order_by("-at", "-pk"))
    rows = rows.prefetch_related(reviews).annotate(may_be_there=Exists(left))
    return rows.order_by("-queued_at", "-place")


def state_in_words(delivery: Delivery) -> str:
    """Return where a sending stands, as `deliveries_of` knows it."""
    may_be_there = bool(getattr(delivery, "may_be_there", False))
    return words.sentence_of(delivery.package.kind, delivery.state, may_be_there=may_be_there)


def shown(delivery: Delivery) -> Shown:
    """Return a sending with the newest answer about it."""
    reviews = list(delivery.package.reviews.all())
    return Shown(delivery, reviews[0] if reviews else None)


@dataclass(frozen=True)
class Card:
    """One program on the list: where the agreement stands, and what was sent."""

    agreement: Agreement
    sendings: list[Shown]
    is_live: bool

    def is_for(self, program: Program) -> bool:
        """Whether this card is about a program."""
        return self.agreement.program_id == program.pk

    @property
    def newest(self) -> Shown | None:
        """The newest sending that is more than the news of the agreement."""
        return next((one for one in self.sendings if one.kind != "announce"), None)

    @property
    def has_left(self) -> bool:
        """Whether anything may have left that could be taken back."""
        return any(one.kind == PUSH and one.delivery.ever_claimed for one in self.sendings)


def cards_of(user: User, at: datetime) -> list[Card]:
    """Return every program that this person ever agreed with, the live ones first."""
    by_program: defaultdict[int, list[Shown]] = defaultdict(list)
    for delivery in deliveries_of(user):
        by_program[delivery.enrolment.program_id].append(shown(delivery))
    rows = Agreement.objects.of(user).select_related("program", "version")
    cards = [Card(row, by_program[row.program_id], row.is_live(at)) for row in rows]
    return sorted(cards, key=lambda card: (not card.is_live, card.agreement.program.name))


@dataclass(frozen=True)
class PreviewPage:
    """A preview in human words, with the raw bytes behind them."""

    preview: Preview

    @cached_property
    def goes(self) -> list[Line]:
        """What goes, by kind."""
        return lines_of(item["type"] for item in self.preview.manifest["items"])

    @cached_property
    def stays(self) -> list[Line]:
        """What stays, by kind and by the first reason."""
        counted = Counter(
            (words.kind_of(row["type"]), words.reason_of(next(iter(row["reasons"]), "")))
            for row in self.preview.manifest["stays"]
        )
        return [Line(kind, n, why) for (kind, why), n in counted.most_common()]

    @cached_property
    def removed(self) -> list[Line]:
        """Which parts of what goes are taken out."""
        paths = (p for item in self.preview.manifest["items"] for p in item["removed"])
        return [Line(path, n) for path, n in sorted(Counter(paths).items())]

    @property
    def raw(self) -> str:
        """The start of the very bytes, set out for reading."""
        text = json.dumps(json.loads(self.preview.prepared.raw), indent=1, ensure_ascii=False)
        return text[:RAW_SHOWN]

    @property
    def is_cut(self) -> bool:
        """Whether the page shows less than all."""
        return len(self.preview.prepared.raw) > RAW_SHOWN

    @property
    def size_bytes(self) -> int:
        """How big it is."""
        return len(self.preview.prepared.raw)

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the record would go."""
        return not self.preview.manifest["items"]
