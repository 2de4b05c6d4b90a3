"""What pages say is plain: easy words in both languages, and none of the words we never say."""

import re
from collections import defaultdict
from functools import cache

import pytest

from portal.genomics.phrases.lint import FORBIDDEN
from portal.genomics.reading_grade import grade
from tools.messages import texts

# The most years of school that a folder of templates may ask for.
MOST_GRADE = {
    "results": 6.0,
    "consent": 6.0,
    "connections": 8.0,
    "records": 8.0,
    "sharing": 8.0,
    "review": 8.0,
    "site": 8.0,
    "account": 8.0,
    "mfa": 8.0,
}
FOR_DOCTORS = ("templates/results/doctor.html",)
SENTENCE = re.compile(r"[.?]$")


@cache
def sentences(language: str) -> dict[str, str]:
    """Return the whole sentences that each folder of templates says."""
    found: dict[str, list[str]] = defaultdict(list)
    for text in texts("es"):
        said = text.english if language == "en" else text.translation
        is_page = text.place.startswith("templates/") and text.place not in FOR_DOCTORS
        if is_page and SENTENCE.search(said) and "%(" not in said:
            found[text.place.split("/")[1]].append(said)
    return {folder: "\n".join(said) for folder, said in found.items()}


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("folder", MOST_GRADE)
def test_the_words_of_a_part_are_easy_to_read(folder: str, language: str) -> None:
    assert grade(sentences(language).get(folder, ""), language) <= MOST_GRADE[folder]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("folder", MOST_GRADE)
def test_a_part_never_says_what_we_do_not_say(folder: str, language: str) -> None:
    text = sentences(language).get(folder, "")

    said = [
        word
        for word in FORBIDDEN[language]
        if re.search(rf"(?<!\w){word}(?!\w)", text, re.IGNORECASE)
    ]
    assert said == []
    assert not re.search(r"[!¡]", text)
