"""What this room does, by verb."""

from sharing.services.enrolling import NoEndpoint
from sharing.services.following import follow, follow_all, forget, keep_up, stop
from sharing.services.hinting import hints
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
from sharing.services.retrying import Overtaken, retry

__all__ = [
    "NoEndpoint",
    "NotYetTold",
    "NothingNew",
    "NothingToClaim",
    "Overtaken",
    "Preview",
    "PreviewChanged",
    "StillOnItsWay",
    "confirm",
    "follow",
    "follow_all",
    "forget",
    "hints",
    "keep_up",
    "prepare",
    "retry",
    "send",
    "stop",
]
