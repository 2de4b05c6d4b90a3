#!/usr/bin/env python
"""Django's command line for Sync for Genes."""

import base64
import os
import secrets
import signal
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

# These only look at a file: no database, no sessions, nothing sealed. They run on a fresh clone.
WITHOUT_SECRETS = frozenset({"read", "vcf2fhir"})
HELP = frozenset({"help", "--help", "-h"})


def main() -> None:
    """Run one management command."""
    if WITHOUT_SECRETS.intersection(sys.argv[1:2]) or HELP.intersection(sys.argv[1:]):
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        os.environ.setdefault("SECRET_KEY", key)
        os.environ.setdefault("SEAL_KEYS", f"throwaway:{key}")
        os.environ.setdefault("DATABASE_URL", "host=127.0.0.1 port=1 dbname=none")
        # Who reads their lines may stop at the first ones: that is no fault of the file.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
