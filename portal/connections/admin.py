"""Reference data for admins: the sources, registered by asking them."""

from typing import Any, override

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.accounts.access import signed_in
from portal.connections import clients, guard, smart, words
from portal.connections.models import Source
from portal.connections.services import sources
from portal.connections.source_api import SourceRefused, SourceUnavailable

SAID = ("slug", "kind", "name", "place", "base_url", "client_id", "auth_method", "scopes")
PINNED = ("issuer", "issuer_in_answers", "authorize_url", "token_url", "revoke_url", "types")
OURS = ("state", "requests_per_minute")


class RegisterForm(forms.ModelForm[Source]):
    """Asks the server while the form is checked, so that what is wrong is said beside it."""

    secret = forms.CharField(
        label=_("Client secret or private key"),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        required=False,
        help_text=_("Kept sealed, and never shown again."),
    )

    class Meta:
        model = Source
        fields = SAID

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # Django's own
        """Let the scopes be empty: those that fit are found out."""
        super().__init__(*args, **kwargs)
        self.fields["scopes"].required = False

    def clean(self) -> dict[str, Any]:
        """Ask the server how to sign in there."""
        said = super().clean() or {}
        if self.errors:
            return said
        if said["auth_method"] != Source.AuthMethod.NONE and not said["secret"]:
            raise ValidationError({"secret": gettext("This way to prove who we are needs one.")})
        try:
            sources.check_key(said["auth_method"], said["secret"])
        except sources.BadKey:
            raise ValidationError({"secret": words.BAD_KEY}) from None
        self.registration = _registration(said)
        self.told = _ask(self.registration.base)
        return said


def _registration(said: dict[str, Any]) -> sources.Registration:
    try:
        base = guard.register(said["base_url"], loopback=settings.LOOPBACK_HOSTS_ALLOWED)
    except guard.UrlRefused as refusal:
        raise ValidationError({"base_url": str(refusal)}) from None
    names = ("slug", "kind", "name", "place", "client_id", "auth_method", "secret", "scopes")
    return sources.Registration(base=base, **{name: said[name] for name in names})


def _ask(base: guard.Target) -> sources.Told:
    try:
        with clients.SourceClient(clients.Reach(base)) as api:
            return sources.ask(base, api=api)
    except smart.NotSmart as refusal:
        raise ValidationError({"base_url": words.not_smart(refusal.code)}) from None
    except (SourceUnavailable, SourceRefused) as refusal:
        raise ValidationError({"base_url": words.step_reason(refusal.code)}) from None


@admin.register(Source)
class SourceAdmin(admin.ModelAdmin[Source]):
    """What was pinned is read only: to renew it, run `add_source` again."""

    list_display = ("name", "kind", "place", "state", "base_url")
    list_filter = ("kind", "state")
    search_fields = ("name", "place", "base_url")

    @override
    def get_form(
        self,
        request: HttpRequest,
        obj: Source | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> type[forms.ModelForm[Source]]:
        """Ask the server when a source is added."""
        if obj is None:
            kwargs["form"] = RegisterForm
        return super().get_form(request, obj, change, **kwargs)

    @override
    def get_fields(self, request: HttpRequest, obj: Source | None = None) -> tuple[str, ...]:
        """Show what can be said when adding, and what was pinned after."""
        return (*SAID, *PINNED, *OURS) if obj else (*SAID, "secret")

    @override
    def get_readonly_fields(
        self, request: HttpRequest, obj: Source | None = None
    ) -> tuple[str, ...]:
        """Let only names, state and pace be changed later."""
        fixed = ("slug", "kind", "base_url", "client_id", "auth_method", "scopes")
        return (*fixed, *PINNED) if obj else ()

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Source | None = None) -> bool:
        """Sources are closed, not deleted: people's records speak of them."""
        return False

    @override
    def save_model(
        self, request: HttpRequest, obj: Source, form: forms.ModelForm[Source], change: bool
    ) -> None:
        """Register a new source through the one door."""
        if change or not isinstance(form, RegisterForm):
            return super().save_model(request, obj, form, change)
        source = sources.keep(
            registration=form.registration,
            told=form.told,
            by=signed_in(request),
            at=timezone.now(),  # noqa: TID251  # the admin's pages are views
        )
        obj.pk = source.pk
        obj.refresh_from_db()
        return None
