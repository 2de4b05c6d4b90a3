"""Check every chain of consent events, and that each agreement is what its events add up to."""

import sys

from django.core.management.base import BaseCommand

from consent import services
from consent.models import Agreement


class Command(BaseCommand):
    """`manage.py verify_consent`; exit 1 when anything does not hold."""

    help = "Check the chains of consent events and the agreements that stand on them."

    def handle(self, *_args: object, **_options: object) -> None:
        """Check all, and print one line for each that is broken."""
        broken = total = 0
        for agreement in Agreement.objects.select_related("patient", "program").iterator():
            verdict = services.check(patient=agreement.patient, program=agreement.program)
            total += 1
            if not verdict.holds:
                broken += 1
                place = "" if verdict.broken_at is None else f" at event {verdict.broken_at}"
                self.stdout.write(f"agreement {agreement.pk} does not hold{place}")
        self.stdout.write(f"{total} agreements, {broken} broken")
        if broken:
            sys.exit(1)
