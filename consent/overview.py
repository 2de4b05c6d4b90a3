"""What the pages of "My choices" show: where somebody stands, and what each switch would do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.http import Http404
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent import differences, duo, policy, privacy_label, publishing, services
from consent.categories import CLINICAL, GENOMIC
from consent.linter import Body
from consent.models import Agreement, Draft, Preference, Program, Version
from consent.words import (
    CATEGORY_NAMES,
    EXTRA_NAMES,
    IDENTITY_NAMES,
    MISMATCH_SENTENCES,
    OFF_NOW,
    ON_NOW,
    USE_NAMES,
)
from portal.accounts.models import User

_UPDATES = "keep-updated"
_NAME = "name"


@dataclass(frozen=True, slots=True)
class Row:
    """One program in the list."""

    program: Program
    purpose: str
    agreement: Agreement | None
    live: bool
    is_news: bool
    has_draft: bool


def of(patient: User, *, language: str, at: datetime) -> list[Row]:
    """Return every program that somebody can join or has ever joined, joined ones first."""
    agreements = {
        agreement.program_id: agreement
        for agreement in Agreement.objects.of(patient).select_related("version", "program")
    }
    drafts = set(Draft.objects.filter(patient=patient).values_list("program_id", flat=True))
    current = dict(Version.objects.published_ids())
    programs = Program.objects.filter(pk__in={*agreements, *current}).order_by("name")
    rows = [
        _row(program, agreements.get(program.pk), current, language, at) for program in programs
    ]
    rows = [replace(row, has_draft=row.program.pk in drafts) for row in rows]
    return sorted(rows, key=lambda row: (not row.live, row.agreement is None))


def _row(
    program: Program,
    agreement: Agreement | None,
    current: Mapping[int, int],
    language: str,
    at: datetime,
) -> Row:
    newest = current.get(program.pk)
    return Row(
        program=program,
        purpose=program.purpose(language),
        agreement=agreement,
        live=agreement is not None and agreement.is_live(at),
        is_news=agreement is not None and newest not in {None, agreement.version_id},
        has_draft=False,
    )


@dataclass(frozen=True, slots=True)
class Switch:
    """One thing that a person can turn on or off, with what that does."""

    what: str
    label: str
    on: bool

    @property
    def effect(self) -> str:
        """What happens when it is turned the other way; it stands beside the switch."""
        return str((ON_NOW if self.on else OFF_NOW)[self._sort])

    @property
    def _sort(self) -> str:
        if self.what in {_UPDATES, _NAME}:
            return self.what
        return "kind" if self.what in set(policy.Category) else "leave"

    def said_after(self, *, on: bool) -> str:
        """What the page says once it is turned."""
        return _("Turned on: %s.") % self.label if on else _("Turned off: %s.") % self.label

    def turned(self, scope: policy.Scope, *, on: bool) -> policy.Scope:
        """Return the choice with this one thing turned."""
        if self.what == _UPDATES:
            return replace(scope, keep_updated=on)
        if self.what == _NAME:
            level = policy.Identity.IDENTIFIED if on else policy.Identity.PSEUDONYMOUS
            return replace(scope, identity=level)
        return _turned_member(scope, self.what, on=on)


def _turned_member(scope: policy.Scope, what: str, *, on: bool) -> policy.Scope:
    if what in set(policy.Category):
        kinds = _with(scope.categories, policy.Category(what), on=on)
        return replace(scope, categories=kinds)
    if what in set(policy.Extra):
        return replace(scope, extras=_with(scope.extras, policy.Extra(what), on=on))
    return replace(scope, uses=_with(scope.uses, policy.Use(what), on=on))


def _with[T](members: frozenset[T], member: T, *, on: bool) -> frozenset[T]:
    return members | {member} if on else members - {member}


@dataclass(frozen=True, slots=True)
class Group:
    """Switches that belong together."""

    heading: str
    switches: tuple[Switch, ...]


def switches(agreement: Agreement) -> tuple[Group, ...]:
    """Return everything that can be turned under an agreement, as it stands."""
    scope, version = agreement.agreed().scope, agreement.version
    asked = [one for one in policy.Category if one in set(version.categories)]
    kinds = {
        one: Switch(one.value, str(CATEGORY_NAMES[one]), one in scope.categories) for one in asked
    }
    groups = (
        Group(_("Gene tests"), tuple(kinds[one] for one in asked if one in GENOMIC)),
        Group(_("Health record"), tuple(kinds[one] for one in asked if one in CLINICAL)),
        Group(_("Private matters"), tuple(kinds[one] for one in asked if one in policy.SENSITIVE)),
        Group(_("More"), tuple(_other_switches(scope, version))),
    )
    return tuple(group for group in groups if group.switches)


def _other_switches(scope: policy.Scope, version: Version) -> Iterable[Switch]:
    if version.identity == policy.Identity.IDENTIFIED:
        named = scope.identity is policy.Identity.IDENTIFIED
        yield Switch(_NAME, str(IDENTITY_NAMES[policy.Identity.IDENTIFIED]), named)
    if policy.Use.SHARED_RESEARCH in version.uses:
        use = policy.Use.SHARED_RESEARCH
        yield Switch(use.value, str(USE_NAMES[use]), use in scope.uses)
    for extra in policy.Extra:
        if extra in version.extras:
            yield Switch(extra.value, str(EXTRA_NAMES[extra]), extra in scope.extras)
    yield Switch(_UPDATES, _("Send new data when it comes in"), scope.keep_updated)


def switch_named(agreement: Agreement, what: str) -> Switch:
    """Return one switch of an agreement.

    Raises Http404 when there is no such switch.
    """
    for group in switches(agreement):
        for switch in group.switches:
            if switch.what == what:
                return switch
    raise Http404


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the page of one program shows."""

    program: Program
    version: Version | None
    label: list[privacy_label.Line]
    agreement: Agreement | None
    live: bool
    is_news: bool
    has_draft: bool
    groups: tuple[Group, ...]
    mismatches: tuple[str, ...]


def page(patient: User, program: Program, *, language: str, at: datetime) -> Page:
    """Return what one program asks, and where somebody stands with it."""
    version = Version.objects.current(program).select_related("document__program").first()
    agreement = (
        Agreement.objects.of(patient)
        .filter(program=program)
        .select_related("version", "program")
        .first()
    )
    live = agreement is not None and agreement.is_live(at)
    return Page(
        program=program,
        version=version if program.state == Program.State.OPEN else None,
        label=privacy_label.lines(program, version, language) if version else [],
        agreement=agreement,
        live=live,
        is_news=bool(agreement and version and agreement.version_id != version.pk),
        has_draft=Draft.objects.filter(patient=patient, program=program).exists(),
        groups=switches(agreement) if agreement and live else (),
        mismatches=mismatches(patient, program),
    )


def mismatches(patient: User, program: Program) -> tuple[str, ...]:
    """Return a sentence for each point where a program does more than somebody is fine with."""
    wish = Preference.objects.filter(patient=patient).first()
    if wish is None:
        return ()
    found = duo.mismatches(
        program=(program.duo_permission, program.duo_modifiers, program.duo_diseases),
        person=(wish.permission, wish.modifiers, wish.diseases),
    )
    return tuple(str(MISMATCH_SENTENCES[one]) for one in found)


def scope_rows(scope: policy.Scope) -> list[tuple[str, str]]:
    """Return a choice in words, as (name, value)."""
    kinds = [str(CATEGORY_NAMES[one]) for one in policy.Category if one in scope.categories]
    uses = [str(USE_NAMES[one]) for one in policy.Use if one in scope.uses]
    extras = [str(EXTRA_NAMES[one]) for one in policy.Extra if one in scope.extras]
    return [
        (_("What you share"), ", ".join(kinds)),
        (_("Your name"), str(IDENTITY_NAMES[scope.identity])),
        (_("What it may be used for"), ", ".join(uses)),
        (_("Also"), ", ".join(extras) or _("Nothing else")),
        (_("New data later"), _("Yes") if scope.keep_updated else _("No")),
        (_("Last day"), date_format(scope.ends_on) if scope.ends_on else _("Until you stop")),
    ]


_REFUSALS = {
    services.NoAgreement: gettext_lazy("You are not sharing with this program now."),
    services.NothingChosen: gettext_lazy(
        "One kind of data must stay on. To share nothing, stop sharing."
    ),
    services.TooWide: gettext_lazy("The program does not ask for this."),
    services.EndsInThePast: gettext_lazy("The last day is over already. Pick a later one."),
}


REFUSED = (
    services.NoAgreement,
    services.NothingChosen,
    services.TooWide,
    services.EndsInThePast,
)


def refusal_sentence(refusal: Exception) -> str:
    """Return why something was not done, in words for the person."""
    return str(_REFUSALS[type(refusal)])


@dataclass(frozen=True, slots=True)
class News:
    """What differs between the text that was agreed to and the one that is asked with now."""

    version: Version
    summary: str
    parts: tuple[differences.Part, ...]


def news(agreement: Agreement, language: str) -> News:
    """Return what is new for somebody who agreed before.

    Raises Http404 when they agreed to the newest text.
    """
    newest = Version.objects.current(agreement.program).exclude(pk=agreement.version_id).first()
    if newest is None:
        raise Http404
    return News(newest, newest.whats_new(language), compare(agreement.version, newest, language))


def compare(before: Version, after: Version, language: str) -> tuple[differences.Part, ...]:
    """Return the changed parts of two versions, word by word."""
    old, new = (_parts(publishing.body_of(version.text(language))) for version in (before, after))
    return tuple(part for part in differences.parts(old, new) if part.changed)


def _parts(body: Body) -> list[tuple[str, str, str]]:
    screens = [
        (f"screen {screen['id']}", screen["heading"], f"{screen['text']} {screen['more']}")
        for screen in body["screens"]
    ]
    quiz = [
        (f"question {one['id']}", one["question"], f"{one['question']} {one['explain']}")
        for one in body["quiz"]
    ]
    sections = [
        (
            f"section {'+'.join(sorted(part['covers'])) or part['heading']}",
            part["heading"],
            part["text"],
        )
        for part in body["sections"]
    ]
    return screens + quiz + sections
