"""Any program's server can be registered; only proper addresses and only staff."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.management import CommandError, call_command
from django.test import Client
from kombu.exceptions import OperationalError

from consent.models import Program
from portal.accounts.models import User
from portal.audit.models import Entry
from portal.celery import app as celery_app
from sharing import clients, tasks
from sharing.models import Delivery, Endpoint, Member, SigningKey
from sharing.services import hinting, registering
from tests.consent.builders import NOON, a_person, a_program
from tests.people import sign_in
from tests.sharing.builders import Sharing

pytestmark = pytest.mark.django_db
HERE = "http://127.0.0.1:9/fhir"


def test_the_command_registers_a_server_and_its_staff(capsys: pytest.CaptureFixture[str]) -> None:
    a_person("staff@example.org", role=User.Role.STAFF)

    call_command(
        "add_program",
        "new-one",
        "--name=A new one",
        "--purpose-en=It looks at sleep.",
        "--purpose-es=Estudia el sueño.",
        f"--base-url={HERE}/",
        "--sign-in=none",
        "--writing=conditional-update",
        "--no-if-match",
        "--no-deletes",
        "--staff=staff@example.org",
    )

    endpoint = Endpoint.objects.get(program__slug="new-one")
    assert endpoint.base_url == HERE
    assert (endpoint.if_match, endpoint.deletes) == (False, False)
    assert Member.objects.get().user.email == "staff@example.org"
    said = capsys.readouterr()
    assert "A new one" in said.out
    assert "does not answer" in said.err


def test_running_it_again_corrects_and_keeps_the_secret() -> None:
    program = a_program()
    first = registering.register(program=program, server=_server(), at=NOON)

    second = registering.register(
        program=program, server=registering.Server("https://x.example/r4", sign_in="none"), at=NOON
    )

    assert second.pk == first.pk
    assert second.base_url == "https://x.example/r4"
    assert second.secret() == first.secret()


def _server() -> registering.Server:
    return registering.Server(HERE, sign_in="none")


NEW = ["x", "--name=X", "--purpose-en=It helps.", "--purpose-es=Ayuda.", "--sign-in=none"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nobody", f"--base-url={HERE}"], "no such program"),
        ([*NEW, "--base-url=http://10.0.0.1/fhir"], "https"),
        ([*NEW, f"--base-url={HERE}", "--staff=none@example.org"], "role of staff"),
        ([*NEW, f"--base-url={HERE}", "--staff=patient@example.org"], "role of staff"),
        ([*NEW, f"--base-url={HERE}", "--sign-in=smart-backend"], "token address"),
        ([*NEW, f"--base-url={HERE}", "--duo=DUO:1"], "DUO:0000042"),
        ([*NEW, f"--base-url={HERE}", "--identity=whoever"], "deidentified"),
        (["a slug!", *NEW[1:], f"--base-url={HERE}"], "slug: "),
        (["x", "--name=X", "--sign-in=none", f"--base-url={HERE}"], "purpose_en: .*purpose_es: "),
    ],
)
def test_the_command_says_in_a_sentence_what_is_wrong_and_leaves_nothing_behind(
    arguments: list[str], says: str
) -> None:
    a_person("patient@example.org")

    with pytest.raises(CommandError, match=says):
        call_command("add_program", *arguments)

    assert not Program.objects.exists()


ENDPOINTS = "/keep/sharing/endpoint/"


def an_admin() -> Client:
    user = User.objects.create_superuser("root@example.org")
    TOTP.activate(user, generate_totp_secret())
    client = Client()
    sign_in(client, user)
    return client


def a_form(program: Program, **words: str) -> dict[str, str]:
    form = {
        "program": str(program.pk),
        "base_url": HERE,
        "sign_in": "none",
        "algorithm": "RS384",
        "oauth_scope": "system/*.cruds",
        "writing": "own-ids",
        "active": "on",
    }
    return {**form, **words}


@pytest.mark.parametrize("name", ["base_url", "token_url", "notice_url"])
def test_an_admin_alone_cannot_point_a_program_at_another_server(name: str) -> None:
    client, program = an_admin(), a_program()
    client.post(f"{ENDPOINTS}add/", a_form(program))
    before = Endpoint.objects.get(program=program)
    other = {name: "http://127.0.0.1:9/elsewhere"}

    page = client.get(f"{ENDPOINTS}{before.pk}/change/").content.decode()
    changed = client.post(f"{ENDPOINTS}{before.pk}/change/", a_form(program, **other))
    again = client.post(f"{ENDPOINTS}add/", a_form(program, **other))

    assert "cannot be changed here" in page
    assert f'name="{name}"' not in page
    assert (changed.status_code, again.status_code) == (302, 200)
    after = Endpoint.objects.get()
    assert getattr(after, name) == getattr(before, name)


def test_an_admin_cannot_hand_the_server_of_one_program_to_another() -> None:
    client, program, other = an_admin(), a_program(), a_program("other")
    client.post(f"{ENDPOINTS}add/", a_form(program))
    endpoint = Endpoint.objects.get()

    client.post(f"{ENDPOINTS}{endpoint.pk}/change/", a_form(other))

    assert Endpoint.objects.get().program == program


def test_an_admin_is_told_in_a_sentence_what_a_sign_in_needs() -> None:
    client, program = an_admin(), a_program()

    page = client.post(f"{ENDPOINTS}add/", a_form(program, sign_in="smart-backend")).content

    assert b"To sign in there we need the token address" in page
    assert b"Constraint" not in page
    assert not Endpoint.objects.exists()


def test_an_admin_closes_a_server_and_its_addresses_stay() -> None:
    client, program = an_admin(), a_program()
    client.post(f"{ENDPOINTS}add/", a_form(program, token_url="http://127.0.0.1:9/token"))
    endpoint = Endpoint.objects.get()

    client.post(f"{ENDPOINTS}{endpoint.pk}/change/", a_form(program, active="", client_id="us"))

    after = Endpoint.objects.get()
    assert (after.active, after.client_id) == (False, "us")
    assert (after.base_url, after.token_url) == (HERE, "http://127.0.0.1:9/token")


def test_the_admins_page_registers_through_the_same_door() -> None:
    client, program = an_admin(), a_program()

    refused = client.post(f"{ENDPOINTS}add/", a_form(program, base_url="ftp://x"))
    taken = client.post(f"{ENDPOINTS}add/", a_form(program))

    assert "plain http or https" in refused.content.decode()
    assert taken.status_code == 302
    assert Endpoint.objects.get(program=program).active
    assert Program.objects.count() == 1


def test_the_sweep_follows_agreements_and_hints_at_what_is_due() -> None:
    sharing = Sharing()
    told: list[str] = []

    tasks.sweep_at(sharing.now, told.append)
    again = hinting.hints(at=sharing.now)

    delivery = Delivery.objects.get()
    assert delivery.package.kind == "announce"
    assert told == [str(delivery.pk)]
    assert again == []
    assert hinting.hints(at=sharing.now + hinting.HINT_AGAIN) == [delivery.pk]


def test_without_a_broker_a_click_still_works() -> None:
    sharing = Sharing()
    sharing.confirm()

    def no_broker(_delivery_id: str) -> None:
        raise OperationalError

    tasks.hint_soon(no_broker)

    assert Delivery.objects.open().count() == 2


MEMBERS = "/keep/sharing/member/"


def test_who_joins_and_leaves_a_staff_is_written_into_the_trail() -> None:
    client, program = an_admin(), a_program()
    staff = a_person("staff@example.org", role=User.Role.STAFF)
    form = {"person": "Staff@example.org", "program": str(program.pk)}

    client.post(f"{MEMBERS}add/", form)
    member = Member.objects.get()
    assert ">staff@example.org</a>" in client.get(MEMBERS).text
    client.post(f"{MEMBERS}{member.pk}/delete/", {"post": "yes"})

    assert not Member.objects.exists()
    told = Entry.objects.filter(about=f"accounts.user:{staff.pk}").order_by("seq")
    assert [entry.action for entry in told] == ["sharing.staff-joined", "sharing.staff-left"]
    assert {entry.actor_id for entry in told} == {User.objects.get(email="root@example.org").pk}


def test_only_staff_join_a_staff_and_nobody_is_changed_into_another() -> None:
    client, program = an_admin(), a_program()
    patient, staff = a_person(), a_person("staff@example.org", role=User.Role.STAFF)

    for email in (patient.email, "nobody@example.org"):
        client.post(f"{MEMBERS}add/", {"person": email, "program": str(program.pk)})
    assert not Member.objects.exists()
    member = registering.join(user=staff, program=program, at=NOON)
    other = a_person("other@example.org", role=User.Role.STAFF)
    form = {"person": other.email, "program": str(program.pk)}
    answer = client.post(f"{MEMBERS}{member.pk}/change/", form)

    assert answer.status_code == 403
    assert Member.objects.get().user == staff


def test_a_server_that_is_registered_or_closed_is_written_into_the_trail() -> None:
    client, program = an_admin(), a_program()
    client.post(f"{ENDPOINTS}add/", a_form(program))
    endpoint = Endpoint.objects.get()

    client.post(f"{ENDPOINTS}{endpoint.pk}/change/", a_form(program, active=""))

    told = Entry.objects.filter(action="sharing.server-changed").order_by("seq")
    assert [entry.facts["active"] for entry in told] == [True, False]


def test_the_sweep_hints_at_what_is_due_and_a_message_names_only_its_row() -> None:
    sharing = Sharing(sign_in="none")
    due = sharing.confirm()

    with celery_app.connection_or_acquire() as broker, broker.SimpleQueue("celery") as queue:
        queue.clear()  # other tests leave their messages in the same memory
        tasks.sweep()
        message = queue.get(timeout=5)

    due.refresh_from_db()
    assert due.hinted_at is not None
    [_args, words, _more] = message.payload
    assert words.keys() == {"delivery_id"}


def test_a_program_without_a_sign_in_is_spoken_to_without_a_key() -> None:
    sharing = Sharing(sign_in="none")

    with clients.for_program(sharing.endpoint, at=sharing.now) as program:
        program.get_ready()

    assert not SigningKey.objects.exists()
