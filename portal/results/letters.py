"""Papers to take along: a letter to the family, and a card of questions for a visit.

Neither names a result unless the person ticks it, and only results of open parts can be ticked.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString

from portal.accounts.models import User
from portal.pdf import pdf
from portal.results.cards import Card, card_of
from portal.results.clusters import Cluster, Section
from portal.results.dates import day_words
from portal.results.opened import Opened, opened

_STYLE = Path(__file__).parent / "paper.css"
# What relatives may share. What is not clear yet, and what is only in a tumor, is no news to them.
_FOR_FAMILY = frozenset({Section.SOON, Section.PASS_ON, Section.MEDICINES})
_FOR_VISIT = frozenset(Section) - {Section.NOTHING}


class Kind(StrEnum):
    """The papers that can be made."""

    FAMILY = "family"
    QUESTIONS = "questions"


@dataclass(frozen=True)
class Choice:
    """A result that can be ticked."""

    slug: str
    words: str


@dataclass(frozen=True)
class Paper:
    """What is needed to write a paper for one person."""

    kind: Kind
    seen: Opened

    @property
    def clusters(self) -> tuple[Cluster, ...]:
        """The open results that this paper may name."""
        wanted = _FOR_FAMILY if self.kind is Kind.FAMILY else _FOR_VISIT
        return tuple(one for one in self.seen.clusters if one.section in wanted)

    def choices(self, language: str) -> tuple[Choice, ...]:
        """Return what can be ticked, in the order of the results page."""
        cards = [card_of(one, language) for one in self.clusters]
        counted = Counter(_choice_words(card) for card in cards)
        return tuple(
            Choice(card.slug, _choice_words(card, twin=counted[_choice_words(card)] > 1))
            for card in cards
        )

    def html(self, ticked: Collection[str], language: str) -> SafeString:
        """Return the paper for a page, with the ticked results and no others."""
        return self._written(ticked, language, ("h2", "h3"))

    def pdf(self, ticked: Collection[str], language: str) -> bytes:
        """Return the same paper as PDF/UA-1."""
        body = self._written(ticked, language, ("h1", "h2"))
        with translation.override(language):
            context = {"body": body, "kind": self.kind.value}
            return pdf(render_to_string("results/paper_pdf.html", context), style=_STYLE)

    def _written(
        self, ticked: Collection[str], language: str, headings: tuple[str, str]
    ) -> SafeString:
        cards = [card_of(one, language) for one in self.clusters if one.slug in ticked]
        top, sub = headings
        context = {"cards": cards, "top": top, "sub": sub}
        with translation.override(language):
            return render_to_string(f"results/paper_{self.kind.value}.html", context)


def paper(patient: User, kind: Kind) -> Paper:
    """Return a paper of a person, ready to be written."""
    return Paper(kind, opened(patient))


def _choice_words(card: Card, *, twin: bool = False) -> str:
    """Name a result; of two with one name, say who sent each and when."""
    short = "" if card.explanation.is_missing else card.words.short
    name = f"{card.title}: {short}" if short else card.title
    sent = ", ".join(filter(None, (card.source, day_words(card.date))))
    return f"{name} ({sent})" if twin and sent else name
