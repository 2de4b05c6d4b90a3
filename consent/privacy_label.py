"""Eight fixed questions that people ask about sharing, answered from the record of the program."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from consent import duo
from consent.models import Program, Version
from consent.policy import Category, Extra, Identity, Use
from consent.words import CATEGORY_NAMES, IDENTITY_NAMES


class Line(NamedTuple):
    """One question and its answer."""

    question: str
    answer: str


def lines(program: Program, version: Version, language: str) -> list[Line]:
    """Return the label: always the same questions in the same order."""
    return [
        Line(_("Who gets my data?"), program.name),
        Line(_("What is it for?"), program.purpose(language)),
        Line(_("Which kinds of data does it ask for?"), _kinds(version)),
        Line(_("Does my name go with it?"), _name(version)),
        Line(_("May others use it?"), _others(version)),
        Line(_("May someone make money with it?"), _money(program)),
        Line(_("May they write to me?"), _contact(version)),
        Line(_("How long, and can I stop?"), _("Until you stop, or until a date that you pick.")),
    ]


def _kinds(version: Version) -> str:
    if set(version.categories) == set(Category):
        return _("All kinds that we have. You choose which.")
    names = [str(CATEGORY_NAMES[Category(name)]) for name in version.categories]
    return ", ".join(names)


def _name(version: Version) -> str:
    if version.identity == Identity.IDENTIFIED:
        return _("Only if you say so. Else a code goes in its place.")
    return str(IDENTITY_NAMES[Identity(version.identity)])


def _others(version: Version) -> str:
    if Use.SHARED_RESEARCH in version.uses:
        return _("Only if you say yes. They must sign rules first.")
    return _("No.")


def _money(program: Program) -> str:
    if {duo.NPUNCU, duo.NCU} & set(program.duo_modifiers):
        return _("No. It is for research without profit.")
    return _("It may happen. You would not get a share.")


def _contact(version: Version) -> str:
    if {Extra.RECONTACT, Extra.RETURN_OF_RESULTS} & set(version.extras):
        return _("Only if you say yes.")
    return _("No.")
