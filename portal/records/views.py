"""A person's record as it came: what is not in it, its history, and all of it to take away."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts.access import fresh_sign_in, patient_page, signed_in
from portal.accounts.models import User
from portal.records import services, tasks, words
from portal.records.forms import AnswerForm, UploadForm
from portal.records.models import Change, Origin, Quarantined, Rejected, Resource, Upload
from portal.records.news import alike

ROWS_ON_A_PAGE = 50


@patient_page
@require_http_methods(["GET", "POST"])
def uploads(request: HttpRequest) -> HttpResponse:
    person = signed_in(request)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and _taken(person, form):
        return redirect("records:uploads")
    mine = Upload.objects.for_pages()
    context = {
        "form": form,
        "uploads": mine.handed_in().of(person),
        "sent": mine.sent().of(person),
    }
    return render(request, "records/uploads.html", context)


def _taken(person: User, form: UploadForm) -> bool:
    file = form.cleaned_data["file"]
    content = file.read(services.MOST_BYTES + 1)
    try:
        upload = services.add_upload(
            patient=person, content=content, name=file.name, at=timezone.now()
        )
    except services.CannotTake as refusal:
        form.add_error("file", words.cannot_take(refusal.code))
        return False
    for one in [*upload.beds.all(), upload]:
        tasks.hint(upload_id=one.pk)
    return True


@patient_page
@require_http_methods(["GET", "POST"])
def remove_upload(request: HttpRequest, pk: int) -> HttpResponse:
    mine = Upload.objects.handed_in().select_related("origin", "patient")
    upload = get_object_or_404(mine.of(signed_in(request)), pk=pk)
    if request.method == "GET":
        return render(request, "records/remove_upload.html", {"upload": upload})
    services.remove_upload(upload=upload, at=timezone.now())
    messages.success(request, _("The file and all that we read from it are deleted."))
    return redirect("records:uploads")


@patient_page
@require_http_methods(["GET", "POST"])
def answer_upload(request: HttpRequest, pk: int) -> HttpResponse:
    asking = Upload.objects.answerable().of(signed_in(request))
    upload = get_object_or_404(asking.select_related("origin", "document__origin"), pk=pk)
    form = AnswerForm(upload, request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.answer_upload(upload=upload, answer=form.answer(), at=timezone.now())
        tasks.hint(upload_id=upload.pk)
        return redirect("records:uploads")
    return render(request, "records/answer_upload.html", {"form": form, "upload": upload})


@patient_page
@require_GET
def refused(request: HttpRequest) -> HttpResponse:
    person = signed_in(request)
    rejected = Rejected.objects.of(person).defer("raw").select_related("origin").order_by("-pk")
    apart = Quarantined.objects.of(person).defer("sealed").select_related("origin").order_by("-pk")
    context = {
        "page": Paginator(rejected, ROWS_ON_A_PAGE).get_page(request.GET.get("page")),
        "apart": apart[:ROWS_ON_A_PAGE],
        "apart_count": apart.count(),
    }
    return render(request, "records/refused.html", context)


@patient_page
@require_GET
def history(request: HttpRequest, pk: int) -> HttpResponse:
    mine = Resource.objects.of(signed_in(request)).select_related("origin")
    resource = get_object_or_404(mine, pk=pk)
    former = resource.versions.order_by("-seq")
    return render(request, "records/history.html", {"resource": resource, "former": former})


@patient_page
@require_GET
def changes(request: HttpRequest) -> HttpResponse:
    news = Change.objects.for_pages().of(signed_in(request))
    page = Paginator(news, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "records/changes.html", {"page": page, "news": alike(page)})


@patient_page
@require_POST
def changes_seen(request: HttpRequest) -> HttpResponse:
    services.see_changes(patient=signed_in(request), at=timezone.now())
    return redirect("records:changes")


@patient_page
@fresh_sign_in
@never_cache
@require_http_methods(["GET", "POST"])
def download(request: HttpRequest) -> HttpResponseBase:
    person = signed_in(request)
    if request.method == "GET":
        origins = Origin.objects.of(person).order_by("pk")
        return render(request, "records/download.html", {"origins": origins})
    content = services.download(patient=person, at=timezone.now())
    return FileResponse(
        content, as_attachment=True, filename="my-data.zip", content_type="application/zip"
    )
