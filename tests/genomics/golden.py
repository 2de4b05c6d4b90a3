"""The facts of each scenario, compared by eye with the raw files and then frozen.

Write them anew with: python -m tests.genomics.golden, and look at every changed line.
"""

import json
from typing import Any

from portal.genomics.findings import Finding, to_json
from tests.genomics.files import DATA, read_file

FACTS = DATA / "golden" / "facts.json"
FIELDS = (
    "id", "kind", "status", "presence", "genes", "hgvs", "position", "ref", "alt", "zygosity",
    "source_class", "allele_fraction", "depth", "copy_number", "name", "significance",
    "phenotypes", "medicines", "effects", "evidence", "inheritance", "value", "comparator", "unit",
    "regions", "repeats", "trials", "ids", "phase_set", "relative", "derived_from", "members",
    "subject", "hints", "flags", "not_understood",
)  # fmt: skip
SCENARIOS = (
    "fhir/emerge-lab-reports/standard-GenomicReportFHIRBundlePositive1.json",
    "fhir/emerge-lab-reports/custom-GenomicReportFHIRBundlePositive4.json",
    "fhir/emerge-lab-reports/standard-GenomicReportFHIRBundleNegative1.json",
    "fhir/ig-stu2/mixed/Bundle-bundle-oncologyexamples-r4.json",
    "fhir/ig-stu2/mixed/DiagnosticReport-diagnosticreport-hla-glstring-r4.json",
    "fhir/ig-stu3/biomarkers/_collection.bundle.json",
    "fhir/ig-stu3/cnv-germline-structural/_collection.bundle.json",
    "fhir/ig-stu3/cnv-smn1-smn2/_collection.bundle.json",
    "fhir/ig-stu3/cytogenetic-iscn/_collection.bundle.json",
    "fhir/ig-stu3/genomic-study-trio/_collection.bundle.json",
    "fhir/ig-stu3/germline-cg-bundle/Bundle-bundle-cgexample.json",
    "fhir/ig-stu3/germline-complex-variant-nonhgvs/Bundle-bundle-complexVariant-nonHGVS.json",
    "fhir/ig-stu3/hla-glstring/_collection.bundle.json",
    "fhir/ig-stu3/misc-findings/Observation-SNVexample.json",
    "fhir/ig-stu3/misc-findings/Observation-SequencePhaseRelationExample1.json",
    "fhir/ig-stu3/misc-findings/Observation-VariantExample.json",
    "fhir/ig-stu3/misc-findings/Observation-molec-conseq1.json",
    "fhir/ig-stu3/misc-findings/Observation-variant-with-molec-consequences.json",
    "fhir/ig-stu3/operations-output/Parameters-FindStudyMetadataOutput.json",
    "fhir/ig-stu3/operations-output/Parameters-FindSubjectVariantsOutput.json",
    "fhir/ig-stu3/pgx-bundle/Bundle-bundle-pgxexample.json",
    "fhir/ig-stu3/pgx-hla-b-carbamazepine/_collection.bundle.json",
    "fhir/ig-stu3/polygenic/_collection.bundle.json",
    "fhir/ig-stu3/repeat-expansion/Observation-RepeatExpansion.json",
    "fhir/ig-stu3/somatic-full-report/_collection.bundle.json",
    "fhir/ig-stu4/bundles/Bundle-bundle-cgexample.json",
    "fhir/mcode/jenny-m/Bundle-mcode-patient-bundle-jenny-m.json",
    "fhir/mcode/singles/Observation-genomic-variant-fusion.json",
    "fhir/nhs-genomics/Observation-BRCA1.json",
    "fhir/genomics-operations/find_subject_dx_implications/1.json",
    "fhir/genomics-operations/find_subject_haplotypes/1.json",
)


def facts(finding: Finding) -> dict[str, Any]:
    """Return the fields of a finding that the golden file holds."""
    form = json.loads(json.dumps(to_json(finding)))
    return {name: form[name] for name in FIELDS if name in form}


def main() -> None:
    """Write the file anew."""
    told = {name: [facts(one) for one in read_file(name).findings] for name in SCENARIOS}
    FACTS.parent.mkdir(exist_ok=True)
    FACTS.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
