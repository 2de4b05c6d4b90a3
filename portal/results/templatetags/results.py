"""Small words of the results templates."""

from django import template
from django.utils.safestring import SafeString

from portal.genomics.medication import Taking
from portal.genomics.phrases.library import Words, library
from portal.results import doctor
from portal.results.bases import in_words
from portal.results.dates import day_words
from portal.results.page import language
from portal.results.pictures.shapes import legend_mark
from portal.results.taking_words import TAKING_WORDS

register = template.Library()


@register.filter
def shape(section: str) -> SafeString:
    """Return the mark of a part, for use beside its word."""
    return SafeString(legend_mark(section))  # nosec B703  # drawn from our own table


@register.filter
def day(sent: str) -> str:
    """Return a FHIR date in words."""
    return day_words(sent)


@register.filter
def about_mark(mark: str) -> Words | None:
    """Return the words on a mark such as "corrected"."""
    phrase = library().find("limits", mark)
    return phrase.words(language()) if phrase else None


@register.filter
def code_word(code: str) -> str:
    """Return a code of the standard in the language of the page."""
    return doctor.code_word(code)


@register.filter
def bases(sources: tuple[str, ...]) -> str:
    """Return what our plain words stand on."""
    return in_words(sources)


@register.filter
def taking_words(taking: Taking) -> str:
    """Return what the state of a medicine means."""
    return str(TAKING_WORDS[taking])
