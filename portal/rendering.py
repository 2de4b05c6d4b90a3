"""How forms and static files get into pages; named in the settings."""

from django.core.files.base import File
from django.forms.renderers import TemplatesSetting
from whitenoise.storage import CompressedManifestStaticFilesStorage


class FormRenderer(TemplatesSetting):
    """Draw `{{ form }}` and its fields with our own templates; widgets stay Django's."""

    form_template_name = "ui/form.html"
    field_template_name = "ui/field.html"


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # no stubs
    """Hashed, compressed static files, where a missing file costs its looks and not the page."""

    manifest_strict = False

    def hashed_name(
        self, name: str, content: File[bytes] | None = None, filename: str | None = None
    ) -> str:
        """Return the name with its hash, or the plain name of a file that was not collected."""
        try:
            return str(super().hashed_name(name, content, filename))
        except ValueError:
            return name
