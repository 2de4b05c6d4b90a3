"""The site as a WSGI application."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

application = get_wsgi_application()

# What was loaded by now stays as long as the process. Looking through it again and again for
# what may go would make one answer in twenty wait 0.15 s.
import_module(settings.ROOT_URLCONF)
gc.collect()
gc.freeze()
