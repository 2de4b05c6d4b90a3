"""More about the results: the medicines, what was looked at, what changed."""

from django.conf import settings
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.access import patient_page, signed_in
from portal.records import services as records
from portal.results.changed import changed_page
from portal.results.forms import CalmForm, GeneForm, WordsForm
from portal.results.looked_page import looked_page
from portal.results.my_medicines import my_medicines
from portal.results.news import RESULT_TYPES

GENES_ON_A_PAGE = 100
WORDS_COOKIE = "words"  # says only whose words a person likes to read
CALM_COOKIE = "calm"  # and whether few colors and closed parts are liked better
_A_YEAR_S = 365 * 24 * 3600


@patient_page
@require_safe
def medicines(request: HttpRequest) -> HttpResponse:
    return render(request, "results/medicines.html", {"page": my_medicines(signed_in(request))})


@patient_page
@require_http_methods(["GET", "HEAD", "POST"])
def looked(request: HttpRequest) -> HttpResponse:
    page = looked_page(signed_in(request))
    form = GeneForm(request.POST or None)
    asked = form.cleaned_data["gene"] if form.is_valid() else ""
    found = page.find(asked) if asked else page.rows
    # A search is posted, so that it has no further pages: all that it found is on one.
    genes = Paginator(found, len(found) + 1 if asked else GENES_ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    context = {"page": page, "form": form, "asked": asked, "genes": genes}
    return render(request, "results/looked_page.html", context)


@patient_page
@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    page = changed_page(signed_in(request), request.GET.get("page"))
    return render(request, "results/changes.html", {"page": page})


@patient_page
@require_POST
def changes_seen(request: HttpRequest) -> HttpResponse:
    records.see_changes(patient=signed_in(request), at=timezone.now(), types=RESULT_TYPES)
    return redirect("results:changes")


@patient_page
@require_POST
def words(request: HttpRequest) -> HttpResponse:
    return _remembered(request, WordsForm(request.POST), WORDS_COOKIE)


@patient_page
@require_POST
def calm(request: HttpRequest) -> HttpResponse:
    return _remembered(request, CalmForm(request.POST), CALM_COOKIE)


def _remembered(request: HttpRequest, form: Form, name: str) -> HttpResponse:
    """Keep one way to see the results in a cookie, and go back to the page."""
    if not form.is_valid():
        return redirect("results:list")
    back = form.cleaned_data["next"]
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    answer = redirect(back if is_ours else "results:list")
    answer.set_cookie(
        name,
        form.cleaned_data[name],
        max_age=_A_YEAR_S,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return answer
