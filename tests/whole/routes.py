"""Every route of the site: who may use it, how, and what stands behind its ids.

An address that is not in here fails a test: whoever adds one says whom it is for.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.urls import URLPattern, URLResolver, get_resolver

from consent.models import Agreement, Document, Program, Version
from portal.accounts.models import User
from portal.connections.models import Connection, Source
from portal.records import services as records
from portal.records.models import Finding, Origin, Resource
from portal.results.clusters import Section
from portal.results.page import page_of
from tests.consent import builders
from tests.genomics.vcf.builders import a_file, a_line
from tests.records.builders import an_observation, an_origin, incoming
from tests.results.builders import a_brca2_change, keep, open_all
from tests.sharing import matrix as sharing

type Ids = dict[str, object]
type Maker = Callable[[User], Ids]

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
OPEN, ANYONE = "open", "anyone signed in"
PATIENT, STAFF, ADMIN = "patient", "staff", "admin"


@dataclass(frozen=True)
class Route:
    """Who may use a route, with which methods, and whose objects its ids name."""

    who: str
    methods: frozenset[str]
    owned: Maker | None = None
    fixed: Maker | None = None
    # What the address or the form needs to be understood at all.
    said: Mapping[str, str] = field(default_factory=dict)

    def ids(self, user: User) -> Ids:
        """Make what the route's ids name, for this person."""
        maker = self.owned or self.fixed
        return maker(user) if maker else {}


def _route(
    who: str,
    methods: str = "GET",
    *,
    owned: Maker | None = None,
    fixed: Maker | None = None,
    **said: str,
) -> Route:
    return Route(who, frozenset(methods.split()), owned, fixed, said)


def a_source(_user: User | None = None) -> Source:
    """Return the one source of the matrix."""
    found, _made = Source.objects.get_or_create(
        slug="matrix-lab",
        defaults={
            "kind": Source.Kind.LAB,
            "name": "Matrix lab",
            "base_url": "https://lab.example/fhir",
            "issuer": "https://lab.example/fhir",
            "authorize_url": "https://lab.example/authorize",
            "token_url": "https://lab.example/token",
            "auth_method": Source.AuthMethod.NONE,
            "client_id": "us",
            "scopes": "patient/*.rs",
            "registered_at": NOW,
        },
    )
    return found


def a_connection(user: User) -> Ids:
    """Make a connection of this person."""
    origin = an_origin(user)
    made = Connection.objects.create(
        patient=user,
        source=a_source(),
        origin=origin,
        remote_patient_id=origin.remote_patient_id,
        scopes="patient/*.rs",
        connected_at=NOW,
    )
    return {"pk": made.pk}


def an_ended_connection(user: User) -> Ids:
    """Make a connection of this person that was ended."""
    made = a_connection(user)
    Connection.objects.filter(**made).update(state="disconnected", ended_at=NOW)
    return made


def a_resource(user: User) -> Ids:
    """Store a resource of this person."""
    origin: Origin = an_origin(user)
    records.store_page(origin=origin, entries=incoming(an_observation()), at=NOW)
    return {"pk": Resource.objects.get(origin=origin).pk}


def an_upload(user: User) -> Ids:
    """Let this person hand in a file."""
    raw = an_observation()
    return {"pk": records.add_upload(patient=user, content=raw, name="a.json", at=NOW).pk}


def an_asking_upload(user: User) -> Ids:
    """Let this person hand in a file of two samples, which asks whose it is."""
    raw = a_file(a_line() + "\t0/0", samples=("Ana", "Bo"))
    upload = records.add_upload(patient=user, content=raw, name="a.vcf", at=NOW)
    records.read_upload(upload_id=upload.pk, at=NOW)
    return {"pk": upload.pk}


def a_program(_user: User | None = None) -> Ids:
    """Return the one program of the matrix, with a published text."""
    found = Program.objects.filter(slug="matrix").first()
    if found is None:
        found = builders.a_program("matrix")
        builders.a_version(found)
    return {"slug": found.slug}


def an_agreement(user: User) -> Ids:
    """Let this person agree to the program."""
    program = Program.objects.get(**a_program())
    if not Agreement.objects.filter(patient=user, program=program).exists():
        builders.an_agreement(user, program)
    return {"slug": program.slug}


def a_newer_text(user: User) -> Ids:
    """Let this person agree to a text that was replaced since."""
    ids = an_agreement(user)
    document = Document.objects.get(program__slug="matrix")
    newest = document.versions.order_by("-number")[0]
    if newest.number == 1:
        newest.state, newest.replaced_at = Version.State.SUPERSEDED, NOW
        newest.save()
        builders.a_version(document.program, 2)
    return ids


def a_document(_user: User | None = None) -> Ids:
    """Return the document of the program, by its number."""
    return {"pk": Document.objects.get(program__slug=a_program()["slug"]).pk}


def a_draft(user: User) -> Ids:
    """Let this person write the next version of the program's document."""
    document = Document.objects.get(**a_document())
    draft = document.versions.filter(state=Version.State.DRAFT).first()
    if draft is None:
        number = document.versions.count() + 1
        draft = builders.a_version(document.program, number, published=False, author=user)
    return {"pk": draft.pk}


def a_consent_record(_user: User | None = None) -> Ids:
    """Let somebody agree, for an admin to look at."""
    found = Agreement.objects.filter(program__slug=a_program()["slug"]).first()
    if found is None:
        somebody = User.objects.create_user("somebody@example.org", "correct horse")
        found = Agreement.objects.get(
            patient=somebody, program__slug=an_agreement(somebody)["slug"]
        )
    return {"pk": found.pk}


def a_receipt(user: User) -> Ids:
    """Return the receipt of this person's first act."""
    return {**an_agreement(user), "seq": 1}


def a_finding(user: User) -> Ids:
    """Keep an open result of this person."""
    if not Finding.objects.of(user).exists():
        keep(an_origin(user), a_brca2_change(key=f"v{user.pk.hex[:6]}"))
        open_all(user)
    page = page_of(user)
    shown = next(cluster for part in page.parts for cluster in part.clusters)
    return {"slug": shown.slug}


ROUTES: dict[str, Route] = {
    "home": _route(OPEN),
    "alive": _route(OPEN),
    "ready": _route(OPEN),
    "set_language": _route(OPEN, "POST"),
    "site:help": _route(OPEN),
    "site:words": _route(OPEN),
    "site:privacy": _route(OPEN),
    "site:accessibility": _route(OPEN),
    "site:doctors": _route(OPEN),
    "connections:list": _route(PATIENT),
    "connections:choose": _route(PATIENT),
    "connections:start": _route(
        PATIENT, "GET POST", fixed=lambda user: {"slug": a_source(user).slug}
    ),
    "connections:callback": _route(PATIENT),
    "connections:refused": _route(PATIENT, fixed=lambda _user: {"code": "unavailable"}),
    "connections:keys": _route(OPEN),
    "connections:one": _route(PATIENT, owned=a_connection),
    "connections:fetch": _route(PATIENT, "POST", owned=a_connection),
    "connections:disconnect": _route(PATIENT, "GET POST", owned=a_connection),
    "connections:delete_copies": _route(PATIENT, "GET POST", owned=an_ended_connection),
    "records:uploads": _route(PATIENT, "GET POST"),
    "records:answer_upload": _route(PATIENT, "GET POST", owned=an_asking_upload),
    "records:remove_upload": _route(PATIENT, "GET POST", owned=an_upload),
    "records:refused": _route(PATIENT),
    "records:changes": _route(PATIENT),
    "records:changes_seen": _route(PATIENT, "POST"),
    "records:download": _route(PATIENT, "GET POST"),
    "records:history": _route(PATIENT, owned=a_resource),
    "audit:trail": _route(PATIENT),
    "results:list": _route(PATIENT),
    "results:notice": _route(PATIENT, "POST"),
    "results:doctor": _route(PATIENT),
    "results:part": _route(PATIENT, fixed=lambda _user: {"section": Section.SOON.value}),
    "results:finding": _route(PATIENT, owned=a_finding),
    "site:account": _route(ANYONE),
    "site:still_here": _route(ANYONE, "POST"),
    "results:medicines": _route(PATIENT),
    "results:words": _route(PATIENT, "POST"),
    "results:calm": _route(PATIENT, "POST"),
    "results:paper": _route(PATIENT, "GET POST", fixed=lambda _user: {"kind": "questions"}),
    "results:paper_pdf": _route(PATIENT, "POST", fixed=lambda _user: {"kind": "questions"}),
    "results:looked": _route(PATIENT, "GET POST"),
    "results:changes": _route(PATIENT),
    "results:changes_seen": _route(PATIENT, "POST"),
    "consent_admin:documents": _route(ADMIN),
    "consent_admin:new_draft": _route(ADMIN, "POST", fixed=a_document),
    "consent_admin:version": _route(ADMIN, fixed=a_draft),
    "consent_admin:preview": _route(ADMIN, fixed=a_draft),
    "consent_admin:changes": _route(ADMIN, fixed=a_draft),
    "consent_admin:edit": _route(
        ADMIN, "GET POST", fixed=lambda user: {**a_draft(user), "place": "screens.0"}
    ),
    "consent_admin:describe": _route(ADMIN, "POST", fixed=a_draft),
    "consent_admin:publish": _route(ADMIN, "POST", fixed=a_draft),
    "consent_admin:records": _route(ADMIN, "GET POST"),
    "consent_admin:record": _route(ADMIN, fixed=a_consent_record),
    "consent_admin:check": _route(ADMIN, "POST", fixed=a_consent_record),
    "consent_admin:record_receipt": _route(
        ADMIN, fixed=lambda user: {**a_consent_record(user), "seq": 1}
    ),
    "consent:choices": _route(PATIENT),
    "consent:preferences": _route(PATIENT, "GET POST"),
    "consent:program": _route(PATIENT, fixed=a_program),
    "consent:less": _route(PATIENT, "POST", owned=an_agreement, what="name"),
    "consent:more": _route(PATIENT, "GET POST", owned=an_agreement, what="name"),
    "consent:last_day": _route(PATIENT, "GET POST", owned=an_agreement),
    "consent:leave": _route(PATIENT, "GET POST", owned=an_agreement),
    "consent:history": _route(PATIENT, owned=an_agreement),
    "consent:whats_new": _route(PATIENT, owned=a_newer_text),
    "consent:text": _route(PATIENT, fixed=lambda user: {**a_program(user), "number": 1}),
    "consent:agree": _route(
        PATIENT, "GET POST", fixed=lambda user: {**a_program(user), "number": 1}
    ),
    "consent:sign": _route(PATIENT, "GET POST", fixed=a_program),
    "consent:decline": _route(PATIENT, "POST", fixed=a_program),
    "consent:receipt": _route(PATIENT, owned=a_receipt),
    "consent:receipt_pdf": _route(PATIENT, owned=a_receipt),
    "consent:receipt_json": _route(PATIENT, owned=a_receipt),
    "consent:receipt_fhir": _route(PATIENT, owned=a_receipt),
    "jwks": _route(OPEN),
    "sharing:list": _route(PATIENT),
    "sharing:left": _route(PATIENT),
    "sharing:delivery": _route(PATIENT, owned=sharing.a_sending),
    "sharing:retry": _route(PATIENT, "POST", owned=sharing.a_refused_sending),
    "sharing:receipt_json": _route(PATIENT, owned=sharing.a_sending),
    "sharing:receipt_pdf": _route(PATIENT, owned=sharing.a_sending),
    "sharing:bytes": _route(PATIENT, owned=sharing.a_sending),
    "sharing:preview": _route(PATIENT, owned=sharing.an_agreed_program),
    "sharing:preview_bytes": _route(PATIENT, owned=sharing.an_agreed_program),
    "sharing:confirm": _route(PATIENT, "GET POST", owned=sharing.an_agreed_program),
    "sharing:stop": _route(PATIENT, "GET POST", owned=sharing.an_agreed_program),
    "api:findings-list": _route(PATIENT),
    "api:findings-detail": _route(PATIENT, owned=sharing.a_finding),
    "api:agreements-list": _route(PATIENT),
    "api:agreements-detail": _route(PATIENT, owned=sharing.an_agreement),
    "api:shares-list": _route(PATIENT),
    "api:shares-detail": _route(PATIENT, owned=sharing.a_sending),
    "api:disclosures-list": _route(PATIENT),
    "api:disclosures-detail": _route(PATIENT, owned=sharing.a_disclosure),
    "api:packages-list": _route(STAFF),
    "api:packages-detail": _route(STAFF, owned=sharing.a_package),
    "api:schema": _route(ANYONE),
    "api:docs": _route(ANYONE),
    "api:token": _route(ANYONE, "GET POST"),
    "review:queue": _route(STAFF),
    "review:item": _route(STAFF, owned=sharing.a_package),
    "review:decide": _route(STAFF, "POST", owned=sharing.a_package, decision="accept"),
    "review:parked": _route(STAFF),
    "review:retry": _route(STAFF, "POST", owned=sharing.a_refusal),
}

# Parts we did not write. Each is whole: their own tests hold what they do inside.
BORROWED = ("account_", "mfa_", "usersessions_", "admin:")


def names() -> Iterator[str]:
    """Yield the full name of every route in the URL configuration."""
    yield from _walk(get_resolver(), ())


def _walk(resolver: URLResolver, spaces: tuple[str, ...]) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield ":".join([*spaces, pattern.name or f"unnamed {pattern.pattern}"])
        else:
            more = (pattern.namespace,) if pattern.namespace else ()
            yield from _walk(pattern, spaces + more)
