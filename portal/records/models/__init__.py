"""The patient's record. Verbatim bytes are the truth; findings are always rebuildable."""

from portal.records.models.files import File, Quarantined, Rejected, Upload
from portal.records.models.findings import Finding, FindingSource
from portal.records.models.origins import Origin, OwnedQuerySet, pack, unpack
from portal.records.models.resources import Change, Resource, ResourceVersion

__all__ = [
    "Change",
    "File",
    "Finding",
    "FindingSource",
    "Origin",
    "OwnedQuerySet",
    "Quarantined",
    "Rejected",
    "Resource",
    "ResourceVersion",
    "Upload",
    "pack",
    "unpack",
]
