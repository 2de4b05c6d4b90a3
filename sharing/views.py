"""The person's pages: what went where, the preview, sending, and stopping."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from consent import gate
from consent import services as consent
from consent.models import Agreement, Program
from portal.accounts.access import fresh_sign_in, patient_page, signed_in
from portal.accounts.models import User
from sharing import services, tasks
from sharing.models import Delivery, Disclosure
from sharing.services import keys, pictures, receipts, showing, storing

LINES_ON_A_PAGE = 50
NOTHING_TO_SEND = (gate.NoLiveAgreement, services.NoEndpoint, services.NotYetTold)


@login_not_required
@require_safe
@cache_control(public=True, max_age=60)
def jwks(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    return JsonResponse(keys.published(at=timezone.now()))


@patient_page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    cards = showing.cards_of(signed_in(request), timezone.now())
    return render(request, "sharing/list.html", {"cards": cards})


@patient_page
@require_GET
def left(request: HttpRequest) -> HttpResponse:
    lines = Disclosure.objects.of(signed_in(request)).with_places()
    page = Paginator(lines, LINES_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "sharing/left.html", {"page": page})


@patient_page
@require_GET
@never_cache
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    program = _program(signed_in(request), slug)
    try:
        shown = _preview(signed_in(request), program)
    except services.NotYetTold as refusal:
        return _wait(request, program, refusal)
    except NOTHING_TO_SEND as refusal:
        context = {"program": program, "why": receipts.why_not(refusal)}
        return render(request, "sharing/not_now.html", context, status=409)
    if "HX-Request" in request.headers:  # what waited for this goes to the whole page
        return HttpResponse(headers={"HX-Redirect": request.path})
    picture = pictures.flow_of(shown.goes, shown.stays, program)
    context = {"program": program, "page": shown, "picture": picture}
    return render(request, "sharing/preview.html", context)


def _wait(request: HttpRequest, program: Program, refusal: services.NotYetTold) -> HttpResponse:
    """Show a page that asks again by itself, until the program has answered."""
    context = {"program": program, "why": receipts.why_not(refusal), "waits": True}
    if "HX-Request" in request.headers:
        return render(request, "sharing/waiting.html", context)
    return render(request, "sharing/not_now.html", context, status=409)


@patient_page
@require_GET
@never_cache
def preview_bytes(request: HttpRequest, slug: str) -> HttpResponse:
    program = _program(signed_in(request), slug)
    try:
        shown = _preview(signed_in(request), program)
    except NOTHING_TO_SEND:
        return redirect("sharing:preview", slug=slug)
    return _file(shown.preview.prepared.raw, "preview.json", "application/fhir+json")


@patient_page
@require_http_methods(["GET", "POST"])
@never_cache
@fresh_sign_in
def confirm(request: HttpRequest, slug: str) -> HttpResponse:
    patient = signed_in(request)
    program = _program(patient, slug)
    try:
        if request.method == "POST":
            return _confirmed(request, patient, program)
        context = {"program": program, "page": _preview(patient, program)}
    except (*NOTHING_TO_SEND, services.PreviewChanged, services.NothingNew) as refusal:
        messages.warning(request, receipts.why_not(refusal))
        return redirect("sharing:preview", slug=slug)
    except services.StillOnItsWay as refusal:
        messages.warning(request, receipts.why_not(refusal))
        return redirect("sharing:list")
    return render(request, "sharing/confirm.html", context)


def _confirmed(request: HttpRequest, patient: User, program: Program) -> HttpResponse:
    sha256 = request.POST.get("sha256", "")
    delivery = services.confirm(patient=patient, program=program, sha256=sha256, at=timezone.now())
    tasks.hint_soon()
    return redirect("sharing:delivery", pk=delivery.pk)


@patient_page
@require_GET
@never_cache
def delivery(request: HttpRequest, pk: UUID) -> HttpResponse:
    shown = showing.shown(_delivery(request, pk))
    whole = "HX-Request" not in request.headers
    template = "sharing/delivery.html" if whole else "sharing/state.html"
    return render(request, template, {"one": shown})


@patient_page
@require_GET
def receipt_json(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = _delivery(request, pk)
    return JsonResponse(receipts.as_json(found), json_dumps_params={"indent": 2})


@patient_page
@require_GET
def receipt_pdf(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = _delivery(request, pk)
    language = get_language() or "en"
    pdf = receipts.as_pdf(showing.shown(found), language)
    return _file(pdf, f"sharing-receipt-{found.place}.pdf", "application/pdf")


@patient_page
@require_GET
@fresh_sign_in
def sent_bytes(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = _delivery(request, pk)
    try:
        raw = storing.read(found.package)
    except storing.BytesLost:
        return render(request, "sharing/bytes_gone.html", {"one": found}, status=410)
    return _file(raw, f"{found.package.sha256[:12]}.json", "application/fhir+json")


@patient_page
@require_http_methods(["POST"])
def retry(request: HttpRequest, pk: UUID) -> HttpResponse:
    parked = _delivery(request, pk, Delivery.State.PARKED)
    try:
        services.retry(delivery_id=parked.pk, by=signed_in(request), at=timezone.now())
    except services.Overtaken as refusal:
        messages.warning(request, receipts.why_not(refusal))
    else:
        tasks.hint_soon()
    return redirect("sharing:delivery", pk=parked.pk)


@patient_page
@require_http_methods(["GET", "POST"])
@never_cache
def stop(request: HttpRequest, slug: str) -> HttpResponse:
    patient = signed_in(request)
    program = _program(patient, slug)
    if request.method == "GET":
        card = next(c for c in showing.cards_of(patient, timezone.now()) if c.is_for(program))
        return render(request, "sharing/stop.html", {"program": program, "card": card})
    recall = request.POST.get("what") != "new"
    try:
        services.stop(
            patient=patient, program=program, recall=recall, by=patient, at=timezone.now()
        )
    except consent.NoAgreement:
        messages.info(request, _("You had stopped before. Nothing leaves."))
    else:
        messages.success(request, _("Stopped. Nothing new leaves from now on."))
    tasks.hint_soon()
    return redirect("sharing:list")


def _program(patient: User, slug: str) -> Program:
    mine = Agreement.objects.of(patient).values("program")
    return get_object_or_404(Program.objects.filter(pk__in=mine), slug=slug)


def _preview(patient: User, program: Program) -> showing.PreviewPage:
    made = services.prepare(patient=patient, program=program, at=timezone.now())
    return showing.PreviewPage(made)


def _delivery(request: HttpRequest, pk: UUID, *states: str) -> Delivery:
    mine = showing.deliveries_of(signed_in(request))
    return get_object_or_404(mine.filter(state__in=states) if states else mine, pk=pk)


def _file(content: bytes, name: str, media_type: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
