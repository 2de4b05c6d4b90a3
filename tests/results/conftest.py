"""Who reads the pages of these tests."""

import pytest
from django.test import Client

from portal.accounts.models import User
from tests.results.builders import (
    a_brca2_change,
    a_patient,
    a_report,
    a_slow_cyp2c19,
    an_origin,
    keep,
)


@pytest.fixture
def patient() -> User:
    return a_patient()


@pytest.fixture
def client(patient: User) -> Client:
    client = Client()
    client.force_login(patient)
    return client


@pytest.fixture
def reported(patient: User) -> User:
    keep(an_origin(patient), a_report(), a_brca2_change(), *a_slow_cyp2c19())
    return patient
