"""My choices: what is shared with whom, changed in two clicks, and read again at any time."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consent import overview, services
from consent.forms import LastDayForm, PreferenceForm
from consent.models import Agreement, Event, Preference, Program, Version
from consent.policy import Scope
from portal.accounts.access import fresh_sign_in, patient_page, signed_in


@patient_page
@require_safe
def choices(request: HttpRequest) -> HttpResponse:
    rows = overview.of(signed_in(request), language=get_language(), at=timezone.now())
    return render(request, "consent/choices.html", {"rows": rows})


@patient_page
@require_safe
def program(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Program, slug=slug)
    page = overview.page(signed_in(request), found, language=get_language(), at=timezone.now())
    return render(request, "consent/program.html", {"page": page})


@patient_page
@require_POST
def less(request: HttpRequest, slug: str) -> HttpResponse:
    return _switch(request, slug, on=False)


@patient_page
@fresh_sign_in
@require_http_methods(["GET", "POST"])
def more(request: HttpRequest, slug: str) -> HttpResponse:
    if request.method == "POST":
        return _switch(request, slug, on=True)
    agreement = get_object_or_404(Agreement.objects.of(signed_in(request)), program__slug=slug)
    switch = overview.switch_named(agreement, request.GET.get("what", ""))
    return render(request, "consent/more.html", {"agreement": agreement, "switch": switch})


def _switch(request: HttpRequest, slug: str, *, on: bool) -> HttpResponse:
    patient = signed_in(request)
    agreement = get_object_or_404(Agreement.objects.of(patient), program__slug=slug)
    switch = overview.switch_named(agreement, request.POST.get("what", ""))
    changed = switch.turned(agreement.agreed().scope, on=on)
    said = switch.said_after(on=on)
    return _change(request, agreement, changed, said=said, fresh=on)


def _change(
    request: HttpRequest, agreement: Agreement, scope: Scope, *, said: str, fresh: bool = True
) -> HttpResponse:
    program = agreement.program
    try:
        services.change(
            patient=agreement.patient,
            program=program,
            scope=scope,
            fresh_sign_in=fresh,
            at=timezone.now(),
        )
    except overview.REFUSED as refusal:
        messages.error(request, overview.refusal_sentence(refusal))
    else:
        messages.success(request, said)
    return redirect("consent:program", slug=program.slug)


@patient_page
@fresh_sign_in
@require_http_methods(["GET", "HEAD", "POST"])
def last_day(request: HttpRequest, slug: str) -> HttpResponse:
    patient = signed_in(request)
    agreement = get_object_or_404(Agreement.objects.of(patient), program__slug=slug)
    scope = agreement.agreed().scope
    form = LastDayForm(request.POST or None, initial={"ends_on": scope.ends_on})
    if request.method != "POST" or not form.is_valid():
        context = {"agreement": agreement, "form": form}
        return render(request, "consent/last_day.html", context)
    changed = replace(scope, ends_on=form.cleaned_data["ends_on"])
    return _change(request, agreement, changed, said=gettext("Saved."))


@patient_page
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    patient = signed_in(request)
    agreement = get_object_or_404(Agreement.objects.of(patient), program__slug=slug)
    if request.method != "POST":
        return render(request, "consent/leave.html", {"agreement": agreement})
    try:
        services.leave(patient=patient, program=agreement.program, at=timezone.now())
    except services.NoAgreement:
        messages.info(request, gettext("You had left before."))
    else:
        messages.success(request, gettext("You have left. We ask the program to remove your data."))
    return redirect("consent:choices")


@patient_page
@require_safe
def history(request: HttpRequest, slug: str) -> HttpResponse:
    patient = signed_in(request)
    found = get_object_or_404(Program, slug=slug, agreements__patient=patient)
    events = Event.objects.between(patient, found).select_related("version", "actor")
    verdict = services.check(patient=patient, program=found)
    context = {"program": found, "events": events.reverse(), "verdict": verdict}
    return render(request, "consent/history.html", context)


@patient_page
@require_safe
def text(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the wording of a version: the current one, or one that the person signed."""
    patient = signed_in(request)
    readable = Version.objects.readable_by(patient).filter(document__program__slug=slug)
    version = get_object_or_404(readable, number=number)
    wording = version.text(request.GET.get("language", get_language()))
    return render(request, "consent/text.html", {"version": version, "text": wording})


@patient_page
@require_safe
def whats_new(request: HttpRequest, slug: str) -> HttpResponse:
    patient = signed_in(request)
    agreement = get_object_or_404(Agreement.objects.of(patient), program__slug=slug)
    news = overview.news(agreement, get_language())
    return render(request, "consent/whats_new.html", {"agreement": agreement, "news": news})


@patient_page
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    patient = signed_in(request)
    kept = Preference.objects.filter(patient=patient).first()
    initial = {"permission": kept.permission, "modifiers": kept.modifiers} if kept else {}
    form = PreferenceForm(request.POST or None, initial=initial)
    if not form.is_valid():
        return render(request, "consent/preferences.html", {"form": form})
    services.prefer(patient=patient, at=timezone.now(), **form.cleaned_data)
    messages.success(request, gettext("Saved. We tell you where a program does not fit."))
    return redirect("consent:choices")
