"""What each open result says of each medicine: by which gene, from which lab, on which day."""

from collections.abc import Iterator
from dataclasses import dataclass

from portal.genomics.elements import words
from portal.genomics.findings import Concept, Finding, Kind
from portal.genomics.flags import WITHDRAWN_BASIS
from portal.genomics.genes import name_of
from portal.genomics.knowledge.medicines import named, plain
from portal.genomics.phrases.classes import metabolism_class
from portal.genomics.phrases.library import library
from portal.genomics.phrases.medicines import effects
from portal.results.clusters import Cluster, Section
from portal.results.taken import codes_of
from portal.results.tissue_types import tissue_types

_NAMES_MEDICINES = frozenset({Kind.THERAPEUTIC_IMPLICATION, Kind.RECOMMENDATION})
_ALLELES = frozenset({Kind.GENOTYPE, Kind.HAPLOTYPE})


@dataclass(frozen=True)
class Said:
    """One thing that one result says of one medicine."""

    name: str
    keys: frozenset[str]
    genes: tuple[str, ...]
    alleles: tuple[str, ...]
    class_: str  # how well the gene does its part, where the lab's word is known
    effect_class: str
    lab_effect: str
    lab: str
    date: str
    slug: str
    is_tumour: bool
    by_lab: bool  # whether the lab named the medicine, or our table of pairs did
    is_worked_out: bool  # whether we read the gene out of a file that is no clinical test

    def effect(self, language: str) -> str:
        """Return the effect in a few plain words, or nothing."""
        phrase = library().find("effect", class_=self.effect_class) if self.effect_class else None
        return phrase.words(language).short if phrase else ""

    def ask(self, language: str) -> str:
        """Return what to ask about it, or nothing."""
        phrase = library().find("effect", class_=self.effect_class) if self.effect_class else None
        return phrase.words(language).ask if phrase else ""


def sayings(clusters: tuple[Cluster, ...]) -> Iterator[Said]:
    """Yield what the labs say of medicines, then what the table of pairs adds to their genes."""
    for cluster in (one for one in clusters if not one.is_about_another):
        by_lab = list(_by_lab(cluster))
        yield from by_lab
        known = {(said.genes, key) for said in by_lab for key in said.keys}
        for said in _by_table(cluster):
            if not any((said.genes, key) in known for key in said.keys):
                yield said


def _by_lab(cluster: Cluster) -> Iterator[Said]:
    for finding in cluster.findings:
        if finding.kind in _NAMES_MEDICINES and WITHDRAWN_BASIS not in finding.flags:
            for concept in finding.medicines:
                yield _said(cluster, finding, concept)


def _said(cluster: Cluster, finding: Finding, concept: Concept) -> Said:
    genes = _genes(cluster, finding)
    class_ = metabolism_class(genes[0], *finding.effects) if len(genes) == 1 else ""
    found = named(concept).ingredients
    # Our table speaks of inherited genes, never of a tumor's.
    known = effects(genes[0], class_) if class_ and not cluster.is_tumour else {}
    of_medicine = {known[one] for one in found if one in known}
    name = words(concept)
    return Said(
        name=name,
        keys=found | codes_of(concept) | ({plain(name)} if plain(name) else set()),
        genes=genes,
        alleles=_alleles(cluster, finding),
        class_=class_,
        effect_class=of_medicine.pop() if len(of_medicine) == 1 else "",
        lab_effect="; ".join(finding.effects),
        lab=cluster.shelf.lab_of(finding),
        date=cluster.shelf.date_of(finding),
        slug=cluster.slug,
        is_tumour=cluster.is_tumour,
        by_lab=True,
        is_worked_out=cluster.is_no_clinical_test,
    )


def _by_table(cluster: Cluster) -> Iterator[Said]:
    if cluster.section not in {Section.MEDICINES, Section.OTHER}:
        return
    seen = set()
    for finding in cluster.findings:
        for gene, class_ in (*_classes(cluster, finding), *tissue_types(finding)):
            for medicine, effect in effects(gene, class_).items():
                if (gene, class_, medicine) not in seen:
                    seen.add((gene, class_, medicine))
                    yield _known(cluster, finding, (gene, class_, medicine, effect))


def _known(cluster: Cluster, finding: Finding, fact: tuple[str, str, str, str]) -> Said:
    gene, class_, medicine, effect = fact
    return Said(
        name=medicine,
        keys=frozenset({medicine}),
        genes=(gene,),
        alleles=_alleles(cluster, finding),
        class_=class_,
        effect_class=effect,
        lab_effect="; ".join(finding.effects),
        lab=cluster.shelf.lab_of(finding),
        date=cluster.shelf.date_of(finding),
        slug=cluster.slug,
        is_tumour=False,
        by_lab=False,
        is_worked_out=cluster.is_no_clinical_test,
    )


def _classes(cluster: Cluster, finding: Finding) -> Iterator[tuple[str, str]]:
    genes = _genes(cluster, finding)
    for effect in finding.effects:
        # A word about two genes at once is not a word about either.
        class_ = metabolism_class(genes[0], effect) if len(genes) == 1 else ""
        if class_:
            yield genes[0], class_


def _genes(cluster: Cluster, finding: Finding) -> tuple[str, ...]:
    below = cluster.shelf.links.below(finding)
    told = [name_of(gene) for one in (finding, *below) for gene in one.genes]
    return tuple(dict.fromkeys(name.upper() for name in told if name)) or cluster.genes


def _alleles(cluster: Cluster, finding: Finding) -> tuple[str, ...]:
    around = (finding, *cluster.shelf.links.below(finding))
    genotypes = [one.name for one in around if one.kind is Kind.GENOTYPE and one.name]
    alleles = [one.name for one in around if one.kind in _ALLELES and one.name]
    return tuple(dict.fromkeys(genotypes or alleles))
