"""The results pages: what is shown, what stays closed, and that nobody sees another's."""

from io import BytesIO

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from msgspec.structs import replace
from pypdf import PdfReader

from portal.accounts.models import User
from portal.audit.models import Entry
from portal.connections.models import Connection, Import
from portal.genomics.findings import Coding, Concept, Gene, Hgvs, Kind, Position, Presence
from portal.records.models import Origin
from portal.results.clusters import clusters
from portal.results.models import Gate
from portal.results.page import page_of
from portal.results.printing import DETAILED, doctor_html
from portal.results.record import load
from tests.results.builders import (
    AT,
    a_brca2_change,
    a_finding,
    a_patient,
    a_report,
    a_slow_cyp2c19,
    an_import,
    an_origin,
    keep,
    open_all,
)
from tests.structure import faults

pytestmark = pytest.mark.django_db

LIST = "/results/"


def slug_of(patient: User, gene: str) -> str:
    found = [one for shelf in load(patient) for one in clusters(shelf)]
    return next(one.slug for one in found if gene in one.genes)


def test_without_any_source_the_page_says_what_to_do_first(client: Client) -> None:
    page = client.get(LIST).text

    assert "There is nothing here yet" in page
    assert "/connections/" in page


def test_a_part_that_can_be_hard_to_read_is_closed_until_it_is_opened(
    client: Client, reported: User
) -> None:
    page = client.get(LIST).text

    assert "Choose when to look" in page
    assert "BRCA2" not in page
    assert "CYP2C19" in page


def test_the_notice_is_the_same_when_there_is_nothing_inside(client: Client, patient: User) -> None:
    keep(an_origin(patient), a_report(), *a_slow_cyp2c19())

    page = client.get(LIST).text

    assert page.count("See now") == 3


def test_after_see_now_the_card_shows_words_picture_and_source(
    client: Client, reported: User
) -> None:
    client.post("/results/notice/", {"part": ["soon"], "answer": "now"})

    page = client.get(LIST).text

    assert "BRCA2" in page
    assert "Breast and ovarian cancer in families" in page
    assert "It does not mean that you have" in page
    assert "National Cancer Institute" in page
    assert "Demo Laboratory" in page
    assert "March 3, 2026" in page


def test_not_at_all_hides_the_part_and_its_own_page_and_its_findings(
    client: Client, reported: User
) -> None:
    slug = slug_of(reported, "BRCA2")
    client.post("/results/notice/", {"part": ["soon"], "answer": "never"})

    assert "BRCA2" not in client.get(LIST).text
    assert client.get("/results/part/soon/").status_code == 302
    assert client.get(f"/results/f/{slug}/").status_code == 404


def test_an_answer_to_the_notice_is_written_into_the_trail(client: Client, reported: User) -> None:
    client.post("/results/notice/", {"part": ["soon", "tumour"], "answer": "later"})

    entries = Entry.objects.filter(action="results.notice-answered")
    assert entries.count() == 2
    assert "soon" not in str([entry.facts for entry in entries])


def test_an_unknown_answer_changes_nothing(client: Client, reported: User) -> None:
    client.post("/results/notice/", {"part": ["everything"], "answer": "now"})

    assert not Gate.objects.exists()


def test_the_tab_title_is_neutral_on_every_results_page(client: Client, reported: User) -> None:
    open_all(reported)
    slug = slug_of(reported, "BRCA2")

    for address in (LIST, "/results/part/soon/", f"/results/f/{slug}/"):
        assert "<title>Your page - Sync for Genes</title>" in client.get(address).text


def test_a_finding_shows_the_details_for_a_doctor_and_the_labs_own_words(
    client: Client, reported: User
) -> None:
    open_all(reported)

    page = client.get(f"/results/f/{slug_of(reported, 'BRCA2')}/").text

    assert "NM_000059.3:c.2808_2811del" in page
    assert "heterozygous" in page
    assert "A heterozygous change was detected" in page


def test_another_patient_gets_404_and_sees_nothing(reported: User) -> None:
    open_all(reported)
    other = a_patient("bea@example.org")
    stranger = Client()
    stranger.force_login(other)

    assert stranger.get(f"/results/f/{slug_of(reported, 'BRCA2')}/").status_code == 404
    assert "BRCA2" not in stranger.get(LIST).text


def test_medicines_show_what_to_ask_and_never_a_guess(client: Client, reported: User) -> None:
    page = client.get(LIST).text

    assert "Clopidogrel" in page
    assert "May not work as well" in page
    assert "novelonium" in page
    assert "In the lab's words: Poor metabolizer" in page
    assert "Do not stop or change a medicine on your own" in page


def test_a_class_that_we_do_not_know_shows_the_labs_words(client: Client, patient: User) -> None:
    strange = a_brca2_change(significance=("Purple",), conclusion="The lab says purple.")
    keep(an_origin(patient), a_report(), strange)
    open_all(patient)

    page = client.get(f"/results/f/{slug_of(patient, 'BRCA2')}/").text

    assert "We have no plain text for this yet" in page
    assert "The lab says purple." in page
    assert "cancer" not in page


def test_absent_is_not_shown_as_found(client: Client, patient: User) -> None:
    keep(an_origin(patient), a_report(), a_brca2_change(presence=Presence.ABSENT, significance=()))

    page = client.get(LIST).text

    assert "Nothing found here" in page
    assert "Raises the chance" not in page


@pytest.mark.parametrize(
    ("status", "words"), [("preliminary", "not final yet"), ("corrected", "has changed this")]
)
def test_a_report_that_is_not_final_or_was_changed_is_marked(
    client: Client, patient: User, status: str, words: str
) -> None:
    keep(an_origin(patient), a_report(status=status), *a_slow_cyp2c19())

    assert words in client.get(LIST).text


def test_words_of_a_lab_cannot_bring_markup_into_the_page(client: Client, patient: User) -> None:
    rude = a_brca2_change(conclusion="<script>alert(1)</script>", significance=("?",))
    keep(an_origin(patient), a_report(), rude)

    page = client.get(f"/results/f/{slug_of(patient, 'BRCA2')}/").text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_the_page_asks_the_database_few_questions_however_many_findings(
    client: Client, reported: User
) -> None:
    open_all(reported)
    many = [a_brca2_change(key=f"m{number}") for number in range(60)]
    keep(an_origin(reported, name="Second"), a_report(), *many)
    client.get(LIST)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = client.get(LIST)

    assert len(queries) <= 8
    assert page.text.count("result__title") <= 30


def test_a_part_with_many_cards_is_read_page_by_page(client: Client, patient: User) -> None:
    keep(an_origin(patient), a_report(), *(a_brca2_change(key=f"m{n}") for n in range(30)))
    open_all(patient)

    page = client.get("/results/part/soon/?page=2").text

    assert page.count("result__title") == 12
    assert "Page 2 of 3" in page


def test_an_unknown_part_is_404(client: Client) -> None:
    assert client.get("/results/part/everything/").status_code == 404


def test_the_copy_for_a_doctor_is_a_tagged_pdf_with_codes_and_without_closed_parts(
    client: Client, reported: User
) -> None:
    client.post("/accounts/reauthenticate/", {"password": "a-long-password-1"})

    answer = client.get("/results/for-my-doctor.pdf")

    reader = PdfReader(BytesIO(answer.content))
    text = " ".join(page.extract_text() for page in reader.pages)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "/Marked" in str(reader.root_object["/MarkInfo"])
    assert faults(answer.content) == []
    assert "CYP2C19" in text
    assert "*2/*2" in text
    assert "BRCA2" not in text
    assert "has not opened every part" in text
    assert f"{settings.SITE_URL}/doctors/" in "".join(text.split())
    assert Entry.objects.filter(action="results.printed").count() == 1


def test_a_copy_of_very_many_results_has_a_line_for_each_and_says_what_it_leaves_out(
    patient: User,
) -> None:
    many = [
        a_brca2_change(key=f"v{one}", id=f"v{one}", hgvs=Hgvs(c=(f"NM_000059.3:c.{one}del",)))
        for one in range(1, DETAILED + 4)
    ]
    keep(an_origin(patient), a_report(), *many)
    open_all(patient)

    copy = doctor_html(page_of(patient), at=AT)

    assert "3 results stand only in this table" in copy
    assert copy.count("<h4>") == DETAILED
    assert all(f"c.{one}del" in copy for one in range(1, DETAILED + 4))


def test_the_copy_for_a_doctor_asks_for_a_fresh_sign_in(client: Client, reported: User) -> None:
    answer = client.get("/results/for-my-doctor.pdf")

    assert answer.status_code == 302
    assert "reauthenticate" in answer.url  # type: ignore[attr-defined]


def test_the_page_is_in_spanish_too(client: Client, reported: User) -> None:
    open_all(reported)

    page = client.get(LIST, headers={"accept-language": "es"}).text

    assert "Cáncer de mama y de ovario en familias" in page
    assert "3 de marzo de 2026" in page


def test_a_result_without_a_class_from_a_file_is_marked_as_not_confirmed(
    client: Client, patient: User
) -> None:
    keep(an_origin(patient, kind="upload"), a_report(), *a_slow_cyp2c19())

    page = client.get(LIST).text
    assert "You gave us this file yourself." in page
    assert "home test" not in page


def test_two_sources_with_the_same_ids_stay_apart(client: Client, patient: User) -> None:
    keep(an_origin(patient), a_report(), a_finding("x", name="one"))
    keep(an_origin(patient, name="Second"), a_report(), a_finding("x", name="two"))

    found = [one for shelf in load(patient) for one in clusters(shelf)]

    assert len({one.slug for one in found}) == 2


def test_a_gene_derived_from_another_gene_does_not_share_its_card(patient: User) -> None:
    risk = a_finding("v1", genes=(Gene("ACAD9"),), significance=("Pathogenic",))
    haplotype = a_finding("h1", kind=Kind.HAPLOTYPE, name="*2", derived_from=("v1",))
    genotype = a_finding(
        "g1", kind=Kind.GENOTYPE, genes=(Gene("CYP2C9"),), name="*2/*5", derived_from=("h1",)
    )
    said = a_finding("t1", kind=Kind.THERAPEUTIC_IMPLICATION, derived_from=("g1",), presence=None)
    keep(an_origin(patient), a_report(), risk, haplotype, genotype, said)

    found = [one.genes for shelf in load(patient) for one in clusters(shelf)]

    assert sorted(found) == [("ACAD9",), ("CYP2C9",)]


def test_a_marker_of_a_tumour_shows_what_the_lab_measured(client: Client, patient: User) -> None:
    marker = a_finding(
        "b1",
        kind=Kind.BIOMARKER,
        presence=None,
        code=Concept("TMB"),
        value=29.8,
        unit="mutations per megabase",
        source_class="somatic",
    )
    keep(an_origin(patient), a_report(), marker)
    open_all(patient)

    page = client.get(LIST).text

    assert "29.8 mutations per megabase" in page
    assert "How many changes the tumor has" in page


def test_a_number_is_shown_in_the_figures_of_the_lab(client: Client, patient: User) -> None:
    marker = a_finding(
        "b1",
        kind=Kind.BIOMARKER,
        presence=None,
        code=Concept("TMB"),
        value=1.5,
        value_as_sent="1.50",
        unit="mutations per megabase",
        source_class="somatic",
    )
    keep(an_origin(patient), a_report(), marker)
    open_all(patient)

    assert "1.50 mutations per megabase" in client.get(LIST).text


def test_relatives_are_drawn_and_told_in_words(client: Client, patient: User) -> None:
    mother = a_finding(
        "f1",
        kind=Kind.FAMILY_HISTORY,
        presence=None,
        relative=Concept("Mother", (Coding("v3", "MTH"),)),
        phenotypes=(Concept("Breast cancer"),),
    )
    keep(an_origin(patient), a_report(), mother)

    page = client.get(LIST).text

    assert "Mother: Breast cancer." in page
    assert "Your family" in page


def test_while_the_first_import_runs_the_page_says_that_results_are_coming(
    client: Client, patient: User
) -> None:
    an_import(patient, Import.State.RUNNING)

    page = client.get(LIST).text

    assert "Results are on their way" in page
    assert "There is nothing here yet" not in page


def test_when_a_source_did_not_answer_the_page_says_so_and_keeps_what_there_is(
    client: Client, reported: User
) -> None:
    an_import(reported, Import.State.STOPPED)

    page = client.get(LIST).text

    assert "One source did not answer" in page
    assert "CYP2C19" in page


def test_a_connection_that_was_ended_is_not_a_source_that_did_not_answer(
    client: Client, reported: User
) -> None:
    run = an_import(reported, Import.State.STOPPED)
    Connection.objects.filter(pk=run.connection_id).update(state="disconnected", ended_at=AT)

    page = client.get(LIST).text

    assert "One source did not answer" not in page
    assert "CYP2C19" in page


def test_when_parts_are_missing_the_page_says_so(client: Client, reported: User) -> None:
    an_import(reported, Import.State.PARTLY)

    assert "Some parts did not arrive" in client.get(LIST).text


def test_a_tissue_type_that_matters_for_a_medicine_says_what_to_ask(
    client: Client, patient: User
) -> None:
    gene = (Gene("HLA-B"),)
    genotype = a_finding("g1", kind=Kind.GENOTYPE, genes=gene, name="HLA-B*15:02", presence=None)
    said = a_finding(
        "t1",
        kind=Kind.THERAPEUTIC_IMPLICATION,
        presence=None,
        derived_from=("g1",),
        effects=("High risk",),
        medicines=(Concept("Carbamazepine"),),
    )
    keep(an_origin(patient), a_report(), genotype, said)

    page = client.get(LIST).text

    assert "Raises the chance of a bad reaction" in page
    assert "Is this medicine safe for me?" in page


def test_a_change_in_the_chromosomes_is_explained_without_a_guess(
    client: Client, patient: User
) -> None:
    keep(an_origin(patient), a_report(), a_finding("k1", name="46,XX,t(9;22)(q34;q4)"))

    page = client.get(LIST).text

    assert "46,XX,t(9;22)(q34;q4)" in page
    assert "A change in the chromosomes" in page


def test_what_was_worked_out_from_a_file_is_not_said_to_be_a_labs(
    client: Client, patient: User
) -> None:
    worked_out = [replace(one, flags=("not-a-clinical-test",)) for one in a_slow_cyp2c19()]
    keep(an_origin(patient, kind="upload"), *worked_out)

    page = client.get(LIST).text

    assert "We worked this out from your file:" in page
    assert "The lab wrote:" not in page


def test_a_change_without_a_name_is_called_by_its_place(client: Client, patient: User) -> None:
    keep(
        an_origin(patient),
        a_finding(
            "nameless",
            position=Position(sequence="NC_000010.10", start=96448129),
            ref="A",
            alt="G",
        ),
    )

    page = client.get("/results/").text

    assert "Chromosome 10, at 96448129 A&gt;G" in page
    assert "sent results without a report" in page
    assert "There are 0 things" not in page


def test_medicines_that_work_as_for_most_people_take_one_line(
    client: Client, patient: User
) -> None:
    genotype, slow = a_slow_cyp2c19()
    usual = replace(slow, effects=("Normal Metabolizer",))
    keep(an_origin(patient), a_report(), genotype, usual)

    page = client.get("/results/").text

    assert "As for most people, by this gene:" in page
    assert "Do I need to do anything?" not in page


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [("Changes were seen", "", "Changes were seen"), (3.5, "%", "3.5 %"), (False, "", "false")],
)
def test_a_result_without_a_kind_of_its_own_shows_what_the_lab_said(
    client: Client, patient: User, value: object, unit: str, said: str
) -> None:
    odd = a_finding("o1", kind=Kind.OTHER, presence=None, value=value, unit=unit)
    keep(an_origin(patient), a_report(), odd)

    assert f'<span class="quiet">{said}</span>' in client.get(LIST).text


def test_what_differs_comes_first_and_what_no_lab_tested_last(
    client: Client, patient: User
) -> None:
    gene = (Gene("CYP2C9", "HGNC:2623"),)
    usual = a_finding("g2", kind=Kind.GENOTYPE, presence=None, genes=gene, name="*1/*1")
    told = a_finding(
        "t2",
        kind=Kind.THERAPEUTIC_IMPLICATION,
        presence=None,
        derived_from=("g2",),
        effects=("Normal metabolizer",),
    )
    home = a_finding(
        "g3",
        kind=Kind.GENOTYPE,
        presence=None,
        genes=(Gene("CYP2B6", "HGNC:2615"),),
        name="*6/*6",
        flags=("not-a-clinical-test",),
    )
    keep(an_origin(patient), a_report(), usual, told, *a_slow_cyp2c19())
    keep(an_origin(patient, kind=Origin.Kind.UPLOAD, name="my.vcf"), home)

    (part,) = page_of(patient).open_parts

    assert [one.genes for one in part.clusters] == [("CYP2C19",), ("CYP2C9",), ("CYP2B6",)]
    last = part.cards[-1]
    assert last.words.found == (
        "Your file names a form of a gene that can change how medicines work."
    )


def test_a_test_whose_name_is_a_code_alone_is_called_a_genetic_test(patient: User) -> None:
    code = Concept(codings=(Coding("http://loinc.org", "51969-4"),))
    keep(an_origin(patient), a_report(title="51969-4", code=code), a_brca2_change())

    (test,) = page_of(patient).tests

    assert test.title == "Genetic test"


def test_a_lab_that_did_not_arrive_is_called_by_the_account_that_sent_its_test(
    patient: User,
) -> None:
    absent = ("Organization/02c3dd35",)
    report, change = a_report(performers=absent), a_brca2_change(performers=absent)
    origin = an_origin(patient)
    keep(origin, report, change)
    open_all(patient)

    page = page_of(patient)

    assert [test.lab for test in page.tests] == [origin.name]
    assert "Organization/" not in doctor_html(page, at=AT)


def test_the_copy_for_a_doctor_tells_codes_in_the_language_of_the_page(patient: User) -> None:
    keep(an_origin(patient), a_report(), a_brca2_change(zygosity="heterozygous", conclusion=""))
    open_all(patient)

    with translation.override("es"):
        copy = doctor_html(page_of(patient), at=AT)

    assert "heterocigoto" in copy
    assert "heterozygous" not in copy
    assert "<td>presente</td>" in copy
