import json
import logging

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from portal.logs import HIDDEN, OnlyShape, formatter, redact

SECRETS = [
    "maria.rivera@patient.example",
    "Bearer abc.DEF-123",
    "eyJhbGciOiJSUzM4NCJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl",
    "dGhpcy1pcy1hLWxvbmctc2VjcmV0LXRva2VuLTEyMw",
    "NM_007294.4:c.68_69del",
    "c.68_69del",
    "p.Glu23ValfsTer17",
    "g.43124027_43124028del",
    "rs80357906",
    "BRCA1",
    "CYP2C19",
    "HLA-B5701",
    "*2/*17",
    "1984-03-12",
    "MRN 00123456",
    "name=Maria",
    '"family": "Rivera"',
    "gene: TP53",
]


def a_line(message: str, *args: object, exc: BaseException | None = None) -> dict[str, object]:
    info = (type(exc), exc, exc.__traceback__) if exc else None
    record = logging.LogRecord("some.library", logging.INFO, __file__, 1, message, args, info)
    OnlyShape().filter(record)
    line: dict[str, object] = json.loads(formatter().format(record))
    return line


def test_what_tells_of_a_person_or_opens_a_door_is_hidden() -> None:
    for secret in SECRETS:
        said = redact(f"something about {secret} happened")

        assert secret not in said
        assert HIDDEN in said


def test_a_query_string_is_hidden_and_the_path_is_kept() -> None:
    said = redact("GET http://127.0.0.1:8000/connections/callback/?code=abc&state=x failed")

    assert "/connections/callback/" in said
    assert "abc" not in said


def test_what_opens_an_account_is_hidden_in_the_path_of_a_refused_request() -> None:
    reset = "3y-cq6x5z-4f3d2c1b0a9f8e7d6c5b4a39281716ab"
    confirm = "Q3vQ8yXxWb4q9J2Lm7pKf0cTzR1sUhE5nGiOaYdVtBk"

    said = redact(
        f"Forbidden: /accounts/password/reset/key/{reset}/ "
        f"/accounts/confirm-email/MQ:1vNabc:{confirm}/"
    )

    assert "/accounts/password/reset/key/" in said
    assert reset not in said
    assert confirm not in said


def test_a_password_in_an_address_is_hidden() -> None:
    said = redact("redis://:very-secret@127.0.0.1:6379/0 and postgresql://me:other@db/sync")

    assert "very-secret" not in said
    assert "other" not in said


def test_ids_of_our_own_are_kept() -> None:
    patient = "0b7e2c1e-3f37-4c8e-9d5b-6a2f5f0c9a11"

    assert redact(f"patient {patient} page 3") == f"patient {patient} page 3"


@given(
    st.emails(),
    st.text(alphabet=st.characters(categories=["Ll", "Zs"]), max_size=30),
)
def test_no_address_survives_wherever_it_stands(address: str, around: str) -> None:
    assert address not in redact(f"{around} {address} {around}")


def test_an_exception_is_told_without_its_message() -> None:
    with pytest.raises(ValueError, match="Maria") as caught:
        int("Maria")
    line = a_line("it failed", exc=caught.value)

    assert line["error"] == "ValueError"
    assert "Maria" not in json.dumps(line)
    assert any("test_logs.py" in str(place) for place in line["through"])  # type: ignore[attr-defined]


def test_what_a_task_was_given_and_returned_is_hidden() -> None:
    line = a_line(
        "Task %(name)s succeeded: %(return_value)s %(kwargs)s",
        {"name": "connections.sweep", "return_value": "Maria", "kwargs": "{'x': 'Rivera'}"},
    )

    assert line["event"] == f"Task connections.sweep succeeded: {HIDDEN} {HIDDEN}"


def test_our_own_events_keep_numbers_and_lose_secrets() -> None:
    logger = logging.getLogger("own")
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler = Keep()
    handler.setFormatter(formatter())
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)

    structlog.get_logger("own").info("page_stored", stored=12, who="maria@patient.example")

    line = json.loads(lines[0])
    assert line["stored"] == 12
    assert line["event"] == "page_stored"
    assert line["who"] == HIDDEN
