"""The pages of a program's staff."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from consent import gate
from portal.accounts.access import signed_in, staff_page
from sharing import services, tasks, words
from sharing.review.forms import DecisionForm, FilterForm
from sharing.services import receipts, reviewing, storing

ROWS_ON_A_PAGE = 25


@staff_page
@require_GET
@never_cache
def queue(request: HttpRequest) -> HttpResponse:
    user, at = signed_in(request), timezone.now()
    form = FilterForm(request.GET or {"state": "open"}, user=user)
    rows = reviewing.queue(user, form.filters, at=at)
    page = Paginator(rows, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    asked = request.GET.copy()
    asked.pop("page", None)
    query = f"{asked.urlencode()}&" if asked else ""
    context = {"form": form, "page": page, "query": query, "rows": reviewing.lines(page, at=at)}
    whole = "HX-Request" not in request.headers
    return render(request, "review/queue.html" if whole else "review/rows.html", context)


@staff_page
@require_GET
@never_cache
def item(request: HttpRequest, pk: UUID) -> HttpResponse:
    user, at = signed_in(request), timezone.now()
    package = get_object_or_404(reviewing.packages_for(user, at=at), pk=pk)
    try:
        opened = reviewing.open_package(package=package, reader=user, at=at)
    except (gate.NoLiveAgreement, storing.BytesLost):
        return render(request, "review/gone.html", status=410)
    flags = reviewing.flags_of(package, ends_at=opened.agreement.ends_at, at=at)
    context = {
        "opened": opened,
        "package": package,
        "flags": flags,
        "form": DecisionForm(),
        "reviews": package.reviews.order_by("-at", "-pk"),
        "may_undo": reviewing.may_undo(package, user, at=at),
        "next": reviewing.next_after(user, package, at=at),
    }
    return render(request, "review/item.html", context)


@staff_page
@require_POST
def decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    user, at = signed_in(request), timezone.now()
    package = get_object_or_404(reviewing.packages_for(user, at=at), pk=pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose accept, return or hold."))
        return redirect("review:item", pk=pk)
    said = form.cleaned_data
    try:
        reviewing.decide(package=package, reviewer=user, at=at, **said)
    except reviewing.NeedsReason:
        messages.error(request, _("Say why you return it. The person reads it."))
    except reviewing.TooLateToUndo:
        messages.error(request, _("It is too late to undo this."))
    else:
        messages.success(request, words.said_after(said["decision"]))
    return redirect("review:item", pk=pk)


@staff_page
@require_GET
@never_cache
def parked(request: HttpRequest) -> HttpResponse:
    rows = reviewing.parked_for(signed_in(request))
    page = Paginator(rows, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "review/parked.html", {"page": page})


@staff_page
@require_POST
def retry(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = signed_in(request)
    delivery = get_object_or_404(reviewing.parked_for(user), pk=pk)
    try:
        services.retry(delivery_id=delivery.pk, by=user, at=timezone.now())
    except services.Overtaken as refusal:
        messages.warning(request, receipts.why_not(refusal))
    else:
        tasks.hint_soon()
        messages.success(request, _("It is in line again."))
    return redirect("review:parked")
