"""What was not found, or is about somebody else, is never told as found in the person."""

import pytest
from msgspec.structs import replace

from portal.accounts.models import User
from portal.genomics.findings import Finding, Hgvs, Presence
from portal.genomics.flags import ANOTHER_PERSON
from portal.results.cards import Card, card_of
from portal.results.clusters import clusters
from portal.results.opened import opened
from portal.results.record import load
from portal.results.sayings import sayings
from tests.results.builders import (
    a_brca2_change,
    a_finding,
    a_patient,
    a_report,
    a_slow_cyp2c19,
    an_origin,
    keep,
    open_all,
)

pytestmark = pytest.mark.django_db
MOTHERS = (ANOTHER_PERSON,)


@pytest.fixture
def patient() -> User:
    return a_patient()


def the_card(patient: User, *findings: Finding) -> Card:
    keep(an_origin(patient), a_report(), *findings)
    (shelf,) = load(patient)
    (cluster,) = clusters(shelf)
    return card_of(cluster, "en")


def test_a_doctor_reads_in_short_that_a_change_is_absent(patient: User) -> None:
    change = Hgvs(c=("c.677C>T",))
    card = the_card(patient, a_finding(hgvs=change, presence=Presence.ABSENT, zygosity=""))

    assert card.short_result == "c.677C>T; absent"


@pytest.mark.parametrize(("value", "unit", "said"), [("C/C", "", "C/C"), (0, "%", "0 %")])
def test_an_answer_that_we_cannot_read_stands_beside_the_change(
    patient: User, value: str | int, unit: str, said: str
) -> None:
    unclear = a_finding(
        hgvs=Hgvs(c=("c.677C>T",)),
        presence=None,
        zygosity="",
        value=value,
        unit=unit,
        flags=("presence-not-understood",),
    )

    card = the_card(patient, unclear)

    assert card.lab_value == said
    assert card.short_result == f"c.677C>T; {said}"


def test_the_change_of_a_relative_has_words_of_its_own(patient: User) -> None:
    card = the_card(patient, a_brca2_change(flags=MOTHERS))

    assert card.section == "other"
    assert "somebody else" in card.words.found
    assert card.risks == ()
    assert "may be about somebody else" in card.short_result


def test_medicines_are_not_told_by_the_genes_of_a_donor(patient: User) -> None:
    genotype, implication = a_slow_cyp2c19()

    card = the_card(patient, replace(genotype, flags=MOTHERS), implication)

    assert card.medicines == ()
    assert not list(sayings((card.cluster,)))


def test_what_a_relative_has_waits_until_the_parts_about_families_are_open(patient: User) -> None:
    keep(an_origin(patient), a_report(), a_brca2_change(flags=MOTHERS))

    assert opened(patient).clusters == ()

    open_all(patient)

    assert [one.genes for one in opened(patient).clusters] == [("BRCA2",)]
