"""What this room does, by verb."""

from sharing.services.enrolling import NoEndpoint
from sharing.services.following import follow, follow_all, forget, keep_up, retry, stop
from sharing.services.outbox import NothingToClaim, send
from sharing.services.preparing import (
    NothingNew,
    NotYetTold,
    Preview,
    PreviewChanged,
    StillOnItsWay,
    confirm,
    prepare,
)

__all__ = [
    "NoEndpoint",
    "NotYetTold",
    "NothingNew",
    "NothingToClaim",
    "Preview",
    "PreviewChanged",
    "StillOnItsWay",
    "confirm",
    "follow",
    "follow_all",
    "forget",
    "keep_up",
    "prepare",
    "retry",
    "send",
    "stop",
]
