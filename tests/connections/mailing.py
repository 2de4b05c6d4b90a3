"""A mail server that does not take the mail of some people."""

import smtplib
from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend


class Picky(EmailBackend):
    """Takes the mail of all but one person."""

    refused = ""

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        """Refuse as a server does, with the address in the error."""
        for message in messages:
            if self.refused in message.to:
                raise smtplib.SMTPRecipientsRefused({self.refused: (550, b"no such user")})
        return super().send_messages(messages)
