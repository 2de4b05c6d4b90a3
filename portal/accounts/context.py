"""What every page knows of the site."""

from django.conf import settings
from django.http import HttpRequest


def site(_request: HttpRequest) -> dict[str, object]:
    """Return the site's name and whether the people on it are made up."""
    return {"site_name": settings.SITE_NAME, "is_demo": settings.DEMO}
