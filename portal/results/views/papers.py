"""A letter to the family and a card of questions, as a page and as a PDF."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.access import fresh_sign_in, patient_page, signed_in
from portal.results import services
from portal.results.forms import PaperForm
from portal.results.letters import Kind, Paper, paper
from portal.results.page import language


@patient_page
@require_http_methods(["GET", "HEAD", "POST"])
def paper_page(request: HttpRequest, kind: str) -> HttpResponse:
    made = _paper(request, kind)
    form = _form(request, made)
    body = ""
    if form.is_valid():
        body = made.html(form.cleaned_data.get("results", []), form.cleaned_data["language"])
    context = {"paper": made, "form": form, "body": body}
    return render(request, "results/paper.html", context)


@patient_page
@require_POST
@fresh_sign_in
def paper_pdf(request: HttpRequest, kind: str) -> HttpResponse:
    made = _paper(request, kind)
    form = _form(request, made)
    if not form.is_valid():
        return render(request, "results/paper.html", {"paper": made, "form": form, "body": ""})
    ticked = form.cleaned_data.get("results", [])
    pdf = made.pdf(ticked, form.cleaned_data["language"])
    services.note_paper(
        patient=signed_in(request), kind=made.kind.value, results=len(ticked), at=timezone.now()
    )
    headers = {"Content-Disposition": f'inline; filename="{made.kind.value}.pdf"'}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


def _paper(request: HttpRequest, kind: str) -> Paper:
    if kind not in set(Kind):
        raise Http404
    return paper(signed_in(request), Kind(kind))


def _form(request: HttpRequest, made: Paper) -> PaperForm:
    choices = [(one.slug, one.words) for one in made.choices(language())]
    return PaperForm(request.POST or None, choices=choices)
