"""Every address of the site."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from portal import health
from portal.accounts import views as accounts

admin.site.site_title = admin.site.site_header = settings.SITE_NAME
admin.site.index_title = _("Labs and programs")

urlpatterns = [
    path("", accounts.home, name="home"),
    path("healthz", health.alive, name="alive"),
    path("readyz", health.ready, name="ready"),
    path("language/", accounts.set_language, name="set_language"),
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

# Each answers below /api/ in the API's own form, and everywhere else with a page.
handler400 = "sharing.api.problems.bad_request"
handler403 = "sharing.api.problems.forbidden"
handler500 = "sharing.api.problems.broken"
handler404 = "sharing.api.problems.not_found"
