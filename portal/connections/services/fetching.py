"""What a worker does with an import that it holds: ask, take a page in, go on, or say why not."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from django.db import transaction

from portal.connections import guard, pages
from portal.connections.models import Page, Step
from portal.connections.services import files, imports, listed, tokens, working
from portal.connections.services.working import Worker
from portal.connections.source_api import SourceRefused, SourceUnavailable
from portal.records import services as records

SLICE: Final = timedelta(seconds=60)  # then another import may have the worker
MOST_PAGES: Final = 5_000
MOST_PAGES_WITHOUT_NEWS: Final = 3
COMPARED_EACH_TIME_UP_TO: Final = 50

_NOT_LIKE_THIS: Final = frozenset({400, 422})
_DO_NOT_SHARE: Final = frozenset({403, 404, 405, 410, 501})


class _Paused(Exception):
    """The import waits; the row says until when."""


def work(worker: Worker) -> None:
    """Go on with an import until it is over, has to wait, or others should have a turn.

    Raises imports.LeaseLost when the import was ended or taken over meanwhile.
    """
    ends_at = worker.clock() + SLICE
    imports.end_if_too_long(worker.lease, at=worker.clock())
    try:
        while (step := _next_step(worker)) is not None:
            _take(worker, step)
            if worker.clock() >= ends_at:
                return imports.release(worker.lease, at=worker.clock())
        imports.finish(worker.lease, at=worker.clock())
    except _Paused:
        return None
    except tokens.SignInNeeded:
        imports.stop(connection=worker.connection, at=worker.clock(), code="sign-in")


def _next_step(worker: Worker) -> Step | None:
    return worker.lease.run.steps.exclude(state__in=Step.OVER).order_by("number").first()


def _take(worker: Worker, step: Step) -> None:
    """Do one page of a step, or one file, or read the findings."""
    try:
        if step.kind == Step.Kind.FINDINGS:
            _read_findings(worker, step)
        elif step.kind == Step.Kind.FILES:
            _take_file(worker, step)
        elif step.kind in listed.KINDS:
            listed.take(worker, step)
        else:
            _take_page(worker, step)
    except SourceUnavailable as refusal:
        imports.wait(worker.lease, step, refusal, at=worker.clock())
        raise _Paused from None
    except SourceRefused as refusal:
        _refused(worker, step, refusal)


def _take_page(worker: Worker, step: Step) -> None:
    address = step.cursor or f"{worker.connection.source.base.url}/{step.searches[0]}"
    answer = working.get(worker, address)
    try:
        page = pages.read_page(answer.body, address=address)
    except pages.PageRefused as refusal:
        _keep_unread(worker, step, answer.body, refusal.code)
        return
    _store(worker, step, address, page)


@transaction.atomic
def _store(worker: Worker, step: Step, address: str, page: pages.SearchPage) -> None:
    """Keep a page, its counts, and the place of the next one: all, or nothing."""
    working.take_in(worker, step, address, page)
    step.total = page.total if page.total is not None else step.total
    _go_on(worker, step, _without_circles(step, page))
    step.save()


def _go_on(worker: Worker, step: Step, page: pages.SearchPage) -> None:
    step.cursor = ""
    if page.flaw:
        step.state, step.error_code = Step.State.FAILED, page.flaw
    elif page.next_url:
        try:
            step.cursor = guard.under(page.next_url, [worker.connection.source.base]).url
        except guard.UrlRefused:
            step.state, step.error_code = Step.State.FAILED, "next-elsewhere"
        else:
            step.state = Step.State.RUNNING
    else:
        step.next_search()


def _without_circles(step: Step, page: pages.SearchPage) -> pages.SearchPage:
    """Return the page without its link where following it would never end."""
    if not page.next_url:
        return page
    taken = Page.objects.filter(step=step)
    if taken.filter(address_sha256=working.sha256(page.next_url)).exists():
        return replace(page, flaw="circle")
    if step.pages >= MOST_PAGES:
        return replace(page, flaw="too-many-pages")
    if _is_time_to_compare(step.pages) and not _has_news(step):
        return replace(page, flaw="circle")
    return page


def _is_time_to_compare(number: int) -> bool:
    """Return whether to look for news now: often at first, then rarely, as it takes longer."""
    if number <= MOST_PAGES_WITHOUT_NEWS:
        return False
    return number <= COMPARED_EACH_TIME_UP_TO or number % COMPARED_EACH_TIME_UP_TO == 0


def _has_news(step: Step) -> bool:
    """Return whether one of the last pages had an id that no page before them had."""
    taken = list(Page.objects.filter(step=step).order_by("-number").values_list("ids", flat=True))
    recent, before = taken[:MOST_PAGES_WITHOUT_NEWS], taken[MOST_PAGES_WITHOUT_NEWS:]
    return bool({i for ids in recent for i in ids} - {i for ids in before for i in ids})


@transaction.atomic
def _refused(worker: Worker, step: Step, refusal: SourceRefused) -> None:
    """End a step that the source, or our own limits, refuse; the others go on."""
    imports.hold(worker.lease, at=worker.clock())
    if refusal.status in _NOT_LIKE_THIS and _ask_otherwise(worker, step):
        return
    is_theirs = refusal.status in _DO_NOT_SHARE
    imports.end_step(
        step, state=Step.State.REFUSED if is_theirs else Step.State.FAILED, code=refusal.code
    )


def _ask_otherwise(worker: Worker, step: Step) -> bool:
    """Put a question that the source did not like in another way; False when there is none."""
    if step.kind != Step.Kind.SEARCH or step.cursor:
        return False
    first = step.searches[0]
    if "&_lastUpdated=" in first:
        step.query = "\n".join(one.partition("&_lastUpdated=")[0] for one in step.searches)
    elif "&category=" in first:  # it does not know this category; others it may know
        step.next_search()
        if step.is_over and not step.pages:
            return False
    elif step.resource_type in imports.CATEGORIES:
        step.query = imports.by_category(step.resource_type, worker.lease.run)
    else:
        return False
    step.save(update_fields=["query", "state"])
    return True


@transaction.atomic
def _keep_unread(worker: Worker, step: Step, body: bytes, code: str) -> None:
    """List a page that could not be read at all, whole, and end its step."""
    imports.hold(worker.lease, at=worker.clock())
    origin = worker.connection.origin
    records.reject(origin=origin, raw=body, reason=f"page-{code}", at=worker.clock())
    step.rejected += 1
    step.save(update_fields=["rejected"])
    imports.end_step(step, state=Step.State.FAILED, code=code)


@transaction.atomic
def _read_findings(worker: Worker, step: Step) -> None:
    imports.hold(worker.lease, at=worker.clock())
    records.rebuild_findings(patient=worker.connection.patient, at=worker.clock())
    imports.end_step(step, state=Step.State.DONE)


def _take_file(worker: Worker, step: Step) -> None:
    """Fetch the next file that the documents of this account point to."""
    wanted = files.next_wanted(worker.connection, after=step.cursor)
    if wanted is None:
        _end_files(worker, step)
        return
    fetched = _fetch(worker, wanted)
    with transaction.atomic():
        imports.hold(worker.lease, at=worker.clock())
        is_new = fetched is not None and files.keep(wanted, fetched, at=worker.clock())
        step.stored += bool(is_new)
        step.rejected += fetched is None
        step.cursor, step.state = wanted.cursor, Step.State.RUNNING
        step.save()


@transaction.atomic
def _end_files(worker: Worker, step: Step) -> None:
    """Close the step, and take back what came out of documents that the source took back."""
    working.end(worker, step)
    records.end_sent_files(account=worker.connection.origin, at=worker.clock())


def _fetch(worker: Worker, wanted: files.Wanted) -> bytes | None:
    """Return the bytes of a file; None where the source refuses it, which is listed."""
    if wanted.data is not None:
        return wanted.data
    try:
        answer = working.get(worker, wanted.url, accept=wanted.media_type or "*/*")
    except SourceRefused as refusal:
        files.list_refused(worker.connection, wanted, refusal.code, at=worker.clock())
        return None
    return files.content(answer.body, answer.content_type)
