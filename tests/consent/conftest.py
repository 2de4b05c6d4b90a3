"""One program, one person, and the browser of that person."""

import pytest
from django.test import Client

from consent.models import Program
from portal.accounts.models import User
from tests.consent.builders import a_person, a_program, a_version
from tests.consent.pages import a_browser


@pytest.fixture
def program() -> Program:
    program = a_program()
    a_version(program)
    return program


@pytest.fixture
def ana() -> User:
    return a_person()


@pytest.fixture
def browser(ana: User) -> Client:
    return a_browser(ana)
