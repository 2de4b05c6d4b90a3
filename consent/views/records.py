"""The admin's workspace: consent records, by person, program, state and day."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consent import receipts, register
from consent.forms import RecordsForm
from consent.models import Agreement, Event, Program
from portal.accounts.access import admin_page, signed_in

PAGE_SIZE = 25


def _agreement(pk: int) -> Agreement:
    found = Agreement.objects.select_related("patient", "program", "version__document")
    return get_object_or_404(found, pk=pk)


def _form(said: QueryDict) -> RecordsForm:
    programs = Program.objects.order_by("name").values_list("slug", "name")
    states = [(value, str(label)) for value, label in Agreement.State.choices]
    return RecordsForm(programs, states, said)


@admin_page
@require_http_methods(["GET", "HEAD", "POST"])
def records(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _look_for(request)
    form = _form(request.GET)
    wanted = register.Search(**form.cleaned_data) if form.is_valid() else register.Search()
    return _list(request, form, register.search(wanted))


def _look_for(request: HttpRequest) -> HttpResponse:
    """Send the admin to an address that holds the id of a person, and never their e-mail."""
    form, query = _form(request.POST), QueryDict(mutable=True)
    words = form.cleaned_data["person"] if form.is_valid() else ""
    person = register.person_id(words) if words else None
    if words and not person:
        form.add_error("person", _("Nobody has this e-mail or id."))
    if not form.is_valid():
        return _list(request, form, [])
    chosen = {**form.cleaned_data, "person": person}
    query.update({name: str(value) for name, value in chosen.items() if value})
    return redirect(reverse("consent_admin:records", query=query))


def _list(request: HttpRequest, form: RecordsForm, lines: list[register.Line]) -> HttpResponse:
    page = Paginator(lines, PAGE_SIZE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {"form": form, "page_obj": page, "query": f"{query.urlencode()}&" if query else ""}
    return render(request, "consent/admin/records.html", context)


@admin_page
@require_safe
def record(request: HttpRequest, pk: int) -> HttpResponse:
    found = register.read(_agreement(pk), by=signed_in(request), at=timezone.now())
    return render(request, "consent/admin/record.html", {"record": found})


@admin_page
@require_POST
def check(request: HttpRequest, pk: int) -> HttpResponse:
    found = register.check(_agreement(pk), by=signed_in(request), at=timezone.now())
    return render(request, "consent/admin/record.html", {"record": found})


@admin_page
@require_safe
def receipt(request: HttpRequest, pk: int, seq: int) -> HttpResponse:
    agreement = _agreement(pk)
    register.read(agreement, by=signed_in(request), at=timezone.now())
    events = Event.objects.between(agreement.patient, agreement.program)
    event = get_object_or_404(events.select_related("program", "version__document"), seq=seq)
    found = receipts.of(event, get_language())
    if request.GET.get("format") == "json":
        return JsonResponse(receipts.as_json(found))
    context = {"receipt": found, "agreement": agreement}
    return render(request, "consent/admin/receipt.html", context)
