"""A card: a cluster of findings in plain words, with its picture and the lab's own words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext

from portal.genomics.categories import Category
from portal.genomics.findings import Finding, Kind, Presence
from portal.genomics.flags import ANOTHER_PERSON, WITHDRAWN_BASIS
from portal.genomics.phrases.classes import metabolism_class, significance_class
from portal.genomics.phrases.library import Explanation, Question, Words, library
from portal.genomics.phrases.numbers import risks_of
from portal.results.clusters import Cluster, Section
from portal.results.doctor import Detail, code_word, details, lab_words
from portal.results.medicines import Row, rows_of
from portal.results.pictures.icon_array import Share, icon_array
from portal.results.pictures.lollipop import Change, lollipop
from portal.results.pictures.svg import Picture
from portal.results.tissue_types import tissue_types
from portal.results.titles import changes, conditions, title_of

_MARKERS = {
    "microsatellite instability": "MSI",
    "msi": "MSI",
    "tumor mutation burden": "TMB",
    "tumour mutational burden": "TMB",
    "mutation burden": "TMB",
    "mutational burden": "TMB",
    "mutations/megabase": "TMB",
    "tmb": "TMB",
    "her2": "HER2",
    "pd-l1": "PD-L1",
    "pdl1": "PD-L1",
    "estrogen receptor": "ER",
    "progesterone receptor": "PR",
}
_KARYOTYPE = re.compile(r"\d\d(?:~\d\d)?,[XY]+")  # ISCN
_CONFLICTS = ("conflict:significance", "conflict:presence", "conflict:present")
_ENZYMES = ("CYP", "DPYD", "TPMT", "NUDT15", "UGT", "NAT2")
_MARKER_GENES = {"ERBB2": "HER2", "CD274": "PD-L1"}


@dataclass(frozen=True)
class RiskPicture:
    """Two arrays of 100 people, with and without, from one named source."""

    with_: Picture
    without: Picture
    with_words: str
    without_words: str
    source: str


@dataclass(frozen=True)
class Card:
    """What a person reads about one thing that was found."""

    slug: str
    section: Section
    title: str
    conditions: tuple[str, ...]
    explanation: Explanation
    medicines: tuple[Row, ...]
    risks: tuple[RiskPicture, ...]
    lab_words: tuple[str, ...]
    lab_value: str
    source: str
    date: str
    marks: tuple[str, ...]
    cluster: Cluster

    @property
    def other_conditions(self) -> tuple[str, ...]:
        """The conditions that the title does not name already."""
        return tuple(name for name in self.conditions if name != self.title)

    @property
    def short_result(self) -> str:
        """The change, allele or value as the lab wrote it, and how it was seen; for a doctor."""
        lead = self.cluster.findings[0]
        written = (changes(one)[:2] for one in self.cluster.findings)
        told = next((one for one in written if one), ())
        said = (
            *told,
            self.lab_value or lead.name,
            _unless_seen(self.cluster),
            code_word(lead.zygosity),
        )
        return "; ".join(dict.fromkeys(one for one in said if one))

    @property
    def short_class(self) -> str:
        """The lab's classes and effects, each once; for a doctor."""
        said = (word for one in self.cluster.findings for word in (*one.significance, *one.effects))
        return "; ".join(dict.fromkeys(said))

    @property
    def is_worked_out(self) -> bool:
        """Whether we read it out of a file that the person gave, and no lab said it."""
        return self.cluster.is_no_clinical_test

    @property
    def is_about_one_gene(self) -> bool:
        """Whether words about what "this gene" does have one gene to speak of."""
        return len(self.cluster.genes) == 1

    @property
    def name(self) -> str:
        """What it is called in plain words, where the title does not say so already."""
        return self.words.name if self.words.name != self.title else ""

    @property
    def asked_about(self) -> tuple[Row, ...]:
        """The medicines that there is something to ask about, or only the words of the lab."""
        return tuple(row for row in self.medicines if row.effect_class != "usual")

    @property
    def as_for_most(self) -> tuple[Row, ...]:
        """The medicines that work as they do for most people, by what is known of the gene."""
        return tuple(row for row in self.medicines if row.effect_class == "usual")

    @property
    def knows_uses(self) -> bool:
        """Whether we can say of any medicine what it is for."""
        return any(row.use for row in self.asked_about)

    @property
    def protein(self) -> Picture | None:
        """Where in the protein the change lies, where that can be drawn."""
        lead = self.cluster.findings[0]
        if len(lead.genes) != 1 or lead.hgvs is None or not lead.hgvs.p:
            return None
        written = lead.hgvs.p[0].rpartition(":")[2]
        change = Change(lead.genes[0].symbol.upper(), written, self.section.value)
        return lollipop(f"protein-{self.slug}", change)

    @property
    def lead_details(self) -> tuple[Detail, ...]:
        """What a doctor reads first: every field of the leading finding."""
        return details(self.cluster.findings[:1])

    @property
    def words(self) -> Words:
        """The plain words of the card."""
        return self.explanation.words


def card_of(cluster: Cluster, language: str) -> Card:
    """Return the card of a cluster in a language."""
    question = question_of(cluster)
    lead = cluster.findings[0]
    report = cluster.shelf.report_of(lead)
    return Card(
        slug=cluster.slug,
        section=cluster.section,
        title=title_of(cluster, question, language),
        conditions=conditions(cluster),
        explanation=library().explain(question, language),
        medicines=rows_of(cluster, language),
        risks=tuple(_risks(cluster, question, language)),
        lab_words=tuple(dict.fromkeys(w for one in cluster.findings for w in _words_of(one))),
        lab_value=_lab_value(lead),
        source=_sources(cluster, lead),
        date=cluster.shelf.date_of(lead),
        marks=_marks(cluster, report.status if report else ""),
        cluster=cluster,
    )


def question_of(cluster: Cluster) -> Question:
    """Return what plain words are wanted for a cluster; an unknown class asks for none."""
    lead = cluster.findings[0]
    genes = tuple(gene.upper() for gene in cluster.genes)
    if WITHDRAWN_BASIS in lead.flags:
        return Question("variant", "taken-back")
    if cluster.is_about_another:
        return Question("variant", ANOTHER_PERSON)
    if lead.presence in {Presence.ABSENT, Presence.NO_CALL, Presence.INDETERMINATE}:
        return Question("negative", lead.presence.value, genes)
    if lead.kind is Kind.BIOMARKER:
        return Question("biomarker", "found", _marker(lead))
    return _by_section(cluster, lead, genes) or _by_class(cluster, lead, genes)


def _by_section(cluster: Cluster, lead: Finding, genes: tuple[str, ...]) -> Question | None:
    if cluster.section is Section.MEDICINES:
        return Question("medicine", metabolism(cluster), genes)
    if cluster.section is Section.PASS_ON:
        return Question("carrier", "carrier", genes)
    if cluster.section is Section.NOTHING and lead.kind is not Kind.VARIANT:
        return Question("negative", "absent", genes)
    if cluster.section is Section.OTHER and Category.HLA in cluster.categories:
        return Question("hla", "found", genes)
    return None


def _by_class(cluster: Cluster, lead: Finding, genes: tuple[str, ...]) -> Question:
    said = [word for one in cluster.findings for word in one.significance]
    class_ = significance_class(*said)
    if cluster.is_tumour:
        is_seen = "presence-not-understood" not in lead.flags
        return Question("tumour", class_ or ("found" if is_seen else ""), genes)
    if Category.NEWBORN in cluster.categories and class_ in {"raises", "likely"}:
        return Question("newborn", "raises", genes)
    if not class_ and _KARYOTYPE.match(lead.name):
        return Question("chromosome", "found", genes)
    if lead.kind is Kind.VARIANT and lead.copy_number is not None and lead.hgvs is None:
        return Question("copy-number", class_ if class_ == "raises" else "found", genes)
    return Question("variant", class_, genes)


def metabolism(cluster: Cluster) -> str:
    """Return how well one gene does its part; "found" where that cannot be said in a word."""
    told = _told_metabolism(cluster)
    return _WORKED_OUT.get(told, told) if cluster.is_no_clinical_test else told


_WORKED_OUT = {"found": "worked-out", "unclear": "not-enough"}  # no lab said it


def _told_metabolism(cluster: Cluster) -> str:
    if any(True for one in cluster.findings for _ in tissue_types(one)):
        return "reaction"
    if len(cluster.genes) != 1:
        return "found"
    gene = cluster.genes[0].upper()
    effects = [effect for one in cluster.findings for effect in one.effects]
    found = {metabolism_class(gene, effect) for effect in effects} - {""}
    if len(found) != 1:
        return "found"
    class_ = found.pop()
    has_own_words = library().find("medicine", gene, class_) is not None
    return class_ if has_own_words or gene.startswith(_ENZYMES) or class_ == "unclear" else "found"


def _marker(finding: Finding) -> tuple[str, ...]:
    codings = finding.code.codings if finding.code else ()
    texts = [finding.code.text if finding.code else "", *(one.display for one in codings)]
    words = " ".join(texts).lower()
    named = [key for text, key in _MARKERS.items() if text in words]
    genes = [_MARKER_GENES[gene.symbol] for gene in finding.genes if gene.symbol in _MARKER_GENES]
    return tuple(dict.fromkeys((*named, *genes)))


def _risks(cluster: Cluster, question: Question, language: str) -> Iterator[RiskPicture]:
    if (question.kind, question.class_) not in {("variant", "raises"), ("variant", "likely")}:
        return
    for number, risk in enumerate(risk for gene in cluster.genes for risk in risks_of(gene)):
        name = f"risk-{cluster.slug}-{number}"
        words = risk.words(language)
        yield RiskPicture(
            with_=icon_array(Share(f"{name}-with", risk.with_, words.with_)),
            without=icon_array(Share(f"{name}-without", risk.without, words.without)),
            with_words=words.with_,
            without_words=words.without,
            source=risk.source,
        )


def _sources(cluster: Cluster, lead: Finding) -> str:
    """Return every source that says the same, each once."""
    others = (shelf.origin.name for shelf in cluster.also)
    return "; ".join(dict.fromkeys((cluster.shelf.lab_of(lead), *others)))


def _words_of(finding: Finding) -> tuple[str, ...]:
    """Return the lab's words; of what has no kind of its own the value is the first of them."""
    value = finding.value
    is_said = finding.kind is Kind.OTHER and isinstance(value, str) and bool(value)
    return (*((value,) if is_said else ()), *lab_words(finding))


def _lab_value(lead: Finding) -> str:
    """Return what the lab measured, verbatim; presence alone is said in other words."""
    measured = lead.kind is Kind.BIOMARKER or not isinstance(lead.value, str)
    if lead.value is not None and measured and lead.kind in {Kind.BIOMARKER, Kind.OTHER}:
        return lead.measured
    if lead.copy_number is not None:
        return gettext("Copies: %(number)s") % {"number": f"{lead.copy_number:g}"}
    answer = lead.value if isinstance(lead.value, str) else ""
    if lead.kind in {Kind.GENOTYPE, Kind.HAPLOTYPE}:
        return lead.name or answer
    return lead.measured if "presence-not-understood" in lead.flags else ""


def _unless_seen(cluster: Cluster) -> str:
    """Return what keeps a change from being the person's: that it is absent, or another's."""
    lead = cluster.findings[0]
    if cluster.is_about_another:
        return gettext("may be about somebody else")
    if lead.presence is None and lead.value is None and "presence-not-understood" in lead.flags:
        return gettext("not said whether it was found")
    if lead.presence in {None, Presence.PRESENT}:
        return ""
    return code_word(str(lead.presence))


def _marks(cluster: Cluster, report_status: str) -> tuple[str, ...]:
    """Return corrected, preliminary and the like; each has a sentence in the phrase library."""
    statuses = {one.status for one in cluster.findings} | {report_status}
    flags = {flag for one in cluster.findings for flag in one.flags}
    marks = []
    if flags & {"corrected", "amended"} or statuses & {"amended", "corrected"}:
        marks.append("corrected")
    if flags & {"preliminary"} or statuses & {"preliminary", "registered", "partial"}:
        marks.append("preliminary")
    if any(flag.startswith(_CONFLICTS) for flag in flags):
        marks.append("conflict")
    if WITHDRAWN_BASIS in cluster.findings[0].flags:
        marks.append("taken-back")
    if cluster.is_no_clinical_test:
        marks.append("research")
    elif cluster.is_handed_in:
        marks.append("handed-in")
    return tuple(marks)
