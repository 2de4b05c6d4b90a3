"""One real PostgreSQL for all tests; each run has its own database in it."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# A busy machine must not fail a property that holds.
settings.register_profile("site", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("site")


def pytest_configure() -> None:
    """Hash passwords the cheap way: the real way takes a third of a second a person."""
    from django.conf import settings  # noqa: PLC0415  # Django is set up by now

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
) -> None:
    """Name the database after this run, so that several runs never meet."""
    from django.conf import settings  # noqa: PLC0415  # Django is set up by now

    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"test_sync_{os.environ['SYNC_TEST_RUN']}_{worker}"
    settings.DATABASES["default"]["TEST"]["NAME"] = name  # type: ignore[index]


@pytest.fixture(autouse=True)
def _append_only_tables_can_be_emptied_after_a_test(
    request: pytest.FixtureRequest,
) -> Iterator[None]:
    """Tables that only grow refuse TRUNCATE, which is how tests with commits clean up."""
    if "transactional_db" not in request.fixturenames:
        yield
        return
    from django.db import connection  # noqa: PLC0415  # Django is set up by now

    request.getfixturevalue("transactional_db")
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = origin")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
