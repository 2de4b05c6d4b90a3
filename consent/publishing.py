"""Writing, checking and publishing consent texts. What is published never changes again."""

import tomllib
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from django.db import transaction
from django.db.models import Max

from consent import ledger, linter, policy, services
from consent.models import Agreement, Document, Program, Version, VersionText
from portal.accounts.models import User
from portal.audit import actions
from portal.audit import services as audit

TEXTS = Path(__file__).parent / "texts"


class NotADraft(Exception):
    """It is published already; a new version is needed."""


class DraftExists(Exception):
    """There is a draft of this document already."""


class NotTheAuthor(Exception):
    """Only its author changes a draft, so that the second person is really a second one."""


class OwnWork(Exception):
    """The author cannot publish; a second person must."""


class NotReady(Exception):
    """The text lacks something; `problems` say what."""

    def __init__(self, problems: tuple[linter.Problem, ...]) -> None:
        """Keep the problems."""
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


class TextChanged(Exception):
    """A file says something else under a number that is published already."""


class NotAText(Exception):
    """A file or form does not have the parts of a consent text."""


class _ProgramFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    slug: str
    name: str
    purpose_en: str
    purpose_es: str
    duo_permission: str
    duo_modifiers: list[str]
    identity: policy.Identity


class _DocumentFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    slug: str
    name: str
    number: int
    categories: list[policy.Category] | str
    uses: list[policy.Use]
    extras: list[policy.Extra]
    identity: policy.Identity
    needs_reconsent: bool = False
    whats_new_en: str = ""
    whats_new_es: str = ""

    def categories_offered(self) -> list[str]:
        if isinstance(self.categories, str):
            return sorted(policy.Category)
        return sorted(self.categories)


class _Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    screens: list[linter.Screen]
    quiz: list[linter.Question]
    sections: list[linter.Section]

    def body(self) -> linter.Body:
        return linter.Body(screens=self.screens, quiz=self.quiz, sections=self.sections)


class TextFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A program, its document, and the wording of one version in both languages."""

    program: _ProgramFile
    document: _DocumentFile
    en: _Text
    es: _Text

    def texts(self) -> dict[str, _Text]:
        """The wording by language."""
        return {"en": self.en, "es": self.es}


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading a file did."""

    version: Version
    created: bool


def read_file(raw: bytes) -> TextFile:
    """Return the text file in these bytes.

    Raises NotAText.
    """
    try:
        return msgspec.convert(tomllib.loads(raw.decode()), TextFile)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise NotAText(str(error)) from error


def body_of(text: VersionText) -> linter.Body:
    """Return the wording as the linter and the pages read it.

    Raises NotAText.
    """
    try:
        return msgspec.convert(text.body, linter.Body)
    except msgspec.ValidationError as error:
        raise NotAText(str(error)) from error


def bodies_of(version: Version) -> dict[str, linter.Body]:
    """Return the wording of a version by language."""
    return {text.language: body_of(text) for text in version.texts.all()}


@transaction.atomic
def load(file: TextFile, *, publisher: User | None, at: datetime) -> Loaded:
    """Bring a text file in: the program, the document and, once, the version it holds.

    Loading the same file again changes nothing. Raises TextChanged, DraftExists and NotReady.
    """
    program, _ = Program.objects.update_or_create(
        slug=file.program.slug,
        defaults={
            **msgspec.structs.asdict(file.program),
            "categories": file.document.categories_offered(),
        },
        create_defaults={
            **msgspec.structs.asdict(file.program),
            "categories": file.document.categories_offered(),
            "created_at": at,
        },
    )
    document, _ = Document.objects.get_or_create(
        program=program, slug=file.document.slug, defaults={"name": file.document.name}
    )
    version, created = _version_of(document, file, at)
    if publisher is not None and version.state == Version.State.DRAFT:
        version = publish(version=version, by=publisher, at=at)
    return Loaded(version, created)


def _version_of(document: Document, file: TextFile, at: datetime) -> tuple[Version, bool]:
    found = document.versions.filter(number=file.document.number).first()
    if found is not None:
        _check_unchanged(found, file)
        return found, False
    if document.versions.filter(state=Version.State.DRAFT).exists():
        raise DraftExists
    version = Version.objects.create(
        document=document,
        number=file.document.number,
        categories=file.document.categories_offered(),
        uses=sorted(file.document.uses),
        extras=sorted(file.document.extras),
        identity=file.document.identity,
        needs_reconsent=file.document.needs_reconsent,
        whats_new_en=file.document.whats_new_en,
        whats_new_es=file.document.whats_new_es,
        author=None,
        written_at=at,
    )
    for language, text in file.texts().items():
        _write(version, language, text.title, text.body())
    _tell(actions.CONSENT_VERSION_WRITTEN, version, None, at)
    return version, True


def _check_unchanged(version: Version, file: TextFile) -> None:
    kept = {text.language: (text.title, text.body) for text in version.texts.all()}
    given = {language: (text.title, text.body()) for language, text in file.texts().items()}
    if kept != given:
        raise TextChanged


def _write(version: Version, language: str, title: str, body: linter.Body) -> None:
    VersionText.objects.update_or_create(
        version=version,
        language=language,
        defaults={
            "title": title,
            "body": body,
            "sha256": ledger.sha256({"title": title, "body": body}),
        },
    )


def _tell(action: str, version: Version, by: User | None, at: datetime) -> None:
    about = f"consent.version:{version.pk}"
    audit.record(action, by=by, patient_id=None, about=about, facts={}, at=at)


@transaction.atomic
def new_draft(*, document: Document, by: User, at: datetime) -> Version:
    """Start the next version as a copy of the newest.

    Raises DraftExists.
    """
    Document.objects.select_for_update().get(pk=document.pk)
    if document.versions.filter(state=Version.State.DRAFT).exists():
        raise DraftExists
    newest = document.versions.order_by("-number").first()
    highest = document.versions.aggregate(highest=Max("number"))["highest"] or 0
    version = Version.objects.create(
        document=document,
        number=highest + 1,
        categories=newest.categories if newest else document.program.categories,
        uses=newest.uses if newest else [policy.Use.PROGRAM_RESEARCH],
        extras=newest.extras if newest else [],
        identity=newest.identity if newest else document.program.identity,
        author=by,
        written_at=at,
    )
    for language in linter.LANGUAGES:
        text = newest.texts.filter(language=language).first() if newest else None
        body = body_of(text) if text else linter.Body(screens=[], quiz=[], sections=[])
        _write(version, language, text.title if text else document.name, body)
    _tell(actions.CONSENT_VERSION_WRITTEN, version, by, at)
    return version


@transaction.atomic
def edit(
    *, version: Version, place: str, words: Mapping[str, Mapping[str, str]], by: User, at: datetime
) -> None:
    """Change the words of one part of a draft, in every language given.

    `place` is "screens.0", "quiz.2" or "sections.5"; `words` maps language to field to text.
    Raises NotADraft, NotTheAuthor and NotAText.
    """
    draft = _own_draft(version, by)
    group, _dot, number = place.partition(".")
    for language, fields in words.items():
        text = draft.texts.get(language=language)
        body = deepcopy(text.body)
        try:
            part = body[group][int(number)]
        except (KeyError, IndexError, ValueError) as error:
            raise NotAText(place) from error
        _replace(part, fields)
        text.body = body
        _write(draft, language, text.title, body_of(text))
    Version.objects.filter(pk=draft.pk).update(written_at=at)
    _tell(actions.CONSENT_VERSION_WRITTEN, draft, by, at)


def _replace(part: dict[str, object], fields: Mapping[str, str]) -> None:
    """Put new words into a part; `answer-0` is the first answer of a question."""
    for name, value in fields.items():
        if name.startswith("answer-"):
            _answer(part, name)["text"] = value
        elif isinstance(part.get(name), str) and name != "id":
            part[name] = value
        else:
            raise NotAText(name)


def _answer(part: dict[str, object], name: str) -> dict[str, object]:
    answers = part.get("answers")
    number = name.removeprefix("answer-")
    if not isinstance(answers, list) or not number.isdecimal() or int(number) >= len(answers):
        raise NotAText(name)
    found: dict[str, object] = answers[int(number)]
    return found


@transaction.atomic
def describe(  # noqa: PLR0913  # what the next version means for those who agreed before
    *,
    version: Version,
    whats_new_en: str,
    whats_new_es: str,
    needs_reconsent: bool,
    by: User,
    at: datetime,
) -> None:
    """Say what is new in a draft, and whether everybody must answer again.

    Raises NotADraft and NotTheAuthor.
    """
    draft = _own_draft(version, by)
    draft.whats_new_en, draft.whats_new_es = whats_new_en, whats_new_es
    draft.needs_reconsent = needs_reconsent
    draft.written_at = at
    draft.save()
    _tell(actions.CONSENT_VERSION_WRITTEN, draft, by, at)


def _own_draft(version: Version, by: User) -> Version:
    draft = Version.objects.select_for_update().get(pk=version.pk)
    if draft.state != Version.State.DRAFT:
        raise NotADraft
    if draft.author_id != by.pk:
        raise NotTheAuthor
    return draft


@transaction.atomic
def publish(*, version: Version, by: User, at: datetime) -> Version:
    """Ask people with this version from now on; the one before is replaced.

    Where everybody must answer again, agreements under earlier versions are paused.
    Raises NotADraft, OwnWork and NotReady.
    """
    draft = Version.objects.select_for_update(of=("self",)).get(pk=version.pk)
    if draft.state != Version.State.DRAFT:
        raise NotADraft
    if draft.author_id == by.pk:
        raise OwnWork
    problems = linter.lint(bodies_of(draft))
    if problems:
        raise NotReady(problems)
    _replace_earlier(draft, at)
    draft.state = Version.State.PUBLISHED
    draft.published_by, draft.published_at = by, at
    draft.sha256 = draft.fingerprint()
    draft.save()
    _tell(actions.CONSENT_VERSION_PUBLISHED, draft, by, at)
    return draft


def _replace_earlier(draft: Version, at: datetime) -> None:
    reliable = [Version.State.PUBLISHED, Version.State.SUPERSEDED]
    earlier = draft.document.versions.filter(state__in=reliable)
    if not draft.needs_reconsent:
        earlier.filter(state=Version.State.PUBLISHED).update(
            state=Version.State.SUPERSEDED, replaced_at=at
        )
        return
    waiting = Agreement.objects.filter(version__in=earlier, state=Agreement.State.ACTIVE)
    for agreement in waiting.select_related("patient", "program"):
        services.pause(
            patient=agreement.patient, program=agreement.program, reason="new text", at=at
        )
    earlier.update(state=Version.State.WITHDRAWN, replaced_at=at)
