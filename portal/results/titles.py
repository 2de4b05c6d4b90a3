"""What a card is called: by its genes, else by a condition, a name, or the place of the change."""

from django.utils.translation import gettext

from portal.genomics.findings import Finding
from portal.genomics.phrases.library import Question, library
from portal.results.clusters import Cluster
from portal.results.places import chromosome_of

_MOST_GENES = 4


def title_of(cluster: Cluster, question: Question, language: str) -> str:
    """Return what a cluster is called for its reader."""
    if question.kind == "biomarker":
        named = library().explain(question, language).words.name
        return named or _code_words(cluster.findings[0])
    if cluster.genes:
        more = " …" if len(cluster.genes) > _MOST_GENES else ""
        return ", ".join(cluster.genes[:_MOST_GENES]) + more
    lead = cluster.findings[0]
    own = (one.name for one in cluster.findings)
    names = (*conditions(cluster), *own, *changes(lead), _place(lead))
    return next((name for name in names if name), _code_words(lead))


def _place(finding: Finding) -> str:
    """Return where a change without a name lies, with its letters; "" where that is open."""
    position = finding.position
    if position is None or position.start is None:
        return ""
    letters = f" {finding.ref}>{finding.alt}" if finding.ref and finding.alt else ""
    name = chromosome_of(finding)
    if not name:
        return f"{position.sequence}:{position.start}{letters}" if position.sequence else ""
    words = {"name": name, "start": position.start, "letters": letters}
    return gettext("Chromosome %(name)s, at %(start)d%(letters)s") % words


def changes(finding: Finding) -> tuple[str, ...]:
    """Return how the lab writes the change, the coding change first."""
    hgvs = finding.hgvs
    return (*hgvs.c, *hgvs.n, *hgvs.p, *hgvs.g) if hgvs else ()


def _code_words(finding: Finding) -> str:
    code = finding.code
    shown = [code.text, *(one.display for one in code.codings)] if code else []
    return next((words for words in shown if words), gettext("A result"))


def conditions(cluster: Cluster) -> tuple[str, ...]:
    """Return the conditions that the lab names, each once."""
    names = (
        one.text or next((coding.display for coding in one.codings), "")
        for finding in cluster.findings
        for one in finding.phenotypes
    )
    return tuple(dict.fromkeys(name for name in names if name))
