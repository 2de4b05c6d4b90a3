"""Receipts of a person's own acts. Someone else's is not found."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from consent import receipts
from consent.models import Event
from consent.receipts import Receipt
from portal.accounts.access import patient_page, signed_in


def _receipt(request: HttpRequest, slug: str, seq: int) -> Receipt:
    own = Event.objects.of(signed_in(request)).select_related(
        "program", "version__document", "patient"
    )
    event = get_object_or_404(own, program__slug=slug, seq=seq)
    return receipts.of(event, get_language())


@patient_page
@require_safe
def receipt(request: HttpRequest, slug: str, seq: int) -> HttpResponse:
    context = {"receipt": _receipt(request, slug, seq)}
    return render(request, "consent/receipt.html", context)


@patient_page
@require_safe
def receipt_pdf(request: HttpRequest, slug: str, seq: int) -> HttpResponseBase:
    found = _receipt(request, slug, seq)
    response = HttpResponse(receipts.as_pdf(found), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{found.name}.pdf"'
    return response


@patient_page
@require_safe
def receipt_json(request: HttpRequest, slug: str, seq: int) -> HttpResponse:
    found = _receipt(request, slug, seq)
    response = JsonResponse(receipts.as_json(found), json_dumps_params={"ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="{found.name}.json"'
    return response


@patient_page
@require_safe
def receipt_fhir(request: HttpRequest, slug: str, seq: int) -> HttpResponse:
    found = _receipt(request, slug, seq)
    body = receipts.as_fhir(found)
    response = JsonResponse(body, json_dumps_params={"ensure_ascii": False})
    response["Content-Type"] = "application/fhir+json"
    response["Content-Disposition"] = f'attachment; filename="{found.name}.fhir.json"'
    return response
