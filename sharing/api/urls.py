"""The addresses of the programming interface."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from sharing.api import docs, tokens, views

app_name = "api"

router = SimpleRouter()
router.register("findings", views.Findings, basename="findings")
router.register("agreements", views.Agreements, basename="agreements")
router.register("shares", views.Shares, basename="shares")
router.register("disclosures", views.Disclosures, basename="disclosures")
router.register("packages", views.Packages, basename="packages")

urlpatterns = [
    path("v1/", include(router.urls)),
    path("schema/", docs.Schema.as_view(), name="schema"),
    path("docs/", docs.docs, name="docs"),
    path("token/", tokens.token, name="token"),
]
