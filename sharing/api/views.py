"""What can be asked for by a program of one's own."""

from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, viewsets
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from consent import gate
from consent.models import Agreement
from portal.accounts.access import IsPatient, IsStaff
from portal.accounts.models import User
from portal.records.models import Finding
from portal.results.page import Part, parts_of
from portal.results.record import load
from sharing.api import serializers
from sharing.api.pagination import ByMaking, ByQueue, NewestFirst
from sharing.models import Delivery, Disclosure, Package
from sharing.services import reviewing, showing, storing
from sharing.services.wall import only_programs_of


def person_of(request: Request) -> User:
    """Return who asks."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


class _Mine(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]):
    """Rows of the person who asks; somebody else's are not there."""

    permission_classes = (IsPatient,)
    pagination_class: type[NewestFirst] = NewestFirst


@extend_schema_view(
    list=extend_schema(
        parameters=[OpenApiParameter(name, str, "query") for name in ("kind", "group")]
    )
)
class Findings(_Mine):
    """Your findings. Parts that you have not opened on your results page are left out."""

    queryset = Finding.objects.none()
    serializer_class = serializers.FindingSerializer
    lookup_value_regex = r"[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Finding]:
        """Return the open findings of the person, narrowed as asked."""
        person = person_of(self.request)
        rows = Finding.objects.of(person).select_related("origin")
        parts = list(parts_of(person, load(person)))
        if not all(part.is_open for part in parts):
            rows = rows.exclude(kind="report")  # its words can speak of every part
        rows = rows.exclude(pk__in=_closed(person, parts))
        wanted = {
            name: self.request.query_params[name]
            for name in ("kind", "group")
            if name in self.request.query_params
        }
        return rows.filter(**{k: v for k, v in wanted.items() if "\x00" not in v})


def _closed(person: User, parts: Iterable[Part]) -> set[int]:
    """Return the findings in parts that the person keeps closed."""
    keys: dict[int, list[str]] = {}
    for cluster in (one for part in parts if not part.is_open for one in part.clusters):
        keys.setdefault(cluster.shelf.origin.pk, []).extend(one.key for one in cluster.findings)
    closed: set[int] = set()
    for origin_id, inside in keys.items():
        # By the key in the fact: that of the row is another one where a key is long or doubled.
        rows = Finding.objects.of(person).filter(origin=origin_id, body__key__in=inside)
        closed.update(rows.values_list("pk", flat=True))
    return closed


class Agreements(_Mine):
    """Where you stand with each program."""

    queryset = Agreement.objects.none()
    serializer_class = serializers.AgreementSerializer
    lookup_value_regex = r"[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Agreement]:
        """Return the person's agreements."""
        return Agreement.objects.of(person_of(self.request)).select_related("program")


class Shares(_Mine):
    """Everything that was sent, is being sent, or was taken back."""

    queryset = Delivery.objects.none()
    serializer_class = serializers.ShareSerializer
    pagination_class = ByQueue
    lookup_value_regex = r"[0-9a-f-]{36}"

    def get_queryset(self) -> QuerySet[Delivery]:
        """Return the person's sendings."""
        return showing.deliveries_of(person_of(self.request))


class Disclosures(_Mine):
    """One line for each version of each record that left."""

    queryset = Disclosure.objects.none()
    serializer_class = serializers.DisclosureSerializer
    lookup_value_regex = r"[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Disclosure]:
        """Return what left about the person."""
        rows = Disclosure.objects.of(person_of(self.request))
        return rows.select_related("enrolment__program")


class Packages(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]):
    """What was shared with your programs, while each person agrees."""

    wall: ExitStack | None = None
    queryset = Package.objects.none()
    permission_classes = (IsStaff,)
    serializer_class = serializers.PackageSerializer
    pagination_class = ByMaking
    lookup_value_regex = r"[0-9a-f-]{36}"

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Stand behind the wall also when somebody came in by a token."""
        super().initial(request, *args, **kwargs)
        self.wall = ExitStack()
        self.wall.enter_context(only_programs_of(person_of(request)))

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Leave the wall when the answer is made, and also when making it failed."""
        try:
            return super().dispatch(request, *args, **kwargs)
        finally:
            if self.wall is not None:
                self.wall.close()

    def get_queryset(self) -> QuerySet[Package]:
        """Return the packages of the programs of the person who asks."""
        return reviewing.packages_for(person_of(self.request), at=timezone.now())

    @extend_schema(responses=serializers.OpenedSerializer)
    def retrieve(self, request: Request, *args: object, **kwargs: object) -> Response:  # noqa: ARG002
        """Read one package; that you did is written down, and the person can see it."""
        package = self.get_object()
        try:
            opened = reviewing.open_package(
                package=package, reader=person_of(request), at=timezone.now()
            )
        except (gate.NoLiveAgreement, storing.BytesLost) as refusal:
            raise Http404 from refusal
        return Response(serializers.OpenedSerializer(opened).data)
