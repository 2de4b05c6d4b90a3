"""Reference data of this room for those who run the site: servers and staff of programs."""

from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import EmailField, ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.accounts.access import signed_in
from portal.accounts.models import User
from sharing.models import Endpoint, Member
from sharing.services import registering

_SETTLED: Final = ("program", "base_url", "token_url", "notice_url")
_WHY_SETTLED: Final = _(
    "The addresses of a server cannot be changed here: people agreed that their data goes there. "
    "Close this server, or register another address with the command add_program."
)


class EndpointForm(ModelForm[Endpoint]):
    """Addresses are checked as they are when data goes there."""

    class Meta:
        model = Endpoint
        exclude = ("created_at",)  # noqa: DJ006  # the one field that nobody types

    def clean(self) -> dict[str, object]:
        """Refuse addresses that may not be called."""
        cleaned = super().clean() or {}
        for name in ("base_url", "token_url", "notice_url"):
            try:
                registering.check_address(str(cleaned.get(name) or ""))
            except registering.BadAddress as refusal:
                raise ValidationError({name: str(refusal)}) from refusal
        return cleaned


@admin.register(Endpoint)
class EndpointAdmin(admin.ModelAdmin[Endpoint]):
    """Where the bytes for a program go."""

    form = EndpointForm
    list_display = ("program", "base_url", "sign_in", "writing", "active")
    list_select_related = ("program",)

    def get_readonly_fields(
        self,
        request: HttpRequest,  # noqa: ARG002  # Django's signature
        obj: Endpoint | None = None,
    ) -> tuple[str, ...]:
        """Let nobody alone send what is agreed to be sent here somewhere else."""
        return _SETTLED if obj else ()

    def get_fieldsets(
        self, request: HttpRequest, obj: Endpoint | None = None
    ) -> list[tuple[Any, Any]]:
        """Say why the addresses cannot be changed."""
        fields = {"fields": self.get_fields(request, obj)}
        return [(None, {**fields, "description": _WHY_SETTLED} if obj else fields)]

    def has_delete_permission(
        self,
        request: HttpRequest,  # noqa: ARG002  # Django's signature
        obj: Endpoint | None = None,  # noqa: ARG002
    ) -> bool:
        """Servers are closed, not deleted: what went there may have to be taken back."""
        return False

    def save_model(
        self,
        request: HttpRequest,
        obj: Endpoint,
        form: EndpointForm,  # noqa: ARG002
        change: bool,  # noqa: ARG002, FBT001
    ) -> None:
        """Register it through the one door."""
        words = {name: getattr(obj, name) for name in registering.Server.__dataclass_fields__}
        now = timezone.now()  # noqa: TID251  # the admin's pages are views
        made = registering.register(
            program=obj.program,
            server=registering.Server(**words),
            active=obj.active,
            by=signed_in(request),
            at=now,
        )
        obj.pk = made.pk


class MemberForm(ModelForm[Member]):
    """Only staff can join a program's staff."""

    person = EmailField(label=_("E-mail of the person"))

    class Meta:
        model = Member
        fields = ("program",)

    def clean_person(self) -> str:
        """Refuse whom we do not know, a patient and an admin."""
        email: str = self.cleaned_data["person"]
        user = User.objects.filter(email__iexact=email).first()
        if user is None or not user.is_program_staff:
            raise ValidationError(_("Staff must have an account with the role of staff."))
        self.instance.user = user
        return email


@admin.register(Member)
class MemberAdmin(admin.ModelAdmin[Member]):
    """Who works for which program; each who joins or leaves is written into the trail."""

    form = MemberForm
    fields = ("person", "program")
    list_display = ("person", "program", "since")
    list_select_related = ("user", "program")
    actions = None  # one at a time, through the one door

    @admin.display(description=_("Person"), ordering="user__email")
    def person(self, obj: Member) -> str:
        """Return whom it is about, by the address that people know them by."""
        return obj.user.email

    def has_change_permission(
        self,
        request: HttpRequest,  # noqa: ARG002  # Django's signature
        obj: Member | None = None,
    ) -> bool:
        """People join and leave; nobody is turned into somebody else."""
        return obj is None

    def save_model(
        self,
        request: HttpRequest,
        obj: Member,
        form: MemberForm,  # noqa: ARG002
        change: bool,  # noqa: ARG002, FBT001
    ) -> None:
        """Let somebody in through the one door."""
        now = timezone.now()  # noqa: TID251  # the admin's pages are views
        by = signed_in(request)
        obj.pk = registering.join(user=obj.user, program=obj.program, by=by, at=now).pk

    def delete_model(self, request: HttpRequest, obj: Member) -> None:
        """Let somebody out through the one door."""
        now = timezone.now()  # noqa: TID251  # the admin's pages are views
        registering.leave(member=obj, by=signed_in(request), at=now)
