"""What a consent text must have before it may be published. PURE.

Spec: 45 CFR 46.116(a) to (c), 45 CFR 164.508(c), and the notice that goes with 29 CFR 1635 (GINA).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypedDict

from portal.genomics.reading_grade import grade

LANGUAGES: Final = ("en", "es")
SCREENS: Final = ("why", "what", "who", "risks", "benefits", "duration", "stop", "choices")
QUIZ: Final = ("not-care", "free-choice", "can-stop", "privacy")
MAX_WORDS: Final = 60
MAX_GRADE: Final = 6.0
MAX_GRADE_OF_A_PART: Final = 8.0
_MIN_WORDS: Final = 5


class Screen(TypedDict):
    """One idea on one page; `more` opens under "Tell me more"."""

    id: str
    heading: str
    text: str
    more: str


class Choice(TypedDict):
    """One answer to a question."""

    text: str
    correct: bool


class Question(TypedDict):
    """One of the four questions, and what is said after a wrong answer."""

    id: str
    question: str
    explain: str
    answers: list[Choice]


class Section(TypedDict):
    """A part of the full text, and which required elements it carries."""

    heading: str
    text: str
    covers: list[str]


class Body(TypedDict):
    """The wording of one version in one language."""

    screens: list[Screen]
    quiz: list[Question]
    sections: list[Section]


@dataclass(frozen=True, slots=True)
class Element:
    """Something the law asks for, where it says so, and words by which it is known."""

    law: str
    en: str
    es: str


# Each section that claims to cover an element must also speak of it.
ELEMENTS: Final = {
    "key-information": Element("46.116(a)(5)(i)", r"research|study", r"estudio|investigaci"),
    "research": Element("46.116(b)(1)", r"research", r"investigaci"),
    "purpose": Element("46.116(b)(1)", r"purpose|to learn", r"\bfin\b|para (aprender|saber)"),
    "duration": Element("46.116(b)(1)", r"years|months|until", r"años|meses|hasta"),
    "procedures": Element("46.116(b)(1)", r"send|copy|drawn|test", r"manda|copia|sangre|prueba"),
    "risks": Element("46.116(b)(2)", r"risk", r"riesgo"),
    "benefits": Element("46.116(b)(3)", r"good|benefit|help", r"gan[ea]|beneficio|ayud"),
    "alternatives": Element("46.116(b)(4)", r"other way|instead|not to take", r"otra opción|otro"),
    "confidentiality": Element("46.116(b)(5)", r"private|safe", r"privad|confidencial"),
    "injury": Element("46.116(b)(6)", r"hurt|injur|harm", r"daño|lesi"),
    "contacts": Element("46.116(b)(7)", r"@|\d{3}-\d{4}", r"@|\d{3}-\d{4}"),
    "voluntary": Element("46.116(b)(8)", r"free choice|voluntar|choose", r"voluntari|decide"),
    "future-use": Element("46.116(b)(9)", r"other research|other stud", r"otros estudios"),
    "unforeseen-risks": Element("46.116(c)(1)", r"not know", r"no se (conocen|sab)|nadie (ve|con)"),
    "termination": Element("46.116(c)(2)", r"end your part|without asking", r"cerrar|sin pedir"),
    "costs": Element("46.116(c)(3)", r"cost|pay", r"cuesta|pag"),
    "withdrawal-consequences": Element(
        "46.116(c)(4)", r"undone|up to then|can ?not be", r"deshacer|ya se us"
    ),
    "new-findings": Element("46.116(c)(5)", r"new", r"nuev"),
    "subjects": Element(
        "46.116(c)(6)", r"(people|persons).*join|take part", r"personas|gente|participantes"
    ),
    "profit": Element("46.116(c)(7)", r"profit|sell", r"ganancia|vend"),
    "results": Element("46.116(c)(8)", r"what it finds|results", r"resultado"),
    "genome": Element("46.116(c)(9)", r"genome", r"genoma"),
    "information": Element("164.508(c)(1)(i)", r"data|information", r"datos|información"),
    "discloser": Element("164.508(c)(1)(ii)", r"portal|lab|clinic", r"portal|laboratorio|clínica"),
    "recipient": Element("164.508(c)(1)(iii)", r"team|program|gets", r"equipo|programa|recib"),
    "sharing-purpose": Element("164.508(c)(1)(iv)", r"purpose", r"\bfin\b|propósito"),
    "expiration": Element("164.508(c)(1)(v)", r"ends|end date|expire", r"acaba|termina|fecha"),
    "signature": Element("164.508(c)(1)(vi)", r"\bsign", r"firm"),
    "revocation": Element("164.508(c)(2)(i)", r"stop", r"parar|dejar de"),
    "conditioning": Element("164.508(c)(2)(ii)", r"not have to sign|not hang|depend", r"no depend"),
    "redisclosure": Element("164.508(c)(2)(iii)", r"HIPAA|no longer|not guard", r"HIPAA|ya no"),
    "copy": Element("164.508(c)(4)", r"copy", r"copia"),
    "gina": Element("GINA", r"GINA.*life.*disability.*long-term", r"GINA.*vida.*invalidez.*largo"),
}

# Words that frighten, or promise what nobody can keep.
_NEVER: Final = {
    "en": re.compile(
        r"\b(mutations?|abnormal|defects?|withdraw\w*|revok\w*|opt(ing)? out|anonym\w*|positive|"
        r"sufferers?|affected|all clear|no risk|%)",
        re.IGNORECASE,
    ),
    "es": re.compile(
        r"\b(mutaci\w+|anormal\w*|defect\w+|revoc\w+|anónim\w+|positiv[oa]s?|afectad[oa]s?|"
        r"sin riesgo|%)",
        re.IGNORECASE,
    ),
}


# Words by which somebody gives up rights, or lets others off: 46.116(a)(6) allows none.
_EXCULPATORY: Final = {
    "en": re.compile(
        r"(?<!not )(?<!never )\b(waiv\w+|give up (any|all|your|the|my)?\s*(legal )?rights?)|"
        r"\bhold harmless\b|"
        r"\brelease\w* .{0,60}\b(from|liab\w+)|\b(not|never) (be )?(liable|responsible)\b|"
        r"\b(will|can|may) not sue\b",
        re.IGNORECASE,
    ),
    "es": re.compile(
        r"(?<!no )\brenunci\w+|exim\w+ de|\bno (es|son|será|serán) responsables?\b|"
        r"\bliber\w+ .{0,60}\bresponsabilidad|\bno (podrá |puede )?demandar",
        re.IGNORECASE,
    ),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that keeps a text from being published. `code` has a sentence in the pages."""

    language: str
    code: str
    place: str = ""
    detail: str = ""


def lint(bodies: Mapping[str, Body]) -> tuple[Problem, ...]:
    """Return everything that is wrong with a version; empty means that it may be published."""
    return tuple(_problems(bodies))


def grade_of(body: Body, language: str) -> float:
    """Return the reading grade of the whole wording."""
    return grade("\n".join(_all_texts(body)), language)


def _problems(bodies: Mapping[str, Body]) -> Iterator[Problem]:
    for language in LANGUAGES:
        if language not in bodies:
            yield Problem(language, "missing-language")
            continue
        body = bodies[language]
        yield from _screens(body["screens"], language)
        yield from _quiz(body["quiz"], language)
        yield from _sections(body["sections"], language)
        yield from _words(body, language)
    if all(language in bodies for language in LANGUAGES):
        yield from _parity(bodies)


def _screens(screens: list[Screen], language: str) -> Iterator[Problem]:
    if tuple(screen["id"] for screen in screens) != SCREENS:
        yield Problem(language, "screens", detail=", ".join(SCREENS))
    for screen in screens:
        words = len(screen["text"].split())
        if words > MAX_WORDS:
            yield Problem(language, "too-long", screen["id"], str(words))
        if not screen["heading"].strip() or words < _MIN_WORDS:
            yield Problem(language, "empty", screen["id"])


def _quiz(quiz: list[Question], language: str) -> Iterator[Problem]:
    if tuple(question["id"] for question in quiz) != QUIZ:
        yield Problem(language, "quiz", detail=", ".join(QUIZ))
    for question in quiz:
        right = sum(answer["correct"] for answer in question["answers"])
        if right != 1 or len(question["answers"]) < 2:  # noqa: PLR2004  # a choice needs two
            yield Problem(language, "one-right-answer", question["id"])
        if not question["explain"].strip():
            yield Problem(language, "empty", question["id"])


def _sections(sections: list[Section], language: str) -> Iterator[Problem]:
    if not sections or "key-information" not in sections[0]["covers"]:
        yield Problem(language, "key-information-first")
    for name, element in ELEMENTS.items():
        texts = [part["text"] for part in sections if name in part["covers"]]
        pattern = element.es if language == "es" else element.en
        if not any(_speaks_of(pattern, text) for text in texts):
            yield Problem(language, "missing-element", name, element.law)


def _speaks_of(pattern: str, text: str) -> bool:
    found = re.search(pattern, text, re.IGNORECASE | re.DOTALL)
    return found is not None and len(text.split()) >= _MIN_WORDS


def _words(body: Body, language: str) -> Iterator[Problem]:
    for place, text in _parts(body):
        for found in _NEVER[language].finditer(text):
            yield Problem(language, "word", place, found.group())
        for found in _EXCULPATORY[language].finditer(text):
            yield Problem(language, "exculpatory", place, f"46.116(a)(6): {found.group()}")
    # A heading is read alone, by those who only look over the page.
    for place, text in (*_parts(body), *_headings(body)):
        level = grade(text, language)
        if level > MAX_GRADE_OF_A_PART:
            yield Problem(language, "hard-part", place, f"{level:.1f}")
    level = grade_of(body, language)
    if level > MAX_GRADE:
        yield Problem(language, "hard", detail=f"{level:.1f}")


def _parts(body: Body) -> Iterator[tuple[str, str]]:
    for screen in body["screens"]:
        yield screen["id"], f"{screen['heading']}\n{screen['text']}\n{screen['more']}"
    for question in body["quiz"]:
        answers = "\n".join(answer["text"] for answer in question["answers"])
        yield question["id"], f"{question['question']}\n{question['explain']}\n{answers}"
    for section in body["sections"]:
        yield section["heading"], f"{section['heading']}\n{section['text']}"


def _headings(body: Body) -> Iterator[tuple[str, str]]:
    for screen in body["screens"]:
        yield f"{screen['id']}: {screen['heading']}", screen["heading"]
    for section in body["sections"]:
        yield section["heading"], section["heading"]


def _all_texts(body: Body) -> Iterable[str]:
    return (text for _place, text in _parts(body))


def _parity(bodies: Mapping[str, Body]) -> Iterator[Problem]:
    """Both languages must say the same things, and have the same answers right."""
    shapes = [_shape(bodies[language]) for language in LANGUAGES]
    for name in shapes[0]:
        if shapes[0][name] != shapes[1][name]:
            yield Problem(LANGUAGES[1], "not-the-same", name)


def _shape(body: Body) -> dict[str, object]:
    return {
        "screens": [screen["id"] for screen in body["screens"]],
        "quiz": [
            (question["id"], [answer["correct"] for answer in question["answers"]])
            for question in body["quiz"]
        ],
        "sections": [sorted(section["covers"]) for section in body["sections"]],
    }
