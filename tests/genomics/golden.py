"""The facts of each scenario, compared by eye with the raw files and then frozen.

Write them anew with: python -m tests.genomics.golden, and look at every changed line.
"""

import json
from typing import Any

from portal.genomics.findings import Record, to_json
from tests.genomics.files import DATA, names, read_file, records

FACTS = DATA / "golden" / "facts.json"
FIELDS = (
    "record", "id", "kind", "status", "presence", "genes", "hgvs", "position", "ref", "alt",
    "zygosity",
    "source_class", "allele_fraction", "depth", "copy_number", "name", "significance",
    "phenotypes", "medicines", "effects", "evidence", "inheritance", "value", "comparator", "unit",
    "regions", "repeats", "trials", "ids", "phase_set", "relative", "derived_from", "members",
    "subject", "hints", "title", "conclusion", "limits", "files", "reason", "flags",
    "not_understood",
)  # fmt: skip
SCENARIOS = (
    "fhir/emerge-lab-reports/standard-GenomicReportFHIRBundlePositive1.json",
    "fhir/emerge-lab-reports/custom-GenomicReportFHIRBundlePositive4.json",
    "fhir/emerge-lab-reports/standard-GenomicReportFHIRBundleNegative1.json",
    "fhir/ig-stu2/mixed/Bundle-bundle-oncologyexamples-r4.json",
    "fhir/ig-stu2/mixed/DiagnosticReport-diagnosticreport-hla-glstring-r4.json",
    "fhir/ig-stu4/bundles/Bundle-bundle-cgexample.json",
    "fhir/mcode/jenny-m/Bundle-mcode-patient-bundle-jenny-m.json",
    "fhir/mcode/singles/Observation-genomic-variant-fusion.json",
    "fhir/nhs-genomics/Observation-BRCA1.json",
    "fhir/genomics-operations/find_subject_dx_implications/1.json",
    "fhir/genomics-operations/find_subject_haplotypes/1.json",
    *names("ig-stu3"),
)


def facts(record: Record) -> dict[str, Any]:
    """Return the fields of a record that the golden file holds."""
    form = json.loads(json.dumps(to_json(record)))
    return {name: form[name] for name in FIELDS if name in form}


def main() -> None:
    """Write the file anew."""
    told = {name: [facts(one) for one in records(read_file(name))] for name in SCENARIOS}
    FACTS.parent.mkdir(exist_ok=True)
    FACTS.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
