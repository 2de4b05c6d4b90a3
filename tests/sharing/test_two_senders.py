"""Two senders at one person: needs commits, for each has its own connection."""

import pytest
from django.db import connection

from sharing import services
from sharing.models import Delivery
from tests.sharing.builders import Sharing

pytestmark = pytest.mark.usefixtures("transactional_db")


def test_a_person_who_is_being_worked_on_is_left_to_the_other() -> None:
    sharing = Sharing()
    services.follow_all(at=sharing.now)
    sharing.run()
    sharing.confirm()
    delivery = Delivery.objects.get(package__kind="push")
    other = connection.copy()

    def hold_the_person() -> None:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM sharing_enrolment FOR NO KEY UPDATE")

    sharing.server.when_ready = hold_the_person
    try:
        with pytest.raises(services.NothingToClaim):
            services.send(delivery_id=delivery.pk, program=sharing.server, clock=sharing.clock)
    finally:
        other.rollback()
        other.close()

    assert Delivery.objects.get(pk=delivery.pk).state == "queued"
