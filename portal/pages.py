"""Pages that are the same for everybody: help, privacy, accessibility."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.generic import TemplateView

app_name = "site"

urlpatterns = [
    path(
        f"{name}/",
        login_not_required(TemplateView.as_view(template_name=f"site/{name}.html")),
        name=name,
    )
    for name in ("help", "privacy", "accessibility")
]
