"""Registers a lab or hospital: any SMART on FHIR server, asked once how to sign in there."""

import sys
from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import timezone

from portal.connections import clients, guard, smart, words
from portal.connections.models import Source
from portal.connections.services import sources
from portal.connections.source_api import SourceRefused, SourceUnavailable


class Command(BaseCommand):
    """Running it again for the same slug renews what is pinned."""

    help = "Register a lab or hospital that patients can connect to."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what cannot be asked of the server."""
        parser.add_argument("slug", help="what it is called in addresses")
        parser.add_argument("base_url", help="FHIR base")
        parser.add_argument("--name", required=True, help="what patients see")
        parser.add_argument("--kind", choices=Source.Kind.values, default=Source.Kind.LAB)
        parser.add_argument("--place", default="", help="the town, to tell it from others")
        parser.add_argument("--client-id", required=True, help="who we are there")
        parser.add_argument(
            "--auth",
            choices=Source.AuthMethod.values,
            default="none",
            help="how we prove it; default none, a public client with PKCE",
        )
        parser.add_argument(
            "--secret-file", default="", help="client secret or PEM private key; - reads stdin"
        )
        parser.add_argument("--scopes", default="", help="instead of those that fit the server")

    def handle(self, *_args: object, **given: str) -> None:
        """Ask, register, and print what was pinned."""
        try:
            base = guard.register(given["base_url"], loopback=settings.LOOPBACK_HOSTS_ALLOWED)
            registration = _registration(base, given)
            with clients.SourceClient(clients.Reach(base)) as api:
                source = sources.register(
                    registration=registration, api=api, by=None, at=timezone.now()
                )
        except guard.UrlRefused as refusal:
            raise CommandError(f"That address cannot be used. {refusal}") from None
        except smart.NotSmart as refusal:
            raise CommandError(words.not_smart(refusal.code)) from None
        except sources.BadKey:
            raise CommandError(str(words.BAD_KEY)) from None
        except ValidationError as refusal:
            raise CommandError(words.of_fields(refusal)) from None
        except SourceUnavailable as refusal:
            raise CommandError(f"The server does not answer ({refusal.code}).") from None
        except SourceRefused as refusal:
            raise CommandError(f"The server refused ({refusal.code}).") from None
        self._print(source)

    def _print(self, source: Source) -> None:
        for name, value in (
            ("source", source.slug),
            ("base", source.base_url),
            ("issuer", source.issuer),
            ("authorize", source.authorize_url),
            ("token", source.token_url),
            ("revoke", source.revoke_url or "none: tokens end by themselves"),
            ("scopes", source.scopes),
            (
                "redirect address to register there",
                settings.SITE_URL + reverse("connections:callback"),
            ),
        ):
            self.stdout.write(f"{name}: {value}")


def _registration(base: guard.Target, given: dict[str, str]) -> sources.Registration:
    secret = _secret(given["secret_file"])
    if given["auth"] != Source.AuthMethod.NONE and not secret:
        raise CommandError("This way to prove who we are needs --secret-file.")
    return sources.Registration(
        slug=given["slug"],
        kind=given["kind"],
        name=given["name"],
        base=base,
        client_id=given["client_id"],
        auth_method=given["auth"],
        secret=secret,
        scopes=given["scopes"],
        place=given["place"],
    )


def _secret(path: str) -> str:
    if not path:
        return ""
    try:
        return (sys.stdin.read() if path == "-" else Path(path).read_text()).strip()
    except (OSError, UnicodeError):
        raise CommandError("The secret file cannot be read.") from None
