"""The way to an agreement, one short screen at a time. Every screen is kept."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_POST

from consent import overview, services, wizard
from consent.forms import ChoicesForm, QuestionsForm, SignForm, scope_of
from consent.models import Program
from consent.wizard import Way
from portal.accounts.access import fresh_sign_in, patient_page, signed_in


@patient_page
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show or keep one step; a step ahead of its turn leads back to where the person is."""
    program = get_object_or_404(Program, slug=slug)
    way = wizard.way_of(signed_in(request), program, get_language())
    if way is None:
        messages.warning(request, gettext("This program takes nobody at the moment."))
        return redirect("consent:program", slug=slug)
    if not 1 <= number <= way.reached:
        return redirect("consent:agree", slug=slug, number=way.reached)
    if number == way.sign_step:
        return redirect("consent:sign", slug=slug)
    if number == way.questions_step:
        return _questions(request, way, number)
    return (
        _choices(request, way, number)
        if number == way.choices_step
        else _read(request, way, number)
    )


def _read(request: HttpRequest, way: Way, number: int) -> HttpResponse:
    if request.method == "POST":
        wizard.saw(way, signed_in(request), number, timezone.now())
        return _onward(request, way, number)
    return render(request, "consent/step.html", _context(way, number))


def _choices(request: HttpRequest, way: Way, number: int) -> HttpResponse:
    patient = signed_in(request)
    counts = wizard.counts_of(patient, way.version)
    form = ChoicesForm(way.version, counts, request.POST or None, initial=way.answers)
    if not form.is_valid():
        if form.is_bound and _later(request):
            wizard.save(way, patient, timezone.now(), **form.answers())
            return _onward(request, way, number)
        return render(request, "consent/step.html", _context(way, number) | {"form": form})
    kept = {**form.answers(), "chosen": True, "seen": max(number, way.reached - 1)}
    wizard.save(way, patient, timezone.now(), **kept)
    return _onward(request, way, number)


def _questions(request: HttpRequest, way: Way, number: int) -> HttpResponse:
    form = QuestionsForm(way.body["quiz"], request.POST or None)
    if form.is_bound and _later(request):
        return redirect("consent:choices")
    if form.is_bound and wizard.judge(way, signed_in(request), form, timezone.now()):
        return _onward(request, way, number)
    again = wizard.way_of(signed_in(request), way.version.document.program, way.language) or way
    return render(request, "consent/questions.html", _context(again, number) | {"form": form})


@patient_page
@fresh_sign_in
@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: HttpRequest, slug: str) -> HttpResponse:
    patient = signed_in(request)
    program = get_object_or_404(Program, slug=slug)
    way = wizard.way_of(patient, program, get_language())
    if way is None or way.reached < way.sign_step:
        return redirect("consent:agree", slug=slug, number=way.reached if way else 1)
    form = SignForm(request.POST or None)
    if form.is_valid():
        return _agree(request, way, form.cleaned_data["name"])
    chosen = overview.scope_rows(scope_of(way.answers))
    context = _context(way, way.sign_step) | {"form": form, "chosen": chosen}
    return render(request, "consent/sign.html", context)


def _agree(request: HttpRequest, way: Way, name: str) -> HttpResponse:
    program = way.version.document.program
    answer = wizard.answer_of(way, name)
    try:
        agreement = services.agree(
            patient=signed_in(request), program=program, answer=answer, at=timezone.now()
        )
    except services.AlreadyAgreed:
        messages.info(request, gettext("You have agreed to this already."))
        return redirect("consent:program", slug=program.slug)
    except overview.REFUSED as refusal:
        messages.error(request, overview.refusal_sentence(refusal))
        return redirect("consent:agree", slug=program.slug, number=way.choices_step)
    return redirect("consent:receipt", slug=program.slug, seq=agreement.epoch)


@patient_page
@require_POST
def decline(request: HttpRequest, slug: str) -> HttpResponse:
    """Say no: the answers so far are forgotten, and nothing else happens."""
    program = get_object_or_404(Program, slug=slug)
    services.decline(patient=signed_in(request), program=program)
    messages.info(request, gettext("You said no. Nothing is shared, and your care stays the same."))
    return redirect("consent:choices")


def _later(request: HttpRequest) -> bool:
    return request.POST.get("do") == "later"


def _onward(request: HttpRequest, way: Way, number: int) -> HttpResponse:
    if _later(request):
        messages.success(request, gettext("Saved. You can go on at any time."))
        return redirect("consent:choices")
    return redirect("consent:agree", slug=way.version.document.program.slug, number=number + 1)


def _context(way: Way, number: int) -> dict[str, object]:
    text = number <= way.choices_step
    return {
        "program": way.version.document.program,
        "version": way.version,
        "screen": way.screen(number) if text else None,
        "step": number,
        "back": number - 1,
        "step_range": range(1, way.sign_step + 1),
        "way": way,
    }
