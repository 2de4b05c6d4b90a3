"""What can be done with a person's record."""

from portal.records.services.adding import MOST_BYTES, CannotTake, add_upload
from portal.records.services.changes import see_changes
from portal.records.services.converting import Answer
from portal.records.services.downloading import download
from portal.records.services.erasing import erase
from portal.records.services.files import Label, open_file, store_file
from portal.records.services.findings import rebuild_findings
from portal.records.services.joining import (
    ALONE,
    QUESTION_OF_REGIONS,
    UNSURE,
    offered_tests,
)
from portal.records.services.pages import PageCounts, mark_removed, reject, store_page
from portal.records.services.sent_files import end_sent_files, take_sent_file
from portal.records.services.uploading import (
    NothingAsked,
    NotOffered,
    answer_upload,
    read_upload,
    remove_upload,
)

__all__ = [
    "ALONE",
    "MOST_BYTES",
    "QUESTION_OF_REGIONS",
    "UNSURE",
    "Answer",
    "CannotTake",
    "Label",
    "NotOffered",
    "NothingAsked",
    "PageCounts",
    "add_upload",
    "answer_upload",
    "download",
    "end_sent_files",
    "erase",
    "mark_removed",
    "offered_tests",
    "open_file",
    "read_upload",
    "rebuild_findings",
    "reject",
    "remove_upload",
    "see_changes",
    "store_file",
    "store_page",
    "take_sent_file",
]
