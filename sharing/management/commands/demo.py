"""Fills an empty site with made-up people, sources, programs and consent documents."""

import json
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from sharing.management import demo_people


class Command(BaseCommand):
    """Safe to run at every start: what is there already stays."""

    help = "Make the people, sources, programs and documents of the demo."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where the others are reached, and where the sign-ins are written."""
        parser.add_argument("--sign-ins", type=Path, required=True)
        parser.add_argument("--source", action="append", default=[], metavar="KIND=URL")
        parser.add_argument("--program", action="append", default=[], metavar="SLUG=URL")

    def handle(
        self,
        *_args: object,
        sign_ins: Path,
        source: list[str],
        program: list[str],
        **_options: object,
    ) -> None:
        """Make what is missing, then write the three sign-ins."""
        _addresses(source), _addresses(program)
        written = [demo_people.sign_in(person) for person in demo_people.make()]
        sign_ins.touch(mode=0o600)
        sign_ins.write_text(json.dumps(written, indent=1))
        self.stdout.write("The demo's people are there.")


def _addresses(pairs: list[str]) -> dict[str, str]:
    found = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    if len(found) != len(pairs):
        raise CommandError("Addresses are given as name=address, each name once.")
    return found
