"""Files that documents and reports point to: found in what was stored, fetched once each."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

import orjson

from portal.connections.models import Connection
from portal.records import services as records
from portal.records.models import Resource

_MEDIA_TYPE = re.compile(r"[A-Za-z0-9.+-]{1,50}/[A-Za-z0-9.+-]{1,49}")
_HOLDERS = ("DiagnosticReport", "DocumentReference", "Media", "Observation")


@dataclass(frozen=True)
class Wanted:
    """One attachment of a resource that we hold, by address or with its bytes inside."""

    resource: Resource
    place: int  # among the attachments of the resource
    url: str
    media_type: str
    title: str = field(repr=False)
    data: bytes | None = field(repr=False, default=None)

    @property
    def cursor(self) -> str:
        """Where to go on after this one."""
        return f"{self.resource.pk}:{self.place}"


def next_wanted(connection: Connection, *, after: str) -> Wanted | None:
    """Return the first attachment after a cursor ("pk:number"); None when there is no more."""
    pk, _, number = after.partition(":")
    start = (int(pk or 0), int(number or -1))
    holders = Resource.objects.filter(
        patient_id=connection.patient_id,
        origin=connection.origin,
        resource_type__in=_HOLDERS,
        pk__gte=start[0],
    ).present()
    for resource in (
        holders.select_related("origin__patient").order_by("pk").iterator(chunk_size=50)
    ):
        for place, attachment in enumerate(_attachments(resource.body())):
            if (resource.pk, place) > start:
                wanted = _wanted(connection, resource, place, attachment)
                if wanted is not None:
                    return wanted
    return None


def keep(wanted: Wanted, content: bytes, *, at: datetime) -> bool:
    """Store a file, sealed, to be read soon. Returns False when it was there already."""
    return records.take_sent_file(
        document=wanted.resource,
        place=wanted.place,
        content=content,
        label=records.Label(wanted.media_type, wanted.title),
        at=at,
    )


def list_refused(connection: Connection, wanted: Wanted, code: str, *, at: datetime) -> None:
    """List a file that the source names and does not give."""
    records.reject(
        origin=connection.origin,
        raw=f"{wanted.resource.resource_type}/{wanted.resource.source_id} {wanted.url}".encode(),
        reason="file-refused",
        detail=code,
        at=at,
    )


def content(body: bytes, content_type: str) -> bytes:
    """Return the bytes of a file, also where the source wraps them in a Binary resource."""
    if "json" not in content_type:
        return body
    try:
        wrapped = orjson.loads(body)
        if isinstance(wrapped, dict) and wrapped.get("resourceType") == "Binary":
            return base64.b64decode(wrapped.get("data", ""), validate=True)
    except (ValueError, TypeError, binascii.Error):
        return body
    return body


def _attachments(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield what a document, a report or a picture carries, in its order."""
    for item in _list(body.get("content")):
        yield from _objects([item.get("attachment")])
    yield from _objects([body.get("content")])
    yield from _objects(_list(body.get("presentedForm")))
    yield from _objects([body.get("valueAttachment")])


def _wanted(
    connection: Connection, resource: Resource, place: int, attachment: Mapping[str, Any]
) -> Wanted | None:
    base = connection.source.base_url
    url, data = attachment.get("url"), attachment.get("data")
    wanted = Wanted(
        resource=resource,
        place=place,
        url=urljoin(f"{base}/", url) if isinstance(url, str) else "",
        media_type=_media_type(attachment.get("contentType")),
        title=_text(attachment.get("title"))[:200],
        data=_decoded(data),
    )
    return wanted if wanted.url or wanted.data is not None else None


def _decoded(data: object) -> bytes | None:
    if not isinstance(data, str) or not data:
        return None
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (ValueError, binascii.Error):
        return None


def _media_type(value: object) -> str:
    """Return a media type that can stand in a header; "" for anything else."""
    return value if isinstance(value, str) and _MEDIA_TYPE.fullmatch(value) else ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _list(value: object) -> list[Mapping[str, Any]]:
    return list(_objects(value)) if isinstance(value, list) else []


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    yield from (
        item for item in (value if isinstance(value, list) else []) if isinstance(item, dict)
    )
