"""The trail in plain words, one sentence per act. An act without a sentence shows its own name."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.audit import actions

SENTENCES: dict[str, Promise] = {
    actions.CONNECTED: _("You connected a lab or hospital."),
    actions.DISCONNECTED: _("You ended the connection to a lab or hospital."),
    actions.COPIES_DELETED: _("You deleted what came from a lab or hospital."),
    actions.SIGN_IN_NEEDED: _("A lab or hospital no longer let us in."),
    actions.IMPORTED: _("We looked for news at a lab or hospital."),
    actions.DOWNLOADED: _("You downloaded your data."),
    actions.UPLOADED: _("You added a file."),
    actions.UPLOAD_ANSWERED: _("You answered a question about a file that you had added."),
    actions.FILE_SENT: _("A lab or hospital sent a file with results, to be read."),
    actions.UPLOAD_REMOVED: _("You deleted a file that you had added."),
    actions.SOURCE_REGISTERED: _("A lab or hospital was added to the list."),
    actions.RESULTS_NOTICE_ANSWERED: _("You chose when to see a part of your results."),
    actions.RESULTS_PRINTED: _("You made a copy of your results for your doctor."),
    actions.RESULTS_PAPER_MADE: _("You made a letter or a card from your results."),
    actions.SHARING_CONFIRMED: _("You sent data to a program."),
    actions.SHARING_CLAIMED: _("We started to send to a program."),
    actions.SHARING_SETTLED: _("A sending to a program came to its end."),
    actions.SHARING_CANCELLED: _("What waited to be sent was cancelled."),
    actions.SHARING_RECALL_QUEUED: _("We put in line to tell a program that you stopped."),
    actions.SHARING_REVIEWED: _("A program's staff gave an answer."),
    actions.SHARING_READ_BY_STAFF: _("A program's staff opened what you shared."),
    actions.SHARING_RETRIED: _("A refused sending was put in line again."),
    actions.SHARING_SERVER_CHANGED: _("The server of a program was registered or changed."),
    actions.SHARING_STAFF_JOINED: _("Somebody joined the staff of a program."),
    actions.SHARING_STAFF_LEFT: _("Somebody left the staff of a program."),
    actions.TOKEN_MADE: _("You made a token for a program of your own."),
    actions.TOKEN_ENDED: _("You ended the token of a program of your own."),
    actions.SIGNING_KEY_ROTATED: _("The site began to sign with a new key."),
    actions.CONSENT_AGREED: _("You agreed to share with a program."),
    actions.CONSENT_CHANGED: _("You changed what you share with a program."),
    actions.CONSENT_STOPPED: _("You stopped new sharing with a program."),
    actions.CONSENT_RECALLED: _("You stopped sharing with a program and asked for data back."),
    actions.CONSENT_LEFT: _("You left a program."),
    actions.CONSENT_EXPIRED: _("An agreement with a program ended by its date."),
    actions.CONSENT_PAUSED: _("An agreement was paused until you answer again."),
    actions.CONSENT_CORRECTED: _("An entry about an agreement was corrected."),
    actions.CONSENT_GATE_ANSWERED: _("We checked what may go to a program."),
    actions.CONSENT_PREFERENCE_SAVED: _("You said what research is fine with you."),
    actions.CONSENT_RECORD_READ: _("A consent admin opened your consent record."),
    actions.CONSENT_RECORD_CHECKED: _("A consent admin checked your consent record."),
    actions.CONSENT_VERSION_WRITTEN: _("A consent text was written."),
    actions.CONSENT_VERSION_PUBLISHED: _("A consent text was published."),
}


def sentence(action: str) -> str:
    """Return what an act means, in the language of the person who reads."""
    said = SENTENCES.get(action)
    return str(said) if said is not None else action
