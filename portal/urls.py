"""Every address of the site."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from portal import health
from portal.accounts import views as accounts

admin.site.site_title = admin.site.site_header = settings.SITE_NAME
admin.site.index_title = _("Labs and programs")

urlpatterns = [
    path("", accounts.home, name="home"),
    path("healthz", health.alive, name="alive"),
    path("readyz", health.ready, name="ready"),
    path("language/", login_not_required(require_POST(set_language)), name="set_language"),
    path("accounts/", include("allauth.urls")),
    path("", include("portal.pages")),
    path("connections/", include("portal.connections.urls")),
    path("record/", include("portal.records.urls")),
    path("results/", include("portal.results.urls")),
    path(".well-known/", include("sharing.well_known")),
    path("sharing/", include("sharing.urls")),
    path("api/", include("sharing.api.urls")),
    path("review/", include("sharing.review.urls")),
    path("activity/", include("portal.audit.urls")),
    path("choices/", include("consent.urls")),
    path("consent-desk/", include("consent.admin_urls")),
    path("keep/", admin.site.urls),
]

# Answers below /api/ in the API's own form; every other page that there is not, with a page.
handler404 = "sharing.api.problems.not_found"
