"""What can be done with a person's record."""

from portal.records.services.changes import see_changes
from portal.records.services.downloading import download
from portal.records.services.erasing import erase
from portal.records.services.files import Label, open_file, store_file
from portal.records.services.findings import rebuild_findings
from portal.records.services.pages import PageCounts, mark_removed, reject, store_page

__all__ = [
    "Label",
    "PageCounts",
    "download",
    "erase",
    "mark_removed",
    "open_file",
    "rebuild_findings",
    "reject",
    "see_changes",
    "store_file",
    "store_page",
]
