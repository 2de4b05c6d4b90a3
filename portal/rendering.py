"""Forms as the site draws them: name FORM_RENDERER = "portal.rendering.FormRenderer"."""

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Draw `{{ form }}` and its fields with our own templates; widgets stay Django's."""

    form_template_name = "ui/form.html"
    field_template_name = "ui/field.html"
