"""Registers the server of a research program: `manage.py add_program SLUG --base-url …`."""

from argparse import ArgumentParser, BooleanOptionalAction
from datetime import UTC, datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from consent import duo, policy
from consent.models import Program
from portal.accounts.models import User
from portal.connections import clients, guard, smart
from portal.connections.source_api import SourceRefused, SourceUnavailable
from portal.connections.words import of_fields
from sharing.models import Endpoint
from sharing.services import registering
from sharing.words import CANNOT_SIGN_IN


class Command(BaseCommand):
    """Any FHIR R4 server that takes transactions can be registered; run again to correct."""

    help = "Register the server that a program's data goes to, and its staff."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what must be known of the server."""
        parser.add_argument("slug", help="the program, as it is called in addresses")
        parser.add_argument("--base-url", required=True, help="FHIR base")
        parser.add_argument("--token-url", default="", help="SMART Backend Services token address")
        parser.add_argument("--notice-url", default="", help="where notices of a recall go")
        parser.add_argument("--client-id", default="")
        parser.add_argument(
            "--sign-in", choices=Endpoint.Sign.values, default=Endpoint.Sign.BACKEND
        )
        parser.add_argument(
            "--algorithm", choices=Endpoint.Algorithm.values, default=Endpoint.Algorithm.RS384
        )
        parser.add_argument("--scope", default="system/*.cruds", help="OAuth scopes to ask for")
        parser.add_argument(
            "--writing",
            choices=Endpoint.Way.values,
            default=Endpoint.Way.OWN_IDS,
            help="who gives the ids",
        )
        parser.add_argument("--if-match", action=BooleanOptionalAction, default=True)
        parser.add_argument(
            "--counts",
            action=BooleanOptionalAction,
            default=True,
            help="it counts the versions of a resource from 1, one by one",
        )
        parser.add_argument("--deletes", action=BooleanOptionalAction, default=True)
        parser.add_argument("--staff", action="append", default=[], metavar="EMAIL")
        parser.add_argument("--name", default="", help="makes the program when there is none")
        parser.add_argument("--purpose-en", default="", help="what it is for, with --name")
        parser.add_argument("--purpose-es", default="", help="the same in Spanish")
        parser.add_argument(
            "--duo",
            choices=sorted(duo.PERMISSIONS),
            default=duo.GRU,
            help="what the data may be used for, in the Data Use Ontology",
        )
        parser.add_argument(
            "--identity",
            choices=[identity.value for identity in policy.Identity],
            default=policy.Identity.DEIDENTIFIED.value,
        )

    def handle(self, *_args: object, **options: str) -> None:
        """Register the server and let the staff in, or nothing of it."""
        try:
            with transaction.atomic():
                program = self._register(options, datetime.now(UTC))
        except registering.BadAddress as refusal:
            raise CommandError(str(refusal)) from refusal
        except registering.CannotSignIn as refusal:
            raise CommandError(str(CANNOT_SIGN_IN)) from refusal
        except ValidationError as refusal:
            raise CommandError(of_fields(refusal)) from refusal
        except (User.DoesNotExist, registering.NotStaff) as refusal:
            raise CommandError(_("Staff must have an account with the role of staff.")) from refusal
        self.stdout.write(_("Data for %(name)s now goes there.") % {"name": program.name})
        self._say_if_it_is_silent(program.endpoint.base_url)

    def _register(self, options: dict[str, str], now: datetime) -> Program:
        program = _program(options, now)
        server = registering.Server(
            base_url=options["base_url"],
            token_url=options["token_url"],
            notice_url=options["notice_url"],
            sign_in=options["sign_in"],
            client_id=options["client_id"],
            algorithm=options["algorithm"],
            oauth_scope=options["scope"],
            writing=options["writing"],
            if_match=bool(options["if_match"]),
            counts=bool(options["counts"]),
            deletes=bool(options["deletes"]),
        )
        registering.register(program=program, server=server, at=now)
        for email in options["staff"]:
            user = User.objects.get(email=email.lower())
            registering.join(user=user, program=program, at=now)
        return program

    def _say_if_it_is_silent(self, base_url: str) -> None:
        """A server may be down for an hour, which is no reason to refuse it."""
        base = guard.register(base_url, loopback=settings.LOOPBACK_HOSTS_ALLOWED)
        try:
            with clients.SourceClient(clients.Reach(base)) as api:
                version = smart.fhir_version(api.get(f"{base.url}/metadata").body)
        except (SourceUnavailable, SourceRefused, smart.NotSmart):
            version = ""
        if not version.startswith("4."):
            self.stderr.write(_("It does not answer as a FHIR R4 server now. Check the address."))


def _program(options: dict[str, str], now: datetime) -> Program:
    found = Program.objects.filter(slug=options["slug"]).first()
    if found is not None:
        return found
    if not options["name"]:
        raise CommandError(_("There is no such program. Give --name to make it."))
    made = Program(
        slug=options["slug"],
        name=options["name"],
        purpose_en=options["purpose_en"],
        purpose_es=options["purpose_es"],
        duo_permission=options["duo"],
        identity=options["identity"],
        created_at=now,
    )
    made.full_clean()
    made.save()
    return made
