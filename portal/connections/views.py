"""A person's accounts at labs and hospitals, and the live page of what is fetched."""

import secrets

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from portal.accounts.access import patient_page, signed_in
from portal.connections import clients, tasks, words
from portal.connections.forms import DisconnectForm, SearchForm
from portal.connections.models import Connection, Import, Source
from portal.connections.services import connect, imports, tokens
from portal.connections.source_api import SourceRefused, SourceUnavailable
from portal.records.models import Change

BROWSER = "connections.browser"
SOURCES_ON_A_PAGE = 20


@patient_page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    person = signed_in(request)
    context = {
        "connections": Connection.objects.for_pages().of(person),
        "news_count": Change.objects.unseen_results().of(person).count(),
    }
    return render(request, "connections/list.html", context)


@patient_page
@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    asked = form.cleaned_data["q"] if form.is_valid() else ""
    sources = Source.objects.open().named_like(asked)
    page = Paginator(sources, SOURCES_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "connections/choose.html", {"form": form, "page": page, "asked": asked})


@patient_page
@require_http_methods(["GET", "POST"])
@never_cache
def start(request: HttpRequest, slug: str) -> HttpResponse:
    source = get_object_or_404(Source.objects.open(), slug=slug)
    if request.method == "GET":
        return render(request, "connections/start.html", {"source": source})
    address = connect.begin(
        patient=signed_in(request),
        source=source,
        browser=_browser(request),
        redirect_uri=_return_address(),
        at=timezone.now(),
    )
    return render(request, "connections/leave.html", {"source": source, "address": address})


@patient_page
@require_GET
@never_cache
def callback(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    try:
        attempt = connect.use_attempt(
            patient=signed_in(request), browser=_browser(request), answer=_answer(request), at=at
        )
        with clients.for_source(attempt.source) as api:
            code, back = request.GET["code"], _return_address()
            run = connect.finish(attempt=attempt, code=code, redirect_uri=back, api=api, at=at)
    except connect.ConnectRefused as refusal:
        return redirect("connections:refused", code=refusal.code)
    except (SourceUnavailable, SourceRefused):
        return redirect("connections:refused", code="unavailable")
    tasks.hint(run_id=run.pk)
    return redirect("connections:one", pk=run.connection_id)


@patient_page
@require_GET
def refused(request: HttpRequest, code: str) -> HttpResponse:
    context = {"code": code, "reason": words.trip_reason(code)}
    return render(request, "connections/refused.html", context)


@patient_page
@require_GET
@never_cache
def one(request: HttpRequest, pk: int) -> HttpResponse:
    connection = get_object_or_404(Connection.objects.for_pages().of(signed_in(request)), pk=pk)
    is_piece = "HX-Request" in request.headers
    if is_piece and connection.state != Connection.State.LIVE:
        return HttpResponseClientRefresh()  # what the rest of the page says is over
    template = "connections/progress.html" if is_piece else "connections/one.html"
    return render(request, template, {"connection": connection})


@patient_page
@require_POST
def fetch_now(request: HttpRequest, pk: int) -> HttpResponse:
    mine = Connection.objects.of(signed_in(request)).filter(state=Connection.State.LIVE)
    connection = get_object_or_404(mine, pk=pk)
    run = imports.queue(connection=connection, kind=Import.Kind.FULL, at=timezone.now())
    tasks.hint(run_id=run.pk)
    return redirect("connections:one", pk=pk)


@patient_page
@require_http_methods(["GET", "POST"])
def disconnect(request: HttpRequest, pk: int) -> HttpResponse:
    connection = get_object_or_404(Connection.objects.kept().of(signed_in(request)), pk=pk)
    form = DisconnectForm(request.POST or None)
    if not form.is_valid():
        context = {"form": form, "connection": connection}
        return render(request, "connections/disconnect.html", context)
    is_delete = form.cleaned_data["copies"] == DisconnectForm.DELETE
    connect.disconnect(connection=connection, delete_copies=is_delete, at=timezone.now())
    messages.success(request, _("The connection is ended. We ask them for nothing more."))
    return redirect("connections:list")


@patient_page
@require_http_methods(["GET", "POST"])
def delete_copies(request: HttpRequest, pk: int) -> HttpResponse:
    ended = Connection.objects.ended().of(signed_in(request))
    connection = get_object_or_404(ended.select_related("source"), pk=pk)
    if request.method == "GET":
        return render(request, "connections/delete_copies.html", {"connection": connection})
    connect.delete_copies(connection=connection, at=timezone.now())
    messages.success(request, _("The copies are deleted."))
    return redirect("connections:list")


@login_not_required
@require_GET
def keys(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # every view gets it
    return JsonResponse({"keys": tokens.public_keys()})


def _browser(request: HttpRequest) -> str:
    """Return the secret of this browser's session, made at its first trip."""
    if BROWSER not in request.session:
        request.session[BROWSER] = secrets.token_urlsafe(32)
    return str(request.session[BROWSER])


def _return_address() -> str:
    return settings.SITE_URL + reverse("connections:callback")


def _answer(request: HttpRequest) -> connect.Answer:
    told = {name: request.GET.get(name, "") for name in ("state", "code", "iss", "error")}
    return connect.Answer(told["state"], told["code"], told["iss"], told["error"])
