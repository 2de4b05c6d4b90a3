"""The admin's workspace: consent texts, their versions, and publishing by a second person."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consent import desk, publishing
from consent.forms import DescribeForm, WordsForm
from consent.models import Document, Program, Version
from portal.accounts.access import admin_page, signed_in

_REFUSALS = {
    publishing.NotADraft: gettext_lazy("It is published. To change it, start a new version."),
    publishing.DraftExists: gettext_lazy("There is a draft already. Finish that one first."),
    publishing.NotTheAuthor: gettext_lazy(
        "Only its author can change this draft, so that a second person can publish it."
    ),
    publishing.OwnWork: gettext_lazy(
        "You wrote this version. A second person must read it and publish it."
    ),
    publishing.NotReady: gettext_lazy(
        "This version is not ready. See what is missing in the list below."
    ),
}


def _version(pk: int) -> Version:
    versions = Version.objects.select_related("document__program", "author", "published_by")
    return get_object_or_404(versions.prefetch_related("texts"), pk=pk)


@admin_page
@require_safe
def documents(request: HttpRequest) -> HttpResponse:
    programs = Program.objects.prefetch_related("documents__versions").order_by("name")
    return render(request, "consent/admin/documents.html", {"programs": programs})


@admin_page
@require_safe
def version(request: HttpRequest, pk: int) -> HttpResponse:
    found = _version(pk)
    initial = {
        "whats_new_en": found.whats_new_en,
        "whats_new_es": found.whats_new_es,
        "needs_reconsent": found.needs_reconsent,
    }
    context = {
        "sheet": desk.sheet(found),
        "form": DescribeForm(initial=initial),
        "is_author": found.author_id == signed_in(request).pk,
        "is_draft": found.state == Version.State.DRAFT,
    }
    return render(request, "consent/admin/version.html", context)


@admin_page
@require_safe
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    found = _version(pk)
    text = found.text(request.GET.get("language", get_language()))
    context = {"version": found, "text": text, "body": publishing.body_of(text)}
    return render(request, "consent/admin/preview.html", context)


@admin_page
@require_safe
def changes(request: HttpRequest, pk: int) -> HttpResponse:
    found = _version(pk)
    context = {"version": found, "before": desk.before(found), "changes": desk.changes(found)}
    return render(request, "consent/admin/changes.html", context)


@admin_page
@require_POST
def new_draft(request: HttpRequest, pk: int) -> HttpResponse:
    document = get_object_or_404(Document, pk=pk)
    try:
        draft = publishing.new_draft(document=document, by=signed_in(request), at=timezone.now())
    except publishing.DraftExists as refusal:
        messages.error(request, str(_REFUSALS[type(refusal)]))
        return redirect("consent_admin:documents")
    return redirect("consent_admin:version", pk=draft.pk)


@admin_page
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int, place: str) -> HttpResponse:
    found = _version(pk)
    try:
        words = {
            language: desk.words_of(body, place)
            for language, body in sorted(publishing.bodies_of(found).items())
        }
    except publishing.NotAText as missing:
        raise Http404 from missing
    form = WordsForm(words, request.POST or None)
    if not form.is_valid():
        title = next(iter(words["en"].values()))
        context = {"version": found, "form": form, "title": title}
        return render(request, "consent/admin/edit.html", context)
    return _save(request, found, place, form)


def _save(request: HttpRequest, found: Version, place: str, form: WordsForm) -> HttpResponse:
    try:
        publishing.edit(
            version=found,
            place=place,
            words=form.words(),
            by=signed_in(request),
            at=timezone.now(),
        )
    except (publishing.NotADraft, publishing.NotTheAuthor) as refusal:
        messages.error(request, str(_REFUSALS[type(refusal)]))
    else:
        messages.success(request, gettext("Saved."))
    return redirect("consent_admin:version", pk=found.pk)


@admin_page
@require_POST
def describe(request: HttpRequest, pk: int) -> HttpResponse:
    found = _version(pk)
    form = DescribeForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Say what is new in both languages."))
        return redirect("consent_admin:version", pk=pk)
    try:
        publishing.describe(
            version=found, by=signed_in(request), at=timezone.now(), **form.cleaned_data
        )
    except (publishing.NotADraft, publishing.NotTheAuthor) as refusal:
        messages.error(request, str(_REFUSALS[type(refusal)]))
    else:
        messages.success(request, gettext("Saved."))
    return redirect("consent_admin:version", pk=pk)


@admin_page
@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    found = _version(pk)
    try:
        publishing.publish(version=found, by=signed_in(request), at=timezone.now())
    except (publishing.NotADraft, publishing.OwnWork, publishing.NotReady) as refusal:
        messages.error(request, str(_REFUSALS[type(refusal)]))
    else:
        messages.success(request, gettext("Published. People are asked with this text now."))
    return redirect("consent_admin:version", pk=pk)
