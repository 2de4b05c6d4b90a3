"""What was not found, or is about somebody else, is never told as found in the person."""

import pytest

from portal.accounts.models import User
from portal.genomics.findings import Concept, Finding, Gene, Hgvs, Kind, Presence
from portal.genomics.flags import ANOTHER_PERSON
from portal.results.cards import Card, card_of
from portal.results.clusters import clusters
from portal.results.record import load
from portal.results.sayings import sayings
from tests.results.builders import (
    a_brca2_change,
    a_finding,
    a_patient,
    a_report,
    an_origin,
    keep,
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


def test_an_answer_that_we_cannot_read_stands_beside_the_change(patient: User) -> None:
    unclear = a_finding(
        hgvs=Hgvs(c=("c.677C>T",)),
        presence=None,
        zygosity="",
        value="C/C",
        flags=("presence-not-understood",),
    )

    card = the_card(patient, unclear)

    assert card.lab_value == "C/C"
    assert card.short_result == "c.677C>T; C/C"


def test_the_change_of_a_relative_has_words_of_its_own(patient: User) -> None:
    card = the_card(patient, a_brca2_change(flags=MOTHERS))

    assert card.section == "other"
    assert "another person" in card.words.found
    assert card.risks == ()
    assert "about another person" in card.short_result


def test_medicines_are_not_told_by_the_genes_of_a_donor(patient: User) -> None:
    gene = (Gene("CYP2C19", "HGNC:2621"),)
    genotype = a_finding(
        "g1", kind=Kind.GENOTYPE, genes=gene, name="*2/*2", presence=None, flags=MOTHERS
    )
    implication = a_finding(
        "t1",
        kind=Kind.THERAPEUTIC_IMPLICATION,
        presence=None,
        derived_from=("g1",),
        effects=("Poor metabolizer",),
        medicines=(Concept("clopidogrel"),),
    )

    card = the_card(patient, genotype, implication)

    assert card.medicines == ()
    assert not list(sayings((card.cluster,)))
