"""Bring the programs and their consent texts in from the files beside the code."""

from datetime import datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from consent import publishing
from portal.accounts.models import User


class Command(BaseCommand):
    """`manage.py load_documents [FILE…] [--publish-as EMAIL]`; a second run changes nothing."""

    help = "Load programs and consent texts; with --publish-as, publish what is still a draft."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take files and the person who publishes."""
        parser.add_argument("files", nargs="*", type=Path, help="TOML files (default: all of ours)")
        parser.add_argument("--publish-as", help="e-mail of the consent admin who publishes")

    def handle(self, *_args: object, **options: object) -> None:
        """Load each file, and say what was done."""
        files = options["files"] or sorted(publishing.TEXTS.glob("*.toml"))
        publisher = _publisher(options["publish_as"])
        for path in files if isinstance(files, list) else []:
            try:
                file = publishing.read_file(path.read_bytes())
                loaded = publishing.load(file, publisher=publisher, at=_now())
            except publishing.NotReady as refusal:
                said = ", ".join(f"{p.language} {p.code} {p.place}" for p in refusal.problems)
                raise CommandError(f"{path.name} cannot be published: {said}") from refusal
            except (publishing.NotAText, publishing.TextChanged, publishing.DraftExists) as refusal:
                raise CommandError(f"{path.name}: {refusal.__doc__} {refusal}") from refusal
            done = "loaded" if loaded.created else "known"
            self.stdout.write(f"{path.name}: {done}, {loaded.version.state}")


def _now() -> datetime:
    return timezone.now()


def _publisher(email: object) -> User | None:
    if not email:
        return None
    found = User.objects.filter(email=str(email).lower(), role=User.Role.ADMIN).first()
    if found is None:
        raise CommandError("There is no consent admin with this e-mail.")
    return found
