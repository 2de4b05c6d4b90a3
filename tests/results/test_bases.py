"""What the plain words stand on is named in the language of the page."""

from django.utils import translation

from portal.genomics.phrases.library import library
from portal.results.bases import BASES, in_words

NAMES = {"HGNC"}


def test_every_base_of_a_phrase_has_words_or_is_a_name() -> None:
    named = {part for phrase in library().phrases for part in phrase.source.split("; ")}

    assert named - set(BASES) - NAMES == set()


def test_each_is_named_once_in_the_language_of_the_page() -> None:
    with translation.override("es"):
        said = in_words(["HGNC; editors' own words", "DPWG guidelines; editors' own words"])

    assert said == "HGNC; las palabras de nuestros redactores; guías de DPWG"
