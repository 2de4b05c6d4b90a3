"""The pages where reference data is kept: that alone, and nothing by which to become someone else.

Libraries register their own tables there: e-mail addresses, second factors, open sessions. Who can
write or read those can sign in as any patient.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.apps import AdminConfig
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.db.models.base import ModelBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode

KEPT = frozenset({"connections.Source", "sharing.Endpoint", "sharing.Member"})


class KeepSite(AdminSite):
    """Takes only the tables that are named here, and signs nobody in by itself."""

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[ModelAdmin[Any]] | None = None,
        **options: Any,  # noqa: ANN401  # Django's own signature
    ) -> None:
        """Take a table that is kept here; leave out every other one."""
        one = isinstance(model_or_iterable, ModelBase)
        models = [model_or_iterable] if one else list(model_or_iterable)  # type: ignore[arg-type]
        for model in models:
            if model._meta.label in KEPT:  # type: ignore[union-attr]  # noqa: SLF001
                super().register(model, admin_class, **options)

    @method_decorator(login_not_required)
    def login(
        self,
        request: HttpRequest,
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002  # Django's own signature
    ) -> HttpResponse:
        """Send strangers to the sign-in of the site, which asks for the second factor."""
        if request.user.is_authenticated:
            raise PermissionDenied
        back = urlencode({"next": reverse("admin:index")})
        return redirect(f"{reverse('account_login')}?{back}")


class KeepConfig(AdminConfig):
    """The admin with that site."""

    default_site = "portal.keep.KeepSite"
