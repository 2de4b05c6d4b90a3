"""The way to the server of a program, with the key by which it knows us."""

from datetime import datetime

from django.conf import settings

from sharing.models import Endpoint
from sharing.services import keys
from sharing.transport import Key, Route, Transport


def for_program(endpoint: Endpoint, *, at: datetime) -> Transport:
    """Return the way to a program's server; use it in a `with`."""
    route = Route(
        base_url=endpoint.base_url,
        token_url=endpoint.token_url,
        notice_url=endpoint.notice_url,
        client_id=endpoint.client_id,
        scope=endpoint.oauth_scope,
        loopback=settings.LOOPBACK_HOSTS_ALLOWED,
    )
    if endpoint.sign_in == Endpoint.Sign.NONE:
        return Transport(route)
    key = keys.current(endpoint.algorithm, at=at)
    return Transport(route, Key(key.kid, key.algorithm, keys.private_pem(key)))
