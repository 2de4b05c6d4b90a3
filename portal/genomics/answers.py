"""The coded answers that the reader knows, with their names, and the statuses of resources."""

from portal.genomics.findings import Presence

PRESENCE: dict[str, Presence] = {
    "LA9633-4": Presence.PRESENT,
    "LA9634-2": Presence.ABSENT,
    "LA18198-4": Presence.NO_CALL,
    "LA11884-6": Presence.INDETERMINATE,
    "LA11882-0": Presence.PRESENT,  # Detected
    "LA11883-8": Presence.ABSENT,  # Not detected
    "52101004": Presence.PRESENT,  # SNOMED CT Present
    "2667000": Presence.ABSENT,  # SNOMED CT Absent
    "260373001": Presence.PRESENT,  # SNOMED CT Detected
    "260415000": Presence.ABSENT,  # SNOMED CT Not detected
    "82334004": Presence.INDETERMINATE,  # SNOMED CT Indeterminate
    "present": Presence.PRESENT,
    "detected": Presence.PRESENT,
    "absent": Presence.ABSENT,
    "not detected": Presence.ABSENT,
    "no call": Presence.NO_CALL,
    "no-call": Presence.NO_CALL,
    "nocall": Presence.NO_CALL,
    "indeterminate": Presence.INDETERMINATE,
}
# v3 ObservationInterpretation: a presence finding and an absence finding.
INTERPRETED: dict[str, Presence] = {"POS": Presence.PRESENT, "NEG": Presence.ABSENT}
# Short enough to mean something else elsewhere: only under that system, or table 0078 of HL7 v2.
INTERPRETED_THERE: dict[str, Presence] = {
    "DET": Presence.PRESENT,
    "ND": Presence.ABSENT,
    "IND": Presence.INDETERMINATE,
    "E": Presence.INDETERMINATE,  # Equivocal
}
_SEEN = ("detected", "found", "identified")
_CHANGES = (
    "variant", "variants", "mutation", "mutations", "pathogenic variant", "pathogenic variants",
    "pathogenic mutation", "pathogenic mutations",
)  # fmt: skip
_NONE_OF = (
    *_CHANGES,
    "pathogenic or likely pathogenic variants",
    "clinically significant variants",
)
# How a test that asks for one change or allele is answered too. A biomarker can be both and there.
FOUND: dict[str, Presence] = {
    **PRESENCE,
    **INTERPRETED,
    "LA6576-8": Presence.PRESENT,  # Positive
    "LA6577-6": Presence.ABSENT,  # Negative
    "10828004": Presence.PRESENT,  # SNOMED CT Positive
    "260385009": Presence.ABSENT,  # SNOMED CT Negative
    "positive": Presence.PRESENT,
    "negative": Presence.ABSENT,
    "LA9658-1": Presence.ABSENT,  # Wild type
    **dict.fromkeys(("wild type", "wild-type", "wildtype"), Presence.ABSENT),
    **dict.fromkeys(("none detected", "not found", "not identified"), Presence.ABSENT),
    **dict.fromkeys(("not present", "undetected", "not seen", "not observed"), Presence.ABSENT),
    **dict.fromkeys(("none found", "none identified", "homozygous wild type"), Presence.ABSENT),
    "carrier": Presence.PRESENT,
    **dict.fromkeys(("non-carrier", "noncarrier", "not a carrier"), Presence.ABSENT),
    **dict.fromkeys(("homozygous wild-type", "homozygous reference"), Presence.ABSENT),
    **{f"no {what} {seen}": Presence.ABSENT for what in _NONE_OF for seen in _SEEN},
    **{f"{what} {seen}": Presence.PRESENT for what in _CHANGES for seen in _SEEN},
    "42425007": Presence.INDETERMINATE,  # SNOMED CT Equivocal
    "419984006": Presence.INDETERMINATE,  # SNOMED CT Inconclusive
    **dict.fromkeys(("equivocal", "inconclusive"), Presence.INDETERMINATE),
    "true": Presence.PRESENT,
    "false": Presence.ABSENT,
}
ZYGOSITY: dict[str, str] = {
    "LA6703-8": "heteroplasmic",
    "LA6704-6": "homoplasmic",
    "LA6705-3": "homozygous",
    "LA6706-1": "heterozygous",
    "LA6707-9": "hemizygous",
    "GENO:0000135": "heterozygous",
    "GENO:0000136": "homozygous",
    "GENO:0000134": "hemizygous",
    "GENO_0000135": "heterozygous",
    "GENO_0000136": "homozygous",
    "GENO_0000134": "hemizygous",
    "GENO:0000602": "homoplasmic",
    "GENO:0000603": "heteroplasmic",
    "heteroplasmic": "heteroplasmic",
    "homoplasmic": "homoplasmic",
    "homozygous": "homozygous",
    "heterozygous": "heterozygous",
    "hemizygous": "hemizygous",
    "het": "heterozygous",
    "hom": "homozygous",
    "hemi": "hemizygous",
    "heterozygote": "heterozygous",
    "homozygote": "homozygous",
    "hemizygote": "hemizygous",
}
SOURCE_CLASS: dict[str, str] = {
    "LA6683-2": "germline",
    "LA6684-0": "somatic",
    "LA10429-1": "fetal",
    "LA18194-3": "likely-germline",
    "LA18195-0": "likely-somatic",
    "LA18196-8": "likely-fetal",
    "LA18197-6": "unknown",  # Unknown genomic origin
    "LA26807-0": "de-novo",
    "germline": "germline",
    "somatic": "somatic",
    "fetal": "fetal",
    "likely germline": "likely-germline",
    "likely somatic": "likely-somatic",
    "likely fetal": "likely-fetal",
    "unknown genomic origin": "unknown",
    "de novo": "de-novo",
}
SIGNIFICANCE: dict[str, str] = {
    "LA6668-3": "Pathogenic",
    "LA26332-9": "Likely pathogenic",
    "LA26333-7": "Uncertain significance",
    "LA6682-4": "Unknown significance",  # the older code for uncertain
    "LA26334-5": "Likely benign",
    "LA6675-8": "Benign",
    "LA6669-1": "Presumed pathogenic",  # before LOINC 2.56
    "LA6674-1": "Presumed benign",  # before LOINC 2.56
}
CLASS_OF_WORDS: dict[str, str] = {
    "pathogenic": "pathogenic",
    "likely pathogenic": "likely-pathogenic",
    "presumed pathogenic": "likely-pathogenic",
    "uncertain significance": "uncertain",
    "uncertain": "uncertain",
    "unknown significance": "uncertain",
    "variant of uncertain significance": "uncertain",
    "variant of unknown significance": "uncertain",
    "vus": "uncertain",
    **dict.fromkeys(
        (f"{what} clinical significance" for what in
         ("uncertain", "unknown", "variant of uncertain", "variant of unknown")), "uncertain"
    ),
    "likely benign": "likely-benign",
    "presumed benign": "likely-benign",
    "benign": "benign",
    "pathogenic/likely pathogenic": "likely-pathogenic",
    "benign/likely benign": "likely-benign",
}  # fmt: skip
EFFECTS: dict[str, str] = {
    "LA10315-2": "Ultrarapid metabolizer",
    "LA25390-8": "Rapid metabolizer",
    "LA25391-6": "Normal metabolizer",
    "LA10316-0": "Extensive metabolizer",
    "LA10317-8": "Intermediate metabolizer",
    "LA9657-3": "Poor metabolizer",
    "LA19542-2": "Low risk",
    "LA19541-4": "High risk",
    "LA6676-6": "Resistant",
    "LA6677-4": "Responsive",
    "LA9660-7": "Presumed resistant",
    "LA9661-5": "Presumed responsive",
    "LA9662-3": "Presumed non-responsive",
    "LA25392-4": "Increased function",
    "LA25393-2": "Normal function",
    "LA25395-7": "Decreased function",
    "LA25394-0": "Poor function",
    "LA6682-4": "Unknown significance",
    "LA6675-8": "Benign",
    "LA6674-1": "Presumed benign",
}
# What a code means that came without words, where the words themselves are kept.
NAMES: dict[str, str] = {
    "LA24640-7": "Autosomal dominant",
    "HP:0000006": "Autosomal dominant inheritance",
    "HP:0000007": "Autosomal recessive inheritance",
    "HP:0001417": "X-linked inheritance",
    "HP:0001419": "X-linked recessive inheritance",
    "HP:0001423": "X-linked dominant inheritance",
    "HP:0001427": "Mitochondrial inheritance",
    "LA30200-2": "Very strong evidence pathogenic",
}
ACTIONS: dict[str, str] = {
    "LA14020-4": "Genetic counseling recommended",
    "LA14021-2": "Confirmatory testing recommended",
    "LA14022-0": "Additional testing recommended",
    "LA26421-0": "Consider alternative medication",
    "LA26422-8": "Decrease dose",
    "LA26423-6": "Increase dose",
    "LA26424-4": "Use caution",
    "LA26425-1": "Normal response expected",
}
INTERPRETATIONS: dict[str, str] = {
    "LA6576-8": "Positive",
    "LA6577-6": "Negative",
    "LA9633-4": "Present",
    "LA9634-2": "Absent",
    "LA9663-1": "Inconclusive",
    "LA9664-9": "Failure",
    "LA14122-8": "Stable",
    "LA26202-4": "MSI-L",
    "LA26203-2": "MSI-H",
    "LA26803-9": "No deletion or duplication detected in studied region",
    "LA26804-7": "Deletion and/or duplication detected in studied regions",
}
ELIGIBILITY: dict[str, bool] = {
    "399223003": True,  # SNOMED CT Patient eligible for clinical trial
    "444734003": False,  # SNOMED CT Does not meet eligibility criteria for clinical trial
}
COORDINATE_SYSTEM: dict[str, str] = {
    "LA30100-4": "0-based interval counting",
    "LA30101-2": "0-based character counting",
    "LA30102-0": "1-based character counting",
    "0-based interval counting": "0-based interval counting",
    "0-based character counting": "0-based character counting",
    "1-based character counting": "1-based character counting",
    # Of the three only one counts from 1; what counts from 0 must say how it ends.
    "1-based": "1-based character counting",
    "0-based half-open": "0-based interval counting",
    "0-based, half-open": "0-based interval counting",
}
BUILD: dict[str, str] = {
    "LA14032-9": "NCBI Build 34",
    "LA14031-1": "NCBI Build 35",
    "LA14030-3": "NCBI Build 36.1",
    "LA14029-5": "GRCh37",
    "LA26806-2": "GRCh38",
}
CHROMOSOME: dict[str, str] = {  # LL2938-0
    "LA21254-0": "1",
    "LA21255-7": "2",
    "LA21256-5": "3",
    "LA21257-3": "4",
    "LA21258-1": "5",
    "LA21259-9": "6",
    "LA21260-7": "7",
    "LA21261-5": "8",
    "LA21262-3": "9",
    "LA21263-1": "10",
    "LA21264-9": "11",
    "LA21265-6": "12",
    "LA21266-4": "13",
    "LA21267-2": "14",
    "LA21268-0": "15",
    "LA21269-8": "16",
    "LA21270-6": "17",
    "LA21271-4": "18",
    "LA21272-2": "19",
    "LA21273-0": "20",
    "LA21274-8": "21",
    "LA21275-5": "22",
    "LA21276-3": "X",
    "LA21277-1": "Y",
}

# --- statuses --------------------------------------------------------------------------------
WITHDRAWN = frozenset({"entered-in-error"})
CANCELLED = frozenset({"cancelled", "abandoned", "not-done", "rejected", "stopped", "aborted"})
MARKED: dict[str, str] = {
    "amended": "amended",
    "corrected": "corrected",
    "appended": "amended",
    "preliminary": "preliminary",
    "partial": "preliminary",
    "registered": "registered",
    "unknown": "status-unknown",
    "draft": "preliminary",
}
KNOWN_STATUSES = frozenset(
    {
        "final",
        "completed",
        "requested",
        "received",
        "accepted",
        "ready",
        "in-progress",
        "available",  # of a GenomicStudy
        "on-hold",
        "failed",
        "preparation",
        "current",
        "superseded",
        "health-unknown",
        "active",
    }
)
