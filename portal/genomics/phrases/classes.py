"""Lab words to the classes that phrases are written for. An unknown word has no class."""

import re

from portal.genomics.class_words import bare, class_of

_SPACES = re.compile(r"[\s_-]+")

_OF_CLASS = {
    "pathogenic": "raises",
    "likely-pathogenic": "likely",
    "uncertain": "uncertain",
    "likely-benign": "harmless",
    "benign": "harmless",
}
# What else a lab says about a change, in the words of ClinVar and the codes of LOINC answers.
SIGNIFICANCE = {
    "la6668 3": "raises",
    "pathogenic low penetrance": "raises",
    "established risk allele": "raises",
    "la26332 9": "likely",
    "likely pathogenic low penetrance": "likely",
    "likely risk allele": "likely",
    "risk factor": "likely",
    "la6682 4": "uncertain",
    "la26333 7": "uncertain",
    "uncertain risk allele": "uncertain",
    "conflicting interpretations of pathogenicity": "conflicting",
    "conflicting classifications of pathogenicity": "conflicting",
    "la26334 5": "harmless",
    "la6675 8": "harmless",
    "benign likely benign": "harmless",
    "protective": "protective",
}

# How well a gene does its part with medicines, in the words of CPIC and LOINC answers.
METABOLISM = {
    "poor metabolizer": "slow",
    "la9657 3": "slow",
    "likely poor metabolizer": "slow",
    "intermediate metabolizer": "slower",
    "la10317 8": "slower",
    "likely intermediate metabolizer": "slower",
    "possible intermediate metabolizer": "slower",
    "normal metabolizer": "usual",
    "la25391 6": "usual",
    "extensive metabolizer": "usual",
    "la10316 0": "usual",
    "rapid metabolizer": "faster",
    "la25390 8": "faster",
    "ultrarapid metabolizer": "fast",
    "ultra rapid metabolizer": "fast",
    "la10315 2": "fast",
    "normal function": "usual",
    "decreased function": "slower",
    "intermediate function": "slower",
    "intermediate activity": "slower",
    "high activity": "usual",
    "low activity": "slow",
    "favorable response genotype": "usual",
    "unfavorable response genotype": "slower",
    "possible decreased function": "slower",
    "poor function": "slow",
    "low function": "slow",
    "increased function": "faster",
    "deficient": "slow",
    "deficient with cnsha": "slow",
    "variable": "unclear",
    "normal": "usual",
    "indeterminate": "unclear",
    "malignant hyperthermia susceptibility": "reaction",
    "uncertain susceptibility": "unclear",
    "increased risk of aminoglycoside induced hearing loss": "reaction",
    "normal risk of aminoglycoside induced hearing loss": "usual",
    "uncertain risk of aminoglycoside induced hearing loss": "unclear",
    "1639 aa": "slow",
    "1639 ag": "slower",
    "1639 gg": "usual",
    "expresser": "usual",
    "cyp3a5 expresser": "usual",
    "cyp3a5 non expresser": "slow",
    "non expresser": "slow",
}


def normal_form(words: str) -> str:
    """Return words without case, hyphens and stray blanks, in American spelling."""
    plain = _SPACES.sub(" ", words.strip().lower().replace(",", " ").replace("/", " "))
    return " ".join(plain.replace("metaboliser", "metabolizer").split())


def significance_class(*words: str) -> str:
    """Return the class of the first word that is known; "conflicting" when known ones differ."""
    known = [found for word in words if (found := _class_in(word))]
    if {"raises", "likely"} >= set(known):
        return known[0] if known else ""
    return known[0] if len(set(known)) == 1 else "conflicting"


def _class_in(word: str) -> str:
    form = normal_form(bare(word))
    return _OF_CLASS.get(class_of(word) or class_of(form)) or SIGNIFICANCE.get(form, "")


def metabolism_class(gene: str, *words: str) -> str:
    """Return how well the gene does its part, from the first word that is known."""
    for word in words:
        plain = normal_form(word)
        plain = plain.removeprefix(normal_form(gene)).strip()
        if plain in METABOLISM:
            return METABOLISM[plain]
    return ""
