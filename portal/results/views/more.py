"""More about the results: the medicines, what was looked at, what changed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal.accounts.access import patient_page, signed_in
from portal.results.my_medicines import my_medicines


@patient_page
@require_GET
def medicines(request: HttpRequest) -> HttpResponse:
    return render(request, "results/medicines.html", {"page": my_medicines(signed_in(request))})
