"""Consent texts: complete, plain, published by a second person, and never changed after."""

import dataclasses
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError, InternalError

from consent import linter, publishing, services
from consent.models import Agreement, Document, Program, Version
from portal.accounts.models import User
from tests.consent.builders import (
    NOON,
    a_described_draft,
    a_person,
    a_program,
    a_version,
    an_agreement,
    an_answer,
)

pytestmark = pytest.mark.django_db
FILES = sorted(publishing.TEXTS.glob("*.toml"))


def _admin(name: str = "admin") -> User:
    return a_person(f"{name}@example.org", role=User.Role.ADMIN)


def _file(path: Path = FILES[0]) -> publishing.TextFile:
    return publishing.read_file(path.read_bytes())


def _loaded(publisher: User | None = None) -> Version:
    return publishing.load(_file(), publisher=publisher or _admin(), at=NOON).version


def _a_draft(author: User) -> Version:
    document = _loaded().document
    return publishing.new_draft(document=document, by=author, at=NOON)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_our_texts_have_every_element_and_are_plain(path: Path) -> None:
    file = _file(path)

    bodies = {language: text.body() for language, text in file.texts().items()}

    assert linter.lint(bodies) == ()
    assert all(linter.grade_of(body, language) <= 6 for language, body in bodies.items())


def test_loading_twice_changes_nothing() -> None:
    admin = _admin()
    first = publishing.load(_file(), publisher=admin, at=NOON)

    second = publishing.load(_file(), publisher=admin, at=NOON)

    assert (first.created, second.created) == (True, False)
    assert second.version == first.version
    assert second.version.state == Version.State.PUBLISHED
    assert Program.objects.open().count() == 1


def test_the_command_loads_all_files_and_publishes() -> None:
    _admin()
    out = io.StringIO()

    call_command("load_documents", publish_as="ADMIN@example.org", stdout=out)

    assert out.getvalue().count("loaded, published") == len(FILES) == 2


def test_the_command_refuses_a_publisher_who_is_no_admin() -> None:
    a_person()

    with pytest.raises(CommandError):
        call_command("load_documents", publish_as="ana@example.org")


def test_the_command_says_what_a_text_lacks(tmp_path: Path) -> None:
    _admin()
    bad = tmp_path / "bad.toml"
    bad.write_text(FILES[0].read_text().replace("GINA", "a law"))

    with pytest.raises(CommandError, match="en missing-element gina"):
        call_command("load_documents", bad, publish_as="admin@example.org")


def test_the_command_refuses_what_is_not_a_text(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_bytes(b"\xff")

    with pytest.raises(CommandError):
        call_command("load_documents", bad)


def test_another_wording_under_a_published_number_is_refused() -> None:
    _loaded()
    changed = FILES[0].read_bytes().replace(b"Why we ask", b"Why we want it")

    with pytest.raises(publishing.TextChanged):
        publishing.load(publishing.read_file(changed), publisher=None, at=NOON)


def test_a_file_does_not_push_a_draft_aside() -> None:
    _a_draft(_admin("author"))
    third = FILES[0].read_bytes().replace(b"number = 1", b"number = 3")

    with pytest.raises(publishing.DraftExists):
        publishing.load(publishing.read_file(third), publisher=None, at=NOON)


def test_the_author_cannot_publish() -> None:
    author = _admin("author")
    draft = _a_draft(author)

    with pytest.raises(publishing.OwnWork):
        publishing.publish(version=draft, by=author, at=NOON)


def test_the_database_refuses_an_author_who_publishes() -> None:
    program = a_program()
    version = a_version(program, published=False)
    version.published_by = version.author

    with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
        version.save()


def test_a_second_person_publishes_and_the_earlier_answers_hold() -> None:
    agreement = an_agreement()
    draft = _ready(agreement.version.document)

    published = publishing.publish(version=draft, by=_admin("second"), at=NOON)

    agreement.refresh_from_db()
    agreement.version.refresh_from_db()
    assert published.state == Version.State.PUBLISHED
    assert published.sha256 == published.fingerprint()
    assert agreement.version.state == Version.State.SUPERSEDED
    assert agreement.is_live(NOON)


def test_where_all_must_answer_again_agreements_pause() -> None:
    agreement = an_agreement()
    draft = _ready(agreement.version.document, needs_reconsent=True)

    publishing.publish(version=draft, by=_admin("second"), at=NOON)

    paused = Agreement.objects.get(pk=agreement.pk)
    assert paused.state == Agreement.State.PAUSED
    assert paused.epoch == 2
    assert paused.version.state == Version.State.WITHDRAWN
    assert services.check(patient=paused.patient, program=paused.program).holds


def _ready(document: Document, *, needs_reconsent: bool = False) -> Version:
    """Start a draft with a complete wording."""
    author = _admin("draft-author")
    draft = a_described_draft(document, author, needs_reconsent=needs_reconsent)
    for language, text in _file().texts().items():
        publishing._write(draft, language, text.title, text.body())  # noqa: SLF001  # as a file does
    return draft


def test_an_incomplete_text_is_not_published() -> None:
    draft = a_version(a_program(), published=False)
    draft.texts.all().delete()
    draft.texts.create(
        language="en",
        title="t",
        body={"screens": [], "quiz": [], "sections": []},
        sha256="0" * 64,
    )

    with pytest.raises(publishing.NotReady) as refusal:
        publishing.publish(version=draft, by=_admin(), at=NOON)

    codes = {problem.code for problem in refusal.value.problems}
    assert {"missing-language", "screens", "quiz", "missing-element"} <= codes


def test_what_is_published_is_not_published_again() -> None:
    version = _loaded()

    with pytest.raises(publishing.NotADraft):
        publishing.publish(version=version, by=_admin("second"), at=NOON)


@pytest.mark.parametrize(
    "change",
    [
        lambda v: Version.objects.filter(pk=v.pk).update(identity="pseudonymous"),
        lambda v: Version.objects.filter(pk=v.pk).update(state="draft"),
        lambda v: Version.objects.filter(pk=v.pk).delete(),
        lambda v: v.texts.update(title="other"),
        lambda v: v.texts.all().delete(),
        lambda v: v.texts.create(language="fr", title="t", body={}, sha256="x"),
    ],
    ids=["words", "back to draft", "delete", "text", "delete text", "add text"],
)
def test_i9_a_published_version_cannot_be_changed(change: Callable[[Version], object]) -> None:
    version = _loaded()

    with pytest.raises((DatabaseError, InternalError)), transaction.atomic():
        change(version)

    version.refresh_from_db()
    assert version.sha256 == version.fingerprint()


def test_two_versions_cannot_be_published_at_once() -> None:
    program = a_program()
    a_version(program)

    with pytest.raises(IntegrityError, match="one_published"), transaction.atomic():
        a_version(program, 2)


def test_a_document_has_one_draft() -> None:
    author = _admin("author")
    draft = _a_draft(author)

    with pytest.raises(publishing.DraftExists):
        publishing.new_draft(document=draft.document, by=author, at=NOON)


def test_a_draft_starts_as_a_copy_and_its_words_can_be_changed() -> None:
    author = _admin("author")
    draft = _a_draft(author)

    publishing.edit(
        version=draft,
        place="screens.0",
        words={"en": {"heading": "New words"}, "es": {"heading": "Palabras nuevas"}},
        by=author,
        at=NOON,
    )
    publishing.edit(
        version=draft, place="quiz.0", words={"en": {"answer-1": "No"}}, by=author, at=NOON
    )

    bodies = publishing.bodies_of(Version.objects.get(pk=draft.pk))
    assert bodies["en"]["screens"][0]["heading"] == "New words"
    assert bodies["es"]["screens"][0]["heading"] == "Palabras nuevas"
    assert bodies["en"]["quiz"][0]["answers"][1] == {"text": "No", "correct": True}


@pytest.mark.parametrize(
    ("place", "fields"),
    [
        ("screens.99", {"text": "x"}),
        ("nothing.0", {"text": "x"}),
        ("screens.x", {"text": "x"}),
        ("screens.0", {"id": "other"}),
        ("screens.0", {"unknown": "x"}),
        ("screens.0", {"answer-0": "x"}),
        ("quiz.0", {"answer-9": "x"}),
        ("quiz.0", {"answer-x": "x"}),
    ],
)
def test_a_part_that_is_not_there_cannot_be_edited(place: str, fields: dict[str, str]) -> None:
    author = _admin("author")
    draft = _a_draft(author)

    with pytest.raises(publishing.NotAText):
        publishing.edit(version=draft, place=place, words={"en": fields}, by=author, at=NOON)


def test_only_its_author_changes_a_draft() -> None:
    draft = _a_draft(_admin("author"))

    with pytest.raises(publishing.NotTheAuthor):
        publishing.edit(version=draft, place="screens.0", words={}, by=_admin("other"), at=NOON)


def test_a_published_version_is_not_edited() -> None:
    version = _loaded()

    with pytest.raises(publishing.NotADraft):
        publishing.edit(version=version, place="screens.0", words={}, by=_admin("x"), at=NOON)


def test_a_stored_text_of_another_shape_is_refused_by_name() -> None:
    version = a_version(a_program(), published=False)
    version.texts.update(body={"screens": "no"})

    with pytest.raises(publishing.NotAText):
        publishing.bodies_of(version)


def test_the_text_in_the_readers_language() -> None:
    version = _loaded()

    assert version.text("es-mx").language == "es"
    assert version.text("en").language == version.text("fr").language == "en"


def test_an_old_text_cannot_be_agreed_to() -> None:
    agreement = an_agreement()
    old = agreement.version
    publishing.publish(version=_ready(old.document), by=_admin("second"), at=NOON)

    with pytest.raises(services.OldText):
        services.agree(
            patient=a_person("bo@example.org"),
            program=agreement.program,
            answer=an_answer(old),
            at=NOON,
        )


def test_the_trail_of_the_site_knows_who_published() -> None:
    version = _loaded(_admin("second"))

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT action FROM audit_entry WHERE chain = 'site' AND about = %s ORDER BY seq",
            [f"consent.version:{version.pk}"],
        )
        acts = [row[0] for row in cursor.fetchall()]

    assert acts == ["consent.version-written", "consent.version-published"]


def _body() -> linter.Body:
    return _file().en.body()


def _with(**changes: object) -> dict[str, linter.Body]:
    return {"en": {**_body(), **changes}, "es": _file().es.body()}  # type: ignore[typeddict-item]


def _codes(bodies: dict[str, linter.Body]) -> set[tuple[str, str, str]]:
    return {(p.language, p.code, p.place) for p in linter.lint(bodies)}


@pytest.mark.parametrize("name", sorted(linter.ELEMENTS))
def test_a_text_without_a_required_element_is_refused(name: str) -> None:
    body = _body()
    sections = [
        {**section, "covers": [cover for cover in section["covers"] if cover != name]}
        for section in body["sections"]
    ]

    assert ("en", "missing-element", name) in _codes(_with(sections=sections))


@pytest.mark.parametrize("name", sorted(linter.ELEMENTS))
def test_a_section_that_only_claims_an_element_is_refused(name: str) -> None:
    body = _body()
    sections = [
        {**section, "text": "Here is what was to be said about it."}
        if name in section["covers"]
        else section
        for section in body["sections"]
    ]

    assert ("en", "missing-element", name) in _codes(_with(sections=sections))


@pytest.mark.parametrize(
    "words",
    [
        "You waive your right to go to court.",
        "You give up any legal rights that you have.",
        "You release the team from all claims.",
        "We are not liable for harm.",
        "You will not sue us.",
    ],
)
def test_a_text_by_which_people_give_up_rights_is_refused(words: str) -> None:
    body = _body()
    first = {**body["sections"][0], "text": f"{body['sections'][0]['text']} {words}"}

    found = _codes(_with(sections=[first, *body["sections"][1:]]))

    assert ("en", "exculpatory", first["heading"]) in found


@pytest.mark.parametrize(
    "words", ["You do not give up rights.", "You keep all your rights.", "They are responsible."]
)
def test_a_text_that_says_that_rights_stay_is_none(words: str) -> None:
    body = _body()
    first = {**body["sections"][0], "text": f"{body['sections'][0]['text']} {words}"}

    codes = {code for _, code, _ in _codes(_with(sections=[first, *body["sections"][1:]]))}

    assert "exculpatory" not in codes


def test_a_heading_is_read_alone_and_must_be_easy() -> None:
    hard = "Individually identifiable information"
    screens = [{**_body()["screens"][0], "heading": hard}, *_body()["screens"][1:]]
    sections = [{**_body()["sections"][0], "heading": hard}, *_body()["sections"][1:]]

    found = _codes(_with(screens=screens, sections=sections))

    assert ("en", "hard-part", f"why: {hard}") in found
    assert ("en", "hard-part", hard) in found


def test_the_linter_names_each_kind_of_problem() -> None:
    body = _body()
    long = {**body["screens"][0], "text": "a word " * 40}
    empty = {**body["screens"][1], "heading": " "}
    hard_words = "Notwithstanding individually identifiable information. " * 9
    hard = {**body["screens"][2], "text": hard_words}
    scary = {**body["screens"][3], "text": "You are free of any mutation and stay anonymous here."}
    two_right = {**body["quiz"][0], "answers": [{"text": "a", "correct": True}] * 2}
    silent = {**body["quiz"][1], "explain": ""}

    codes = _codes(
        _with(
            screens=[long, empty, hard, scary, *body["screens"][4:-1]],
            quiz=[two_right, silent],
            sections=body["sections"][1:],
        )
    )

    assert {
        ("en", "too-long", "why"),
        ("en", "empty", "what"),
        ("en", "hard-part", "who"),
        ("en", "word", "risks"),
        ("en", "screens", ""),
        ("en", "quiz", ""),
        ("en", "one-right-answer", "not-care"),
        ("en", "empty", "free-choice"),
        ("en", "key-information-first", ""),
        ("es", "not-the-same", "screens"),
        ("es", "not-the-same", "quiz"),
        ("es", "not-the-same", "sections"),
    } <= codes


def test_a_hard_text_as_a_whole_is_refused() -> None:
    hard = "Individually identifiable information may subsequently be redisclosed. " * 60
    sections = [*_body()["sections"], {"heading": "More", "text": hard, "covers": []}]

    assert ("en", "hard", "") in _codes(_with(sections=sections))


def test_a_problem_is_a_plain_value() -> None:
    assert dataclasses.asdict(linter.Problem("en", "hard"))["place"] == ""
