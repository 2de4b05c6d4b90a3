"""What was done with a person's data, for that person to read and check."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.accounts.access import patient_page, signed_in
from portal.audit import services
from portal.audit.models import Entry

ROWS_ON_A_PAGE = 50


@patient_page
@require_safe
def trail(request: HttpRequest) -> HttpResponse:
    person = signed_in(request)
    entries = Entry.objects.about_patient(person.pk).with_actor_role().reverse()
    page = Paginator(entries, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    verdict = services.verify(person.pk) if "check" in request.GET else None
    return render(request, "audit/trail.html", {"page": page, "verdict": verdict})
