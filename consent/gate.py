"""The one door through which record bodies go to sharing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction

from consent import elements, ledger, policy
from consent.categories import HOLDS_FILES
from consent.classification import Facts, Json, classify_resource
from consent.models import Agreement, Program
from consent.references import People, beside, canonical_key, subject_of, target_of, targets
from portal.accounts.models import User
from portal.audit import actions
from portal.audit import services as audit
from portal.records.models import FindingSource, Resource


class NoLiveAgreement(Exception):
    """Nothing may leave now; `reasons` say why."""

    def __init__(self, reasons: tuple[policy.Reason, ...]) -> None:
        """Keep the reasons; the message holds nothing about anybody."""
        super().__init__("no live agreement")
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the data is wanted for. `epoch` is that of the package; None asks for the newest."""

    use: policy.Use
    identity: policy.Identity
    epoch: int | None = None
    update: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One resource that may leave, without what could carry other data."""

    resource_id: int
    resource_type: str
    source_id: str
    origin_id: int
    sha256: str  # of the verbatim copy that it was made from
    key: str  # how the references of this release name it
    body: dict[str, Json]
    removed: tuple[str, ...]
    partial: bool
    categories: tuple[str, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeptBack:
    """One resource that stays, and why."""

    resource_id: int
    resource_type: str
    reasons: tuple[policy.Reason, ...]


@dataclass(frozen=True, slots=True)
class Release:
    """The answer of the gate, true while the caller's transaction holds the agreement."""

    agreement_id: int
    epoch: int
    version_id: int
    scope: policy.Scope
    items: tuple[Item, ...] = ()
    kept_back: tuple[KeptBack, ...] = ()

    def __iter__(self) -> Iterator[Item]:
        """Go through what may leave."""
        return iter(self.items)


def hold(
    *, patient: User, program: Program, wanted: Wanted, at: datetime
) -> tuple[Agreement, policy.Purpose]:
    """Lock the agreement FOR SHARE and check that it stands; no stop can pass until the commit.

    Raises NoLiveAgreement.
    """
    found = Agreement.objects.raw(
        "SELECT * FROM consent_agreement WHERE patient_id = %s AND program_id = %s FOR SHARE",
        [patient.pk, program.pk],
    )
    agreement = next(iter(found), None)
    if agreement is None:
        raise NoLiveAgreement((policy.Reason.NOT_ACTIVE,))
    purpose = policy.Purpose(
        use=wanted.use,
        identity=wanted.identity,
        epoch=agreement.epoch if wanted.epoch is None else wanted.epoch,
        update=wanted.update,
    )
    reasons = policy.standing(agreement.agreed(), agreement.version.offered(), purpose, at)
    if reasons:
        raise NoLiveAgreement(reasons)
    return agreement, purpose


@transaction.atomic
def release(
    *, patient: User, program: Program, purpose: Wanted, at: datetime, by: User | None = None
) -> Release:
    """Return what may leave now, thing by thing and element by element, and write the trail.

    Call it in the transaction that uses the answer: the agreement stays locked until that ends.
    Raises NoLiveAgreement.
    """
    agreement, asked = hold(patient=patient, program=program, wanted=purpose, at=at)
    held = _Record.of(patient)
    answers = {
        part.row.pk: policy.decide(
            agreement.agreed(), agreement.version.offered(), part.facts, asked, at
        )
        for part in held.parts
    }
    answer = Release(
        agreement_id=agreement.pk,
        epoch=agreement.epoch,
        version_id=agreement.version_id,
        scope=agreement.agreed().scope,
        items=tuple(_items(held, answers, asked)),
        kept_back=tuple(
            KeptBack(part.row.pk, part.row.resource_type, answers[part.row.pk].reasons)
            for part in held.parts
            if not answers[part.row.pk].permit
        ),
    )
    _write_trail(answer, patient, by, at)
    return answer


def facts_of(patient: User) -> list[tuple[str, Facts]]:
    """Return the type of each resource of a person, and what it is about; no body leaves."""
    return [(part.row.resource_type, part.facts) for part in _Record.of(patient).parts]


@dataclass(slots=True)
class _Part:
    row: Resource
    body: dict[str, Json]
    facts: Facts = field(default_factory=Facts)

    @property
    def key(self) -> str:
        return canonical_key(self.row.resource_type, self.row.source_id)

    @property
    def names(self) -> frozenset[str]:
        row = self.row
        return targets(row.resource_type, row.source_id, row.full_url, self.body)


class _Record:
    """A person's present resources, judged together: a report is what its results are."""

    def __init__(self, parts: list[_Part], findings: Mapping[int, set[str]]) -> None:
        self.parts = parts
        self._findings = findings
        self.by_key = {(part.row.origin_id, name): part for part in parts for name in part.names}
        people = People.of(
            (part.row.origin_id, part.row.origin.remote_patient_id, self._subject(part))
            for part in parts
        )
        for part in parts:
            part.facts = self._facts(part, people)

    @classmethod
    def of(cls, patient: User) -> "_Record":
        rows = Resource.objects.of(patient).filter(removed_at=None)
        parts = [_Part(row, row.body()) for row in rows.select_related("origin").order_by("pk")]
        findings: defaultdict[int, set[str]] = defaultdict(set)
        links = FindingSource.objects.filter(finding__patient=patient)
        # A report is what its results are; a remark about a resource says nothing of its kind.
        links = links.exclude(finding__kind__in=("report", "notice"))
        for resource_id, category, every in links.values_list(
            "resource_id", "finding__category", "finding__categories"
        ):
            # A finding that nobody could place keeps its resource home.
            findings[resource_id] |= ({*every, category} - {""}) or {"unclassified"}
        return cls(parts, findings)

    def linked(self, part: _Part, *names: str) -> Iterator[_Part]:
        """Yield the parts that the named elements point to, from the same origin."""
        for name in names:
            value = part.body.get(name)
            for item in value if isinstance(value, list) else [value]:
                reference = item.get("reference") if isinstance(item, dict) else None
                found = self.by_key.get((part.row.origin_id, target_of(reference)))
                if found is not None:
                    yield found

    def _subject(self, part: _Part) -> str:
        """Return whom a part is about; a URN is followed to the Patient that it names."""
        subject = subject_of(part.body)
        named = self.by_key.get((part.row.origin_id, subject))
        return (named and subject_of(named.body)) or subject

    def _facts(self, part: _Part, people: People) -> Facts:
        names: set[str] = set()
        self._gather(part, names, set())
        medicines = [found.body for found in self.linked(part, "medicationReference")]
        facts = classify_resource(part.body, names, medicines)
        about = (self._subject(part), *beside(part.body))
        return replace(
            facts,
            never_sent=part.row.resource_type not in elements.leaving_types(),
            other_person=any(people.is_other(part.row.origin_id, one) for one in about),
        )

    def _gather(self, part: _Part, names: set[str], seen: set[int]) -> None:
        if part.row.pk in seen:
            return
        seen.add(part.row.pk)
        names |= self._findings.get(part.row.pk, set())
        for member in self.linked(part, "result", "hasMember"):
            self._gather(member, names, seen)


def _items(
    held: _Record, answers: Mapping[int, policy.Decision], asked: policy.Purpose
) -> Iterable[Item]:
    going = {place: part.key for place, part in held.by_key.items() if answers[part.row.pk].permit}
    own = {place: part.key for place, part in held.by_key.items() if _is_patient(part)}
    for part in held.parts:
        answer = _framed(part, held, answers)
        if not answer.permit:
            continue
        body, removed = elements.clean(part.body, _allowed(part, answer, asked, own | going))
        yield Item(
            resource_id=part.row.pk,
            resource_type=part.row.resource_type,
            source_id=part.row.source_id,
            origin_id=part.row.origin_id,
            sha256=part.row.sha256,
            key=part.key,
            body=body,
            removed=removed,
            partial=answer.partial,
            categories=tuple(sorted(part.facts.categories)),
            labels=tuple(sorted(part.facts.labels)),
        )


def _framed(part: _Part, held: _Record, answers: Mapping[int, policy.Decision]) -> policy.Decision:
    """Return the decision about a part; what sums up a result that stays, stays too."""
    answer = answers[part.row.pk]
    results = held.linked(part, "result", "hasMember")
    if answer.permit and not all(answers[one.row.pk].permit for one in results):
        return replace(answer, partial=True)
    return answer


def _is_patient(part: _Part) -> bool:
    return part.row.resource_type == "Patient" and not part.facts.other_person


def _allowed(
    part: _Part,
    answer: policy.Decision,
    asked: policy.Purpose,
    going: Mapping[tuple[int, str], str],
) -> elements.Allowed:
    origin_id = part.row.origin_id
    remote = part.row.origin.remote_patient_id
    own = f"Patient/{remote.removeprefix('Patient/')}" if remote else ""

    def onward(reference: str) -> str | None:
        name = target_of(reference)
        return name if name == own else going.get((origin_id, name))

    return elements.Allowed(
        identity=asked.identity,
        partial=answer.partial,
        attachments=asked.identity is policy.Identity.IDENTIFIED
        and part.row.resource_type in elements.ONLY_WITH_NAME
        and part.facts.categories <= HOLDS_FILES,
        reference=onward,
    )


def _write_trail(answer: Release, patient: User, by: User | None, at: datetime) -> None:
    said = [
        [[item.resource_id, item.sha256, item.partial] for item in answer.items],
        [[kept.resource_id, list(kept.reasons)] for kept in answer.kept_back],
    ]
    audit.record(
        actions.CONSENT_GATE_ANSWERED,
        by=by,
        patient_id=patient.pk,
        about=f"consent.agreement:{answer.agreement_id}",
        facts={
            "epoch": answer.epoch,
            "permitted": len(answer.items),
            "kept_back": len(answer.kept_back),
            "policy": policy.POLICY_VERSION,
            "decisions_sha256": ledger.sha256(said),
        },
        at=at,
    )
