"""The pages of a person's results."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.access import fresh_sign_in, patient_page, signed_in
from portal.results import services
from portal.results.cards import card_of
from portal.results.clusters import Section
from portal.results.doctor import details
from portal.results.forms import NoticeForm
from portal.results.models import Gate
from portal.results.narrative import lab_pages
from portal.results.page import CARDS_IN_A_PART, language, open_cluster, page_of
from portal.results.printing import doctor_pdf


@patient_page
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "results/index.html", {"page": page_of(signed_in(request))})


@patient_page
@require_safe
def part(request: HttpRequest, section: str) -> HttpResponse:
    if section not in set(Section):
        raise Http404
    page = page_of(signed_in(request))
    shown = next(one for one in page.parts if one.section == section)
    if not shown.is_open:
        return redirect("results:list")
    pages = Paginator(shown.clusters, CARDS_IN_A_PART).get_page(request.GET.get("page"))
    cards = [card_of(cluster, language()) for cluster in pages]
    return render(request, "results/part.html", {"part": shown, "cards": cards, "page_obj": pages})


@patient_page
@require_safe
def finding(request: HttpRequest, slug: str) -> HttpResponse:
    person = signed_in(request)
    cluster = open_cluster(person, slug)
    if cluster is None:
        raise Http404
    context = {
        "card": card_of(cluster, language()),
        "details": details(cluster.findings),
        "lab_pages": lab_pages(person, cluster),
    }
    return render(request, "results/finding.html", context)


@patient_page
@require_POST
def notice(request: HttpRequest) -> HttpResponse:
    form = NoticeForm(request.POST)
    if form.is_valid():
        parts = [Gate.Part(one) for one in form.cleaned_data["part"]]
        answer = Gate.Answer(form.cleaned_data["answer"])
        services.answer_notice(
            patient=signed_in(request), parts=parts, answer=answer, at=timezone.now()
        )
    return redirect("results:list")


@patient_page
@fresh_sign_in
@require_safe
def doctor(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    person = signed_in(request)
    pdf = doctor_pdf(page_of(person), at=at)
    services.note_print(patient=person, at=at)
    headers = {"Content-Disposition": 'inline; filename="for-my-doctor.pdf"'}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)
