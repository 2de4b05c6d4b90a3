"""I4: a stop and a release never pass each other."""

import threading
from typing import Any

import pytest
from django.db import connection, transaction

from consent import gate, policy, services
from tests.consent.builders import NOON, a_resource, an_agreement, an_observation, an_origin


def test_i4_a_stop_waits_for_what_is_being_released_and_not_longer(
    transactional_db: None,
) -> None:
    """Takes half a second: one thread must be seen waiting for the other."""
    agreement = an_agreement()
    a_resource(an_origin(agreement.patient), an_observation(), "carrier")
    stopped = threading.Event()
    wanted = gate.Wanted(policy.Use.PROGRAM_RESEARCH, policy.Identity.IDENTIFIED)
    asked: dict[str, Any] = {
        "patient": agreement.patient,
        "program": agreement.program,
        "purpose": wanted,
        "at": NOON,
    }

    def stop() -> None:
        services.stop(patient=agreement.patient, program=agreement.program, recall=False, at=NOON)
        stopped.set()
        connection.close()

    other = threading.Thread(target=stop)
    with transaction.atomic():
        answer = gate.release(**asked)
        other.start()
        waited = not stopped.wait(0.4)
    other.join(10)

    assert waited
    assert len(answer.items) == 1
    with pytest.raises(gate.NoLiveAgreement):
        gate.release(**asked)
