"""Files of regions (BED) and the test that they are of: said by the source, or by the person."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from portal.genomics.files import Kind
from portal.records.belonging import SPEAKING, Belonging
from portal.records.models import Origin, Resource, Upload
from portal.records.services.converting import Answer, BedToRead, Question
from portal.records.services.files import open_file

ALONE: Final = "none"  # an answer: it goes with no other file
UNSURE: Final = "unsure"  # an answer: nobody knows what its regions are
QUESTION_OF_REGIONS: Final = "regions"
_STUDIED: Final = "studied"
# A list whose name sounds like this may be of what was not read: then nobody guesses.
_PERHAPS_UNREAD: Final = re.compile(
    r"call|cover|exclu|mask|gap|fail|miss|unread|black|low|poor|bad|not|no\b", re.IGNORECASE
)


def offered_tests(upload: Upload) -> list[Upload]:
    """Return the files of variants that a file of regions can go with, the newest first."""
    if upload.document is not None:
        return _said_by_source(upload, upload.document.origin)[0]
    files = Upload.objects.tests().of(upload.patient)
    return list(files.select_related("origin").order_by("-pk"))


def settle(upload: Upload) -> None:
    """Make sure what the regions of a file are, and of which test, before they are read.

    Raises Question where neither the source nor the person says so.
    """
    if upload.regions:
        return
    if upload.document is None or not _settle_by_source(upload, upload.document.origin):
        raise Question(QUESTION_OF_REGIONS)


def choose(upload: Upload, answer: Answer) -> bool:
    """Take what the person says of a file of regions. Returns False when it was not offered."""
    offered = {str(one.pk): one for one in offered_tests(upload)}
    if answer.test not in {"", ALONE, *offered}:
        return False
    _leave(upload)
    upload.test = None if answer.regions == UNSURE else offered.get(answer.test)
    upload.alone = upload.test is None
    upload.regions = answer.regions
    return True


def pair(upload: Upload, test: Upload) -> None:
    """Put a file of regions with the test that it was packed with.

    What its regions are stays a question where its name leaves a doubt.
    """
    if not _may_be_unread(upload.origin.name):
        upload.test, upload.regions = test, _STUDIED
        upload.save()


def join_sent_files(*, account: Origin) -> None:
    """Put files of regions that stood alone with the file of variants that came after them."""
    alone = Upload.objects.filter(
        origin__account=account, kind=Kind.BED, test=None, alone=False
    ).exclude(state__in=(Upload.State.WAITING, Upload.State.GONE))
    for upload in alone.select_related("origin", "patient", "document", "file"):
        if _settle_by_source(upload, account) and upload.test is not None:
            ask_anew(upload)


def ask_anew(upload: Upload) -> None:
    """Queue a file to be read again from the start."""
    upload.state, upload.question, upload.samples = Upload.State.WAITING, "", []
    upload.read_at = None
    upload.save()


def beds_of(upload: Upload) -> list[Upload]:
    """Return the files of regions that go with a file of variants, in the order they came."""
    joined = Upload.objects.filter(test=upload, state=Upload.State.READ)
    return list(joined.select_related("origin", "file").order_by("pk"))


def as_read(beds: Iterable[Upload]) -> tuple[BedToRead, ...]:
    """Return files of regions as the process that reads them takes them."""
    return tuple(
        BedToRead(bed.regions, open_file(bed.content()), is_of_person=bed.file_id is None)
        for bed in beds
    )


def join(upload: Upload, at: datetime) -> None:
    """Let the test of a file of regions be read with it; what was read of it alone is over."""
    # Whoever reads the test at this moment does so without these regions: wait, then once more.
    Upload.objects.select_for_update(of=("self",)).filter(beds=upload).first()
    forget(upload, at)
    upload.rejected = 0  # its lines are counted with those of the test
    _read_again(upload.test_id)


def forget(upload: Upload, at: datetime) -> None:
    """Take back what was read out of a file by itself.

    No news: the lab took nothing back.
    """
    Resource.objects.filter(origin=upload.origin).present().update(removed_at=at)


def part(upload: Upload) -> None:
    """Undo what joined a file, which is about to go, with others."""
    _leave(upload)
    for bed in Upload.objects.filter(test=upload):
        bed.test, bed.regions, bed.alone = None, "", False
        ask_anew(bed)


def _leave(upload: Upload) -> None:
    test, upload.test = upload.test_id, None
    _read_again(test)


def _read_again(test_id: int | None) -> None:
    if test_id is not None:
        read = Upload.objects.filter(pk=test_id, state=Upload.State.READ)
        read.update(state=Upload.State.WAITING, read_at=None)


def _settle_by_source(upload: Upload, account: Origin) -> bool:
    tests, state = _said_by_source(upload, account)
    if not state and not _may_be_unread(upload.origin.name.removeprefix(account.name)):
        state = _STUDIED
    if len(tests) > 1 or not state:
        return False
    upload.test, upload.regions = (tests[0] if tests else None), state
    return True


def _may_be_unread(name: str) -> bool:
    return _PERHAPS_UNREAD.search(name) is not None


def _said_by_source(upload: Upload, account: Origin) -> tuple[list[Upload], str]:
    """Return the files of variants that the source puts nearest, and what the regions are."""
    by_document: dict[str, list[Upload]] = {}
    files = Upload.objects.tests().filter(document__origin=account)
    for one in files.select_related("origin", "document"):
        assert one.document is not None  # noqa: S101  # only those that have one were asked for
        by_document.setdefault(_name(one.document), []).append(one)
    rows = Resource.objects.filter(origin=account, resource_type__in=SPEAKING).present()
    bodies = {_name(row): row.body() for row in rows}
    addresses = {row.full_url: _name(row) for row in rows if row.full_url}
    belonging = Belonging(bodies, addresses)
    assert upload.document is not None  # noqa: S101  # only files of an account are asked about
    mine = _name(upload.document)
    near = belonging.nearest(mine, frozenset(by_document))
    return [one for name in sorted(near) for one in by_document[name]], belonging.state(mine)


def _name(resource: Resource) -> str:
    return f"{resource.resource_type}/{resource.source_id}"
