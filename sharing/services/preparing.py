"""From the record to a preview, and from a confirmed preview to a package in the outbox."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from consent import gate, policy
from consent.models import Agreement, Program
from portal.accounts.models import User
from portal.audit import actions
from portal.audit import services as audit
from sharing import bundle
from sharing.bundle import Outgoing, Packed, Prepared
from sharing.bundle.flags import flags_of
from sharing.models import Delivery, Endpoint, Enrolment, Package
from sharing.services import consents, storing
from sharing.services.enrolling import disguise_of, endpoint_of, enrol, target_of

KIND = Package.Kind

LOOK_AGAIN: Final = "look-again"  # it left its place in line: the program's version is another


class PreviewChanged(Exception):
    """The record or the choice changed since the preview; it must be looked at again."""


class NothingNew(Exception):
    """The program already has all of this."""


class StillOnItsWay(Exception):
    """An earlier sending to this program has not ended yet."""


class NotYetTold(Exception):
    """The program has not answered yet to the news of the agreement."""


@dataclass(frozen=True)
class Preview:
    """What would go, what would stay, and the exact bytes."""

    enrolment: Enrolment
    release: gate.Release
    packed: Packed
    prepared: Prepared
    content_sha256: str
    manifest: dict[str, Any]

    @property
    def sha256(self) -> str:
        """The hash that payload and receipt will have too."""
        return self.prepared.sha256


@transaction.atomic
def prepare(*, patient: User, program: Program, update: bool = False, at: datetime) -> Preview:
    """Return the bytes that would leave now; nothing is kept of them.

    Raises consent.gate.NoLiveAgreement, NoEndpoint and NotYetTold.
    """
    endpoint = endpoint_of(program)
    enrolment = enrol(patient=patient, program=program, at=at)
    agreement = consents.agreement_of(patient, program)
    identity = agreement.agreed().scope.identity
    wanted = gate.Wanted(policy.Use.PROGRAM_RESEARCH, identity, agreement.epoch, update)
    release = gate.release(patient=patient, program=program, purpose=wanted, at=at)
    target = target_of(enrolment, endpoint)
    disguise = disguise_of(enrolment, target, identity, at)
    packed = bundle.pack(target, disguise, _outgoing(release.items))
    fence = fence_of_push(enrolment, endpoint, release.epoch)
    prepared = bundle.push(
        target,
        consents.body(agreement, at=at),
        packed,
        sequence=_place_of_push(enrolment, release.epoch),
        fence=fence,
    )
    return Preview(
        enrolment=enrolment,
        release=release,
        packed=packed,
        prepared=prepared,
        content_sha256=hashlib.sha256(packed.content).hexdigest(),
        manifest={**_manifest(release, packed, agreement, prepared), "fence": fence},
    )


@transaction.atomic
def confirm(*, patient: User, program: Program, sha256: str, at: datetime) -> Delivery:
    """Freeze what was previewed and put it in the outbox; a second click changes nothing.

    Raises PreviewChanged, NothingNew, StillOnItsWay, NotYetTold, NoEndpoint and
    consent.gate.NoLiveAgreement.
    """
    enrolment = enrol(patient=patient, program=program, at=at)
    again = Delivery.objects.open().filter(enrolment=enrolment, package__sha256=sha256).first()
    if again is not None:
        return again
    preview = prepare(patient=patient, program=program, at=at)
    if preview.sha256 != sha256:
        raise PreviewChanged
    return freeze(preview, by=patient, at=at)


def freeze(preview: Preview, *, by: User | None, at: datetime) -> Delivery:
    """Put a prepared package in the outbox. Raises NothingNew and StillOnItsWay."""
    enrolment, epoch = preview.enrolment, preview.release.epoch
    if Delivery.objects.open().filter(enrolment=enrolment, package__kind=KIND.PUSH).exists():
        raise StillOnItsWay
    if already_there(enrolment, epoch, preview.content_sha256):
        raise NothingNew
    announce(enrolment, epoch, at=at)
    parcel = storing.Parcel(
        KIND.PUSH, epoch, preview.prepared, preview.content_sha256, preview.manifest
    )
    delivery = storing.queue(enrolment, parcel, at=at)
    audit.record(
        actions.SHARING_CONFIRMED,
        by=by,
        patient_id=enrolment.patient_id,
        about=f"sharing.delivery:{delivery.pk}",
        facts={
            "program": enrolment.program_id,
            "epoch": epoch,
            "sha256": preview.sha256,
            "resources": len(preview.manifest["items"]),
            "kept_back": len(preview.manifest["stays"]),
        },
        at=at,
    )
    return delivery


def announce(enrolment: Enrolment, epoch: int, *, at: datetime) -> None:
    """Queue the news of an agreement, once for each of its epochs, before any data."""
    if _is_announced(enrolment, epoch):
        return
    endpoint = endpoint_of(enrolment.program)
    agreement = consents.agreement_of(enrolment.patient, enrolment.program)
    fence = _fence_after(enrolment, endpoint, _open(enrolment))
    prepared = bundle.announce(
        target_of(enrolment, endpoint),
        consents.body(agreement, at=at),
        sequence=storing.next_place(enrolment),
        fence=fence,
    )
    manifest = {"identity": agreement.agreed().scope.identity.value, "fence": fence}
    storing.queue(
        enrolment, storing.Parcel(KIND.ANNOUNCE, epoch, prepared, manifest=manifest), at=at
    )


def already_there(enrolment: Enrolment, epoch: int, content_sha256: str) -> bool:
    """Say whether the newest thing that the program took under this epoch is the same."""
    last = (
        Delivery.objects.filter(
            enrolment=enrolment, package__kind=KIND.PUSH, state=Delivery.State.DELIVERED
        )
        .select_related("package")
        .order_by("-place")
        .first()
    )
    if last is None or last.package.content_sha256 != content_sha256:
        return False
    return not _taken_back_since(enrolment, last.place) and last.package.epoch <= epoch


def _taken_back_since(enrolment: Enrolment, place: int) -> bool:
    later = Delivery.objects.filter(enrolment=enrolment, place__gt=place)
    return later.filter(package__kind=KIND.RECALL).exists()


def fence_of_push(enrolment: Enrolment, endpoint: Endpoint, epoch: int) -> str:
    """Return the version that our consent at the program will have when this push arrives.

    What is queued before it moves that version on by one each. Raises NotYetTold where the
    program counts in a way that cannot be foreseen.
    """
    before = _open(enrolment) + (0 if _is_announced(enrolment, epoch) else 1)
    return _fence_after(enrolment, endpoint, before)


def _fence_after(enrolment: Enrolment, endpoint: Endpoint, sendings: int) -> str:
    fence: str | None = enrolment.fence
    if not endpoint.if_match:
        return ""
    if sendings and not endpoint.counts:
        raise NotYetTold
    for _ in range(sendings):
        fence = None if fence is None else next_fence(fence)
    if fence is None:
        raise NotYetTold
    return fence


def next_fence(fence: str) -> str | None:
    """Return the version after this one where versions are counted; None where they are not."""
    counted = re.fullmatch(r'W/"(\d{1,15})"', fence or 'W/"0"')
    return f'W/"{int(counted[1]) + 1}"' if counted else None


def _open(enrolment: Enrolment) -> int:
    return Delivery.objects.open().filter(enrolment=enrolment).count()


def _is_announced(enrolment: Enrolment, epoch: int) -> bool:
    sent = Package.objects.filter(enrolment=enrolment, kind=KIND.ANNOUNCE, epoch=epoch)
    sent = sent.exclude(delivery__state=Delivery.State.CANCELLED)
    return sent.exclude(delivery__code=LOOK_AGAIN).exists()


def _place_of_push(enrolment: Enrolment, epoch: int) -> int:
    place = storing.next_place(enrolment)
    return place if _is_announced(enrolment, epoch) else place + 1


def _outgoing(items: Iterable[gate.Item]) -> Iterable[Outgoing]:
    for item in items:
        yield Outgoing(
            key=f"{item.origin_id}|{item.key}",
            origin=str(item.origin_id),
            version=item.sha256,
            body=item.body,
            aliases=(item.key,),
        )


def _manifest(
    release: gate.Release, packed: Packed, agreement: Agreement, prepared: Prepared
) -> dict[str, Any]:
    items = {f"{item.origin_id}|{item.key}": item for item in release.items}
    removed = {sent.key: body.removed for sent, body in packed.bodies.items()}
    removed |= dict.fromkeys(packed.patient_keys, packed.patient.removed)
    stays = [
        {"resource": items[key].resource_id, "type": items[key].resource_type, "reasons": [reason]}
        for key, reason in packed.stays.items()
    ]
    stays += [
        {
            "resource": kept.resource_id,
            "type": kept.resource_type,
            "reasons": [reason.value for reason in kept.reasons],
        }
        for kept in release.kept_back
    ]
    return {
        "version": agreement.version_id,
        "agreed_at": agreement.agreed_at.isoformat(),
        "identity": release.scope.identity.value,
        "scope": agreement.scope,
        "items": [
            {
                "resource": items[sent.key].resource_id,
                "type": sent.kind,
                "sha256": items[sent.key].sha256,
                "sent_id": sent.sent_id,
                "categories": list(items[sent.key].categories),
                "labels": list(items[sent.key].labels),
                "removed": sorted({*items[sent.key].removed, *removed[sent.key]}),
            }
            for sent in prepared.sent
        ],
        "stays": stays,
        "flags": flags_of(body.body for body in packed.bodies.values()),
    }
