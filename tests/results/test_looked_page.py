"""Looked or not looked: what the tests say per gene, and what nobody says."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.models import User
from portal.genomics import findings as facts
from portal.genomics.findings import Gene, Kind, Position, Presence, Region
from portal.genomics.vcf.beds import State
from portal.genomics.vcf.reach import TITLES, sentence
from portal.records.models import Origin
from portal.results.clusters import clusters
from portal.results.models import Gate
from portal.results.reach import Reach, rows
from portal.results.record import load, shelf
from tests.connections.builders import a_connection, an_import
from tests.results.builders import (
    a_brca2_change,
    a_finding,
    a_patient,
    a_report,
    an_origin,
    keep,
    open_all,
)

pytestmark = pytest.mark.django_db

PAGE = "/results/looked/"


def a_region(*symbols: str, state: str = "studied") -> Region:
    return Region(state=state, genes=tuple(Gene(symbol) for symbol in symbols))


def a_study(*regions: Region, key: str = "s1", **changes: object) -> facts.Finding:
    fields: dict[str, object] = {
        "kind": Kind.REGION_STUDIED,
        "presence": None,
        "regions": regions,
        "source_class": "",
        "zygosity": "",
        **changes,
    }
    return a_finding(key, **fields)


def reaches(patient: User) -> dict[str, Reach]:
    shelves = load(patient)
    shown = tuple(one for each in shelves for one in clusters(each))
    return {row.gene: row.reach for row in rows(shelves, shown)}


def test_without_a_test_the_page_says_so(client: Client) -> None:
    assert "There is no test here yet" in client.get(PAGE).text


def test_what_was_looked_at_in_a_parent_is_not_looked_at_in_the_person(patient: User) -> None:
    of_mother = a_study(a_region("MLH1"), flags=("focus",))
    own = a_study(a_region("APC"), key="s2")

    keep(an_origin(patient), a_report(), of_mother, own)

    assert set(reaches(patient)) == {"APC"}


def test_while_an_import_runs_the_page_says_so(client: Client, patient: User) -> None:
    an_import(a_connection(patient=patient))

    assert "Results are on their way" in client.get(PAGE).text


def test_a_listed_gene_was_looked_at(client: Client, patient: User) -> None:
    keep(an_origin(patient), a_report(), a_study(a_region("MLH1", "MSH2")))

    page = client.get(PAGE).text

    assert "MLH1" in page
    assert "Looked at" in page
    assert "Demo Laboratory, March 3, 2026" in page


def test_a_gene_that_is_listed_as_not_called_could_not_be_read(patient: User) -> None:
    study = a_study(a_region("MLH1"), a_region("PMS2", state="uncalled"))
    keep(an_origin(patient), a_report(), study)

    assert reaches(patient) == {"MLH1": Reach.READ, "PMS2": Reach.NOT_READ}


def test_a_gene_with_a_part_that_was_not_called_was_read_in_part(patient: User) -> None:
    study = a_study(a_region("PMS2"), a_region("PMS2", state="uncalled"))
    keep(an_origin(patient), a_report(), study)

    assert reaches(patient) == {"PMS2": Reach.PARTLY}


def test_an_uncalled_stretch_named_in_words_makes_its_gene_partly(patient: User) -> None:
    study = a_study(a_region("NEB", "ACTA1"), Region(state="uncalled", text="NEB exons 82-105"))
    keep(an_origin(patient), a_report(), study)

    assert reaches(patient) == {"ACTA1": Reach.READ, "NEB": Reach.PARTLY}


def test_a_gene_with_listed_stretches_was_read_in_part(patient: User) -> None:
    place = Region(state="studied", position=Position(chromosome="7", start=1, end=9))
    keep(an_origin(patient), a_report(), a_study(place, genes=(Gene("CFTR"),)))

    assert reaches(patient) == {"CFTR": Reach.PARTLY}


def test_what_a_list_of_regions_amounts_to_is_told_in_the_language_of_the_page(
    client: Client, patient: User
) -> None:
    counts = f"{sentence(State.STUDIED, 2, 1200)} {sentence(State.UNCALLED, 1, 1)}"
    listed = (Region(text=counts), Region(state="uncalled", text=TITLES[State.UNCALLED]))
    keep(an_origin(patient), a_report(), a_study(*listed))

    page = client.get(PAGE, headers={"accept-language": "es"}).text

    assert "Se miró:</strong> 2 tramos con 1\xa0200 letras de ADN</p>" in page
    assert "No se pudo leer:</strong> 1 tramo con 1 letra de ADN</p>" in page
    assert "of DNA" not in page


def test_single_places_never_make_a_gene_looked_at(client: Client, patient: User) -> None:
    absent = a_finding(genes=(Gene("HFE"),), presence=Presence.ABSENT)
    keep(an_origin(patient), a_report(), absent)

    assert reaches(patient) == {"HFE": Reach.PARTLY}
    assert "(single places only)" in client.get(PAGE).text


def test_a_place_without_a_call_could_not_be_read(patient: User) -> None:
    keep(an_origin(patient), a_report(), a_finding(genes=(Gene("HFE"),), presence=Presence.NO_CALL))

    assert reaches(patient) == {"HFE": Reach.NOT_READ}


def test_a_place_without_a_call_takes_from_a_listed_gene(patient: User) -> None:
    missed = a_finding(genes=(Gene("MLH1"),), presence=Presence.NO_CALL)
    keep(an_origin(patient), a_report(), a_study(a_region("MLH1")), missed)

    assert reaches(patient) == {"MLH1": Reach.PARTLY}


def test_the_best_test_of_several_counts_and_each_is_shown(client: Client, patient: User) -> None:
    keep(an_origin(patient), a_report(), a_study(a_region("PMS2", state="uncalled")))
    second = an_origin(patient, name="Second Lab")
    keep(second, a_study(a_region("PMS2"), reports=(), effective_at="2026-05-01"))

    page = client.get(PAGE).text

    assert reaches(patient) == {"PMS2": Reach.READ}
    assert "Demo Laboratory" in page
    assert "Second Lab, May 1, 2026" in page


def test_what_a_closed_part_found_makes_no_row(client: Client, patient: User) -> None:
    keep(an_origin(patient), a_report(), a_brca2_change())

    assert "BRCA2" not in client.get(PAGE).text


def test_a_closed_part_does_not_change_what_is_said_of_a_listed_gene(
    client: Client, patient: User
) -> None:
    keep(an_origin(patient), a_report(), a_study(a_region("BRCA2")), a_brca2_change())

    page = client.get(PAGE).text

    assert "BRCA2" in page
    assert "See the result" not in page


def test_not_at_all_closes_as_later_does(client: Client, patient: User) -> None:
    keep(an_origin(patient), a_report(), a_brca2_change())
    client.post("/results/notice/", {"part": [one.value for one in Gate.Part], "answer": "never"})

    assert "BRCA2" not in client.get(PAGE).text


def test_an_open_result_is_linked_from_its_gene(client: Client, patient: User) -> None:
    keep(an_origin(patient), a_report(), a_brca2_change())
    open_all(patient)

    assert "See the result" in client.get(PAGE).text


def test_a_gene_is_found_without_javascript_and_without_standing_in_an_address(
    client: Client, patient: User
) -> None:
    keep(an_origin(patient), a_report(), a_study(a_region("MLH1", "MSH2", "APC")))

    page = client.post(PAGE, {"gene": " mlh1 "}).text

    assert "MLH1" in page
    assert "APC" not in page
    assert "We found 1 gene by that name" in page


def test_a_gene_that_no_test_names_stays_unknown(client: Client, patient: User) -> None:
    keep(an_origin(patient), a_report(), a_finding("x", genes=(), kind=Kind.OTHER))

    page = client.post(PAGE, {"gene": "TP53"}).text

    assert "No test says that it looked at TP53. So we know nothing about it." in page
    assert "Some tests do not say all that they read" in page


def test_an_empty_search_says_what_to_do(client: Client, patient: User) -> None:
    keep(an_origin(patient), a_report(), a_study(a_region("MLH1")))

    answer = client.post(PAGE, {"gene": ""})

    assert "This field is required" in answer.text
    assert "MLH1" in answer.text


def test_a_test_that_lists_no_genes_is_named(client: Client, patient: User) -> None:
    keep(an_origin(patient), a_report())

    assert "Demo Laboratory: Panel test" in client.get(PAGE).text


def test_many_genes_are_shown_page_by_page(client: Client, patient: User) -> None:
    keep(an_origin(patient), a_report(), a_study(a_region(*(f"G{n:03}" for n in range(250)))))

    assert "Page 1 of 3" in client.get(PAGE).text
    assert "G249" in client.get(f"{PAGE}?page=3").text


def test_another_person_sees_nothing_of_it(patient: User) -> None:
    keep(an_origin(patient), a_report(), a_study(a_region("MLH1")))
    other = Client()
    other.force_login(a_patient("eve@example.org"))

    assert "MLH1" not in other.get(PAGE).text


def test_the_page_asks_at_most_8_questions(client: Client, patient: User) -> None:
    keep(an_origin(patient), a_report(), a_study(a_region("MLH1")), a_brca2_change())
    client.get(PAGE)

    with CaptureQueriesContext(connection) as queries:
        client.get(PAGE)

    assert len(queries) <= 8


@given(
    states=st.lists(
        st.tuples(st.sampled_from(["A", "B"]), st.sampled_from(["studied", "called", "uncalled"])),
        max_size=6,
    )
)
def test_a_gene_with_any_part_not_called_is_never_fully_read(
    states: list[tuple[str, str]],
) -> None:
    study = a_study(*(a_region(gene, state=state) for gene, state in states))
    one = shelf(Origin(name="Lab", pk=1), [study])

    found = {row.gene: row.reach for row in rows((one,), ())}

    uncalled = {gene for gene, state in states if state == "uncalled"}
    assert all(found[gene] is not Reach.READ for gene in uncalled)
    assert set(found) == {gene for gene, _ in states}


def test_a_test_with_a_code_for_a_name_is_named_by_its_lab(client: Client, patient: User) -> None:
    keep(an_origin(patient), a_report(title="51969-4"))

    assert "51969-4" not in client.get(PAGE).text


def test_all_that_a_search_finds_is_on_one_page(client: Client, patient: User) -> None:
    keep(an_origin(patient), a_report(), a_study(a_region(*(f"G{n:03}" for n in range(150)))))

    page = client.post(PAGE, {"gene": "g"}).text

    assert "G149" in page
    assert "Next page" not in page


def test_a_bar_shows_how_far_the_listed_genes_were_read(client: Client, patient: User) -> None:
    study = a_study(a_region("MLH1", "MSH2"), a_region("PMS2", state="uncalled"))
    keep(an_origin(patient), a_report(), study)

    page = client.get(PAGE).text

    assert "Looked at: 2 of 3" in page
    assert "Could not be read: 1 of 3" in page
    assert "Partly: " not in page


def test_no_bar_is_drawn_where_all_listed_genes_are_alike(client: Client, patient: User) -> None:
    keep(an_origin(patient), a_report(), a_study(a_region("MLH1", "MSH2")))

    assert "How much the tests looked at" not in client.get(PAGE).text
