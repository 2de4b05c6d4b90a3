"""What people do with their consent. Each act is an event, a new epoch, and a line in the trail."""

from consent.services.agreeing import Answer, agree, change
from consent.services.answering import decline, prefer, save_draft
from consent.services.checking import Verdict, check
from consent.services.ending import correct, end_by_date, expire, leave, pause, stop
from consent.services.refusals import (
    AlreadyAgreed,
    CannotWiden,
    EndsInThePast,
    NoAgreement,
    NothingChosen,
    NotSigned,
    NotUnderstood,
    OldText,
    ProgramClosed,
    TooWide,
)
from consent.services.scopes import check_scope, widens

__all__ = [
    "AlreadyAgreed",
    "Answer",
    "CannotWiden",
    "EndsInThePast",
    "NoAgreement",
    "NotSigned",
    "NotUnderstood",
    "NothingChosen",
    "OldText",
    "ProgramClosed",
    "TooWide",
    "Verdict",
    "agree",
    "change",
    "check",
    "check_scope",
    "correct",
    "decline",
    "end_by_date",
    "expire",
    "leave",
    "pause",
    "prefer",
    "save_draft",
    "stop",
    "widens",
]
