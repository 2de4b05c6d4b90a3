"""Fills an empty site with made-up people, sources, programs and consent documents."""

import json
from argparse import ArgumentParser
from pathlib import Path

from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError

from sharing.management import demo_people

CLIENT_ID = "sync-for-genes"
SOURCES = {
    "lab": ("cedar-point", "Cedar Point Genomics", "Cedar Point, Oregon"),
    "ehr": ("harbor-view", "Harbor View Clinic", "Portland, Oregon"),
}
# How each program is known here, and what its server cannot do.
PROGRAMS = {
    "all-of-us": ("all-of-us", []),
    "second": (
        "riverside-medicines",
        ["--writing", "conditional-update", "--no-if-match", "--no-deletes"],
    ),
}


class Command(BaseCommand):
    """Safe to run at every start: what is there already stays."""

    help = "Make the people, sources, programs and documents of the demo."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where the others are reached, and where the sign-ins are written."""
        parser.add_argument("--sign-ins", type=Path, required=True)
        parser.add_argument("--source", action="append", default=[], metavar="KIND=URL")
        parser.add_argument("--program", action="append", default=[], metavar="PROFILE=URL")

    def handle(
        self,
        *_args: object,
        sign_ins: Path,
        source: list[str],
        program: list[str],
        **_options: object,
    ) -> None:
        """Make what is missing, then write the three sign-ins."""
        written = [demo_people.sign_in(person) for person in demo_people.make()]
        sign_ins.touch(mode=0o600)
        sign_ins.write_text(json.dumps(written, indent=1))
        for kind, url in _addresses(source).items():
            self._add_source(kind, url)
        call_command("load_documents", "--publish-as", demo_people.ADMIN.email)
        programs = _addresses(program) if "add_program" in get_commands() else {}
        for profile, url in programs.items():
            self._add_program(profile, url)
        self.stdout.write("The demo's people, sources and programs are there.")

    def _add_source(self, kind: str, url: str) -> None:
        slug, name, place = SOURCES[kind]
        words = ["--name", name, "--place", place, "--kind", kind, "--client-id", CLIENT_ID]
        call_command("add_source", slug, f"{url}/fhir", *words)

    def _add_program(self, profile: str, url: str) -> None:
        slug, cannot = PROGRAMS[profile]
        call_command(
            "add_program",
            slug,
            *("--base-url", f"{url}/fhir"),
            *("--token-url", f"{url}/oauth/token"),
            *("--notice-url", f"{url}/notices"),
            *("--client-id", CLIENT_ID),
            *("--staff", demo_people.STAFF.email),
            *cannot,
        )


def _addresses(pairs: list[str]) -> dict[str, str]:
    found = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    if len(found) != len(pairs):
        raise CommandError("Addresses are given as name=address, each name once.")
    return found
