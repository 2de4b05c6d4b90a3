"""Agreeing, changing, stopping, leaving: an event, an epoch, and a line in the trail each."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from consent import fhir, policy, services, tasks
from consent.models import Agreement, Draft, Event, Program
from consent.policy import Category, Extra, Identity, Use
from portal.accounts.models import User
from portal.audit import actions
from portal.audit.models import Entry
from tests.consent.builders import (
    NOON,
    a_person,
    a_program,
    a_scope,
    a_version,
    an_agreement,
    an_answer,
)

pytestmark = pytest.mark.django_db
State = Agreement.State
SOON = NOON + timedelta(hours=1)


def _agree(agreement: Agreement, **fields: object) -> Agreement:
    answer = an_answer(agreement.version, **fields)  # type: ignore[arg-type]
    return services.agree(
        patient=agreement.patient, program=agreement.program, answer=answer, at=SOON
    )


def _stop(agreement: Agreement, *, recall: bool = False) -> Agreement:
    return services.stop(
        patient=agreement.patient, program=agreement.program, recall=recall, at=SOON
    )


def _leave(agreement: Agreement) -> Agreement:
    return services.leave(patient=agreement.patient, program=agreement.program, at=SOON)


def _change(agreement: Agreement, scope: policy.Scope, **fields: object) -> Agreement:
    return services.change(
        patient=agreement.patient,
        program=agreement.program,
        scope=scope,
        at=SOON,
        **fields,  # type: ignore[arg-type]
    )


def _holds(agreement: Agreement) -> bool:
    return services.check(patient=agreement.patient, program=agreement.program).holds


def test_agreeing_makes_an_event_an_agreement_and_a_line_in_the_trail() -> None:
    agreement = an_agreement()

    event = Event.objects.get()
    assert (agreement.state, agreement.epoch) == (State.ACTIVE, 1)
    assert event.signature["name"] == "Ana Example"
    assert event.signature["text_sha256"] == agreement.version.text("en").sha256
    entry = Entry.objects.about_patient(agreement.patient.pk).get()
    assert (entry.action, entry.about) == (actions.CONSENT_AGREED, f"consent.event:{event.pk}")
    assert "Ana" not in json.dumps(entry.facts)
    assert _holds(agreement)


def test_an_agreement_speaks_fhir_and_names_the_person_as_it_is_told() -> None:
    agreement = an_agreement()

    statement = agreement.statement("Patient/pseudonym")

    body = fhir.to_consent(statement)
    assert fhir.from_consent(body).agreed == agreement.agreed()
    assert body["patient"] == {"reference": "Patient/pseudonym"}
    assert str(agreement.patient_id) not in json.dumps(body)


def test_what_was_authored_earlier_keeps_both_moments() -> None:
    program = a_program()
    version = a_version(program)
    earlier = NOON - timedelta(days=2)

    services.agree(
        patient=a_person(),
        program=program,
        answer=an_answer(version, authored_at=earlier),
        at=NOON,
    )

    event = Event.objects.get()
    assert (event.authored_at, event.recorded_at) == (earlier, NOON)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"understood": False}, services.NotUnderstood),
        ({"fresh_sign_in": False}, services.NotSigned),
        ({"name": "  "}, services.NotSigned),
        ({"scope": policy.Scope()}, services.NothingChosen),
        ({"scope": a_scope(Category.HIV)}, services.NothingChosen),
        ({"scope": a_scope(uses=frozenset())}, services.NothingChosen),
        ({"scope": a_scope(ends_on=date(2026, 3, 2))}, services.EndsInThePast),
    ],
)
def test_an_answer_that_is_not_whole_is_refused(
    fields: dict[str, object], refusal: type[Exception]
) -> None:
    program = a_program()
    version = a_version(program)
    answer = an_answer(version, **fields)  # type: ignore[arg-type]

    with pytest.raises(refusal):
        services.agree(patient=a_person(), program=program, answer=answer, at=NOON)

    assert not Event.objects.exists()
    assert not Agreement.objects.exists()


@pytest.mark.parametrize(
    "scope",
    [
        a_scope(Category.TUMOUR),
        a_scope(Category.CARRIER, identity=Identity.IDENTIFIED),
        a_scope(Category.CARRIER, uses=frozenset({Use.PROGRAM_RESEARCH, Use.SHARED_RESEARCH})),
        a_scope(Category.CARRIER, extras=frozenset({Extra.RECONTACT})),
    ],
    ids=["kind", "identity", "use", "extra"],
)
def test_nobody_says_yes_to_more_than_is_offered(scope: policy.Scope) -> None:
    program = a_program()
    version = a_version(
        program,
        categories=["carrier"],
        uses=["program-research"],
        extras=[],
        identity="pseudonymous",
    )
    base = {"identity": Identity.PSEUDONYMOUS} if scope.extras or len(scope.uses) > 1 else {}
    if Category.TUMOUR in scope.categories:
        base = {"identity": Identity.PSEUDONYMOUS}
    answer = an_answer(version, replace(scope, **base))  # type: ignore[arg-type]

    with pytest.raises(services.TooWide):
        services.agree(patient=a_person(), program=program, answer=answer, at=NOON)


def test_a_closed_program_takes_nobody() -> None:
    program = a_program(state=Program.State.CLOSED)
    version = a_version(program)

    with pytest.raises(services.ProgramClosed):
        services.agree(patient=a_person(), program=program, answer=an_answer(version), at=NOON)


def test_the_same_text_is_not_agreed_to_twice() -> None:
    agreement = an_agreement()

    with pytest.raises(services.AlreadyAgreed):
        _agree(agreement)


def test_after_stopping_one_can_agree_again() -> None:
    agreement = an_agreement()
    _stop(agreement)

    again = _agree(agreement)

    assert (again.state, again.epoch) == (State.ACTIVE, 3)
    assert _holds(again)


def test_agreeing_clears_the_saved_answers_and_leaving_too() -> None:
    program = a_program()
    version = a_version(program)
    ana = a_person()
    services.save_draft(patient=ana, version=version, answers={"seen": 1}, at=NOON)

    agreement = an_agreement(ana, program)

    assert not Draft.objects.exists()
    services.save_draft(patient=ana, version=version, answers={"seen": 2}, at=NOON)
    _leave(agreement)
    assert not Draft.objects.exists()


def test_narrowing_needs_no_signature_and_grows_the_epoch() -> None:
    agreement = an_agreement()

    changed = _change(agreement, a_scope(Category.CARRIER))

    assert changed.epoch == 2
    assert changed.agreed().scope.categories == {Category.CARRIER}
    assert _holds(changed)


NARROW = a_scope(
    Category.CARRIER,
    identity=Identity.PSEUDONYMOUS,
    keep_updated=False,
    ends_on=date(2026, 12, 31),
)


@pytest.mark.parametrize(
    "wider",
    [
        replace(NARROW, categories=NARROW.categories | {Category.HIV}),
        replace(NARROW, uses=frozenset(Use)),
        replace(NARROW, extras=frozenset({Extra.RECONTACT})),
        replace(NARROW, identity=Identity.IDENTIFIED),
        replace(NARROW, keep_updated=True),
        replace(NARROW, ends_on=None),
        replace(NARROW, ends_on=date(2027, 1, 1)),
    ],
    ids=["kind", "use", "extra", "identity", "updates", "no end", "later end"],
)
def test_widening_needs_a_fresh_sign_in(wider: policy.Scope) -> None:
    agreement = an_agreement(scope=NARROW)

    with pytest.raises(services.NotSigned):
        _change(agreement, wider)
    assert _change(agreement, wider, fresh_sign_in=True).agreed().scope == wider


@pytest.mark.parametrize(
    "smaller",
    [NARROW, replace(NARROW, ends_on=date(2026, 6, 1)), replace(NARROW, extras=frozenset())],
)
def test_less_or_the_same_is_never_widening(smaller: policy.Scope) -> None:
    assert not services.widens(NARROW, smaller)
    assert not services.widens(replace(NARROW, ends_on=None), smaller)


def test_there_is_nothing_to_change_after_the_end() -> None:
    agreement = an_agreement(scope=a_scope(ends_on=date(2026, 3, 4)))

    with pytest.raises(services.NoAgreement):
        services.change(
            patient=agreement.patient,
            program=agreement.program,
            scope=NARROW,
            at=NOON + timedelta(days=3),
        )


def test_i4_stopping_stopping_with_recall_and_leaving_are_three_acts() -> None:
    agreement = an_agreement()

    states = [_stop(agreement).state, _stop(agreement, recall=True).state, _leave(agreement).state]

    assert states == [State.STOPPED, State.RECALLED, State.LEFT]
    assert list(Event.objects.values_list("kind", flat=True).order_by("seq")) == [
        "agree",
        "stop",
        "recall",
        "leave",
    ]
    assert Agreement.objects.get().epoch == 4
    assert _holds(agreement)


@pytest.mark.parametrize("act", [_stop, _leave, lambda one: _stop(one, recall=True)])
def test_what_was_left_cannot_be_stopped(act: Callable[[Agreement], Agreement]) -> None:
    agreement = an_agreement()
    _leave(agreement)

    with pytest.raises(services.NoAgreement):
        act(agreement)


def test_one_cannot_stop_what_never_began() -> None:
    program = a_program()
    a_version(program)

    with pytest.raises(services.NoAgreement):
        services.stop(patient=a_person(), program=program, recall=False, at=NOON)


def test_agreements_end_by_their_date_once() -> None:
    ends = an_agreement(scope=a_scope(ends_on=date(2026, 3, 4)))
    an_agreement(a_person("bo@example.org"), ends.program)
    later = NOON + timedelta(days=2)

    assert services.expire(at=NOON) == 0
    assert services.expire(at=later) == 1
    assert services.expire(at=later) == 0

    ends.refresh_from_db()
    assert (ends.state, ends.epoch) == (State.EXPIRED, 2)
    assert Event.objects.get(kind="expire").actor is None
    assert Entry.objects.filter(action=actions.CONSENT_EXPIRED).count() == 1
    assert _holds(ends)


@pytest.mark.parametrize("is_agreed_anew", [True, False])
def test_the_end_by_date_never_overtakes_what_the_person_did_meanwhile(
    *, is_agreed_anew: bool
) -> None:
    ends = an_agreement(scope=a_scope(ends_on=date(2026, 3, 4)))
    later = NOON + timedelta(days=2)
    [looked_up] = Agreement.objects.ended(at=later)
    if is_agreed_anew:
        services.agree(
            patient=ends.patient, program=ends.program, answer=an_answer(ends.version), at=later
        )
    else:
        _stop(ends)

    assert not services.end_by_date(looked_up, at=later)

    ends.refresh_from_db()
    assert ends.state == (State.ACTIVE if is_agreed_anew else State.STOPPED)
    assert ends.epoch == 2


def test_the_task_ends_what_is_over() -> None:
    an_agreement(scope=a_scope(ends_on=date(2026, 3, 4)))

    tasks.expire()

    assert Agreement.objects.get().state == State.EXPIRED


def test_an_agreement_is_live_only_until_its_end() -> None:
    agreement = an_agreement(scope=a_scope(ends_on=date(2026, 3, 4)))

    live = Agreement.objects.live(agreement.patient, agreement.program, at=SOON)
    over = Agreement.objects.live(agreement.patient, agreement.program, at=SOON + timedelta(days=3))

    assert live.exists()
    assert not over.exists()
    assert agreement.is_live(SOON)
    assert not agreement.is_live(SOON + timedelta(days=3))


def test_a_pause_holds_everything_until_a_new_answer() -> None:
    agreement = an_agreement()

    paused = services.pause(
        patient=agreement.patient, program=agreement.program, reason="came of age", at=SOON
    )

    assert paused.state == State.PAUSED
    assert not Agreement.objects.live(agreement.patient, agreement.program, at=SOON).exists()
    assert _agree(agreement).state == State.ACTIVE


def test_a_correction_takes_away_and_hides_nothing() -> None:
    agreement = an_agreement()
    admin = a_person("admin@example.org", role=User.Role.ADMIN)

    corrected = services.correct(
        patient=agreement.patient,
        program=agreement.program,
        seq=1,
        scope=NARROW,
        reason="ticked by mistake",
        by=admin,
        at=SOON,
    )

    assert corrected.agreed().scope == NARROW
    first, second = Event.objects.order_by("seq")
    assert (first.kind, second.kind, second.corrects) == ("agree", "correct", 1)
    assert second.actor == admin
    assert _holds(corrected)


@pytest.mark.parametrize(
    ("seq", "scope", "refusal"),
    [(1, a_scope(Category.HIV), services.CannotWiden), (7, NARROW, services.NoAgreement)],
)
def test_a_correction_never_widens(seq: int, scope: policy.Scope, refusal: type[Exception]) -> None:
    agreement = an_agreement()

    with pytest.raises(refusal):
        services.correct(
            patient=agreement.patient,
            program=agreement.program,
            seq=seq,
            scope=scope,
            reason="x",
            by=agreement.patient,
            at=SOON,
        )


def test_a_failed_act_leaves_nothing_behind() -> None:
    agreement = an_agreement()

    with pytest.raises(DatabaseError), transaction.atomic():
        services.pause(
            patient=agreement.patient, program=agreement.program, reason="x" * 301, at=SOON
        )

    assert Event.objects.count() == Entry.objects.count() == 1
    agreement.refresh_from_db()
    assert agreement.epoch == 1


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE consent_event SET reason = 'x'",
        "DELETE FROM consent_event",
        "TRUNCATE consent_event CASCADE",
        "UPDATE consent_agreement SET state = 'stopped'",
        "UPDATE consent_agreement SET epoch = 0",
        "UPDATE consent_agreement SET epoch = 9",
        "DELETE FROM consent_agreement",
    ],
)
def test_i9_the_database_refuses_to_rewrite_history(sql: str) -> None:
    agreement = an_agreement()

    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)

    assert _holds(agreement)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"seq": 1}, "one_per_place|must follow"),
        ({"seq": 3}, "must follow"),
        ({"prev_hash": "x"}, "must follow"),
        ({"authored_at": SOON + timedelta(days=1)}, "authored_before_recorded"),
        ({"kind": "change", "actor_id": None}, "someone_agrees"),
        ({"kind": "correct"}, "correction_names_its_entry"),
        ({"corrects": 1}, "correction_names_its_entry"),
    ],
)
def test_an_event_out_of_order_is_refused_by_the_database(
    change: dict[str, object], name: str
) -> None:
    an_agreement()
    event = Event.objects.get()
    fields = {
        "pk": None,
        "seq": 2,
        "kind": "stop",
        "prev_hash": event.hash,
        "recorded_at": SOON,
        **change,
    }
    for field, value in fields.items():
        setattr(event, field, value)

    with pytest.raises(DatabaseError, match=name), transaction.atomic():
        event.save(force_insert=True)


def test_there_is_one_agreement_per_person_and_program() -> None:
    agreement = an_agreement()
    agreement.pk = None

    with pytest.raises(IntegrityError, match="one_per_program"), transaction.atomic():
        agreement.save(force_insert=True)


def test_an_agreement_stands_on_an_event() -> None:
    program = a_program()
    version = a_version(program)
    agreement = Agreement(
        patient=a_person(),
        program=program,
        version=version,
        state=State.ACTIVE,
        scope={},
        epoch=1,
        agreed_at=NOON,
    )

    with pytest.raises(DatabaseError, match="newest event"), transaction.atomic():
        agreement.save()


def test_an_agreement_has_a_known_state() -> None:
    an_agreement()

    with pytest.raises(IntegrityError, match="known_state"), transaction.atomic():
        _forge("UPDATE consent_agreement SET state = 'nonsense'")


def test_a_program_has_a_known_identity_level() -> None:
    with pytest.raises(IntegrityError, match="consent_program_identity"), transaction.atomic():
        a_program(identity="named")


def _forge(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql)
        cursor.execute("SET session_replication_role = origin")


FORGERIES = [
    "UPDATE consent_event SET kind = 'stop' WHERE seq = 2",
    "UPDATE consent_event SET scope = '{}' WHERE seq = 2",
    "UPDATE consent_event SET signature = '{}' WHERE seq = 2",
    "UPDATE consent_event SET recorded_at = now() WHERE seq = 2",
    "UPDATE consent_event SET actor_id = gen_random_uuid() WHERE seq = 2",
    "UPDATE consent_event SET hash = repeat('0', 64) WHERE seq = 2",
    "DELETE FROM consent_event WHERE seq = 2",
]


@pytest.mark.parametrize("sql", FORGERIES)
def test_a_change_behind_the_triggers_is_found(sql: str) -> None:
    agreement = an_agreement()
    _change(agreement, a_scope(Category.CARRIER))
    _stop(agreement)

    _forge(sql)

    verdict = services.check(patient=agreement.patient, program=agreement.program)
    assert verdict.broken_at == 2
    assert not verdict.holds


def test_an_agreement_that_is_not_what_its_events_say_is_found() -> None:
    agreement = an_agreement()

    _forge("UPDATE consent_agreement SET ends_at = now()")

    verdict = services.check(patient=agreement.patient, program=agreement.program)
    assert (verdict.broken_at, verdict.stands) == (None, False)


def test_the_command_checks_every_chain(capsys: pytest.CaptureFixture[str]) -> None:
    an_agreement()

    call_command("verify_consent")
    assert "1 agreements, 0 broken" in capsys.readouterr().out

    _forge("UPDATE consent_event SET reason = 'x'")
    with pytest.raises(SystemExit):
        call_command("verify_consent")
    assert "does not hold at event 1" in capsys.readouterr().out


def test_the_command_names_an_agreement_that_drifted(capsys: pytest.CaptureFixture[str]) -> None:
    agreement = an_agreement()
    _forge("UPDATE consent_agreement SET state = 'stopped'")

    with pytest.raises(SystemExit):
        call_command("verify_consent")

    assert f"agreement {agreement.pk} does not hold\n" in capsys.readouterr().out


ORDERS = {
    "consent_event": "patient_id, program_id, seq",
    "audit_entry": "chain, seq",
    "audit_head": "chain",
    "consent_agreement": "id",
}


def _outside(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Export the tables and let the script that shares no code with us read them."""
    export = folder / "export.jsonl"
    with connection.cursor() as cursor, export.open("w") as lines:
        for table, order in ORDERS.items():
            cursor.execute(f"SELECT row_to_json(t) FROM {table} t ORDER BY {order}")
            for (row,) in cursor.fetchall():
                form = row if isinstance(row, dict) else json.loads(row)
                lines.write(json.dumps({"table": table, **form}) + "\n")
    script = Path(__file__).parents[2] / "tools" / "verify_chain.py"
    command = [sys.executable, str(script), "--file", str(export), *more]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_i9_a_script_that_shares_no_code_confirms_the_chains(tmp_path: Path) -> None:
    agreement = an_agreement()
    _change(agreement, a_scope(Category.CARRIER))
    _stop(agreement)

    outcome = _outside(tmp_path)

    assert outcome.returncode == 0, outcome.stderr
    assert "0 broken" in outcome.stdout


@pytest.mark.parametrize(
    "sql", [FORGERIES[0], "UPDATE audit_entry SET about = 'x' WHERE seq = 2 AND chain <> 'site'"]
)
def test_i9_that_script_finds_a_forgery(tmp_path: Path, sql: str) -> None:
    agreement = an_agreement()
    _change(agreement, a_scope(Category.CARRIER))
    _forge(sql)

    outcome = _outside(tmp_path)

    assert outcome.returncode == 1
    assert "does not hold at 2" in outcome.stdout


TAMPERINGS = {
    "edit": "UPDATE audit_entry SET facts = '{}' WHERE seq = 2 AND chain <> 'site'",
    "delete": "DELETE FROM consent_event WHERE seq = 2",
    "reorder": "UPDATE consent_event SET seq = seq + 10 WHERE seq > 1;"
    "UPDATE consent_event SET seq = 15 - seq WHERE seq > 10",
    "insert": "INSERT INTO consent_event (patient_id, program_id, seq, kind, version_id, scope,"
    " signature, reason, corrects, actor_id, authored_at, recorded_at, prev_hash, hash)"
    " SELECT patient_id, program_id, seq + 1, kind, version_id, scope, signature, reason, corrects,"
    " actor_id, authored_at, recorded_at, hash, hash FROM consent_event ORDER BY seq DESC LIMIT 1",
    "cut the tail of the trail": "DELETE FROM audit_entry WHERE chain <> 'site' AND seq ="
    " (SELECT max(seq) FROM audit_entry WHERE chain <> 'site')",
    "cut the tail of consent": "DELETE FROM consent_event WHERE seq = 3",
    "cut all of consent": "DELETE FROM consent_event; DELETE FROM consent_agreement",
    "cut a whole chain of the trail": "DELETE FROM audit_entry WHERE chain <> 'site'",
    "forget a head": "DELETE FROM audit_head WHERE chain <> 'site'",
    "cut and rewind the agreement": "DELETE FROM consent_event WHERE seq = 3;"
    " UPDATE consent_agreement SET epoch = 2, state = 'active'",
}


def _forge_all(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for statement in sql.split(";"):
            cursor.execute(statement)
        cursor.execute("SET session_replication_role = origin")


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_i9_that_script_finds_each_kind_of_tampering(tmp_path: Path, tampering: str) -> None:
    agreement = an_agreement()
    _change(agreement, a_scope(Category.CARRIER))
    _stop(agreement)
    assert _outside(tmp_path).returncode == 0

    _forge_all(TAMPERINGS[tampering])

    outcome = _outside(tmp_path)
    assert outcome.returncode == 1, outcome.stdout
    assert "0 broken" not in outcome.stdout


REWOUND = (
    "DELETE FROM consent_event WHERE seq = 3;"
    "UPDATE consent_agreement SET epoch = 2, state = 'active';"
    "DELETE FROM audit_entry WHERE action = 'consent.stopped';"
    "UPDATE audit_head h SET (seq, hash) = (SELECT e.seq, e.hash FROM audit_entry e"
    " WHERE e.chain = h.chain ORDER BY e.seq DESC LIMIT 1)"
)


def test_i9_who_rewinds_everything_is_found_by_heads_that_were_kept(tmp_path: Path) -> None:
    agreement = an_agreement()
    _change(agreement, a_scope(Category.CARRIER))
    _stop(agreement)
    heads = tmp_path / "heads.json"
    assert _outside(tmp_path, "--keep", str(heads)).returncode == 0
    assert _outside(tmp_path, "--since", str(heads)).returncode == 0

    _forge_all(REWOUND)

    assert _outside(tmp_path).returncode == 0, "all that it can see from inside agrees"
    outcome = _outside(tmp_path, "--since", str(heads))
    assert outcome.returncode == 1
    assert "lost links since it was at 3" in outcome.stdout


def test_i9_links_that_came_since_the_heads_were_kept_are_no_tampering(tmp_path: Path) -> None:
    agreement = an_agreement()
    heads = tmp_path / "heads.json"
    _outside(tmp_path, "--keep", str(heads))
    _stop(agreement)

    assert _outside(tmp_path, "--since", str(heads)).returncode == 0


def test_that_script_reads_the_database_and_says_when_there_is_nothing() -> None:
    there = connection.settings_dict
    query = urlencode({"host": there["HOST"], "port": there["PORT"], "password": there["PASSWORD"]})
    address = f"postgresql://{there['USER']}@/{there['NAME']}?{query}"
    script = Path(__file__).parents[2] / "tools" / "verify_chain.py"
    # What this test wrote is not committed, so another connection sees empty tables.
    an_agreement()

    command = [sys.executable, str(script), address]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)

    assert outcome.returncode == 2
    assert "0 links in 0 chains" in outcome.stdout


def test_wishes_about_research_are_kept_once() -> None:
    ana = a_person()

    first = services.prefer(patient=ana, permission="DUO:0000042", modifiers=["b", "a"], at=NOON)
    second = services.prefer(patient=ana, permission="DUO:0000006", modifiers=[], at=NOON)

    assert first.pk == second.pk
    assert first.modifiers == ["a", "b"]
    assert second.permission == "DUO:0000006"
