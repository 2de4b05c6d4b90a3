"""Contradictions inside a finding and between the findings of one report. Shown, never repaired."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from portal.genomics import hgvs
from portal.genomics.class_words import class_of
from portal.genomics.codes import GENE_SYSTEM_PART
from portal.genomics.findings import Finding, Kind, Presence
from portal.genomics.genes import HGNC


def own_conflicts(finding: Finding) -> list[str]:
    """Return what does not fit together inside one finding."""
    found = []
    if finding.kind is Kind.VARIANT:
        found += [*_alleles(finding), *_sequences(finding), *_repeats(finding)]
        found += [*_written(finding), *_fraction_in_text(finding)]
    found += _genes(finding)
    classes = {class_of(said) for said in finding.significance} - {""}
    if len(classes) > 1:
        found.append("conflict:significance")
    return found


def _alleles(finding: Finding) -> list[str]:
    found = []
    if finding.ref and finding.alt and finding.ref.upper() == finding.alt.upper():
        same = finding.presence is Presence.PRESENT
        found.append("conflict:present-but-ref-equals-alt" if same else "ref-equals-alt")
    if finding.copy_number == 0:
        found.append("copy-number-zero")
    if finding.copy_number is not None and finding.copy_number < 0:
        found.append("conflict:copy-number-negative")
    return found


def _sequences(finding: Finding) -> list[str]:
    """Compare the build with the accession, and the transcript with the one in c. HGVS."""
    found = []
    place = finding.position
    expressions = finding.hgvs.g if finding.hgvs else ()
    sequences = [place.sequence] if place and place.sequence else []
    sequences += [hgvs.accession(text) for text in expressions]
    builds = {hgvs.build_of(sequence) for sequence in sequences} - {""}
    stated = place.build if place else ""
    if stated in {"GRCh37", "GRCh38"}:
        builds.add(stated)
    if len(builds) > 1:
        found.append("conflict:build")
    others = [*finding.hgvs.c, *finding.hgvs.p] if finding.hgvs else []
    named = [*sequences, *(hgvs.accession(text) for text in others)]
    if any(hgvs.is_of_another_species(sequence) for sequence in named):
        found.append("not-human")
    chromosomes = {hgvs.chromosome_of(sequence) for sequence in sequences} - {""}
    chromosomes |= {place.chromosome} if place and place.chromosome else set()
    if len(chromosomes) > 1:
        found.append("conflict:chromosome")
    return [*found, *_transcripts(finding)]


def _written(finding: Finding) -> list[str]:
    """Compare the alleles and the place with the genomic HGVS, where both name one sequence."""
    place = finding.position
    for text in finding.hgvs.g if finding.hgvs else ():
        if place and place.sequence and place.sequence != hgvs.accession(text):
            continue
        changed = hgvs.SUBSTITUTION.search(text)
        if changed and finding.ref and finding.alt:
            start, ref, alt = changed.groups()
            if len(finding.ref) == len(finding.alt) == 1 and (ref, alt) != (
                finding.ref.upper(),
                finding.alt.upper(),
            ):
                return ["conflict:alleles"]
            if place and place.start is not None and abs(place.start - int(start)) > 1:
                return ["conflict:position"]
        inserted = hgvs.INSERTION.search(text)
        if inserted and finding.alt and inserted.group(1) not in finding.alt.upper():
            return ["conflict:alleles"]
    return []


def _fraction_in_text(finding: Finding) -> list[str]:
    """Compare the allele fraction with the percentage that the lab's words give."""
    told = hgvs.FRACTION_IN_TEXT.search(" ".join((finding.conclusion, *finding.notes)))
    if not told or finding.allele_fraction is None:
        return []
    differs = abs(float(told.group(1)) - 100 * finding.allele_fraction) > _ROUNDING
    return ["conflict:allele-fraction-in-text"] if differs else []


_ROUNDING = 1.0  # labs round percentages


def _transcripts(finding: Finding) -> list[str]:
    named = {
        hgvs.accession(said.text) for said in finding.attributes if said.label == "Transcript"
    } - {""}
    used = {hgvs.accession(text) for text in _expressions(finding)} - {""}
    if not named or not used or named & used:
        return []
    versionless = {hgvs.base(one) for one in named} & {hgvs.base(one) for one in used}
    if versionless and any("." not in one for one in named | used):
        return []
    return ["conflict:transcript"]


def _expressions(finding: Finding) -> list[str]:
    """Return the coding expressions, those inside names of catalogue entries included."""
    texts = list(finding.hgvs.c) if finding.hgvs else []
    concepts = finding.concepts.get("ids", ())
    named = [coding.display for item in concepts for coding in item.codings]
    return texts or [text for text in named if ":c." in text]


def _repeats(finding: Finding) -> list[str]:
    """Compare the number of repeats with the one in HGVS, where there is one of each."""
    numbers = [repeat.number for repeat in finding.repeats if repeat.number is not None]
    texts = finding.hgvs.c + finding.hgvs.g if finding.hgvs else ()
    written = {int(hit) for text in texts for hit in hgvs.REPEAT.findall(text)}
    if len(numbers) == 1 and written and numbers[0] not in written:
        return ["conflict:repeat-number"]
    return []


def _genes(finding: Finding) -> list[str]:
    """Compare the gene with the one that stands inside HGVS or a name."""
    symbols = {gene.symbol.upper() for gene in finding.genes if gene.symbol}
    concepts = finding.concepts.get("ids", ())
    texts = [coding.display for item in concepts for coding in item.codings]
    texts += [*finding.hgvs.c, *finding.hgvs.g, *finding.hgvs.p] if finding.hgvs else []
    named = {hgvs.gene_named(text).upper() for text in texts} - {""}
    if symbols and named and not named & symbols:
        return ["conflict:gene"]
    return []


def with_conflicts(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings with their contradictions flagged."""
    found = list(findings)
    flags: dict[int, list[str]] = defaultdict(list)
    for index, finding in enumerate(found):
        flags[index] += own_conflicts(finding)
    for check in (_presences, _gene_ids, _classes, _diplotypes, _medicines):
        for index, flag in check(found):
            flags[index].append(flag)
    return [_flagged(finding, flags[index]) for index, finding in enumerate(found)]


def _flagged(finding: Finding, flags: list[str]) -> Finding:
    new = tuple(dict.fromkeys((*finding.flags, *flags)))
    return finding if new == finding.flags else msgspec.structs.replace(finding, flags=new)


type _Flags = Iterable[tuple[int, str]]


def _presences(findings: list[Finding]) -> _Flags:
    """Flag the same variant given as present and as absent for one specimen."""
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for index, one in enumerate(findings):
        name = _variant_name(one)
        if one.kind is Kind.VARIANT and one.presence and name:
            groups[name, one.subject, one.specimen, one.source_class].append(index)
    for members in groups.values():
        seen = {findings[index].presence for index in members}
        if {Presence.PRESENT, Presence.ABSENT} <= seen:
            yield from ((index, "conflict:present-and-absent") for index in members)


def _variant_name(finding: Finding) -> tuple[object, ...]:
    if finding.hgvs and (finding.hgvs.g or finding.hgvs.c):
        return finding.hgvs.g, finding.hgvs.c
    place = finding.position
    if place and place.start is not None and finding.alt:
        return place.sequence, place.chromosome, place.start, finding.ref, finding.alt
    return ()


def _gene_ids(findings: list[Finding]) -> _Flags:
    """Flag a gene symbol that comes with two HGNC numbers, or a number with two symbols."""
    numbers: dict[str, set[str]] = defaultdict(set)
    symbols: dict[str, set[str]] = defaultdict(set)
    for symbol, number in itertools.chain.from_iterable(map(_numbered, findings)):
        numbers[symbol].add(number)
        symbols[number].add(symbol)
    for index, one in enumerate(findings):
        for symbol, number in _numbered(one):
            is_wrong = HGNC.get(symbol, number) != number
            if is_wrong or len(numbers[symbol]) > 1 or len(symbols[number]) > 1:
                yield index, "conflict:gene-id"


def _numbered(finding: Finding) -> Iterator[tuple[str, str]]:
    """Yield the symbols of a finding's genes with their HGNC numbers; other catalogues differ."""
    for gene in finding.genes:
        plain = gene.id.removeprefix("HGNC:")
        if not gene.symbol or " " in gene.symbol or not plain.isdigit():
            continue
        if plain != gene.id or plain in _named_at_hgnc(finding):
            yield gene.symbol.upper(), plain


def _named_at_hgnc(finding: Finding) -> set[str]:
    codings = (coding for item in finding.concepts.get("genes", ()) for coding in item.codings)
    return {coding.code for coding in codings if GENE_SYSTEM_PART in coding.system}


def _classes(findings: list[Finding]) -> _Flags:
    """Flag two different classes for the same variant and the same condition."""
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for index, one in enumerate(findings):
        if one.significance and one.derived_from:
            names = frozenset(said.text or said.codings[0].code for said in one.phenotypes)
            groups[frozenset(one.derived_from), names, one.subject].append(index)
    for members in groups.values():
        classes = {
            class_of(said) or said for index in members for said in findings[index].significance
        }
        if len(classes) > 1:
            yield from ((index, "conflict:significance") for index in members)


def _diplotypes(findings: list[Finding]) -> _Flags:
    """Flag a genotype whose haplotypes are not the alleles that it names."""
    named = {one.id: (index, one) for index, one in enumerate(findings)}
    for index, one in enumerate(findings):
        stated = hgvs.alleles(one.name) if one.kind is Kind.GENOTYPE else ()
        if not stated or len(stated) < hgvs.allele_count(one.name):
            continue  # a part that is not understood may be the missing allele
        for target in (*one.derived_from, *one.members):
            where, haplotype = named.get(target, (-1, None))
            if haplotype is None or haplotype.kind is not Kind.HAPLOTYPE:
                continue
            allele = hgvs.allele_name(haplotype.name)
            if allele and not any(hgvs.same_allele(allele, other) for other in stated):
                yield index, "conflict:haplotypes"
                yield where, "conflict:haplotypes"


def _medicines(findings: list[Finding]) -> _Flags:
    """Flag a recommendation whose words name another medicine than its links do."""
    known = _medicine_names(findings)
    implied = {one.id: one for one in findings}
    for index, one in enumerate(findings):
        if one.kind is not Kind.RECOMMENDATION:
            continue
        linked = _medicine_names([one])
        behind = _medicine_names([implied[id_] for id_ in one.derived_from if id_ in implied])
        text = " ".join((one.conclusion, *one.notes, *one.effects)).lower()
        spoken = {name for name in known if name in text}
        told = linked | behind
        if (linked and behind and not linked & behind) or (spoken and told and not spoken & told):
            yield index, "conflict:medicine"


def _medicine_names(findings: Iterable[Finding]) -> set[str]:
    items = [item for one in findings for item in one.medicines]
    names = [(item.text, *(coding.display for coding in item.codings)) for item in items]
    return {name.lower() for name in itertools.chain.from_iterable(names) if name}
