"""The person's pages: what went where, the preview, sending, and stopping."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from sharing.services import keys


@login_not_required
@require_safe
@cache_control(public=True, max_age=60)
def jwks(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    return JsonResponse(keys.published())
