"""The person's pages: what they say, and to whom."""

import json
import time
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from consent.models import Agreement, Event
from portal.accounts.models import User
from sharing import services
from sharing.models import Delivery
from sharing.services import keys
from sharing.services.program import ProgramRefused, ProgramUnavailable
from sharing.words import DELIVERY
from tests.consent.builders import NOON, a_person, a_resource
from tests.records.test_views import taken_away
from tests.sharing.builders import Sharing, a_variant
from tests.structure import faults

pytestmark = pytest.mark.django_db


@pytest.fixture
def sharing() -> Sharing:
    made = Sharing()
    made.now = datetime.now(UTC)
    return made


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    _make_fresh(client)
    return client


def _make_fresh(client: Client) -> None:
    session = client.session
    signed_in = {"method": "password", "at": time.time(), "reauthenticated": True}
    session["account_authentication_methods"] = [signed_in]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()


def text_of(client: Client, name: str, *args: object, **headers: str) -> str:
    answer = client.get(reverse(name, args=args), headers=headers)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_an_empty_list_says_what_to_do() -> None:
    page = text_of(signed_in(a_person()), "sharing:list")

    assert "You share with nobody" in page


def test_preview_confirm_progress_and_receipt_show_one_fingerprint(sharing: Sharing) -> None:
    client = signed_in(sharing.patient)
    slug = sharing.program.slug
    preview = text_of(client, "sharing:preview", slug)
    confirm = text_of(client, "sharing:confirm", slug)
    sha256 = services.prepare(
        patient=sharing.patient, program=sharing.program, at=sharing.now
    ).sha256

    answer = client.post(reverse("sharing:confirm", args=[slug]), {"sha256": sha256}, follow=True)
    waiting = answer.content.decode()
    sharing.wait(5)
    sharing.run()
    delivery = Delivery.objects.get(package__kind="push")
    receipt = text_of(client, "sharing:delivery", delivery.pk)

    assert all(sha256 in page for page in (preview, confirm, waiting, receipt))
    assert "hx-get" in waiting
    assert 'http-equiv="refresh"' in waiting
    assert "hx-get" not in receipt
    assert "The program has received it" in receipt


def test_the_preview_says_what_stays_and_why(sharing: Sharing) -> None:
    a_resource(sharing.origin, {"resourceType": "Basic", "id": "b"})

    page = text_of(signed_in(sharing.patient), "sharing:preview", sharing.program.slug)

    assert "What stays here" in page
    assert "Parts taken out of what goes" in page


def test_the_downloaded_preview_is_the_very_bytes(sharing: Sharing) -> None:
    client = signed_in(sharing.patient)

    answer = client.get(reverse("sharing:preview_bytes", args=[sharing.program.slug]))

    assert answer.content == sharing.preview().prepared.raw


def test_sending_asks_for_a_fresh_sign_in(sharing: Sharing) -> None:
    sharing.patient.set_password("a long enough one")
    sharing.patient.save()
    client = Client()
    client.force_login(sharing.patient, backend="django.contrib.auth.backends.ModelBackend")

    answer = client.post(reverse("sharing:confirm", args=[sharing.program.slug]), {})

    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]
    assert not Delivery.objects.exists()


def test_a_preview_that_changed_is_shown_again(sharing: Sharing) -> None:
    client = signed_in(sharing.patient)

    answer = client.post(
        reverse("sharing:confirm", args=[sharing.program.slug]), {"sha256": "0" * 64}, follow=True
    )

    assert "Something changed since you looked" in answer.content.decode()
    assert not Delivery.objects.exists()


def test_stopping_takes_two_clicks_and_says_what_cannot_be_undone(sharing: Sharing) -> None:
    client = signed_in(sharing.patient)
    sharing.confirm()
    sharing.run()
    page = text_of(client, "sharing:stop", sharing.program.slug)

    answer = client.post(reverse("sharing:stop", args=[sharing.program.slug]), follow=True)
    sharing.wait(5)
    sharing.run()
    after = text_of(client, "sharing:list")

    assert "What cannot be undone" in page
    assert "Nothing new leaves from now on" in answer.content.decode()
    assert "The program confirmed that it did what you asked" in after
    assert sharing.server.observations == []


def test_a_second_stop_says_that_it_was_stopped(sharing: Sharing) -> None:
    client = signed_in(sharing.patient)
    address = reverse("sharing:stop", args=[sharing.program.slug])
    client.post(address)

    answer = client.post(address, follow=True)

    assert "You had stopped before" in answer.content.decode()


def test_stopping_only_new_sharing_recalls_nothing(sharing: Sharing) -> None:
    client = signed_in(sharing.patient)
    sharing.confirm()
    sharing.run()

    client.post(reverse("sharing:stop", args=[sharing.program.slug]), {"what": "new"})

    assert Agreement.objects.get().state == "stopped"


def test_after_a_stop_the_preview_says_that_nothing_can_be_sent(sharing: Sharing) -> None:
    client = signed_in(sharing.patient)
    sharing.stop()

    answer = client.get(reverse("sharing:preview", args=[sharing.program.slug]))

    assert answer.status_code == 409
    assert "You are not sharing with this program now" in answer.content.decode()


def test_what_left_is_listed_by_version(sharing: Sharing) -> None:
    client = signed_in(sharing.patient)
    empty = text_of(client, "sharing:left")
    sharing.confirm()
    sharing.run()

    page = text_of(client, "sharing:left")

    assert "Nothing has left" in empty
    assert sharing.patient.resources.get().sha256[:12] in page


def test_the_download_of_everything_holds_the_receipts(sharing: Sharing) -> None:
    delivery = sharing.confirm()
    sharing.run()

    archive = taken_away(signed_in(sharing.patient))

    sent = json.loads(archive.read(f"receipts/sharing-receipt-{delivery.pk}.json"))
    agreed = Event.objects.of(sharing.patient).get()
    receipt = json.loads(archive.read(f"receipts/consent-receipt-{agreed.pk}.json"))
    assert sent["sha256"] == delivery.package.sha256
    assert receipt["hash"] == agreed.hash
    assert archive.read(f"receipts/consent-receipt-{agreed.pk}.pdf").startswith(b"%PDF-")


def test_receipts_come_as_json_and_pdf_with_the_same_hash(sharing: Sharing) -> None:
    client = signed_in(sharing.patient)
    delivery = sharing.confirm()
    sharing.run()

    said = json.loads(text_of(client, "sharing:receipt_json", delivery.pk))
    pdf = client.get(reverse("sharing:receipt_pdf", args=[delivery.pk]))
    raw = client.get(reverse("sharing:bytes", args=[delivery.pk]))

    assert said["sha256"] == delivery.package.sha256
    assert said["state"] == "delivered"
    assert faults(pdf.content) == []
    assert raw.content == sharing.server.stored[1]


def test_a_refused_sending_can_be_tried_again_from_its_page(sharing: Sharing) -> None:
    client = signed_in(sharing.patient)
    sharing.confirm()
    sharing.server.before = [ProgramRefused("status-422", status=422)]
    sharing.run()
    parked = Delivery.objects.filter(state="parked").first()
    assert parked

    address = reverse("sharing:delivery", args=[parked.pk])
    page = client.get(address).content.decode()
    # Whoever watched it being refused sees the way on without opening the page anew.
    live = client.get(address, headers={"HX-Request": "true"}).content.decode()
    client.post(reverse("sharing:retry", args=[parked.pk]))

    assert "Try again" in page
    assert "Try again" in live
    assert Delivery.objects.get(pk=parked.pk).state == "queued"


def test_live_fragments_are_the_state_alone(sharing: Sharing) -> None:
    delivery = sharing.confirm()

    part = text_of(signed_in(sharing.patient), "sharing:delivery", delivery.pk, HX_Request="true")

    assert "<html" not in part


@pytest.mark.parametrize("name", ["delivery", "receipt_json", "receipt_pdf", "bytes"])
def test_another_persons_sending_is_not_found(sharing: Sharing, name: str) -> None:
    delivery = sharing.confirm()
    stranger = signed_in(a_person("stranger@example.org"))

    answer = stranger.get(reverse(f"sharing:{name}", args=[delivery.pk]))

    assert answer.status_code == 404


@pytest.mark.parametrize("name", ["preview", "confirm", "stop", "preview_bytes"])
def test_a_program_that_one_never_agreed_with_is_not_found(sharing: Sharing, name: str) -> None:
    stranger = signed_in(a_person("stranger@example.org"))

    answer = stranger.get(reverse(f"sharing:{name}", args=[sharing.program.slug]))

    assert answer.status_code == 404


def test_our_public_keys_are_for_everybody_and_hold_no_private_part() -> None:
    keys.current("ES384", at=NOON)

    said = json.loads(Client().get("/.well-known/jwks.json").content)

    assert {key["alg"] for key in said["keys"]} == {"ES384"}
    assert not any("d" in key for key in said["keys"])


def test_a_program_that_must_answer_first_is_waited_for_by_the_page_itself(
    sharing: Sharing,
) -> None:
    sharing.endpoint.counts = False
    sharing.endpoint.save()
    client = signed_in(sharing.patient)
    address = reverse("sharing:preview", args=[sharing.program.slug])

    whole = client.get(address)
    part = client.get(address, headers={"HX-Request": "true"})
    services.follow_all(at=sharing.now)
    sharing.run()
    ready = client.get(address, headers={"HX-Request": "true"})

    assert whole.status_code == 409
    assert f'hx-get="{address}"' in whole.content.decode()
    assert (part.status_code, b"<html" in part.content) == (200, False)
    assert f'hx-get="{address}"' in part.content.decode()
    assert ready.headers["HX-Redirect"] == address


def test_what_must_be_looked_at_again_leads_to_a_new_preview(sharing: Sharing) -> None:
    sharing.server.etag = '"{}-of-ours"'.format
    delivery = sharing.confirm()
    sharing.run()

    page = text_of(signed_in(sharing.patient), "sharing:delivery", delivery.pk)

    assert "Please look and send again." in page
    assert reverse("sharing:preview", args=[sharing.program.slug]) in page
    assert "Try again" not in page


def test_what_was_overtaken_is_not_sent_again_and_the_page_says_why(sharing: Sharing) -> None:
    client = signed_in(sharing.patient)
    services.follow_all(at=sharing.now)
    sharing.run()
    old = sharing.confirm()
    sharing.server.before = [ProgramRefused("status-422", status=422)]
    sharing.run()
    a_resource(sharing.origin, a_variant(id="v2"), "hereditary-risk")
    sharing.confirm()
    sharing.run()

    page = text_of(client, "sharing:delivery", old.pk)
    client.post(reverse("sharing:retry", args=[old.pk]))

    assert "Something newer went since then" in page
    assert "Try again" not in page
    assert Delivery.objects.get(pk=old.pk).state == "parked"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "The program did not accept the form of the data."),
        (403, "The program did not let us do this."),
        (413, "It was too big for the program."),
    ],
)
def test_a_refusal_says_why_on_the_page_and_in_the_list(
    sharing: Sharing, status: int, words: str
) -> None:
    client = signed_in(sharing.patient)
    services.follow_all(at=sharing.now)
    sharing.run()
    sending = sharing.confirm()
    sharing.server.before = [ProgramRefused(f"status-{status}", status=status)]
    sharing.run()

    assert words in text_of(client, "sharing:delivery", sending.pk)
    assert f"Your data: The program refused it. It got nothing of this sending. {words}" in (
        text_of(client, "sharing:list")
    )


def test_a_program_that_is_broken_is_named_as_the_cause_of_the_wait(sharing: Sharing) -> None:
    client = signed_in(sharing.patient)
    services.follow_all(at=sharing.now)
    sharing.run()
    sending = sharing.confirm()
    sharing.server.before = [ProgramUnavailable("status-500", on_wire=True, status=500)]
    sharing.run()

    page = text_of(client, "sharing:delivery", sending.pk)

    assert Delivery.objects.get(pk=sending.pk).state == "queued"
    assert "Something is broken at the program. We ask it before we send again." in page


@pytest.mark.parametrize("state", ["cancelled", "in-flight-at-stop"])
def test_what_a_changed_choice_ends_too_is_not_told_as_a_stop(state: str) -> None:
    said = [str(words) for (_, ends_as), words in DELIVERY.items() if ends_as == state]

    assert len(said) == 2
    assert not [words for words in said if "you stopped" in words.lower()]


def test_news_of_an_agreement_that_changed_first_asks_nothing_of_the_person(
    sharing: Sharing,
) -> None:
    client = signed_in(sharing.patient)
    services.follow_all(at=sharing.now)
    news = Delivery.objects.get(package__kind="announce")
    sharing.stop()

    page = text_of(client, "sharing:delivery", news.pk)

    news.refresh_from_db()
    assert news.state == "cancelled"
    assert "Your agreement ended or changed before we told the program." in page
    assert "Your agreement ended or changed first." not in page
