"""Changes the key with which the site signs in at programs: `manage.py rotate_key RS384`."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from django.utils import timezone

from sharing.models import Endpoint
from sharing.services import keys


class Command(BaseCommand):
    """The key before it stays in the published set while programs may still ask for it."""

    help = "Sign in at programs with a new key from now on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take which of the keys."""
        parser.add_argument("algorithm", choices=Endpoint.Algorithm.values)

    def handle(self, *_args: object, **options: str) -> None:
        """Retire the key in use, make another, and print its id."""
        made = keys.rotate(algorithm=options["algorithm"], at=timezone.now())
        self.stdout.write(made.kid)
