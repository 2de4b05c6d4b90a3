"""Keep the translations: collect, check, compile. Needs no gettext programs.

Usage:
    python tools/messages.py collect [ROOM ...]   new texts from Python and templates into each
                                       catalog, or into those of the rooms named (portal/results)
    python tools/messages.py check     exit 1 when a text is missing, fuzzy, new or spent
    python tools/messages.py compile   write the .mo files that the site reads (never committed)

Each room has its own catalog, ROOM/locale/es/LC_MESSAGES/django.po. A text belongs to the room
whose Python or templates say it; the frame of the site and everything else belongs to portal.
"""

import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import django
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("es",)
KEYWORDS = {
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "_": None,
}


@dataclass(frozen=True)
class Room:
    """A place with its own catalog, and the folders whose texts go into it."""

    name: str
    python: tuple[str, ...]
    templates: tuple[str, ...]

    def catalog_path(self, language: str) -> Path:
        """Return where the catalog of a language lies."""
        return ROOT / self.name / "locale" / language / "LC_MESSAGES" / "django.po"


def _room(name: str, *templates: str) -> Room:
    return Room(name, (name,), tuple(f"templates/{folder}" for folder in templates))


ROOMS = (
    _room("portal/accounts", "accounts"),
    _room("portal/audit", "audit"),
    _room("portal/connections", "connections"),
    _room("portal/records", "records"),
    _room("portal/results", "results"),
    _room("consent", "consent"),
    _room("sharing", "sharing", "review"),
)
SHARED = Room("portal", ("portal",), ("templates",))


def _owner(path: Path) -> Room:
    relative = path.relative_to(ROOT).as_posix()
    for room in ROOMS:
        if any(relative.startswith(f"{folder}/") for folder in (*room.python, *room.templates)):
            return room
    return SHARED


def sources() -> Iterator[tuple[Path, Room]]:
    """Yield every file that may speak to people, with the room it belongs to."""
    for top in ("portal", "consent", "sharing", "templates"):
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix in {".py", ".html", ".txt"} and "migrations" not in path.parts:
                yield path, _owner(path)


def _code(path: Path) -> bytes:
    text = path.read_text()
    if path.suffix == ".py":
        return text.encode()
    # What is not a call is blotted out, but its indentation is not Python's.
    calls = templatize(text, origin=str(path))
    return "\n".join(line.lstrip() for line in calls.split("\n")).encode()


def _messages(path: Path) -> Iterator[tuple[str | tuple[str, ...], str | None, list[str]]]:
    found = extract("python", io.BytesIO(_code(path)), KEYWORDS, ("Translators:",))
    for _line, text, comments, context in found:
        yield text, context, comments


def collected() -> dict[Room, Catalog]:
    """Return the texts of every room, without translations."""
    catalogs = {room: Catalog(charset="utf-8") for room in (*ROOMS, SHARED)}
    for path, room in sources():
        for text, context, comments in _messages(path):
            catalogs[room].add(
                text,
                locations=[(path.relative_to(ROOT).as_posix(), 0)],
                auto_comments=comments,
                context=context,
            )
    return catalogs


def _read(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _merged(room: Room, template: Catalog, language: str) -> Catalog:
    """Return the catalog with the template's texts and the translations that there were."""
    old = _read(room.catalog_path(language), language)
    merged = Catalog(locale=language, charset="utf-8", fuzzy=False)
    for message in _texts(template):
        known = old.get(message.id, message.context)
        merged.add(
            message.id,
            known.string if known else None,
            locations=message.locations,
            auto_comments=message.auto_comments,
            flags=known.flags & {"fuzzy"} if known else (),
            context=message.context,
        )
    return merged


def _texts(catalog: Catalog) -> list[Message]:
    return sorted(
        (message for message in catalog if message.id), key=lambda message: str(message.id)
    )


def collect(*names: str) -> int:
    """Write the catalogs of the rooms named, or of all, keeping the translations there are."""
    for room, template in collected().items():
        if names and room.name not in names:
            continue
        for language in LANGUAGES:
            path = room.catalog_path(language)
            if not _texts(template) and not path.exists():
                continue
            _write(path, _merged(room, template, language), language)
    return check(*names)


def _write(path: Path, catalog: Catalog, language: str) -> None:
    text = io.BytesIO()
    write_po(text, catalog, omit_header=True, include_lineno=False, sort_output=True, width=100)
    header = (
        f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(header + text.getvalue().decode().lstrip("\n"))


@dataclass(frozen=True)
class Text:
    """One text that pages say: where, in English, and in another language."""

    place: str
    english: str
    translation: str


def texts(language: str) -> Iterator[Text]:
    """Yield every text without plural forms, with its translation or ""."""
    for room, template in collected().items():
        catalog = _read(room.catalog_path(language), language)
        for message in _texts(template):
            known = catalog.get(message.id, message.context)
            if isinstance(message.id, str):
                said = str(known.string) if known and known.string else ""
                yield Text(message.locations[0][0], message.id, said)


def _is_empty(message: Message) -> bool:
    strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return not all(strings)


def _complaints(room: Room, template: Catalog, language: str) -> Iterator[str]:
    catalog = _read(room.catalog_path(language), language)
    for message in _texts(template):
        known = catalog.get(message.id, message.context)
        where = f"{room.name} [{language}] {message.locations[0][0]}: {message.id!r}"
        if known is None:
            yield f"not collected  {where}"
        elif _is_empty(known):
            yield f"not translated {where}"
        elif known.fuzzy:
            yield f"fuzzy          {where}"
        else:
            yield from (f"wrong          {where}: {error}" for error in known.check(catalog))
    for message in _texts(catalog):
        if template.get(message.id, message.context) is None:
            yield f"said no more   {room.name} [{language}]: {message.id!r}"


def check(*names: str) -> int:
    """Print what is missing or spent and return 1, or 0 when every catalog is as it must be."""
    wrong = [
        line
        for room, template in collected().items()
        if not names or room.name in names
        for language in LANGUAGES
        for line in _complaints(room, template, language)
    ]
    for line in wrong:
        print(line)
    return 1 if wrong else 0


def compile_all(*_names: str) -> int:
    """Write a .mo beside every .po. Returns 0."""
    for room in (*ROOMS, SHARED):
        for language in LANGUAGES:
            path = room.catalog_path(language)
            if path.exists():
                with path.with_suffix(".mo").open("wb") as file:
                    write_mo(file, _read(path, language))
    return 0


VERBS = {"collect": collect, "check": check, "compile": compile_all}


def main(arguments: list[str]) -> int:
    """Do what the first argument says, for the rooms named; 2 when it says nothing known."""
    if not arguments or arguments[0] not in VERBS:
        print(__doc__)
        return 2
    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    return VERBS[arguments[0]](*arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
