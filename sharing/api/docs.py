"""The page that explains the programming interface, made from its own description."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import IsAuthenticated


class Schema(SpectacularAPIView):
    """The description of this interface in OpenAPI 3."""

    permission_classes = (IsAuthenticated,)


@dataclass(frozen=True)
class Field:
    """One field of an answer."""

    name: str
    kind: str
    words: str


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked for."""

    id: str
    method: str
    path: str
    words: str
    parameters: list[Field]
    fields: list[Field]


@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    """Explain every operation."""
    described = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return render(request, "sharing/api_docs.html", {"operations": list(operations(described))})


def operations(described: dict[str, Any]) -> Iterator[Operation]:
    """Yield every operation of an OpenAPI description."""
    schemas = described.get("components", {}).get("schemas", {})
    for path, item in described["paths"].items():
        for method, said in item.items():
            yield Operation(
                id=said["operationId"],
                method=method.upper(),
                path=path,
                words=said.get("description", ""),
                parameters=[
                    Field(p["name"], _kind(p.get("schema", {})), p.get("description", ""))
                    for p in said.get("parameters", ())
                ],
                fields=list(_fields(_answer(said), schemas)),
            )


def _answer(said: dict[str, Any]) -> dict[str, Any]:
    content = said.get("responses", {}).get("200", {}).get("content", {})
    schema: dict[str, Any] = content.get("application/json", {}).get("schema", {})
    return schema


def _fields(schema: dict[str, Any], schemas: dict[str, Any]) -> Iterator[Field]:
    resolved = _resolve(schema, schemas)
    results = resolved.get("properties", {}).get("results", {}).get("items")
    inner = _resolve(results, schemas) if results else resolved
    for name, one in inner.get("properties", {}).items():
        yield Field(name, _kind(one), one.get("description", ""))


def _resolve(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = schemas.get(name, schema)
    return found


def _kind(schema: dict[str, Any]) -> str:
    found = schema.get("format") or schema.get("type") or "object"
    return str(found)
