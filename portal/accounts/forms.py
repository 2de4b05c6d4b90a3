"""Forms of the account pages whose words are our own."""

from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _


class AddKeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """Adds a passkey or a security key."""

    name = forms.CharField(label=_("What you call it"), required=False)
    passwordless = forms.BooleanField(
        label=_("Sign in with it alone"),
        required=False,
        help_text=_("No password is asked for then. It needs a key with a code or a fingerprint."),
    )


class RenameKeyForm(EditWebAuthnForm):  # type: ignore[misc]
    """Gives a passkey or a security key another name."""

    name = forms.CharField(label=_("What you call it"))
